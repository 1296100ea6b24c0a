//! A homeserver small enough for fast tests: rooms, levels, aliases, transaction ids, /sync, /messages and the pushing of
//! transactions, as measured on Synapse. `tests/homeserver_fake.rs` holds it against the real one.

#![allow(dead_code, reason = "no test needs all of it")]

pub mod answers;
mod faults;
mod media;
mod people;
mod push;
mod reading;
mod rooms;
mod rules;
mod world;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::time::Instant;

use faults::{Faults, spoiled};
pub use faults::{Kind, When};

pub use world::{Refused, World};

pub const DOMAIN: &str = "hs.test";
pub const AS_TOKEN: &str = "as-token-of-the-stand-in-0123456789";
pub const HS_TOKEN: &str = "hs-token-of-the-stand-in-0123456789";
pub const PREFIX: &str = "@_desk_";

pub struct Shared {
    world: Mutex<World>,
    faults: Faults,
    calls: Mutex<Vec<(Instant, String)>>,
    push: push::Push,
}

/// Handle to a running one; it ends with the test's runtime.
#[derive(Clone)]
pub struct Homeserver {
    shared: Arc<Shared>,
    pub url: url::Url,
}

impl Homeserver {
    /// Pushes to the application service on this port.
    pub async fn start(appservice_port: u16) -> Self {
        Self::with_version(appservice_port, 12).await
    }

    pub async fn with_version(appservice_port: u16, room_version: u32) -> Self {
        let shared = Arc::new(Shared {
            world: Mutex::new(World::new(room_version)),
            faults: Faults::default(),
            calls: Mutex::default(),
            push: push::Push::new(appservice_port),
        });
        let app = Router::new()
            .fallback(answer)
            .layer(middleware::from_fn_with_state(Arc::clone(&shared), spoil))
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        tokio::spawn(push::run(Arc::clone(&shared)));
        Self { shared, url }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap()
    }

    /// The next `times` calls whose "METHOD path" contains `part` end so.
    pub fn fail_next(&self, part: &str, when: When, kind: Kind, times: usize) {
        self.shared.faults.push(part, when, kind, times);
    }

    /// Of all calls this share (0..1) ends badly, half of them after having had their effect.
    pub fn set_unreliable(&self, share: f64, seed: u64) {
        self.shared.faults.set_share(share, seed);
    }

    /// While it is down every call ends in a proxy's error page, and nothing is pushed.
    pub fn set_down(&self, down: bool) {
        self.shared.faults.set_down(down);
        self.shared.push.set_paused(down);
    }

    /// As after kill -9: what waited in memory to be pushed is lost, and so are transaction ids of no device.
    pub fn lose_memory(&self) {
        let mut world = self.world();
        world.unpushed.clear();
        world.answers_by_path.clear();
    }

    pub fn connect_anew(&self) {
        self.shared.push.connect_anew();
    }

    pub fn pause_push(&self, paused: bool) {
        self.shared.push.set_paused(paused);
    }

    /// Transactions that were not answered as they should be.
    pub fn push_failures(&self) -> u64 {
        self.shared.push.failures.load(std::sync::atomic::Ordering::SeqCst)
    }

    pub fn nothing_to_push(&self) -> bool {
        self.world().unpushed.is_empty()
    }

    /// When which calls came in: "METHOD path".
    pub fn calls(&self) -> Vec<(Instant, String)> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// The calls whose line contains this.
    pub fn count_calls(&self, part: &str) -> usize {
        self.shared.calls.lock().unwrap().iter().filter(|(_, call)| call.contains(part)).count()
    }

    /// A transaction made by hand; the answer's status.
    pub async fn push_by_hand(&self, txn: &str, body: impl Into<reqwest::Body>) -> u16 {
        self.push_with_token(HS_TOKEN, txn, body).await
    }

    pub async fn push_with_token(&self, token: &str, txn: &str, body: impl Into<reqwest::Body>) -> u16 {
        self.shared.push.deliver(token, txn, body.into()).await.map_or(0, |status| status.as_u16())
    }
}

async fn spoil(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let call = format!("{} {}", request.method(), decoded(request.uri().path()));
    shared.calls.lock().unwrap().push((Instant::now(), call.clone()));
    let Some((when, kind)) = shared.faults.take(&call) else { return next.run(request).await };
    if when == When::After {
        let _lost = next.run(request).await;
    }
    spoiled(kind).await
}

/// How long a /sync that finds nothing new is to hang.
fn hold(call: &answers::Call<'_>) -> Option<Duration> {
    let milliseconds = call.query.get("timeout").filter(|_| call.query.contains_key("since"))?;
    let is_sync = call.path.last().is_some_and(|last| last == "sync");
    milliseconds.parse().ok().filter(|_| is_sync).map(Duration::from_millis)
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query: HashMap<String, String> =
        url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let call = answers::Call {
        method: method.as_str(),
        path: uri.path().split('/').skip(1).map(decoded).collect(),
        query,
        token: token.trim_start_matches("Bearer "),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    if let Some(answer) = media::answer(&mut shared.world.lock().unwrap(), &method, uri.path(), &body) {
        return answer;
    }
    let result = answers::answer(&mut shared.world.lock().unwrap(), &call);
    shared.push.wake();
    if let (Some(hold), Ok(body)) = (hold(&call), &result)
        && body["rooms"]["join"].as_object().is_some_and(serde_json::Map::is_empty)
    {
        // Of a user in no room: nothing would wake it.
        tokio::time::sleep(hold).await;
    }
    let (status, body) = match result {
        Ok(body) => (StatusCode::OK, body),
        Err(Refused { status: 201, .. }) => (StatusCode::CREATED, serde_json::json!({})),
        Err(Refused { status, code, why }) => {
            let body = serde_json::json!({ "errcode": code, "error": why });
            (StatusCode::from_u16(status).unwrap(), body)
        }
    };
    (status, [("content-type", "application/json")], Body::from(body.to_string())).into_response()
}

pub fn decoded(text: &str) -> String {
    // A plus is a plus in a path.
    let text = text.replace('+', "%2B");
    url::form_urlencoded::parse(format!("a={}", text.replace('&', "%26")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Waits until `look` finds something; panics with `what` if it doesn't in time.
pub async fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    until_in(Duration::from_secs(30), what, look).await
}

/// The same, for what takes longer.
pub async fn until_in<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited too long for {what}");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}
