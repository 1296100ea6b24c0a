//! Read receipts: what arrived on the other side is shown as read to its author. Best effort, in memory alone: a receipt is
//! no message, holds up nothing, and only the last of a room counts (docs/decisions/0017).

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId, RoomId, UserId};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::engine::Engine;
use crate::crash;
use crate::model::{Effect, Outcome, Place, RoomKind, Side, Visibility};

/// Between two receipts at least: at most ten a second, however fast the homeserver is.
const PAUSE: Duration = Duration::from_millis(100);
/// As many times as long as a receipt took, the next one waits: a homeserver that is busy with messages needs longer for
/// each, and is asked for fewer.
const REST: u32 = 50;
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

    /// Whether any wait; time goes on by one tick.
    fn tick(&self) -> bool {
        let mut queue = self.lock();
        queue.tick += 1;
        !queue.order.is_empty()
    }

    /// The one that waits longest of those whose time has come. One by one: until its turn, what waits can still become a
    /// later event's.
    fn due(&self) -> Option<(Reader, OwnedEventId)> {
        let mut guard = self.lock();
        let queue = &mut *guard;
        let tick = queue.tick;
        let is_due = |reader: &Reader| {
            queue.waiting.get(reader).is_some_and(|waiting| {
                waiting.last_tick + QUIET_TICKS <= tick || waiting.first_tick + LATEST_TICKS <= tick
            })
        };
        let at = queue.order.iter().position(is_due)?;
        let reader = queue.order.remove(at)?;
        let waiting = queue.waiting.remove(&reader)?;
        Some((reader, waiting.event))
    }
}

impl Engine {
    /// A customer's message is in the helpdesk: the bot has read it. A ghost needs none: clients take what somebody said for
    /// read by them.
    pub(super) async fn note_receipt(&self, effect: &Effect, outcome: &Outcome) {
        match (effect, outcome.done()) {
            (
                Effect::Post { visibility: Visibility::Public, from: Some(Place::Room(room)), marker, .. },
                Outcome::Ok,
            ) => {
                let kind = self.known.room(room).await.ok().flatten().map(|room| room.kind);
                self.receipts.note((room.clone(), self.reader(kind.as_ref())), marker.clone());
            }
            (Effect::CreateTicket { room, marker, .. }, Outcome::Ticket(_)) => {
                self.receipts.note((room.id.clone(), self.reader(Some(&room.kind))), marker.clone());
            }
            _ => {}
        }
    }

    /// Who has read for the helpdesk: the bot, which is not at the door of a code.
    fn reader(&self, kind: Option<&RoomKind>) -> OwnedUserId {
        match kind {
            Some(RoomKind::Door { code: Some(code), .. }) => self.settings.contact(code),
            _ => self.settings.bot.clone(),
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
                more = self.receipts.tick();
                while let Some(((room, user), event)) = self.receipts.due() {
                    let pause = self.send_receipt(&room, &user, event).await;
                    tokio::select! {
                        biased;
                        () = tokio::time::sleep(pause) => {}
                        () = self.stop.cancelled() => return,
                    }
                }
            }
        }
    }

    /// Gives how long the next one has to wait.
    async fn send_receipt(&self, room: &RoomId, user: &UserId, event: OwnedEventId) -> Duration {
        // During an outage there is nobody to show it to, and afterwards the next message brings the next one.
        if self.sending(Side::Matrix).breaker.is_open() {
            return Duration::ZERO;
        }
        crash::point("before-receipt");
        let began = Instant::now();
        let sent = tokio::time::timeout(LIMIT, self.matrix.mark_read(room, user, event)).await;
        if let Ok(Err(failure)) = sent {
            tracing::debug!(reason = failure.reason, "a receipt could not be sent");
        }
        pause_after(began.elapsed())
    }
}

fn pause_after(took: Duration) -> Duration {
    PAUSE.max(took * REST)
}

#[cfg(test)]
mod tests {
    use ruma::{event_id, room_id, user_id};

    use super::*;

    #[test]
    fn what_waits_for_its_turn_still_becomes_a_later_events() {
        let queue = Receipts::default();
        let reader = |room: &RoomId| (room.to_owned(), user_id!("@bot:a.test").to_owned());
        let [first, second] = [reader(room_id!("!one:a.test")), reader(room_id!("!two:a.test"))];
        queue.note(first.clone(), event_id!("$1").to_owned());
        queue.note(second.clone(), event_id!("$2").to_owned());
        assert!(queue.tick());
        assert_eq!(queue.due(), None, "the rooms are not quiet yet");
        assert!(queue.tick());
        assert_eq!(queue.due(), Some((first, event_id!("$1").to_owned())));
        queue.note(second.clone(), event_id!("$3").to_owned());
        assert_eq!(queue.due(), None, "there was more in the second room, and its receipt waits for the end of it");
        assert!(queue.tick() && queue.tick());
        assert_eq!(queue.due(), Some((second, event_id!("$3").to_owned())));
        assert!(!queue.tick());
    }

    #[test]
    fn a_homeserver_that_needs_long_for_one_is_asked_for_few() {
        assert_eq!(pause_after(Duration::from_millis(2)), PAUSE);
        assert_eq!(pause_after(Duration::from_millis(250)), Duration::from_millis(12_500));
    }
}
