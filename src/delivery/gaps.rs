//! Rooms whose history the homeserver cannot give: each is caught up with for itself, and the others go on.
//!
//! What was written in a room with people of other homeservers may have to be fetched from those, and one that hangs, on
//! purpose or not, must not stop what is read of all the others.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use ruma::{OwnedRoomId, RoomId};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, MutexGuard, Notify};

use super::decide::json;
use super::engine::Engine;
use super::inbox;
use super::retry;
use super::view::{room_lane, ticket_lane};
use crate::matrix::{Gap, peek};
use crate::model::{Failure, RoomKind};
use crate::observe::metrics::UNREAD_ROOMS;
use crate::store::{InboxRow, Step, StoreError};

/// What is open, as JSON.
const CURSOR: &str = "unread_rooms";
/// Events of such rooms that wait for what was written before them. Far fewer than what is put in order at once, so that
/// whoever writes much there keeps nobody else waiting.
const HELD_MAX: usize = 300;
/// Rooms that are read at once.
const PARALLEL: usize = 4;
/// A room that takes longer is begun anew, after the others.
const READ_LIMIT: Duration = Duration::from_secs(300);
/// So often they are read again soon.
const SOON_AGAIN: i64 = 10;

#[derive(Default)]
pub(super) struct Gaps {
    /// Held by whoever reads what is open and writes it anew.
    turn: Mutex<()>,
    more: Notify,
}

impl Gaps {
    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// What is new is written down, and to be read.
    pub fn opened(&self) {
        self.more.notify_one();
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unread {
    pub gap: Gap,
    since_ms: i64,
    /// What comes from there is taken as it comes: it has waited long enough.
    released: bool,
}

impl Unread {
    fn is_of(&self, gap: &Gap) -> bool {
        self.gap.reader == gap.reader && self.gap.room == gap.room
    }
}

impl Engine {
    pub(super) async fn unread(&self) -> Result<Vec<Unread>, StoreError> {
        let text = self.backend.cursor(CURSOR).await?;
        let unread: Vec<Unread> = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        metrics::gauge!(UNREAD_ROOMS).set(unread.len() as f64);
        Ok(unread)
    }

    /// What could not be read beside others. `all`: no room is to be left out, nor is ever a desk's, on which everything hangs:
    /// these have to be read now, and give their events.
    pub(super) async fn note_gaps(
        &self,
        gaps: Vec<Gap>,
        all: bool,
        unread: &mut Vec<Unread>,
    ) -> Result<Vec<String>, Failure> {
        let mut events = Vec::new();
        for gap in gaps {
            if let Some(open) = unread.iter_mut().find(|open| open.is_of(&gap)) {
                open.gap = gap;
                continue;
            }
            let room = self.known.room(&gap.room).await.map_err(|error| Failure::retry(error.to_string()))?;
            let is_desks =
                room.is_some_and(|room| room.kind.desk().is_some() || matches!(room.kind, RoomKind::Space(_)));
            if all || is_desks {
                events.extend(gap.read(&self.matrix.homeserver).await?);
                continue;
            }
            tracing::warn!(
                room = %gap.room,
                "the homeserver cannot give a room's history; it is tried again, and the other rooms go on"
            );
            unread.push(Unread { gap, since_ms: self.clock.now_ms(), released: false });
        }
        Ok(events)
    }

    /// What these rooms brought waits for what was written before it, but neither for long nor with many others. Gives the
    /// rest.
    pub(super) async fn hold_back(
        &self,
        unordered: Vec<InboxRow>,
        unread: &mut [Unread],
        patience: Duration,
    ) -> Result<Vec<InboxRow>, StoreError> {
        if unread.is_empty() {
            return Ok(unordered);
        }
        let rooms: Vec<Option<OwnedRoomId>> =
            unordered.iter().map(|row| peek(&row.body).ok().map(|event| event.room_id)).collect();
        let mut waiting: HashMap<OwnedRoomId, usize> = HashMap::new();
        for open in unread.iter().filter(|open| !open.released) {
            let theirs = rooms.iter().filter(|room| room.as_ref() == Some(&open.gap.room)).count();
            waiting.insert(open.gap.room.clone(), theirs);
        }
        let is_late = |open: &Unread| self.clock.now_ms() - open.since_ms > retry::millis(patience);
        for open in unread.iter_mut().filter(|open| !open.released) {
            let lane = self.lane_of_room(&open.gap.room).await?;
            let most = waiting.values().max().copied().unwrap_or_default();
            let are_many = waiting.values().sum::<usize>() > HELD_MAX;
            if is_late(open) || (are_many && waiting.get(&open.gap.room) == Some(&most)) {
                open.released = true;
                waiting.remove(&open.gap.room);
                self.order.entered(&lane);
            } else {
                self.order.entering(&lane);
            }
        }
        let rows = unordered.into_iter().zip(rooms);
        Ok(rows
            .filter(|(_, room)| !room.as_ref().is_some_and(|it| waiting.contains_key(it)))
            .map(|(row, _)| row)
            .collect())
    }

    /// What is open from now on, for the same step as what was read of the other rooms.
    pub(super) fn keep_unread(&self, before: &[Unread], unread: &[Unread], step: &mut Step) -> Result<(), StoreError> {
        if unread != before {
            step.cursors.push((CURSOR, json(&unread)?));
        }
        Ok(())
    }

    async fn lane_of_room(&self, room: &RoomId) -> Result<String, StoreError> {
        Ok(match self.known.room(room).await?.map(|room| room.kind) {
            Some(RoomKind::Ticket(ticket)) => ticket_lane(&ticket),
            _ => room_lane(room),
        })
    }

    /// Soon, and then now and then.
    pub(super) async fn read_gaps(self: Arc<Self>) {
        let mut failures = 0;
        loop {
            let unread = self.unread().await;
            let reading = async {
                let open = stream::iter(unread.iter().flatten());
                open.for_each_concurrent(PARALLEL, |open| self.read_one(open)).await;
            };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = reading => {}
            }
            failures += 1;
            let wait = match unread {
                Ok(unread) if unread.is_empty() || failures > SOON_AGAIN => self.limits.reconcile_interval,
                Ok(_) => self.outage_wait(failures),
                Err(error) => {
                    self.database_failed(&error).await;
                    self.outage_wait(failures)
                }
            };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = self.gaps.more.notified() => failures = 0,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn read_one(&self, open: &Unread) {
        let gap = &open.gap;
        let read = match tokio::time::timeout(READ_LIMIT, gap.read(&self.matrix.homeserver)).await {
            Ok(Ok(events)) => self.took(gap, &events).await.map(|is_all| {
                if is_all {
                    tracing::info!(room = %gap.room, "a room's history was read");
                }
            }),
            failed => {
                let reason = match failed {
                    Ok(Err(error)) => Failure::from(error).reason,
                    _ => "it takes too long".to_owned(),
                };
                if !self.gives_up_what_began(open.since_ms).is_zero() {
                    tracing::debug!(room = %gap.room, reason, "a room's history cannot be read yet");
                    return;
                }
                tracing::error!(
                    room = %gap.room,
                    reason,
                    "a room's history was given up: what was written there and never told of is not in the helpdesk"
                );
                self.took(gap, &[]).await.map(drop)
            }
        };
        if let Err(error) = read {
            tracing::error!(%error, "what was read of a room cannot be written down yet");
        }
    }

    /// `false`: more has happened meanwhile, which is to be read yet.
    async fn took(&self, gap: &Gap, events: &[String]) -> Result<bool, StoreError> {
        let texts: Vec<&str> = events.iter().map(String::as_str).collect();
        let ordered = inbox::rows(self, &texts).await?;
        let _turn = self.gaps.turn().await;
        let mut unread = self.unread().await?;
        let Some(open) = unread.iter_mut().find(|open| open.is_of(gap)) else { return Ok(false) };
        let is_all = open.gap.from == gap.from;
        open.gap.to = Some(gap.from.clone());
        if is_all {
            unread.retain(|open| !open.is_of(gap));
        }
        self.commit(Step { ordered, cursors: vec![(CURSOR, json(&unread)?)], ..Step::default() }).await?;
        if is_all {
            self.order.entered(&self.lane_of_room(&gap.room).await?);
            self.order.came.notify_one();
        }
        Ok(is_all)
    }
}
