//! Bodies of transactions: whatever stands there is answered with 200, and every event of a list is taken as it is.

use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;
use serde_json::value::RawValue;
use ticketroom::matrix::{Before, Intake, NotTaken, peek, router};
use tower_service::Service;

const MAX_BYTES: usize = 64 * 1024;

#[derive(Default)]
struct Taken(Mutex<Vec<String>>);

#[async_trait]
impl Intake for Taken {
    async fn take(&self, events: Vec<Box<RawValue>>, _before: Before) -> Result<(), NotTaken> {
        self.0.lock().unwrap().extend(events.iter().map(|event| event.get().to_owned()));
        Ok(())
    }
}

static TAKEN: LazyLock<Arc<Taken>> = LazyLock::new(Arc::default);
static ROUTER: LazyLock<Router> =
    LazyLock::new(|| router(Arc::clone(&*TAKEN) as Arc<dyn Intake>, "secret".into(), MAX_BYTES));

pub fn check(data: &[u8]) {
    let Some((kind, body)) = data.split_first() else { return };
    // A list around it makes more of them events.
    let body = match kind % 3 {
        0 => body.to_vec(),
        1 => [b"{\"events\":[".as_slice(), body, b"]}"].concat(),
        _ => {
            [b"{\"events\":[{\"type\":\"m.room.message\",\"content\":{\"body\":\"".as_slice(), body, b"\"}}],\"x\":1}"]
                .concat()
        }
    };
    TAKEN.0.lock().unwrap().clear();
    let is_small = body.len() <= MAX_BYTES;
    let listed = serde_json::from_slice::<Value>(&body).ok();
    assert_eq!(answer("Bearer secret", body), if is_small { StatusCode::OK } else { StatusCode::PAYLOAD_TOO_LARGE });
    let taken = std::mem::take(&mut *TAKEN.0.lock().unwrap());
    if let Some(events) = listed.as_ref().and_then(|body| body.get("events")?.as_array()).filter(|_| is_small) {
        // An object that has it twice is no transaction.
        assert!(taken.len() == events.len() || taken.is_empty(), "{} of {}", taken.len(), events.len());
    }
    for event in &taken {
        let _either = peek(event);
    }
    assert_eq!(answer("Bearer secre", data.to_vec()), StatusCode::FORBIDDEN);
    assert!(TAKEN.0.lock().unwrap().is_empty());
}

/// Nothing in it waits for anything.
fn answer(token: &str, body: Vec<u8>) -> StatusCode {
    let request = Request::put("/_matrix/app/v1/transactions/1").header("authorization", token);
    let request = request.body(Body::from(body)).unwrap();
    let mut answer = ROUTER.clone().call(request);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1000 {
        if let Poll::Ready(answer) = std::pin::Pin::new(&mut answer).poll(&mut context) {
            return answer.unwrap().status();
        }
    }
    panic!("it never answers");
}
