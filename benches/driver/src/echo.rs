//! The bare echo: an application service that keeps nothing and sends each message back into its room. What it costs is
//! the price of the two HTTP calls alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail};
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::put;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::http;

/// As many as the bridge has under way by default.
const PARALLEL: usize = 32;

#[derive(Deserialize)]
struct Transaction {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    room_id: String,
    event_id: String,
    sender: String,
    content: Value,
}

struct Echo {
    http: reqwest::Client,
    homeserver: String,
    token: String,
    /// Whose messages are not sent back.
    own_prefix: String,
    /// As a query has it: with a device, so that the homeserver remembers the transaction ids beyond its restart.
    user: String,
    permits: Semaphore,
    /// One after another in a room, as whoever keeps the order must; `None` sends all at once.
    turns: Option<Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>>,
}

/// `echo PORT HOMESERVER TOKEN USER [DEVICE]`: with a device it keeps what the promise asks of the homeserver, the order in each
/// room and transaction ids that last.
pub fn main(arguments: Vec<String>) -> anyhow::Result<()> {
    let [port, homeserver, token, user, device @ ..] = arguments.as_slice() else {
        bail!("echo PORT HOMESERVER TOKEN USER [DEVICE]")
    };
    let port: u16 = port.parse().context("the port is no number")?;
    let echo = Arc::new(Echo {
        http: http::client(),
        homeserver: homeserver.clone(),
        token: format!("Bearer {token}"),
        own_prefix: user.rsplit_once('_').map_or(user.clone(), |(prefix, _)| format!("{prefix}_")),
        user: device.first().map_or_else(|| user.clone(), |device| format!("{user}&device_id={device}")),
        permits: Semaphore::new(PARALLEL),
        turns: device.first().map(|_ordered| Mutex::default()),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        let router = Router::new()
            .route("/_matrix/app/v1/transactions/{txn}", put(transaction))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(echo);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        axum::serve(listener, router).await.context("the echo ended")
    })
}

impl Echo {
    fn turn(&self, room: &str) -> Option<Arc<tokio::sync::Mutex<()>>> {
        let mut turns = self.turns.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(turns.entry(room.to_owned()).or_default()))
    }
}

async fn transaction(State(echo): State<Arc<Echo>>, body: Bytes) -> Json<Value> {
    let events = serde_json::from_slice::<Transaction>(&body).map(|transaction| transaction.events).unwrap_or_default();
    for event in events {
        if event.kind == "m.room.message" && !event.sender.starts_with(&echo.own_prefix) {
            tokio::spawn(send_back(Arc::clone(&echo), event));
        }
    }
    Json(json!({}))
}

async fn send_back(echo: Arc<Echo>, event: Event) {
    let turn = echo.turn(&event.room_id);
    let _turn = match &turn {
        Some(turn) => Some(turn.lock().await),
        None => None,
    };
    let Ok(_permit) = echo.permits.acquire().await else { return };
    let Echo { homeserver, user, .. } = &*echo;
    let (room, txn) = (event.room_id.replace('!', "%21").replace(':', "%3A"), event.event_id.replace('$', ""));
    let url = format!("{homeserver}/_matrix/client/v3/rooms/{room}/send/m.room.message/{txn}?user_id={user}");
    let request = echo.http.put(url).header("authorization", &echo.token);
    if let Err(error) = http::answer(http::json(request, &event.content)).await {
        eprintln!("echo: {error:#}");
    }
}
