//! Agents are invited to their desks' rooms and spaces; who could not be, later.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};
use tokio::sync::Notify;

use super::engine::Engine;
use crate::model::{Desk, Failure, Next};
use crate::observe::Who;

/// So often somebody is invited again soon.
const SOON_AGAIN: i64 = 10;

/// Agents who could not be invited, and where.
#[derive(Default)]
pub(super) struct Uninvited {
    waiting: Mutex<BTreeSet<(OwnedRoomId, OwnedUserId)>>,
    more: Notify,
}

impl Uninvited {
    fn add(&self, room: &RoomId, agent: &UserId) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.insert((room.to_owned(), agent.to_owned()));
    }

    fn take(&self) -> BTreeSet<(OwnedRoomId, OwnedUserId)> {
        std::mem::take(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_empty(&self) -> bool {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl Engine {
    pub(super) async fn invite_agents(&self, desk: &Desk, room: &RoomId) {
        for agent in self.settings.agents_of(desk) {
            self.invite_agent(room, &agent.matrix, false).await;
        }
    }

    /// Who cannot be invited now is invited later, unless the homeserver refuses it for good.
    async fn invite_agent(&self, room: &RoomId, agent: &UserId, again: bool) {
        let Err(error) = self.matrix.ghosts.invite_once(room, agent).await else { return };
        if !again {
            tracing::warn!(%error, %room, agent = %Who(agent), "an agent cannot be invited to the desk's room");
        }
        if Failure::from(error).next != Next::Dead {
            self.uninvited.add(room, agent);
            if !again {
                self.uninvited.more.notify_one();
            }
        }
    }

    /// Soon, and then, since it must be their own homeserver that is away, now and then.
    pub(super) async fn invite_again(self: Arc<Self>) {
        let mut failures = 0;
        loop {
            if self.uninvited.is_empty() {
                failures = 0;
                tokio::select! {
                    biased;
                    () = self.stop.cancelled() => return,
                    () = self.uninvited.more.notified() => {}
                }
            }
            failures += 1;
            let is_far = failures > SOON_AGAIN;
            let wait = if is_far { self.limits.reconcile_interval } else { self.outage_wait(failures) };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                // Somebody else stumbled, whose homeserver may not be away.
                () = self.uninvited.more.notified() => {
                    failures = 0;
                    continue;
                }
                () = tokio::time::sleep(wait) => {}
            }
            for (room, agent) in self.uninvited.take() {
                self.invite_agent(&room, &agent, true).await;
            }
        }
    }
}
