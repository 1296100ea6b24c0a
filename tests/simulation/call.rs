//! What Synapse calls at the application service, and what it takes for an answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::ambush::{self, Moment};
use super::home::Home;
use crate::homeserver::HS_TOKEN;

/// As long as Synapse waits for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether the bridge answered that it has it. An answer without JSON counts as none.
pub async fn deliver(home: &Arc<Home>, txn: u64, events: &[Value]) -> bool {
    home.sim.note(|| {
        let ids: Vec<&str> = events.iter().map(|event| event["event_id"].as_str().unwrap_or_default()).collect();
        format!("push {txn}: {}", ids.join(" "))
    });
    let request = Request::put(format!("/_matrix/app/v1/transactions/{txn}"))
        .header("content-type", "application/json")
        .body(Body::from(json!({ "events": events }).to_string()));
    let epoch = home.epoch();
    ambush::strike(home, Moment::Departing);
    if home.sim.chance(0.5) {
        ambush::slow(home).await;
    }
    // The next process has connections of its own: what a dead one was about to send is not sent over them.
    if home.epoch() != epoch {
        return false;
    }
    let answer = call(home, request.unwrap()).await;
    ambush::slow(home).await;
    if ambush::strike(home, Moment::Arrived) || home.epoch() != epoch {
        return false;
    }
    let Some((status, body)) = answer else {
        home.connect_anew();
        return false;
    };
    home.sim.note(|| format!("pushed {txn}: {status}"));
    status.is_success() && serde_json::from_slice::<Value>(&body).is_ok()
}

/// Somebody did something to a user of ours whom Synapse does not know. It goes on whatever the answer is.
pub async fn ask_for_user(home: &Home, user: &str) {
    home.sim.strike("homeserver: an unknown user of ours");
    let request = Request::get(format!("/_matrix/app/v1/users/{user}")).body(Body::empty());
    let _whatever = call(home, request.unwrap()).await;
}

async fn call(home: &Home, mut request: Request<Body>) -> Option<(StatusCode, Bytes)> {
    let sim = &home.sim;
    let (epoch, rate) = (home.epoch(), sim.rates().push);
    sim.pause(0, 10).await;
    if sim.chance(rate) {
        sim.strike("push: never arrived");
        return None;
    }
    let bridge = home.bridge.lock().unwrap().clone()?;
    if home.epoch() != epoch {
        return None;
    }
    let line = home.line.lock().unwrap().clone();
    request.extensions_mut().insert(ConnectInfo(line));
    request.headers_mut().insert("authorization", format!("Bearer {HS_TOKEN}").parse().unwrap());
    let answered = async {
        let answer = bridge.oneshot(request).await.unwrap();
        let status = answer.status();
        to_bytes(answer.into_body(), usize::MAX).await.ok().map(|body| (status, body))
    };
    let answer = tokio::select! {
        biased;
        () = home.died.notified() => None,
        answer = tokio::time::timeout(PATIENCE, answered) => answer.ok().flatten(),
    }?;
    sim.pause(0, 10).await;
    if sim.chance(rate) {
        sim.strike("push: the answer lost");
        return None;
    }
    Some(answer)
}
