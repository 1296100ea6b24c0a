//! Read receipts: what arrived on the other side is shown as read to its author. Best effort, in memory alone: a receipt is
//! no message, holds up nothing, and only the last of a room counts (docs/decisions/0017).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId, RoomId, UserId};
use tokio::sync::Notify;

use super::engine::Engine;
use crate::crash;
use crate::model::{Effect, Outcome, Place, RoomKind, Side, Speaker, Visibility};

/// Between two receipts: at most ten a second, whatever the load, so that messages hardly notice them.
const PAUSE: Duration = Duration::from_millis(100);
/// How often the queue is looked at while there is something in it.
const TICK: Duration = Duration::from_secs(1);
/// Ticks in which nothing more happened in the room: a burst has one receipt, at its end.
const QUIET_TICKS: u64 = 2;
/// Ticks after which even a room that never rests gets one.
const LATEST_TICKS: u64 = 15;
/// Rooms that wait for one; the oldest are left out when there are more.
const MAX_WAITING: usize = 1000;
/// A homeserver that takes longer has better things to do.
const LIMIT: Duration = Duration::from_secs(5);

type Reader = (OwnedRoomId, OwnedUserId);

struct Waiting {
    event: OwnedEventId,
    first_tick: u64,
    last_tick: u64,
}

#[derive(Default)]
struct Queue {
    tick: u64,
    order: VecDeque<Reader>,
    waiting: HashMap<Reader, Waiting>,
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
        let tick = queue.tick;
        if let Some(waiting) = queue.waiting.get_mut(&reader) {
            waiting.event = event;
            waiting.last_tick = tick;
            return;
        }
        queue.waiting.insert(reader.clone(), Waiting { event, first_tick: tick, last_tick: tick });
        queue.order.push_back(reader);
        if queue.order.len() > MAX_WAITING
            && let Some(oldest) = queue.order.pop_front()
        {
            queue.waiting.remove(&oldest);
        }
        drop(queue);
        self.some.notify_one();
    }

    /// Those whose time has come with this tick; and whether others wait.
    fn due(&self) -> (Vec<(Reader, OwnedEventId)>, bool) {
        let mut guard = self.lock();
        let queue = &mut *guard;
        queue.tick += 1;
        let tick = queue.tick;
        let is_due =
            |waiting: &Waiting| waiting.last_tick + QUIET_TICKS <= tick || waiting.first_tick + LATEST_TICKS <= tick;
        let mut due = Vec::new();
        queue.order.retain(|reader| match queue.waiting.get(reader).is_none_or(is_due) {
            true => {
                due.extend(queue.waiting.remove_entry(reader).map(|(reader, waiting)| (reader, waiting.event)));
                false
            }
            false => true,
        });
        (due, !queue.order.is_empty())
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
                let reader = match &room.kind {
                    // The bot is not at the door of a code.
                    RoomKind::Door { code: Some(code), .. } => self.settings.contact(code),
                    _ => bot(),
                };
                self.receipts.note((room.id.clone(), reader), marker.clone());
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
                biased;
                () = self.receipts.some.notified() => {}
                () = self.stop.cancelled() => return,
            }
            let mut more = true;
            while more {
                tokio::select! {
                    biased;
                    () = tokio::time::sleep(TICK) => {}
                    () = self.stop.cancelled() => return,
                }
                let (due, others) = self.receipts.due();
                more = others;
                for ((room, user), event) in due {
                    if self.stop.is_cancelled() {
                        return;
                    }
                    self.send_receipt(&room, &user, event).await;
                }
            }
        }
    }

    async fn send_receipt(&self, room: &RoomId, user: &UserId, event: OwnedEventId) {
        // During an outage there is nobody to show it to, and afterwards the next message brings the next one.
        if self.sending(Side::Matrix).breaker.is_open() {
            return;
        }
        crash::point("before-receipt");
        let sent = tokio::time::timeout(LIMIT, self.matrix.mark_read(room, user, event)).await;
        if let Ok(Err(failure)) = sent {
            tracing::debug!(reason = failure.reason, "a receipt could not be sent");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
