//! How Synapse pushes events: from the stream into memory, from memory into transactions on disk, one at a time; what is
//! not answered is repeated, oldest first, after 2, 4 … 512 s. `tests/homeserver_push.rs` holds it against the real one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;

use super::ambush::{self, Moment};
use super::call;
use super::home::{Home, Sender};
use crate::homeserver::PREFIX;

const MAX_EVENTS: usize = 100;
const MAX_BACKOFF: u32 = 9;
const SLOW_DATABASE: f64 = 0.9;

/// Events are handled: they go where only memory has them, and then it is noted that they were handled.
pub async fn notify(home: Arc<Home>) {
    loop {
        let epoch = home.epoch();
        let news = home.news();
        if news.is_empty() {
            home.news.notified().await;
            continue;
        }
        join_all(by_room(news).into_iter().map(|events| handle(&home, epoch, events))).await;
        home.sim.pause(0, 8).await;
        if home.epoch() == epoch && !ambush::strike(&home, Moment::Unnoted) {
            home.sender().unsaved.clear();
        }
    }
}

/// Rooms do not wait for each other.
fn by_room(news: VecDeque<Value>) -> Vec<Vec<Value>> {
    let mut rooms: Vec<Vec<Value>> = Vec::new();
    for event in news {
        match rooms.iter_mut().find(|room| room.iter().any(|other| other["room_id"] == event["room_id"])) {
            Some(room) => room.push(event),
            None => rooms.push(vec![event]),
        }
    }
    rooms
}

async fn handle(home: &Home, epoch: u64, events: Vec<Value>) {
    for event in events {
        let of_whom = event["state_key"].as_str().filter(|_| event["type"] == "m.room.member");
        let unknown = of_whom.filter(|user| user.starts_with(PREFIX) && !home.world().users.contains_key(*user));
        if let Some(user) = unknown {
            call::ask_for_user(home, user).await;
        }
        if home.epoch() != epoch {
            return;
        }
        enqueue(home, event);
        home.queued.notify_one();
    }
}

fn enqueue(home: &Home, event: Value) {
    let mut sender = home.sender();
    sender.unhandled.retain(|other| other["event_id"] != event["event_id"]);
    if std::mem::take(&mut sender.idle) {
        sender.taken.push(event);
    } else {
        sender.queue.push_back(event);
    }
    if !sender.is_started {
        sender.is_started = true;
        if sender.down {
            begin_recovery(home, &mut sender);
        }
    }
}

fn begin_recovery(home: &Home, sender: &mut Sender) {
    sender.recovering = true;
    sender.backoff = 1;
    sender.recover_at_ms = home.sim.now_ms() + 2000;
    home.recover.notify_one();
}

pub async fn send(home: Arc<Home>) {
    if std::mem::take(&mut home.sender().in_flight) {
        // The bridge died over it.
        failed(&home);
    }
    loop {
        let epoch = home.epoch();
        let (events, was_up) = {
            let sender = &mut *home.sender();
            if sender.taken.is_empty() {
                let count = sender.queue.len().min(MAX_EVENTS);
                sender.taken.extend(sender.queue.drain(..count));
            }
            sender.idle = sender.taken.is_empty();
            (sender.taken.clone(), !sender.down)
        };
        if events.is_empty() || !home.is_up() {
            home.queued.notified().await;
            continue;
        }
        // Between these two somebody may find that the bridge is up again: then this one stays behind.
        home.sim.pause(0, 3).await;
        if home.epoch() != epoch {
            continue;
        }
        let txn = {
            let mut sender = home.sender();
            let txn = sender.next_txn;
            sender.next_txn += 1;
            sender.taken.clear();
            sender.stored.insert(txn, events.clone());
            sender.in_flight = was_up;
            txn
        };
        if !was_up {
            continue;
        }
        let answered = call::deliver(&home, txn, &events).await;
        if home.epoch() != epoch {
            continue;
        }
        home.sender().in_flight = false;
        if answered {
            home.sender().stored.remove(&txn);
        } else {
            failed(&home);
        }
    }
}

fn failed(home: &Home) {
    let mut sender = home.sender();
    sender.down = true;
    if !sender.recovering {
        begin_recovery(home, &mut sender);
    }
}

pub async fn repeat(home: Arc<Home>) {
    loop {
        let (is_due, wait) = {
            let sender = home.sender();
            let wait = sender.recover_at_ms - home.sim.now_ms();
            (sender.recovering && home.is_up() && wait <= 0, u64::try_from(wait).unwrap_or(0))
        };
        if !is_due {
            let wait = if home.sender().recovering && home.is_up() { wait } else { 3_600_000 };
            let _either = tokio::time::timeout(Duration::from_millis(wait.max(1)), home.recover.notified()).await;
            continue;
        }
        let epoch = home.epoch();
        home.sender().repeating = true;
        let oldest = home.sender().stored.first_key_value().map(|(txn, events)| (*txn, events.clone()));
        let Some((txn, events)) = oldest else {
            // As long as its database takes: what comes meanwhile is stored as for one that is down, and stays behind.
            let most_ms = if home.sim.chance(SLOW_DATABASE) { 5000 } else { 3 };
            home.sim.pause(0, most_ms).await;
            if home.epoch() == epoch {
                let mut sender = home.sender();
                sender.down = false;
                sender.recovering = false;
                sender.repeating = false;
                if !sender.stored.is_empty() {
                    home.sim.strike("homeserver: a transaction left behind");
                }
            }
            continue;
        };
        home.sim.strike("homeserver: a transaction repeated");
        let answered = call::deliver(&home, txn, &events).await;
        if home.epoch() != epoch {
            continue;
        }
        let mut sender = home.sender();
        if answered {
            sender.stored.remove(&txn);
            sender.backoff = 1;
        } else {
            sender.repeating = false;
            sender.backoff = (sender.backoff + 1).min(MAX_BACKOFF);
            sender.recover_at_ms = home.sim.now_ms() + 1000 * (1 << sender.backoff);
        }
    }
}
