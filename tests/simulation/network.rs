//! The bridge's way to the simulated homeserver: requests and answers get lost, cut off, late, refused, or replaced by a
//! proxy's page.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream;
use serde_json::{Value, json};
use ticketroom::matrix::{CallError, Transport};

use super::home::Home;
use crate::homeserver::answers::{self, Call};
use crate::homeserver::{Refused, decoded};

pub const SIDE: &str = "homeserver";
const LIMITED: &str = r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too many"}"#;
const PAGE: &str = "<html><body><h1>It is not you, it is us</h1></body></html>";

pub struct Network(pub Arc<Home>);

fn answer(status: u16, content_type: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
    let response = http::Response::builder().status(status).header("content-type", content_type);
    response.body(body.into()).unwrap().into()
}

fn no_answer(why: &str) -> CallError {
    CallError::NoAnswer(why.to_owned())
}

/// A request, kept as long as it is under way.
struct Sent {
    method: String,
    path: Vec<String>,
    query: HashMap<String, String>,
    token: String,
    body: Value,
}

impl Sent {
    fn read(request: &reqwest::Request) -> Self {
        let header = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
        Self {
            method: request.method().to_string(),
            path: request.url().path().split('/').skip(1).map(decoded).collect(),
            query: request.url().query_pairs().into_owned().collect(),
            token: header.trim_start_matches("Bearer ").to_owned(),
            body: serde_json::from_slice(body).unwrap_or(Value::Null),
        }
    }

    fn apply(&self, home: &Home) -> (u16, Value) {
        if self.path.last().is_some_and(|last| last == "ping") && !home.ping() {
            home.sim.strike("homeserver: a ping while it repeats");
            return (502, json!({ "errcode": "M_CONNECTION_FAILED", "error": "AlreadyCalled" }));
        }
        let call = Call {
            method: &self.method,
            path: self.path.clone(),
            query: self.query.clone(),
            token: &self.token,
            body: self.body.clone(),
        };
        let result = answers::answer(&mut home.world(), &call);
        home.news.notify_one();
        match result {
            Ok(body) => (200, body),
            Err(Refused { status: 201, .. }) => (201, json!({})),
            Err(Refused { status, code, why }) => (status, json!({ "errcode": code, "error": why })),
        }
    }
}

#[async_trait]
impl Transport for Network {
    async fn send(&self, request: reqwest::Request) -> Result<reqwest::Response, CallError> {
        let sim = &self.0.sim;
        let line =
            format!("{} {}", request.method(), decoded(request.url().path().trim_start_matches("/_matrix/client/")));
        let limit = request.timeout().copied().unwrap_or(Duration::from_secs(60));
        sim.check_pause(SIDE, &line);
        sim.point().await;
        sim.note(|| format!("homeserver < {line}"));
        let result = self.carried(Sent::read(&request), limit).await;
        sim.note(|| match &result {
            Ok(answer) => format!("homeserver > {line}: {}", answer.status()),
            Err(error) => format!("homeserver > {line}: {error}"),
        });
        sim.point().await;
        result
    }
}

impl Network {
    async fn carried(&self, sent: Sent, limit: Duration) -> Result<reqwest::Response, CallError> {
        let (home, sim) = (&self.0, &self.0.sim);
        let epoch = home.epoch();
        if !home.is_up() {
            sim.pause(0, 2).await;
            return Err(CallError::Unreachable("no connection".to_owned()));
        }
        if home.unreachable.load(Ordering::SeqCst) {
            sim.pause(1, 3).await;
            return Ok(answer(502, "text/html", PAGE));
        }
        let (slot, at) = (Arc::new(Mutex::new(None)), Arc::clone(home));
        let result = Arc::clone(&slot);
        let call = home.wire.depart(move || {
            if at.is_up() && at.epoch() == epoch {
                *result.lock().unwrap() = Some(sent.apply(&at));
            }
        });
        let rate = sim.rates().homeserver;
        if sim.chance(rate) {
            return self.spoiled_before(call, limit).await;
        }
        sim.pause(1, 20).await;
        home.wire.arrive(call);
        sim.pause(1, 20).await;
        let (status, body) = slot.lock().unwrap().take().ok_or_else(|| no_answer("the connection broke"))?;
        if home.epoch() != epoch {
            return Err(no_answer("the connection broke"));
        }
        if sim.chance(rate) {
            return self.spoiled_after(&body, limit).await;
        }
        Ok(answer(status, "application/json", body.to_string()))
    }

    /// It has no effect.
    async fn spoiled_before(&self, call: u64, limit: Duration) -> Result<reqwest::Response, CallError> {
        let sim = &self.0.sim;
        self.0.wire.lose(call);
        sim.pause(0, 5).await;
        let (name, result) = match sim.between(0, 5) {
            0 => ("homeserver: no connection", Err(CallError::Unreachable("no connection".to_owned()))),
            1 => ("homeserver: 500, nothing done", Ok(answer(500, "application/json", r#"{"errcode":"M_UNKNOWN"}"#))),
            2 => ("homeserver: a proxy's 404", Ok(answer(404, "text/html", PAGE))),
            3 => ("homeserver: 429", Ok(self.too_many())),
            4 => ("homeserver: never arrived, no answer", {
                tokio::time::sleep(limit).await;
                Err(no_answer("no answer in time"))
            }),
            _ => ("homeserver: a connection reset", Err(no_answer("connection reset"))),
        };
        sim.strike(name);
        result
    }

    fn too_many(&self) -> reqwest::Response {
        let sim = &self.0.sim;
        let (seconds, now) = (sim.between(1, 6), sim.wall_ms().cast_unsigned());
        let response = http::Response::builder().status(429);
        let date = |ms: u64| httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_millis(ms / 1000 * 1000));
        let (wait_ms, response, body) = match sim.between(0, 2) {
            0 => (seconds * 1000, response.header("retry-after", seconds.to_string()), LIMITED),
            1 => {
                let headers = response.header("date", date(now)).header("retry-after", date(now + seconds * 1000));
                (seconds * 1000, headers, LIMITED)
            }
            // Synapse always says for how long; a proxy in front of it may not.
            _ => (1000, response, PAGE),
        };
        // It counts from when the answer is read.
        sim.ask_pause(SIDE, wait_ms);
        response.body(reqwest::Body::from(body)).unwrap().into()
    }

    /// It has its effect.
    async fn spoiled_after(&self, body: &Value, limit: Duration) -> Result<reqwest::Response, CallError> {
        let sim = &self.0.sim;
        let whole = body.to_string();
        let half = whole.get(..whole.len() / 2).unwrap_or_default().to_owned();
        let (name, result) = match sim.between(0, 5) {
            0 => ("homeserver: done, then 500", Ok(answer(500, "application/json", r#"{"errcode":"M_UNKNOWN"}"#))),
            1 => ("homeserver: done, then a proxy's 502", Ok(answer(502, "text/html", PAGE))),
            2 => ("homeserver: done, truncated JSON", Ok(answer(200, "application/json", half))),
            3 => ("homeserver: done, cut off", {
                let pieces = stream::iter([Ok(half), Err(std::io::Error::other("broken"))]);
                Ok(answer(200, "application/json", reqwest::Body::wrap_stream(pieces)))
            }),
            4 => ("homeserver: done, no answer", {
                tokio::time::sleep(limit).await;
                Err(no_answer("no answer in time"))
            }),
            _ => ("homeserver: done, very slow", {
                sim.pause(3000, 8000).await;
                Ok(answer(200, "application/json", whole))
            }),
        };
        sim.strike(name);
        result
    }
}
