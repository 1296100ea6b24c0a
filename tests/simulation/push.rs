//! How Synapse pushes events: from the stream into memory, from memory into transactions on disk, one at a time; what is
//! not answered is repeated, oldest first, after 2, 4 … 512 s.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::home::Home;
use crate::homeserver::HS_TOKEN;

const MAX_EVENTS: usize = 100;
const MAX_BACKOFF: u32 = 9;

/// Events are handled: they go where only memory has them, and then it is noted that they were handled.
pub async fn notify(home: Arc<Home>) {
    loop {
        if home.is_up() {
            let news = std::mem::take(&mut home.world().unpushed);
            if !news.is_empty() {
                let epoch = home.epoch();
                enqueue(&home, news);
                home.queued.notify_one();
                home.sim.pause(0, 8).await;
                if home.epoch() == epoch {
                    home.sender().unsaved.clear();
                }
                continue;
            }
        }
        home.news.notified().await;
    }
}

fn enqueue(home: &Home, news: VecDeque<Value>) {
    let mut sender = home.sender();
    sender.queue.extend(news.iter().cloned());
    sender.unsaved.extend(news);
    if !sender.is_started {
        sender.is_started = true;
        if sender.down {
            begin_recovery(home, &mut sender);
        }
    }
}

fn begin_recovery(home: &Home, sender: &mut super::home::Sender) {
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
        let (epoch, was_up) = (home.epoch(), !home.sender().down);
        let events: Vec<Value> = {
            let queue = &mut home.sender().queue;
            let count = queue.len().min(MAX_EVENTS);
            queue.drain(..count).collect()
        };
        if events.is_empty() || !home.is_up() {
            home.queued.notified().await;
            continue;
        }
        // Between these two somebody may find that the bridge is up again: then this one stays behind.
        home.sender().in_flight = true;
        home.sim.pause(0, 3).await;
        if home.epoch() != epoch {
            continue;
        }
        let txn = {
            let mut sender = home.sender();
            let txn = sender.next_txn;
            sender.next_txn += 1;
            sender.stored.insert(txn, events.clone());
            sender.in_flight = was_up;
            txn
        };
        if !was_up {
            continue;
        }
        let answered = deliver(&home, txn, &events).await;
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
        let oldest = home.sender().stored.first_key_value().map(|(txn, events)| (*txn, events.clone()));
        let Some((txn, events)) = oldest else {
            home.sim.pause(0, 3).await;
            if home.epoch() == epoch {
                let mut sender = home.sender();
                sender.down = false;
                sender.recovering = false;
                if !sender.stored.is_empty() {
                    home.sim.strike("homeserver: a transaction left behind");
                }
            }
            continue;
        };
        home.sim.strike("homeserver: a transaction repeated");
        let answered = deliver(&home, txn, &events).await;
        if home.epoch() != epoch {
            continue;
        }
        let mut sender = home.sender();
        if answered {
            sender.stored.remove(&txn);
            sender.backoff = 1;
        } else {
            sender.backoff = (sender.backoff + 1).min(MAX_BACKOFF);
            sender.recover_at_ms = home.sim.now_ms() + 1000 * (1 << sender.backoff);
        }
    }
}

/// Whether the bridge answered that it has it.
async fn deliver(home: &Home, txn: u64, events: &[Value]) -> bool {
    let answered = try_to_deliver(home, txn, events).await;
    if !answered {
        home.connect_anew();
    }
    answered
}

async fn try_to_deliver(home: &Home, txn: u64, events: &[Value]) -> bool {
    let sim = &home.sim;
    let (epoch, rate) = (home.epoch(), sim.rates().push);
    sim.note(|| {
        let ids: Vec<&str> = events.iter().map(|event| event["event_id"].as_str().unwrap_or_default()).collect();
        format!("push {txn}: {}", ids.join(" "))
    });
    sim.pause(0, 10).await;
    if sim.chance(rate) {
        sim.strike("push: never arrived");
        return false;
    }
    let Some(bridge) = home.bridge.lock().unwrap().clone() else { return false };
    if home.epoch() != epoch {
        return false;
    }
    let line = home.line.lock().unwrap().clone();
    let request = axum::http::Request::put(format!("/_matrix/app/v1/transactions/{txn}"))
        .header("authorization", format!("Bearer {HS_TOKEN}"))
        .header("content-type", "application/json")
        .extension(ConnectInfo(line))
        .body(Body::from(json!({ "events": events }).to_string()))
        .unwrap();
    let answer = bridge.oneshot(request).await.unwrap();
    let status = answer.status();
    sim.pause(0, 10).await;
    if sim.chance(rate) {
        sim.strike("push: the answer lost");
        return false;
    }
    sim.note(|| format!("pushed {txn}: {status}"));
    status.is_success()
}
