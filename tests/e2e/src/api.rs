//! Plain JSON over HTTP with a bearer token: for what no client library shows as it is.

use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::Value;

/// A server that hangs shall fail the test and not hold it up.
const ANSWER_MAX: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub struct Api {
    http: Client,
    base: String,
    authorization: String,
}

/// An answer as it came: tests look at refusals as often as at results.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "the server answered {} {}", self.status, self.body);
        self.body
    }

    pub fn errcode(&self) -> &str {
        self.body["errcode"].as_str().unwrap_or_default()
    }
}

impl Api {
    /// `authorization` is the header's value, as in `Bearer abc`; empty for none.
    #[allow(clippy::disallowed_methods, reason = "the tests' own client, beside the product's")]
    pub fn new(base: &str, authorization: String) -> Self {
        install_tls();
        Self { http: Client::new(), base: base.to_owned(), authorization }
    }

    /// `Err` only where there was no answer at all.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, String> {
        let url = format!("{}{path}", self.base);
        let mut request = self.http.request(method, &url).timeout(ANSWER_MAX);
        if !self.authorization.is_empty() {
            request = request.header("Authorization", &self.authorization);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| format!("{url} does not answer: {error}"))?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(|error| format!("{url} broke off: {error}"))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, body })
    }

    /// A form with files.
    pub async fn post_form(&self, path: &str, form: reqwest::multipart::Form) -> Answer {
        let url = format!("{}{path}", self.base);
        let mut request = self.http.post(&url).timeout(ANSWER_MAX).multipart(form);
        if !self.authorization.is_empty() {
            request = request.header("Authorization", &self.authorization);
        }
        let response = request.send().await.expect("the server answers");
        let status = response.status().as_u16();
        let text = response.text().await.expect("the server answers");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, body }
    }

    /// Bytes as they are.
    pub async fn get_bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let url = format!("{}{path}", self.base);
        let request = self.http.get(&url).timeout(ANSWER_MAX).header("Authorization", &self.authorization);
        let response = request.send().await.expect("the server answers");
        let status = response.status().as_u16();
        (status, response.bytes().await.expect("the server answers").to_vec())
    }

    pub async fn post_bytes(&self, path: &str, media_type: &str, bytes: Vec<u8>) -> Answer {
        let url = format!("{}{path}", self.base);
        let request = self.http.post(&url).timeout(ANSWER_MAX).header("Authorization", &self.authorization);
        let response = request.header("Content-Type", media_type).body(bytes).send().await.expect("the server answers");
        let status = response.status().as_u16();
        Answer { status, body: response.json().await.expect("JSON") }
    }

    pub async fn get(&self, path: &str) -> Result<Answer, String> {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await.expect("the server answers")
    }

    /// As a browser's form sends it; the answer's text.
    pub async fn post_fields(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let pair = |(name, value): &(&str, &str)| format!("{name}={}", segment(value));
        let body = fields.iter().map(pair).collect::<Vec<_>>().join("&");
        let request = self.http.post(format!("{}{path}", self.base)).timeout(ANSWER_MAX).body(body);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        request.send().await.expect("the server answers").text().await.expect("the answer is text")
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::PUT, path, Some(body)).await.expect("the server answers")
    }
}

/// A text as one segment of a path.
pub fn segment(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Both TLS providers are in the graph, so that one has to be named before the first client is made.
pub fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
