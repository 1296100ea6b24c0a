//! A proxy in front of a helpdesk that loses or spoils answers when it is told to.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};

#[derive(Clone)]
pub enum Spoil {
    /// 500 instead of the answer of the other side, which did what it was asked for.
    FailAfterPassing,
    /// This instead of asking the other side.
    Answer { status: u16, content_type: &'static str, body: String },
}

pub struct Proxy {
    pub url: url::Url,
    next: Arc<Mutex<Vec<Spoiled>>>,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Passing {
    to: url::Url,
    http: reqwest::Client,
    next: Arc<Mutex<Vec<Spoiled>>>,
}

/// Strikes the calls whose path has this in it.
struct Spoiled {
    path: String,
    ends: Spoil,
    once: bool,
}

impl Proxy {
    pub async fn start(to: &url::Url, http: &reqwest::Client) -> Self {
        let next = Arc::new(Mutex::new(Vec::new()));
        let state = Passing { to: to.clone(), http: http.clone(), next: next.clone() };
        let app = Router::new().fallback(pass).with_state(state);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, next, server }
    }

    /// The next call whose path has this in it ends so.
    pub fn spoil_once(&self, path: &str, ends: Spoil) {
        self.next.lock().unwrap().push(Spoiled { path: path.to_owned(), ends, once: true });
    }

    /// All such calls end so, until `mend`.
    pub fn spoil_all(&self, path: &str, ends: Spoil) {
        self.next.lock().unwrap().push(Spoiled { path: path.to_owned(), ends, once: false });
    }

    pub fn mend(&self) {
        self.next.lock().unwrap().clear();
    }
}

/// What happens to a call to this path.
fn spoil_of(next: &mut Vec<Spoiled>, path: &str) -> Option<Spoil> {
    let place = next.iter().position(|spoiled| path.contains(&spoiled.path))?;
    match next[place].once {
        true => Some(next.remove(place).ends),
        false => Some(next[place].ends.clone()),
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass(State(proxy): State<Passing>, request: Request<Body>) -> Response<Body> {
    let spoil = spoil_of(&mut proxy.next.lock().unwrap(), request.uri().path());
    if let Some(Spoil::Answer { status, content_type, body }) = spoil {
        return Response::builder().status(status).header("content-type", content_type).body(body.into()).unwrap();
    }
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let url = proxy.to.join(parts.uri.path_and_query().unwrap().as_str()).unwrap();
    let mut call = proxy.http.request(parts.method, url).body(body);
    for name in ["authorization", "content-type", "if-match"] {
        if let Some(value) = parts.headers.get(name) {
            call = call.header(name, value);
        }
    }
    let answer = call.send().await.unwrap();
    let status = answer.status();
    let headers = answer.headers().clone();
    let body = answer.bytes().await.unwrap();
    if spoil.is_some() {
        return Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).body(Body::empty()).unwrap();
    }
    let mut response = Response::builder().status(status);
    for name in ["content-type", "etag", "location"] {
        if let Some(value) = headers.get(name) {
            response = response.header(name, value);
        }
    }
    response.body(body.into()).unwrap()
}
