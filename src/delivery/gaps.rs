//! Rooms whose history the homeserver cannot give: each is caught up with for itself, and the others go on.
//!
//! What was written in a room with people of other homeservers may have to be fetched from those, and one that hangs, on
//! purpose or not, must not stop what is read of all the others.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use ruma::RoomId;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, MutexGuard, Notify};

use super::decide::json;
use super::engine::Engine;
use super::inbox;
use super::retry;
use super::view::{room_lane, ticket_lane};
use crate::matrix::{Gap, peek};
use crate::model::{Failure, Next, RoomKind};
use crate::store::{InboxRow, Step, StoreError};

/// What is open, as JSON.
const CURSOR: &str = "unread_rooms";
/// Events of such rooms that wait for what was written before them. Far fewer than what is put in order at once, so that
/// whoever writes much there keeps nobody else waiting.
const HELD_MAX: usize = 300;
/// Rooms that are read at once.
const PARALLEL: usize = 4;
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
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// What could not be read now. A desk's room is one of our own, and everything hangs on it.
    pub(super) async fn note_gaps(&self, gaps: Vec<Gap>, unread: &mut Vec<Unread>) -> Result<(), Failure> {
        for gap in gaps {
            if let Some(open) = unread.iter_mut().find(|open| open.is_of(&gap)) {
                open.gap = gap;
                continue;
            }
            let room = self.known.room(&gap.room).await.map_err(|error| Failure::retry(error.to_string()))?;
            if room.is_some_and(|room| room.kind.desk().is_some() || matches!(room.kind, RoomKind::Space(_))) {
                return Err(Failure::retry("the history of a desk's room cannot be read"));
            }
            tracing::warn!(room = %gap.room, "the homeserver cannot give a room's history; it is tried again, and the other rooms go on");
            unread.push(Unread { gap, since_ms: self.clock.now_ms(), released: false });
        }
        Ok(())
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
        let waits = |row: &InboxRow, unread: &[Unread]| {
            peek(&row.body)
                .is_ok_and(|event| unread.iter().any(|open| !open.released && open.gap.room == event.room_id))
        };
        let are_many = unordered.iter().filter(|row| waits(row, unread)).count() > HELD_MAX;
        for open in unread.iter_mut().filter(|open| !open.released) {
            let lane = self.lane_of_room(&open.gap.room).await?;
            if are_many || self.clock.now_ms() - open.since_ms > retry::millis(patience) {
                open.released = true;
                self.order.entered(&lane);
            } else {
                self.order.entering(&lane);
            }
        }
        Ok(unordered.into_iter().filter(|row| !waits(row, unread)).collect())
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
    pub(super) async fn read_gaps(self: std::sync::Arc<Self>) {
        let mut failures = 0;
        loop {
            let unread = match self.unread().await {
                Ok(unread) => unread,
                Err(error) => {
                    tracing::error!(%error, "which rooms are still to be read is not known");
                    Vec::new()
                }
            };
            stream::iter(&unread).for_each_concurrent(PARALLEL, |open| self.read_one(open)).await;
            failures += 1;
            let wait = match failures > SOON_AGAIN {
                true => self.limits.reconcile_interval,
                false => self.outage_wait(failures),
            };
            let sleep = async {
                match unread.is_empty() {
                    true => std::future::pending().await,
                    false => tokio::time::sleep(wait).await,
                }
            };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = self.gaps.more.notified() => failures = 0,
                () = sleep => {}
            }
        }
    }

    async fn read_one(&self, open: &Unread) {
        let gap = &open.gap;
        let read = match gap.read(&self.matrix.homeserver).await {
            Ok(events) => self.took(gap, &events).await.map(|is_all| {
                if is_all {
                    tracing::info!(room = %gap.room, "a room's history was read");
                }
            }),
            Err(error) => {
                let failure = Failure::from(error);
                let is_over = self.clock.now_ms() - open.since_ms > retry::millis(self.limits.give_up_after);
                if failure.next != Next::Dead && !is_over {
                    tracing::debug!(room = %gap.room, reason = failure.reason, "a room's history cannot be read yet");
                    return;
                }
                tracing::error!(
                    room = %gap.room,
                    reason = failure.reason,
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
        let Some(at) = unread.iter().position(|open| open.is_of(gap)) else { return Ok(false) };
        let is_all = unread[at].gap.from == gap.from;
        if is_all {
            unread.remove(at);
        } else {
            unread[at].gap.to = Some(gap.from.clone());
        }
        self.commit(Step { ordered, cursors: vec![(CURSOR, json(&unread)?)], ..Step::default() }).await?;
        if is_all {
            self.order.entered(&self.lane_of_room(&gap.room).await?);
            self.order.came.notify_one();
        }
        Ok(is_all)
    }
}
