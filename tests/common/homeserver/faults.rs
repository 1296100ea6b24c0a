//! What the homeserver is told to do wrong.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::response::Response;
use futures_util::stream;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Before,
    /// It has its effect; only the answer is lost.
    After,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 429 with this header.
    TooMany {
        retry_after: String,
    },
    ServerError,
    /// A proxy's page.
    BadGateway,
    NotFoundPage,
    /// A refusal in Matrix's own terms.
    Refused,
    /// A ping that the homeserver gets no connection for.
    Unconnected,
    /// 200 with a page.
    Page,
    Garbage,
    /// The connection breaks within the answer.
    Broken,
    /// No answer.
    Hang,
}

#[derive(Default)]
pub struct Faults {
    next: Mutex<Vec<(String, When, Kind)>>,
    share: Mutex<Option<(f64, StdRng)>>,
    down: AtomicBool,
}

impl Faults {
    pub fn push(&self, part: &str, when: When, kind: Kind, times: usize) {
        self.next.lock().unwrap().extend(std::iter::repeat_n((part.to_owned(), when, kind), times));
    }

    pub fn set_share(&self, share: f64, seed: u64) {
        *self.share.lock().unwrap() = (share > 0.0).then(|| (share, StdRng::seed_from_u64(seed)));
    }

    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    pub fn take(&self, call: &str) -> Option<(When, Kind)> {
        if self.down.load(Ordering::SeqCst) {
            return Some((When::Before, Kind::BadGateway));
        }
        let mut next = self.next.lock().unwrap();
        if let Some(at) = next.iter().position(|(part, ..)| call.contains(part.as_str())) {
            let (_, when, kind) = next.remove(at);
            return Some((when, kind));
        }
        let mut share = self.share.lock().unwrap();
        let (share, random) = share.as_mut()?;
        if random.random::<f64>() >= *share {
            return None;
        }
        let when = if random.random::<bool>() { When::After } else { When::Before };
        let kind = match random.random_range(0..4) {
            0 => Kind::ServerError,
            1 => Kind::BadGateway,
            2 => Kind::Garbage,
            _ => Kind::Broken,
        };
        Some((when, kind))
    }
}

pub async fn spoiled(kind: Kind) -> Response {
    let page = "<html><body><h1>It is not you, it is us</h1></body></html>";
    let of = |status: u16, content_type: &str, body: &str| {
        Response::builder()
            .status(status)
            .header("content-type", content_type)
            .body(Body::from(body.to_owned()))
            .unwrap()
    };
    match kind {
        Kind::TooMany { retry_after } => Response::builder()
            .status(429)
            .header("content-type", "application/json")
            .header("retry-after", retry_after)
            .body(Body::from(r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too many"}"#))
            .unwrap(),
        Kind::ServerError => of(500, "application/json", r#"{"errcode":"M_UNKNOWN","error":"Internal"}"#),
        Kind::BadGateway => of(502, "text/html", page),
        Kind::Refused => of(403, "application/json", r#"{"errcode":"M_FORBIDDEN","error":"Not here"}"#),
        Kind::Unconnected => of(502, "application/json", r#"{"errcode":"M_CONNECTION_FAILED","error":"Refused"}"#),
        Kind::NotFoundPage => of(404, "text/html", page),
        Kind::Page => of(200, "text/html", page),
        Kind::Garbage => of(200, "application/json", r#"{"event_id": ["#),
        Kind::Broken => {
            let error = std::io::Error::other("broken");
            Response::new(Body::from_stream(stream::iter([Ok(r#"{"event_"#), Err(error)])))
        }
        // Until the caller hangs up.
        Kind::Hang => std::future::pending().await,
    }
}
