//! Rooms whose history the homeserver cannot give: each is caught up with for itself, and the others go on.
//!
//! What was written in a room with people of other homeservers may have to be fetched from those, and one that hangs, on
//! purpose or not, must not stop what is read of all the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use ruma::{OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncGuard, Notify};
use tokio::time::Instant;

use super::decide::json;
use super::engine::Engine;
use super::inbox;
use super::view::{room_lane, ticket_lane};
use crate::matrix::{Gap, Reading, peek};
use crate::model::{Failure, RoomKind};
use crate::observe::metrics::{ROOMS_NOT_READ, UNREAD_ROOMS};
use crate::store::{InboxRow, Step, StoreError};

/// What is open, as JSON.
const CURSOR: &str = "unread_rooms";
/// Events of such rooms that wait for what was written before them. Far fewer than what is put in order at once, so that
/// whoever writes much there keeps nobody else waiting.
const HELD_MAX: usize = 300;
/// Rooms that are read at once.
const PARALLEL: usize = 4;
/// A room that takes longer goes on after the others.
const READ_LIMIT: Duration = Duration::from_secs(300);
const TOO_LONG: &str = "it takes too long";
/// So often they are read again soon.
const SOON_AGAIN: i64 = 10;

#[derive(Default)]
pub(super) struct Gaps {
    /// Held by whoever reads what is open and writes it anew.
    turn: AsyncMutex<()>,
    more: Notify,
    /// By reader and room.
    efforts: Mutex<HashMap<(OwnedUserId, OwnedRoomId), Effort>>,
}

/// What this process has done for a gap.
struct Effort {
    /// By a clock that nobody sets, and that stands while we are off: it is patience with the homeserver.
    since: Instant,
    /// Where reading it stopped.
    read: Option<Reading>,
}

impl Gaps {
    pub async fn turn(&self) -> AsyncGuard<'_, ()> {
        self.turn.lock().await
    }

    /// What is new is written down, and to be read.
    pub fn opened(&self) {
        self.more.notify_one();
    }

    fn efforts(&self) -> MutexGuard<'_, HashMap<(OwnedUserId, OwnedRoomId), Effort>> {
        self.efforts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of<T>(&self, gap: &Gap, act: impl FnOnce(&mut Effort) -> T) -> T {
        let begun = || Effort { since: Instant::now(), read: None };
        act(self.efforts().entry(gap.key()).or_insert_with(begun))
    }

    fn closed(&self, gap: &Gap) {
        self.efforts().remove(&gap.key());
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
        self.gap.key() == gap.key()
    }
}

impl Engine {
    pub(super) async fn unread(&self) -> Result<Vec<Unread>, StoreError> {
        let text = self.backend.cursor(CURSOR).await?;
        // Not understood is not empty: what is written down there would never be read.
        let unread: Vec<Unread> = match text {
            Some(text) => serde_json::from_str(&text).map_err(|error| StoreError::Corrupt(error.to_string()))?,
            None => Vec::new(),
        };
        metrics::gauge!(UNREAD_ROOMS).set(unread.len() as f64);
        Ok(unread)
    }

    /// What could not be read beside others. `all`: no room is to be left out: each has to be read now, and gives its events.
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
            if all {
                let mut reading = Reading::of(gap);
                let read = tokio::time::timeout(READ_LIMIT, reading.go_on(&self.matrix.homeserver));
                events.extend(read.await.map_err(|_| Failure::retry(TOO_LONG))??);
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
        for open in unread.iter_mut().filter(|open| !open.released) {
            let is_late = self.gaps.of(&open.gap, |effort| effort.since.elapsed()) > patience;
            let most = waiting.values().max().copied().unwrap_or_default();
            let are_many = waiting.values().sum::<usize>() > HELD_MAX;
            let is_released = is_late || (are_many && waiting.get(&open.gap.room) == Some(&most));
            if is_released {
                open.released = true;
                waiting.remove(&open.gap.room);
            }
            match self.lane_of_gap(&open.gap).await? {
                Some(lane) if is_released => self.order.entered(&lane),
                Some(lane) => self.order.entering(&lane),
                None if is_released => {}
                // What comes from there belongs to many tickets.
                None => self.order.doubt(),
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

    /// To which all belongs that comes from there; `None`: there are many.
    async fn lane_of_gap(&self, gap: &Gap) -> Result<Option<String>, StoreError> {
        Ok(match self.known.room(&gap.room).await?.map(|room| room.kind) {
            Some(RoomKind::Ticket(ticket)) => Some(ticket_lane(&ticket)),
            Some(RoomKind::Desk(_) | RoomKind::FormerDesk(_)) => None,
            _ => Some(room_lane(&gap.room)),
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
        let room = &open.gap.room;
        let begun = self.gaps.of(&open.gap, |effort| effort.read.take());
        let mut reading = begun.unwrap_or_else(|| Reading::of(open.gap.clone()));
        let read = match tokio::time::timeout(READ_LIMIT, reading.go_on(&self.matrix.homeserver)).await {
            Ok(Ok(events)) => self.took(reading.gap(), &events).await.map(|is_all| {
                if is_all {
                    tracing::info!(%room, "a room's history was read");
                }
            }),
            failed => {
                let reason = match failed {
                    Ok(Err(error)) => Failure::from(error).reason,
                    _ => TOO_LONG.to_owned(),
                };
                if !self.gives_up_what_began(open.since_ms).is_zero() {
                    tracing::debug!(%room, reason, "a room's history cannot be read yet");
                    self.gaps.of(&open.gap, |effort| effort.read = Some(reading));
                    return;
                }
                metrics::counter!(ROOMS_NOT_READ).increment(1);
                tracing::error!(
                    %room,
                    reason,
                    "a room's history was given up: what was written there and never told of is not in the helpdesk"
                );
                self.took(&open.gap, &[]).await.map(drop)
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
            self.gaps.closed(gap);
            if let Some(lane) = self.lane_of_gap(gap).await? {
                self.order.entered(&lane);
            }
            self.order.came.notify_one();
        }
        Ok(is_all)
    }
}
