//! A real Request Tracker of our own, started by `scripts/start-rt` and gone with the test.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use ticketroom::helpdesk::request_tracker::{Config, Internal, RequestTracker, open};
use ticketroom::net;
use tokio::time::Instant;

use super::guarded;

const DEADLINE: Duration = Duration::from_secs(120);

pub struct RealRequestTracker {
    server: Child,
    dir: tempfile::TempDir,
    pub url: url::Url,
    tokens: HashMap<String, String>,
    pub http: reqwest::Client,
}

impl RealRequestTracker {
    /// Panics with what to install if it can't be started.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url: url::Url = format!("http://127.0.0.1:{port}/").parse().unwrap();
        let http = http();
        let mut server = launch(dir.path(), port);
        wait(&mut server, dir.path(), &http, &url).await;
        let tokens = std::fs::read_to_string(dir.path().join("tokens.env")).unwrap();
        let tokens = tokens.lines().filter_map(|line| line.split_once('='));
        let tokens = tokens.map(|(name, token)| (name.to_owned(), token.to_owned())).collect();
        Self { server, dir, url, tokens, http }
    }

    /// Kills it as a power cut would, and starts it again on the same data.
    pub async fn restart(&mut self) {
        self.kill();
        self.server = launch(self.dir.path(), self.url.port().unwrap());
        wait(&mut self.server, self.dir.path(), &self.http, &self.url).await;
    }

    pub fn token(&self, name: &str) -> &str {
        &self.tokens[&format!("{name}_TOKEN")]
    }

    pub fn config(&self) -> Config {
        Config {
            article_class: Some("General".to_owned()),
            block_class: Some("Building blocks".to_owned()),
            internal: Some(Internal { field: "Internal".to_owned(), value: "yes".to_owned() }),
            ..Config::new(self.url.clone(), SecretString::from(self.token("BRIDGE").to_owned()))
        }
    }

    pub fn adapter(&self) -> RequestTracker {
        open(self.config(), self.http.clone()).unwrap()
    }

    /// A call by somebody's own token, past the bridge; its answer whatever the status.
    pub async fn call(&self, who: &str, method: &str, path: &str, body: Value) -> Value {
        let url = self.url.join("REST/2.0/").unwrap().join(path).unwrap();
        let request = self.http.request(method.parse().unwrap(), url);
        let request = request.header("Authorization", format!("token {}", self.token(who)));
        let request = if body.is_null() { request } else { request.json(&body) };
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{method} {path}: {status} {text}\n{}", self.log());
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A mail as the mail gateway hands it over.
    pub async fn mail(&self, message: &str) {
        self.mail_bytes(message.as_bytes()).await;
    }

    /// The same, of letters that are no UTF-8.
    pub async fn mail_bytes(&self, message: &[u8]) {
        let url = self.url.join("REST/1.0/NoAuth/mail-gateway").unwrap();
        let form = reqwest::multipart::Form::new()
            .text("queue", "General")
            .text("action", "correspond")
            .part("message", reqwest::multipart::Part::bytes(message.to_owned()));
        let answer = self.http.post(url).multipart(form).send().await.unwrap().text().await.unwrap();
        assert!(answer.starts_with("ok"), "{answer}\n{}", self.log());
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("start-rt.log")).unwrap_or_default()
    }

    /// Changes its database past everything, for states that only an accident makes.
    pub fn sql(&self, statement: &str) {
        let database = self.dir.path().join("rt.sqlite3");
        let statement = format!("pragma busy_timeout = 10000; {statement}");
        let done = Command::new("sqlite3").arg(database).arg(statement).output().expect("sqlite3: run scripts/install");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        guarded::kill(&mut self.server);
        let (began, port) = (Instant::now(), self.url.port().unwrap());
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() && began.elapsed() < Duration::from_secs(10) {
            std::thread::yield_now();
        }
    }
}

impl Drop for RealRequestTracker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn http() -> reqwest::Client {
    net::helpdesk_client(net::HelpdeskLimits { timeout: DEADLINE, parallel: 8 }).unwrap()
}

fn launch(dir: &Path, port: u16) -> Child {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let log = std::fs::File::options().create(true).append(true).open(dir.join("start-rt.log")).unwrap();
    guarded::command(root.join("scripts/start-rt"))
        .arg(dir)
        .arg(port.to_string())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

async fn wait(server: &mut Child, dir: &Path, http: &reqwest::Client, url: &url::Url) {
    let began = Instant::now();
    let log = || std::fs::read_to_string(dir.join("start-rt.log")).unwrap_or_default();
    loop {
        if let Some(status) = server.try_wait().unwrap() {
            panic!("Request Tracker could not be started ({status}); run scripts/install\n{}", log());
        }
        if http.get(url.join("REST/2.0/rt").unwrap()).send().await.is_ok() {
            return;
        }
        assert!(began.elapsed() < DEADLINE, "Request Tracker did not answer in time\n{}", log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
