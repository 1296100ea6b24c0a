//! The application service: answers as it is told to, and writes down what it was brought.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{ConnectInfo, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

/// More are not told one by one.
const MANY: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Taken,
    Broken,
    Hangs,
    Empty,
    Words,
    NoContent,
    NotFound,
    Moved,
    List,
}

impl Answer {
    /// `None`: not yet.
    fn response(self) -> Option<Response> {
        Some(match self {
            Self::Hangs => return None,
            Self::Taken => Json(json!({})).into_response(),
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({}))).into_response(),
            Self::Empty => StatusCode::OK.into_response(),
            Self::Words => "ok".into_response(),
            Self::NoContent => StatusCode::NO_CONTENT.into_response(),
            Self::NotFound => (StatusCode::NOT_FOUND, Json(json!({}))).into_response(),
            Self::Moved => Redirect::temporary("/elsewhere").into_response(),
            Self::List => Json(json!([])).into_response(),
        })
    }
}

/// What of an event is told.
pub fn text(event: &Value) -> Option<String> {
    let localpart = |user: &Value| user.as_str()?.strip_prefix("@_desk_")?.split(':').next().map(str::to_owned);
    match event["type"].as_str()? {
        "m.room.message" => event["content"]["body"].as_str().map(str::to_owned),
        "m.room.member" if event["content"]["membership"] == "invite" => {
            localpart(&event["state_key"]).map(|ghost| format!("{ghost} invited"))
        }
        _ => None,
    }
}

pub fn texts<'a>(events: impl IntoIterator<Item = &'a Value>) -> Vec<String> {
    events.into_iter().filter_map(text).collect()
}

#[derive(Clone)]
pub struct Delivery {
    pub texts: Vec<String>,
    pub answer: Answer,
    pub at: Instant,
    pub from: SocketAddr,
}

#[derive(Default)]
struct Notes {
    lines: Vec<String>,
    deliveries: Vec<Delivery>,
    /// The ghosts that were asked for.
    asked: Vec<String>,
    /// The last id, and the one from which the script's are counted.
    last: u64,
    base: u64,
}

pub struct Recorder {
    notes: Mutex<Notes>,
    answer: watch::Sender<Answer>,
    held: watch::Sender<BTreeSet<String>>,
    /// Shared by each request that is under way.
    under_way: Arc<()>,
}

impl Recorder {
    pub fn new() -> Arc<Self> {
        let (answer, held) = (watch::Sender::new(Answer::Taken), watch::Sender::new(BTreeSet::new()));
        Arc::new(Self { notes: Mutex::default(), answer, held, under_way: Arc::default() })
    }

    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/_matrix/app/v1/transactions/{txn}", put(transaction))
            .route("/_matrix/app/v1/users/{user}", get(user))
            .route("/_matrix/app/v1/ping", post(|| async { Json(json!({})) }))
            .with_state(Arc::clone(self))
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap()
    }

    /// A script begins.
    pub fn begin(&self) {
        let mut notes = self.notes();
        notes.base = notes.last;
        notes.lines.clear();
        notes.asked.clear();
    }

    pub fn note(&self, line: String) {
        self.notes().lines.push(line);
    }

    pub fn lines(&self) -> Vec<String> {
        self.notes().lines.clone()
    }

    /// Ids are counted from 1 again.
    pub fn count_anew(&self) {
        self.notes().base = 0;
    }

    pub fn told(&self, txn: u64, texts: &[String]) -> String {
        let base = self.notes().base;
        // One of another series is told as it is.
        let number = txn.checked_sub(base).unwrap_or(txn);
        match texts {
            [first, .., last] if texts.len() > MANY => format!("{number} [{first} … {last}: {}]", texts.len()),
            _ => format!("{number} [{}]", texts.join(", ")),
        }
    }

    pub fn present_answer(&self) -> Answer {
        *self.answer.borrow()
    }

    pub fn answer(&self, answer: Answer) {
        self.answer.send_replace(answer);
    }

    pub fn hold(&self, ghost: &str) {
        self.held.send_modify(|held| {
            held.insert(ghost.to_owned());
        });
    }

    pub fn release(&self, ghost: &str) {
        self.held.send_modify(|held| {
            held.remove(ghost);
        });
    }

    pub fn deliveries(&self) -> Vec<Delivery> {
        self.notes().deliveries.clone()
    }

    /// Whether all requests were answered, or given up since who sent them is gone.
    pub fn is_idle(&self) -> bool {
        Arc::strong_count(&self.under_way) == 1
    }

    /// Those who were asked for since this was called last.
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.notes().asked)
    }

    fn came(&self, txn: u64, texts: &[String], answer: Answer, from: SocketAddr) {
        let line = format!("{}: {answer:?}", self.told(txn, texts));
        let mut notes = self.notes();
        if notes.lines.last() != Some(&line) {
            notes.lines.push(line);
        }
        notes.deliveries.push(Delivery { texts: texts.to_vec(), answer, at: Instant::now(), from });
    }
}

async fn transaction(
    State(recorder): State<Arc<Recorder>>,
    Path(txn): Path<u64>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(body): Json<Value>,
) -> Response {
    let _under_way = Arc::clone(&recorder.under_way);
    recorder.notes().last = txn;
    let texts = texts(body["events"].as_array().into_iter().flatten());
    if texts.is_empty() {
        // Rooms that are being made.
        return Json(json!({})).into_response();
    }
    let mut answers = recorder.answer.subscribe();
    loop {
        let answer = *answers.borrow_and_update();
        recorder.came(txn, &texts, answer, from);
        if let Some(response) = answer.response() {
            return response;
        }
        answers.changed().await.unwrap();
    }
}

async fn user(State(recorder): State<Arc<Recorder>>, Path(user): Path<String>) -> Response {
    let _under_way = Arc::clone(&recorder.under_way);
    let ghost = user.trim_start_matches("@_desk_").split(':').next().unwrap_or_default().to_owned();
    recorder.notes().asked.push(ghost.clone());
    let mut held = recorder.held.subscribe();
    held.wait_for(|held| !held.contains(&ghost)).await.unwrap();
    (StatusCode::NOT_FOUND, Json(json!({ "errcode": "M_NOT_FOUND" }))).into_response()
}
