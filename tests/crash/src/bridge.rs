//! The bridge under test: the real program, which is started again and again on the same database.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use ticketroom_e2e::api::Api;
use ticketroom_e2e::ports;
use ticketroom_e2e::process::{Process, project};

use crate::{drafts, sessions, wait};

pub struct Bridge {
    process: Process,
    /// Where it listens for the homeserver.
    pub port: u16,
    observe: u16,
    config: PathBuf,
    observed: Api,
}

pub struct Settings<'a> {
    pub homeserver: &'a str,
    pub domain: &'a str,
    pub as_token: &'a str,
    pub hs_token: &'a str,
    pub tracker: &'a str,
    pub tracker_token: &'a str,
    pub database: &'a str,
    pub hint_token: &'a str,
    /// How it is tuned for the run; over the quick defaults here.
    pub tuning: &'a Value,
}

impl Bridge {
    pub fn new(program: PathBuf, folder: &Path) -> Self {
        let config = folder.join("config.yaml");
        let arguments = ["run", "-c", &config.to_string_lossy()].map(str::to_owned).to_vec();
        let (port, observe) = (ports::free(), ports::free());
        let observed = Api::new(&format!("http://127.0.0.1:{observe}"), String::new());
        Self { process: Process::new("bridge", program, arguments, folder), port, observe, config, observed }
    }

    pub fn configure(&self, settings: &Settings<'_>) {
        let bert = json!({"login": "bert", "matrix": format!("@bert:{}", settings.domain), "name": "Bert Berger"});
        let mut config = json!({
            "homeserver": {"address": settings.homeserver, "domain": settings.domain},
            "appservice": {
                "address": format!("http://127.0.0.1:{}", self.port), "hostname": "127.0.0.1", "port": self.port,
                "id": "ticketroom", "as_token": settings.as_token, "hs_token": settings.hs_token,
                "bot_username": "_desk_bot", "sender_localpart": "_desk_service", "user_prefix": "_desk_",
            },
            "database": {"uri": settings.database},
            "helpdesk": {"kind": "request_tracker", "hint_token": settings.hint_token, "request_tracker": {
                "url": settings.tracker, "token": settings.tracker_token, "default_queue": "General",
                "poll_interval_ms": 100, "request_timeout_s": 5,
            }},
            "agents": [bert],
            "text_assistant": [{"title": drafts::PAGE, "url": drafts::ADDRESS}],
            "blocks": [{"name": drafts::GREETING, "body": drafts::BLOCK}],
            "video": {"provider": "template", "template": format!("{}{{session}}", sessions::ADDRESS)},
            "quotas": {
                "tickets_per_customer_per_hour": 0, "open_tickets_per_customer": 0, "tickets_per_server_per_hour": 0,
                "rooms_per_customer_per_hour": 0, "rooms_per_server_per_hour": 0,
            },
            // Everything waits for as little as it may, so that a death costs a second and not a minute.
            "delivery": {"retry_first_ms": 25, "retry_max_s": 1, "reconcile_interval_s": 10},
            "observe": {"hostname": "127.0.0.1", "port": self.observe},
        });
        merge(&mut config, settings.tuning);
        std::fs::write(&self.config, config.to_string()).expect("the configuration can be written");
        std::fs::set_permissions(&self.config, PermissionsExt::from_mode(0o600)).expect("its rights can be set");
    }

    pub fn start(&self) {
        self.start_with(&[]);
    }

    /// So that it dies the `nth` time it comes to this point.
    pub fn start_to_die_at(&self, point: &str, nth: usize) {
        self.start_with(&[("TICKETROOM_CRASH_AT", &format!("{point}:{nth}"))]);
    }

    fn start_with(&self, environment: &[(&str, &str)]) {
        let log = std::env::var("TICKETROOM_TEST_LOG").unwrap_or_else(|_| "warn".to_owned());
        let mut all = vec![("RUST_LOG", log.as_str())];
        all.extend_from_slice(environment);
        self.process.start(&all);
    }

    pub fn kill9(&self) {
        self.process.kill9();
    }

    /// `ticketroom restored`, while it is dead: its database is an older copy.
    pub fn mark_restored(&self) -> Result<(), String> {
        let done = Command::new(program()).arg("restored").arg("-c").arg(&self.config).output();
        let done = done.map_err(|error| format!("the bridge's program can't be started: {error}"))?;
        if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
    }

    /// As a process that gets no time any more, until `go_on`.
    pub fn pause(&self) {
        self.process.pause();
    }

    pub fn go_on(&self) {
        self.process.go_on();
    }

    /// Whether it says that it delivers.
    pub async fn leads(&self) -> bool {
        let asked = self.metric("ticketroom_leader");
        matches!(tokio::time::timeout(Duration::from_secs(2), asked).await, Ok(Ok(leads)) if leads > 0.0)
    }

    /// How often this stands in its log.
    pub fn logged(&self, part: &str) -> usize {
        self.process.logged(part)
    }

    /// True: it died within this time.
    pub async fn dies_within(&self, patience: Duration) -> bool {
        let died = wait::until(patience, || async { self.process.has_ended().ok_or_else(String::new) }).await.is_ok();
        if died {
            self.process.kill9();
        }
        died
    }

    pub fn has_died(&self) -> bool {
        self.process.has_ended().is_some()
    }

    pub async fn until_ready(&self, patience: Duration) -> Result<(), String> {
        wait::until(patience, || async {
            if let Some(status) = self.process.has_ended() {
                return Err(format!("the bridge ended ({status})"));
            }
            let answer = self.observed.get("/health/ready").await?;
            if answer.status == 200 { Ok(()) } else { Err(answer.body.to_string()) }
        })
        .await
    }

    /// A gauge or counter, summed over its labels.
    pub async fn metric(&self, name: &str) -> Result<f64, String> {
        let answer = self.observed.get("/metrics").await?;
        let text = answer.body.as_str().unwrap_or_default().to_owned();
        let of = |line: &str| {
            let (labelled, value) = line.rsplit_once(' ')?;
            (labelled.split('{').next() == Some(name)).then(|| value.parse::<f64>().ok())?
        };
        Ok(text.lines().filter_map(of).sum())
    }

    /// Transactions of the homeserver that it answered within this many seconds, as its metrics name them, and all.
    pub async fn answered_within(&self, seconds: &str) -> Result<(usize, usize), String> {
        let answer = self.observed.get("/metrics").await?;
        let text = answer.body.as_str().unwrap_or_default();
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().parse::<f64>().ok()
        };
        let within = value(&format!("ticketroom_transaction_seconds_bucket{{le=\"{seconds}\"}}"));
        let all = value("ticketroom_transaction_seconds_count");
        Ok((within.unwrap_or_default() as usize, all.unwrap_or_default() as usize))
    }

    /// Rows that wait in it.
    pub async fn waiting(&self) -> Result<usize, String> {
        let rows = self.metric("ticketroom_inbox_waiting").await? + self.metric("ticketroom_outbox_waiting").await?;
        Ok(rows as usize)
    }

    /// Nothing waits in it.
    pub async fn until_quiet(&self, patience: Duration) -> Result<(), String> {
        wait::until(patience, || async {
            let waiting = self.waiting().await?;
            if waiting == 0 { Ok(()) } else { Err(format!("{waiting} rows wait")) }
        })
        .await
    }

    pub fn log_tail(&self) -> String {
        self.process.log_tail(40)
    }
}

pub(crate) fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// A debug build: only that has the named points.
pub fn program() -> PathBuf {
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => project().join(folder),
        None => project().join("target"),
    };
    std::env::var_os("TICKETROOM_BIN").map_or_else(|| target.join("debug/ticketroom"), PathBuf::from)
}
