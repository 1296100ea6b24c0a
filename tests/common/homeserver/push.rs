//! Pushes events to the application service: one transaction at a time, again until it is answered by JSON.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use tokio::sync::Notify;

use super::{HS_TOKEN, Shared};

const MAX_EVENTS: usize = 100;

pub struct Push {
    port: u16,
    http: Mutex<reqwest::Client>,
    wake: Notify,
    paused: AtomicBool,
    txn: AtomicU64,
    pub failures: AtomicU64,
}

impl Push {
    pub fn new(port: u16) -> Self {
        let http = Mutex::new(ticketroom::net::homeserver_client().unwrap());
        Self {
            port,
            http,
            wake: Notify::new(),
            paused: AtomicBool::new(false),
            txn: AtomicU64::new(1),
            failures: AtomicU64::new(0),
        }
    }

    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// As after its restart: by another connection.
    pub fn connect_anew(&self) {
        *self.http.lock().unwrap() = ticketroom::net::homeserver_client().unwrap();
    }

    pub fn set_paused(&self, paused: bool) {
        self.paused.store(paused, Ordering::SeqCst);
        self.wake();
    }

    /// `None`: no answer.
    pub async fn deliver(&self, token: &str, txn: &str, body: reqwest::Body) -> Option<StatusCode> {
        let url = format!("http://127.0.0.1:{}/_matrix/app/v1/transactions/{txn}", self.port);
        let http = self.http.lock().unwrap().clone();
        let answer = http.put(url).bearer_auth(token).body(body).send().await.ok()?;
        let status = answer.status();
        // An answer without JSON counts as none.
        answer.json::<serde_json::Value>().await.ok().map(|_| status)
    }
}

pub async fn run(shared: Arc<Shared>) {
    let mut failures = 0_u32;
    // A transaction that is repeated has the same events as before: what came since is for the next one.
    let mut size = MAX_EVENTS;
    loop {
        let push = &shared.push;
        let events: Vec<_> = shared.world.lock().unwrap().unpushed.iter().take(size).cloned().collect();
        if events.is_empty() || push.paused.load(Ordering::SeqCst) {
            push.wake.notified().await;
            continue;
        }
        let txn = push.txn.load(Ordering::SeqCst).to_string();
        let body = json!({ "events": events }).to_string();
        if push.deliver(HS_TOKEN, &txn, body.into()).await.is_some_and(|status| status.is_success()) {
            (failures, size) = (0, MAX_EVENTS);
            push.txn.fetch_add(1, Ordering::SeqCst);
            let mut world = shared.world.lock().unwrap();
            // Unless it has lost its memory meanwhile.
            for event in &events {
                if world.unpushed.front().is_some_and(|first| first["event_id"] == event["event_id"]) {
                    world.unpushed.pop_front();
                }
            }
        } else {
            failures += 1;
            size = events.len();
            push.failures.fetch_add(1, Ordering::SeqCst);
            let wait = Duration::from_millis(20 << failures.min(5));
            let _woken = tokio::time::timeout(wait, push.wake.notified()).await;
        }
    }
}
