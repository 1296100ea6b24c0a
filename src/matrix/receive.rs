//! `PUT /_matrix/app/v1/transactions/{txnId}`: takes events in and answers at once. `GET …/users/{userId}`: who is there.
//!
//! Spec: <https://spec.matrix.org/v1.18/application-service-api/#pushing-events>. While an answer is pending the
//! homeserver holds later events only in memory, so nothing is done here but to write them down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use axum::body::Bytes;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post, put};
use axum::serve::IncomingStream;
use axum::{Extension, Json, Router};
use ruma::UserId;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::net::TcpListener;

use crate::crash;
use crate::net;
use crate::observe::Unreadable;

/// The events could not be written down; the homeserver keeps them and comes again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotTaken(pub String);

/// What came before a transaction on its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Another one that was taken: the homeserver lives on since.
    Taken,
    /// Nothing. Perhaps the homeserver was started anew, or has seen us fail: it may hold what is older.
    Nothing,
}

/// A connection on which the homeserver delivers. It keeps one, so that another one is a sign.
#[derive(Clone, Debug, Default)]
pub struct Line(Arc<AtomicBool>);

impl Line {
    fn before(&self) -> Before {
        if self.0.load(Ordering::SeqCst) { Before::Taken } else { Before::Nothing }
    }

    fn note(&self, taken: bool) {
        self.0.store(taken, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, TcpListener>> for Line {
    fn connect_info(_stream: IncomingStream<'_, TcpListener>) -> Self {
        Self::default()
    }
}

/// Where the events of a transaction go: written down when it returns.
#[async_trait]
pub trait Intake: Send + Sync {
    async fn take(&self, events: Vec<Box<RawValue>>, before: Before) -> Result<(), NotTaken>;

    /// Whether this user of ours exists; made now if it is to. Asked when somebody invites it who never met it.
    async fn has_user(&self, _user: &UserId) -> Result<bool, NotTaken> {
        Ok(false)
    }
}

#[derive(Clone)]
struct Shared {
    intake: Arc<dyn Intake>,
    hs_token: Arc<SecretString>,
    /// What comes can't be written down. It is said once: the homeserver comes again and again meanwhile.
    is_refusing: Arc<AtomicBool>,
}

/// The endpoints that the homeserver calls. To be served with `Line` as what is known of a connection: without it, each
/// transaction counts as the first one of its connection.
pub fn router(intake: Arc<dyn Intake>, hs_token: SecretString, max_transaction_bytes: usize) -> Router {
    let shared = Shared { intake, hs_token: Arc::new(hs_token), is_refusing: Arc::default() };
    let not_found = || async { unknown() };
    let unrecognized = || async { matrix_error(StatusCode::NOT_FOUND, "M_UNRECOGNIZED", "No such endpoint") };
    Router::new()
        .route("/_matrix/app/v1/transactions/{txn_id}", put(transaction))
        .route("/transactions/{txn_id}", put(transaction))
        .route("/_matrix/app/v1/ping", post(|| async { Json(json!({})) }))
        .route("/_matrix/app/v1/users/{user}", get(user))
        // Rooms are made when a ticket needs them, never because somebody asks for a name.
        .route("/_matrix/app/v1/rooms/{alias}", any(not_found))
        .route("/_matrix/app/v1/thirdparty/{*rest}", any(not_found))
        .fallback(unrecognized)
        .layer(DefaultBodyLimit::max(max_transaction_bytes))
        // Before the body is read: a stranger shall not make us read megabytes.
        .layer(middleware::from_fn_with_state(shared.clone(), authenticate))
        .with_state(shared)
}

fn matrix_error(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "errcode": code, "error": message }))).into_response()
}

fn unknown() -> Response {
    matrix_error(StatusCode::NOT_FOUND, "M_NOT_FOUND", "Unknown here")
}

/// Spec: <https://spec.matrix.org/v1.18/application-service-api/#querying>. The contact user of a code is made when somebody
/// writes to it first; ghosts are made when a ticket needs them.
async fn user(State(shared): State<Shared>, Path(user): Path<String>) -> Response {
    let Ok(user) = UserId::parse(user) else { return unknown() };
    match shared.intake.has_user(&user).await {
        Ok(true) => Json(json!({})).into_response(),
        Ok(false) => unknown(),
        Err(error) => {
            tracing::warn!(%error, "it could not be told whether a user exists");
            matrix_error(StatusCode::SERVICE_UNAVAILABLE, "M_UNKNOWN", "Ask again later")
        }
    }
}

async fn authenticate(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    match token(request.headers(), request.uri().query()) {
        None => matrix_error(StatusCode::UNAUTHORIZED, "M_MISSING_TOKEN", "The hs_token is missing"),
        Some(token) if net::is_secret(&token, &shared.hs_token) => {
            crash::point("authenticated");
            next.run(request).await
        }
        Some(_) => {
            tracing::warn!(
                "a request with a wrong hs_token was refused; if it was your homeserver, its registration file and the \
                 configuration differ: run `ticketroom check`"
            );
            metrics::counter!(crate::observe::metrics::REFUSED).increment(1);
            matrix_error(StatusCode::FORBIDDEN, "M_FORBIDDEN", "The hs_token is wrong")
        }
    }
}

/// The header, or the query parameter that homeservers used before Matrix 1.4.
fn token(headers: &HeaderMap, query: Option<&str>) -> Option<String> {
    if let Some(token) = net::bearer(headers) {
        return Some(token.to_owned());
    }
    url::form_urlencoded::parse(query?.as_bytes())
        .find(|(key, _)| key == "access_token")
        .map(|(_, value)| value.into_owned())
}

#[derive(Deserialize)]
struct Transaction {
    #[serde(default)]
    events: Vec<Box<RawValue>>,
}

async fn transaction(
    State(shared): State<Shared>,
    line: Option<Extension<ConnectInfo<Line>>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let started = crate::clock::instant();
    let body = match body {
        Ok(body) => body,
        Err(rejection) => {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                tracing::error!(
                    "a transaction is larger than appservice.max_transaction_bytes: nothing behind it arrives until that \
                     is raised"
                );
                metrics::counter!(crate::observe::metrics::UNREADABLE).increment(1);
            }
            return matrix_error(rejection.status(), "M_UNKNOWN", "The transaction could not be read");
        }
    };
    let line = line.map(|Extension(ConnectInfo(line))| line).unwrap_or_default();
    let (events, before) = match serde_json::from_slice::<Transaction>(&body) {
        Ok(transaction) => (transaction.events, line.before()),
        Err(error) => {
            // A refusal would block everything behind it for ever, and asking again would bring the same bytes.
            tracing::error!(bytes = body.len(), error = %Unreadable(&error), "a transaction is no JSON that can be read; it was dropped");
            metrics::counter!(crate::observe::metrics::UNREADABLE).increment(1);
            // The homeserver still has what was in it: it is read there, before what comes next is decided on.
            (Vec::new(), Before::Nothing)
        }
    };
    crash::point("transaction-parsed");
    let result = shared.intake.take(events, before).await;
    line.note(result.is_ok());
    let answer = match result {
        Ok(()) => {
            metrics::gauge!(crate::observe::metrics::HOMESERVER_REACHES_US).set(1.0);
            if shared.is_refusing.swap(false, Ordering::Relaxed) {
                tracing::info!("events are written down again");
            }
            crash::point("before-answer");
            Json(json!({})).into_response()
        }
        Err(error) => {
            if !shared.is_refusing.swap(true, Ordering::Relaxed) {
                tracing::error!(%error, "events can't be written down; the homeserver brings them again until they are");
            }
            matrix_error(StatusCode::SERVICE_UNAVAILABLE, "M_UNKNOWN", "The events could not be written down")
        }
    };
    metrics::histogram!(crate::observe::metrics::TRANSACTION).record(started.elapsed().as_secs_f64());
    answer
}
