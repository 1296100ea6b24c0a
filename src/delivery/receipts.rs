//! Read receipts: what arrived on the other side is shown as read to its author. Best effort, in memory alone: a receipt is
//! no message, holds up nothing, and only the last of a room counts (docs/decisions/0017).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use tokio::sync::Notify;

use super::engine::Engine;
use crate::model::{Effect, Outcome, Place, Side, Speaker, Visibility};

/// Between two receipts: at most ten a second, whatever the load, so that messages hardly notice them.
const PAUSE: Duration = Duration::from_millis(100);
/// Rooms that wait for one; the oldest are left out when there are more.
const MAX_WAITING: usize = 1000;
/// A homeserver that takes longer has better things to do.
const LIMIT: Duration = Duration::from_secs(5);

type Reader = (OwnedRoomId, OwnedUserId);

#[derive(Default)]
struct Queue {
    order: VecDeque<Reader>,
    last: HashMap<Reader, OwnedEventId>,
}

#[derive(Default)]
pub(super) struct Receipts {
    queue: Mutex<Queue>,
    some: Notify,
}

impl Receipts {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, reader: Reader, event: OwnedEventId) {
        let mut queue = self.lock();
        if queue.last.insert(reader.clone(), event).is_none() {
            queue.order.push_back(reader);
        }
        if queue.order.len() > MAX_WAITING
            && let Some(oldest) = queue.order.pop_front()
        {
            queue.last.remove(&oldest);
        }
        drop(queue);
        self.some.notify_one();
    }

    fn next(&self) -> Option<(Reader, OwnedEventId)> {
        let mut queue = self.lock();
        let reader = queue.order.pop_front()?;
        queue.last.remove_entry(&reader)
    }
}

impl Engine {
    /// A customer's message is in the helpdesk: the bot has read it. An agent answered in the helpdesk: their ghost has
    /// read up to there.
    pub(super) fn note_receipt(&self, effect: &Effect, outcome: &Outcome) {
        let bot = || self.settings.bot.clone();
        match (effect, outcome) {
            (
                Effect::Post { visibility: Visibility::Public, from: Some(Place::Room(room)), marker, .. },
                Outcome::Ok,
            ) => {
                self.receipts.note((room.clone(), bot()), marker.clone());
            }
            (Effect::CreateTicket { room, marker, .. }, Outcome::Ticket(_)) => {
                self.receipts.note((room.id.clone(), bot()), marker.clone());
            }
            (Effect::Say(speech), Outcome::Sent { room, event }) => {
                if let (Speaker::Ghost { person, .. }, Place::Room(_)) = (&speech.speaker, &speech.place) {
                    self.receipts.note((room.clone(), self.settings.ghost(person)), event.clone());
                }
            }
            _ => {}
        }
    }

    pub(super) async fn send_receipts(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.receipts.some.notified() => {}
                () = self.stop.cancelled() => return,
            }
            while let Some(((room, user), event)) = self.receipts.next() {
                if self.stop.is_cancelled() {
                    return;
                }
                // During an outage there is nobody to show it to, and afterwards the next message brings the next one.
                if !self.sending(Side::Matrix).breaker.is_open() {
                    let sent = tokio::time::timeout(LIMIT, self.matrix.mark_read(&room, &user, event)).await;
                    if let Ok(Err(failure)) = sent {
                        tracing::debug!(reason = failure.reason, "a receipt could not be sent");
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}
