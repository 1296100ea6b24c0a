//! A homeserver that answers at once: enough of it for the bridge to work, and a memory of what was sent into each room.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::bail;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::http;

#[derive(Default)]
struct Seen {
    transactions: HashSet<String>,
    /// Numbers that the messages begin with, by room, as they came.
    rooms: HashMap<String, Vec<u64>>,
}

#[derive(Default)]
pub struct Mock {
    seen: Mutex<Seen>,
    messages: AtomicUsize,
    repeated: AtomicUsize,
    made: AtomicUsize,
    hanging: watch::Sender<bool>,
    /// Where pings go.
    appservice: Mutex<Option<(String, String)>>,
}

pub struct Homeserver {
    pub url: String,
    pub mock: Arc<Mock>,
}

impl Homeserver {
    pub async fn start() -> anyhow::Result<Self> {
        let mock = Arc::new(Mock::default());
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let router = router(Arc::clone(&mock));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, mock })
    }
}

impl Mock {
    pub fn pings(&self, url: &str, token: &str) {
        *self.appservice.lock().unwrap_or_else(PoisonError::into_inner) = Some((url.to_owned(), token.to_owned()));
    }

    pub fn messages(&self) -> usize {
        self.messages.load(Ordering::SeqCst)
    }

    /// Messages whose transaction id had been there already.
    pub fn repeated(&self) -> usize {
        self.repeated.load(Ordering::SeqCst)
    }

    /// Whether in every room the messages came once and in the order of their numbers.
    pub fn in_order(&self) -> anyhow::Result<()> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (room, numbers) in &seen.rooms {
            if !numbers.is_sorted_by(|a, b| a < b) {
                bail!("in {room} messages came twice or out of order: {numbers:?}");
            }
        }
        Ok(())
    }

    pub async fn until(&self, count: usize) -> anyhow::Result<()> {
        while self.messages() < count {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// While it does, no message is answered.
    pub fn set_hanging(&self, hanging: bool) {
        self.hanging.send_replace(hanging);
    }

    fn send(&self, room: String, txn: String, content: &[u8]) {
        let body = serde_json::from_slice::<Value>(content).unwrap_or_default();
        let text = body.get("body").and_then(Value::as_str).unwrap_or_default();
        let number = text.split(' ').next().and_then(|word| word.parse().ok());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.transactions.insert(txn) {
            self.repeated.fetch_add(1, Ordering::SeqCst);
        } else if let Some(number) = number {
            seen.rooms.entry(room).or_default().push(number);
            drop(seen);
            self.messages.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn router(mock: Arc<Mock>) -> Router {
    Router::new()
        .route("/_matrix/client/v3/rooms/{room}/send/{kind}/{txn}", put(send))
        .route("/_matrix/client/v3/rooms/{room}/redact/{event}/{txn}", put(event))
        .route("/_matrix/client/v3/rooms/{room}/state/{*rest}", put(event))
        .route("/_matrix/client/v3/rooms/{room}/messages", get(|| async { Json(json!({ "start": "s", "chunk": [] })) }))
        .route("/_matrix/client/v3/createRoom", post(create_room))
        .route("/_matrix/client/v3/sync", get(|| async { Json(json!({ "next_batch": "s1" })) }))
        .route("/_matrix/client/v3/register", post(|| async { Json(json!({ "user_id": "@any:bench.test" })) }))
        .route("/_matrix/client/v1/appservice/{id}/ping", post(ping))
        .route("/_matrix/client/v3/directory/room/{alias}", get(no_alias))
        .fallback(any(anything))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(mock)
}

fn answer(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn send(
    State(mock): State<Arc<Mock>>,
    Path((room, _kind, txn)): Path<(String, String, String)>,
    content: Bytes,
) -> Response {
    let mut hanging = mock.hanging.subscribe();
    drop(hanging.wait_for(|hanging| !hanging).await);
    let event = format!("{{\"event_id\":\"${txn}\"}}");
    mock.send(room, txn, &content);
    answer(event)
}

async fn event() -> Response {
    answer("{\"event_id\":\"$event\"}".to_owned())
}

async fn create_room(State(mock): State<Arc<Mock>>) -> Response {
    let number = mock.made.fetch_add(1, Ordering::SeqCst);
    answer(format!("{{\"room_id\":\"!made{number:0>39}\"}}"))
}

async fn no_alias() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "errcode": "M_NOT_FOUND", "error": "no alias" }))).into_response()
}

async fn ping(State(mock): State<Arc<Mock>>) -> Response {
    let to = mock.appservice.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((url, token)) = to {
        let request = http::client().post(format!("{url}/_matrix/app/v1/ping")).bearer_auth(token);
        if let Err(error) = http::answer(http::json(request, &json!({}))).await {
            eprintln!("bench: the bridge does not answer a ping: {error:#}");
        }
    }
    answer("{\"duration_ms\":1}".to_owned())
}

/// Joins, invitations, devices, profiles.
async fn anything() -> Response {
    answer("{\"room_id\":\"!any\"}".to_owned())
}
