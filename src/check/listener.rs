//! A stand-in for the bridge while it is not running: answers the homeserver's ping, and takes nothing else.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::config::Appservice;

/// Listens as long as it lives.
pub struct Listener {
    seen: Seen,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Seen {
    hs_token: SecretString,
    token_was_right: Arc<Mutex<Option<bool>>>,
}

impl Listener {
    pub async fn start(appservice: &Appservice) -> io::Result<Self> {
        let listener = TcpListener::bind((appservice.hostname.as_str(), appservice.port)).await?;
        let seen = Seen { hs_token: appservice.hs_token.clone(), token_was_right: Arc::default() };
        let router = Router::new()
            .route("/_matrix/app/v1/ping", post(ping))
            // What is refused stays with the homeserver, which brings it again once the bridge runs.
            .fallback(|| async { (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "errcode": "M_UNKNOWN" }))) })
            .with_state(seen.clone());
        let task = tokio::spawn(async move {
            // It ends with the check; nobody is left to whom an error would matter.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { seen, task })
    }

    /// `None`: nobody pinged.
    pub fn token_was_right(&self) -> Option<bool> {
        *self.seen.token_was_right.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn ping(State(seen): State<Seen>, headers: HeaderMap) -> (StatusCode, Json<Value>) {
    let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
    let given = given.strip_prefix(b"Bearer ").unwrap_or_default();
    let right = bool::from(given.ct_eq(seen.hs_token.expose_secret().as_bytes()));
    *seen.token_was_right.lock().unwrap_or_else(PoisonError::into_inner) = Some(right);
    if right {
        (StatusCode::OK, Json(json!({})))
    } else {
        (StatusCode::FORBIDDEN, Json(json!({ "errcode": "M_FORBIDDEN", "error": "wrong hs_token" })))
    }
}
