//! A Request Tracker small enough for hundreds of deaths of the bridge: the part of REST 2.0 that our adapter uses, over
//! real connections. `tests/helpdesk_contract/hidden.rs` holds against the real one what it does not show; for the rest the
//! same runs on the real pair speak.

#![allow(dead_code, unused_imports, reason = "no test needs all of it")]

mod answers;
mod forms;
mod query;
mod rows;
mod search;
mod world;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use serde_json::Value;

pub use world::{ARTICLES, Refused, Transaction, World};

/// The token of the user `ticketroom`.
pub const BRIDGE_TOKEN: &str = "1-1-bridge";
/// The token of the agent Anna.
pub const ANNA_TOKEN: &str = "1-2-anna";

/// Handle to a running one; it ends with its runtime.
#[derive(Clone)]
pub struct Tracker {
    shared: Arc<Shared>,
    pub url: url::Url,
}

struct Shared {
    world: Mutex<World>,
    down: AtomicBool,
    calls: AtomicUsize,
    hints: Mutex<Option<Hints>>,
}

/// To whom it says that something changed.
#[derive(Clone)]
struct Hints {
    http: reqwest::Client,
    url: String,
    token: String,
}

/// It waits no longer for whoever hears it.
const HINT_TIMEOUT: Duration = Duration::from_secs(1);

impl Tracker {
    pub async fn start() -> Self {
        let shared = Arc::new(Shared {
            world: Mutex::new(World::new()),
            down: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
            hints: Mutex::default(),
        });
        let app = Router::new()
            .fallback(answer)
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { shared, url }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap()
    }

    /// As our seed makes the real one do: whatever was not the bridge's own doing is told there.
    pub fn give_hints(&self, bridge: &str, token: &str) {
        let http = ticketroom::net::homeserver_client().unwrap();
        let (url, token) = (format!("{bridge}/_ticketroom/v1/hint"), token.to_owned());
        *self.shared.hints.lock().unwrap() = Some(Hints { http, url, token });
    }

    /// How often it was called.
    pub fn calls(&self) -> usize {
        self.shared.calls.load(Ordering::SeqCst)
    }

    /// While it is down a proxy answers in its place.
    pub fn set_down(&self, down: bool) {
        self.shared.down.store(down, Ordering::SeqCst);
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    shared.calls.fetch_add(1, Ordering::SeqCst);
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (body, files) = forms::read(&text("content-type"), &body);
    let call = answers::Call {
        method: method.as_str(),
        path: uri.path().trim_start_matches("/REST/2.0/").split('/').collect(),
        query: url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        token: text("authorization").trim_start_matches("token ").to_owned(),
        if_match: text("if-match"),
        body,
        files,
    };
    let answer = match shared.down.load(Ordering::SeqCst) {
        true => Err(world::refused(502, "nobody is there")),
        false => answers::answer(&mut shared.world.lock().unwrap(), &call),
    };
    if answer.is_ok() && method != Method::GET && call.token != BRIDGE_TOKEN {
        let hints = shared.hints.lock().unwrap().clone();
        tokio::spawn(async move {
            let Some(Hints { http, url, token }) = hints else { return };
            let _nobody_waits = http.post(url).bearer_auth(token).timeout(HINT_TIMEOUT).send().await;
        });
    }
    let respond = |status: u16, body: &Value| {
        Response::builder()
            .status(StatusCode::from_u16(status).unwrap())
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
    };
    match answer {
        Ok(answers::Answer { status, body, etag, location }) => {
            let mut response = respond(status, &body).unwrap();
            for (name, value) in [("etag", etag), ("location", location)] {
                if let Some(value) = value {
                    response.headers_mut().insert(name, value.parse().unwrap());
                }
            }
            response
        }
        Err(Refused { status, why }) => respond(status, &serde_json::json!({ "message": why })).unwrap(),
    }
}
