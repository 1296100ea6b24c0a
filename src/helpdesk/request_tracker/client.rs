//! Calls to REST 2.0, and what a failure of one means: whether it may have had an effect.

use std::io;
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Method, RequestBuilder, Response, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_util::io::ReaderStream;
use url::Url;

use super::words;
use crate::helpdesk::NewFile;
use crate::model::{Failure, Next, Why};
use crate::net::{self, Claim};
use crate::observe::metrics::{SIDE_HELPDESK, WITHHELD};

pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    token: SecretString,
    timeout: Duration,
    max_answer_bytes: usize,
    slots: Semaphore,
    claim: Claim,
    pause: net::Pause,
}

pub(super) struct Limits {
    pub timeout: Duration,
    pub max_answer_bytes: usize,
    pub max_parallel: usize,
    pub claim: Claim,
}

/// An answer that says something: a success, or a refusal that the caller may understand.
pub(super) struct Answer {
    pub status: StatusCode,
    pub etag: Option<String>,
    pub location: Option<String>,
    pub body: Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Repeating it is harmless.
    Read,
    /// May have had an effect as soon as it left us.
    Write,
}

/// Names and values behind the `?`.
pub(super) type Query<'a> = &'a [(&'a str, &'a str)];

impl Client {
    pub fn new(http: reqwest::Client, base: Url, token: SecretString, limits: &Limits) -> Self {
        Self {
            http,
            base,
            token,
            timeout: limits.timeout,
            max_answer_bytes: limits.max_answer_bytes,
            slots: Semaphore::new(limits.max_parallel.max(1)),
            claim: limits.claim.clone(),
            pause: net::Pause::default(),
        }
    }

    pub async fn get(&self, path: &[&str], query: Query<'_>) -> Result<Answer, Failure> {
        self.call(Kind::Read, Method::GET, path, query, None, None).await
    }

    /// A search by JSON, which is a POST that changes nothing.
    pub async fn search(&self, path: &[&str], query: Query<'_>, filter: &Value) -> Result<Answer, Failure> {
        self.call(Kind::Read, Method::POST, path, query, Some(filter), None).await
    }

    pub async fn post(&self, path: &[&str], body: &Value) -> Result<Answer, Failure> {
        self.call(Kind::Write, Method::POST, path, &[], Some(body), None).await
    }

    /// With `etag` it fails by 412 if somebody was faster.
    pub async fn put(&self, path: &[&str], body: &Value, etag: Option<&str>) -> Result<Answer, Failure> {
        self.call(Kind::Write, Method::PUT, path, &[], Some(body), etag).await
    }

    /// A write with files, which are read from the disk while they are sent.
    pub async fn post_files(&self, path: &[&str], body: &Value, files: &[NewFile]) -> Result<Answer, Failure> {
        if files.is_empty() {
            return self.post(path, body).await;
        }
        let bytes = files.iter().map(|file| file.content.size_bytes()).sum();
        // Names as they are: Request Tracker does not know the other way of writing them.
        let mut form = Form::new().percent_encode_noop().text("JSON", body.to_string());
        for file in files {
            let content = file.content.open().await;
            let content = content.map_err(|_| Failure::retry("the spool folder cannot be read"))?;
            // A call that goes on after somebody else has made it would be a second one: rather half of one.
            let claim = self.claim.clone();
            let content = ReaderStream::new(content).map(move |piece| {
                if claim.holds() { piece } else { Err(io::Error::other("another instance may have taken over")) }
            });
            let part = Part::stream_with_length(Body::wrap_stream(content), file.content.size_bytes());
            let part = part.file_name(file.name.clone()).mime_str(&file.media_type);
            form = form.part("Attachments", part.map_err(|_| Failure::dead("a media type that is none"))?);
        }
        let request = self.request(Method::POST, path, &[])?.timeout(self.timeout + net::transfer_timeout(bytes));
        let response = self.send(Kind::Write, request.multipart(form)).await?;
        self.understand(Kind::Write, response).await
    }

    /// Begins to read something large; `None`: it is not there, or we may not see it.
    pub async fn begin(&self, path: &[&str], max_bytes: u64) -> Result<Option<Response>, Failure> {
        // As text within JSON it is a third larger.
        let timeout = self.timeout + net::transfer_timeout(max_bytes.saturating_mul(3) / 2);
        let request = self.request(Method::GET, path, &[])?.timeout(timeout);
        let response = self.send(Kind::Read, request).await?;
        if response.status().is_success() {
            return Ok(Some(response));
        }
        let answer = self.understand(Kind::Read, response).await?;
        if answer.is_missing() { Ok(None) } else { Err(answer.refusal()) }
    }

    fn request(&self, method: Method, path: &[&str], query: Query<'_>) -> Result<RequestBuilder, Failure> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Failure::dead("helpdesk.request_tracker.url cannot be extended"))?
            .pop_if_empty()
            .extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let token = format!("token {}", self.token.expose_secret());
        let request = self.http.request(method, url).timeout(self.timeout);
        Ok(request.header(header::ACCEPT, "application/json").header(header::AUTHORIZATION, token))
    }

    /// Nothing of ours may come between the question and the call: a process can be stopped anywhere.
    async fn send(&self, kind: Kind, request: RequestBuilder) -> Result<Response, Failure> {
        if kind == Kind::Write && !self.claim.holds() {
            metrics::counter!(WITHHELD, "side" => SIDE_HELPDESK).increment(1);
            return Err(Failure::retry("another instance may have taken over"));
        }
        // Nor does anything leave us while Request Tracker (or a proxy in front of it) asked to be left alone.
        match self.pause.left() {
            Some(left) => Err(too_often(left)),
            None => request.send().await.map_err(|error| lost(kind, &error)),
        }
    }

    async fn call(
        &self,
        kind: Kind,
        method: Method,
        path: &[&str],
        query: Query<'_>,
        body: Option<&Value>,
        etag: Option<&str>,
    ) -> Result<Answer, Failure> {
        let _slot = self.slots.acquire().await.map_err(|_| Failure::retry("shutting down"))?;
        let mut request = self.request(method, path, query)?;
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(etag) = etag {
            request = request.header(header::IF_MATCH, etag);
        }
        let response = self.send(kind, request).await?;
        self.understand(kind, response).await
    }

    async fn understand(&self, kind: Kind, mut response: Response) -> Result<Answer, Failure> {
        let status = response.status();
        let mut after = net::retry_after(response.headers(), crate::clock::wall());
        if status == StatusCode::TOO_MANY_REQUESTS {
            after = after.or(Some(net::ASKED_PAUSE));
        }
        let asks = status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE;
        if let Some(wait) = after.filter(|_| asks) {
            self.pause.ask(wait);
        }
        let is_page = header_text(&response, &header::CONTENT_TYPE).is_some_and(|t| t.starts_with("text/html"));
        let etag = header_text(&response, &header::ETAG);
        let location = header_text(&response, &header::LOCATION);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| lost(kind, &error))? {
            if bytes.len() + chunk.len() > self.max_answer_bytes {
                return Err(after_all(kind, too_large()));
            }
            bytes.extend_from_slice(&chunk);
        }
        if status == StatusCode::UNAUTHORIZED {
            let failure =
                Failure::retry("Request Tracker does not accept the token (401); see helpdesk.request_tracker.token");
            return Err(failure.because(Why::Setup));
        }
        // The web server's word, and no page of Request Tracker's: it was not told of it.
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            let reason = "the web server of Request Tracker takes nothing of this size (413)";
            return Err(Failure::dead(reason).because(Why::TooLarge));
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(too_often(after.unwrap_or(net::ASKED_PAUSE)));
        }
        if status.is_redirection() {
            let reason = "Request Tracker sends us to another address; see helpdesk.request_tracker.url";
            return Err(Failure::retry(reason).because(Why::Setup));
        }
        if status.is_server_error() {
            return Err(after_all(kind, format!("Request Tracker failed ({})", status.as_u16())));
        }
        if is_page {
            let reason =
                "Request Tracker answered with a web page where JSON belongs; see helpdesk.request_tracker.url";
            return Err(after_all(kind, reason.to_owned()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(body) => Ok(Answer { status, etag, location, body }),
            // Nor is a refusal one of Request Tracker's own: a proxy's "404 page not found" while it restarts is not its word
            // that something does not exist.
            Err(_) => Err(after_all(kind, format!("the answer ({}) is not Request Tracker's JSON", status.as_u16()))),
        }
    }
}

impl Answer {
    /// The body of a success; a refusal otherwise, in Request Tracker's words.
    pub fn ok<T: DeserializeOwned>(self) -> Result<T, Failure> {
        if !self.status.is_success() {
            return Err(self.refusal());
        }
        serde_json::from_value(self.body).map_err(|_| Failure::retry("Request Tracker's answer has an unknown shape"))
    }

    /// What a status of 400 and above asks for. Rights can be mended by an admin, so that trying again makes sense.
    pub fn refusal(&self) -> Failure {
        let said = words::said(&self.body);
        let reason = format!("Request Tracker refused ({}): {said}", self.status.as_u16());
        if self.status == StatusCode::FORBIDDEN || said.to_ascii_lowercase().contains("permission") {
            let reason = format!("{reason}; `ticketroom check` tells which rights are missing");
            return Failure::retry(reason).because(Why::Setup);
        }
        if self.status == StatusCode::PRECONDITION_FAILED || self.status == StatusCode::CONFLICT {
            return Failure::retry(reason);
        }
        Failure::dead(reason).because(words::why(&self.body))
    }

    pub fn is_missing(&self) -> bool {
        matches!(self.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN)
    }
}

fn too_often(after: Duration) -> Failure {
    let failure = Failure::retry("Request Tracker asks to be called later");
    Failure { next: Next::Retry { after: Some(after) }, ..failure }
}

fn too_large() -> String {
    "Request Tracker's answer is too large to be read whole".to_owned()
}

/// Whether a read failed because the answer was too large, so that it may be asked for in smaller parts.
pub(super) fn is_too_large(failure: &Failure) -> bool {
    failure.reason == too_large()
}

fn header_text(response: &Response, name: &header::HeaderName) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The request or its answer was lost on the way.
fn lost(kind: Kind, error: &reqwest::Error) -> Failure {
    if error.is_connect() {
        return Failure::retry("Request Tracker cannot be reached");
    }
    if error.is_builder() {
        return Failure::dead("the call to Request Tracker could not be made");
    }
    let reason = if error.is_timeout() {
        "Request Tracker did not answer in time"
    } else {
        "the connection to Request Tracker broke"
    };
    after_all(kind, reason.to_owned())
}

fn after_all(kind: Kind, reason: String) -> Failure {
    match kind {
        Kind::Read => Failure::retry(reason),
        Kind::Write => Failure::uncertain(reason),
    }
}
