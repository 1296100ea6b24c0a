//! The bridge under test: the real program with a configuration of its own.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::api::{Answer, Api, segment};
use crate::ports;
use crate::process::{Process, project};
use crate::synapse::DOMAIN;
use crate::wait;

pub const AS_TOKEN: &str = "as-token-of-the-end-to-end-tests-0123456789";
pub const HS_TOKEN: &str = "hs-token-of-the-end-to-end-tests-0123456789";

/// Agents with a Matrix account: login in the helpdesk, localpart, name. Bert answers in Request Tracker only unless a test says otherwise.
pub const AGENTS: [(&str, &str, &str); 2] = [("anna", "anna", "Anna Agent"), ("bert", "bert", "Bert Berger")];

const QUOTAS: [&str; 5] = [
    "tickets_per_customer_per_hour",
    "open_tickets_per_customer",
    "tickets_per_server_per_hour",
    "rooms_per_customer_per_hour",
    "rooms_per_server_per_hour",
];

pub struct Bridge {
    pub process: Process,
    pub url: String,
    pub registration: PathBuf,
    config: PathBuf,
    spool: PathBuf,
    observe: u16,
    port: u16,
}

pub struct Settings<'a> {
    pub homeserver: &'a str,
    pub tracker: &'a str,
    pub tracker_token: &'a str,
    pub database: &'a str,
    /// Logins out of `AGENTS` that have a Matrix account.
    pub agents: &'a [&'a str],
    /// More sections, as one JSON object.
    pub config: &'a str,
    pub quotas: &'a [(&'a str, u64)],
}

pub fn bot() -> String {
    format!("@_desk_bot:{DOMAIN}")
}

impl Bridge {
    /// Writes the registration, which Synapse needs before the bridge can have its configuration.
    pub fn new(folder: &Path, acts_for: &[&str]) -> Self {
        let program = program();
        let config = folder.join("config.yaml");
        let arguments = ["run", "-c", &config.to_string_lossy()].map(str::to_owned).to_vec();
        let (port, observe) = (ports::free(), ports::free());
        let url = format!("http://127.0.0.1:{port}");
        let registration = folder.join("registration.yaml");
        let mut users = vec![json!({"exclusive": true, "regex": format!("^@_desk_.*:{DOMAIN}$")})];
        let others = acts_for.iter().map(|name| json!({"exclusive": false, "regex": format!("^@{name}:{DOMAIN}$")}));
        users.extend(others);
        let content = json!({
            "id": "ticketroom", "url": url, "as_token": AS_TOKEN, "hs_token": HS_TOKEN,
            "sender_localpart": "_desk_service", "rate_limited": false, "io.element.msc4190": true,
            "namespaces": {
                "users": users,
                "aliases": [{"exclusive": true, "regex": format!("^#_desk_.*:{DOMAIN}$")}],
                "rooms": [],
            },
        });
        write_private(&registration, &content);
        Self {
            process: Process::new("bridge", program, arguments, folder),
            url,
            registration,
            config,
            spool: folder.join("spool"),
            observe,
            port,
        }
    }

    /// JSON is YAML, too.
    pub fn configure(&self, settings: &Settings<'_>) {
        let agents: Vec<Value> = AGENTS
            .iter()
            .filter(|(login, ..)| settings.agents.contains(login))
            .map(|(login, localpart, name)| {
                json!({"login": login, "matrix": format!("@{localpart}:{DOMAIN}"), "name": name})
            })
            .collect();
        let limit =
            |name: &str| settings.quotas.iter().find(|(quota, _)| *quota == name).map_or(0, |(_, limit)| *limit);
        let quotas: serde_json::Map<String, Value> =
            QUOTAS.iter().map(|name| ((*name).to_owned(), limit(name).into())).collect();
        let mut config = json!({
            "homeserver": {"address": settings.homeserver, "domain": DOMAIN},
            "appservice": {
                "address": self.url, "hostname": "127.0.0.1", "port": self.port, "id": "ticketroom",
                "as_token": AS_TOKEN, "hs_token": HS_TOKEN, "bot_username": "_desk_bot",
                "sender_localpart": "_desk_service", "user_prefix": "_desk_",
            },
            "database": {"uri": settings.database},
            "helpdesk": {"kind": "request_tracker", "request_tracker": {
                "url": settings.tracker, "token": settings.tracker_token, "poll_interval_ms": 1000,
                "default_queue": "General", "article_class": "General", "block_class": "Building blocks",
                "internal_field": "Internal",
            }},
            "text_assistant": [{"title": "Seal sizes", "url": "https://kb.example.org/sizes", "template": "All sizes: {{link}}"}],
            "blocks": [{"name": "Farewell", "body": "Yours, {{agent.name}} ([[https://example.org/desk | our desk]])"}],
            "agents": agents,
            "templates": [{
                "name": "pumps", "queue": "Pumps", "subject": "{{device.name}}: {{message}}", "priority": "High",
                "block": "We look at **{{device.name}}**, {{customer.name}}.", "video": false,
            }],
            "quotas": quotas,
            // Outages in tests are short; so are the waits after them.
            "delivery": {"retry_max_s": 5, "reconcile_interval_s": 10},
            "files": {"spool_folder": self.spool},
            "observe": {"hostname": "127.0.0.1", "port": self.observe},
        });
        let more: Value = serde_json::from_str(settings.config).expect("more configuration is JSON");
        if let (Some(config), Some(more)) = (config.as_object_mut(), more.as_object()) {
            for (section, options) in more {
                match (config.get_mut(section).and_then(Value::as_object_mut), options.as_object()) {
                    (Some(ours), Some(options)) => ours.extend(options.clone()),
                    _ => drop(config.insert(section.clone(), options.clone())),
                }
            }
        }
        write_private(&self.config, &config);
    }

    pub async fn start(&self) {
        self.start_with(&[]).await;
        self.ready().await;
    }

    /// Starts it so that it aborts the first time it comes to this point (`after-inbox`, `before-send`, `after-send`).
    pub async fn start_with_crash_at(&self, point: &str) {
        self.start_with(&[("TICKETROOM_CRASH_AT", point)]).await;
    }

    pub async fn start_with(&self, environment: &[(&str, &str)]) {
        // As much as an admin can have by `logging.level`: no secret may be in that, either.
        let level = || "info,ticketroom=trace".to_owned();
        let log = ("RUST_LOG", std::env::var("TICKETROOM_TEST_LOG").unwrap_or_else(|_| level()));
        let mut all = vec![(log.0, log.1.as_str())];
        all.extend_from_slice(environment);
        self.process.start(&all);
    }

    pub async fn ready(&self) {
        let api = self.observe();
        wait::until("the bridge to be ready", || async {
            if let Some(status) = self.process.has_ended() {
                panic!("the bridge ended ({status}):\n{}", self.process.log_tail(20));
            }
            let answer = api.get("/health/ready").await?;
            // What is opened in the helpdesk before it was asked for the first time is older than the bridge.
            let is_starting = answer.body.to_string().contains("starting");
            let is_ready = answer.status == 200 && !is_starting;
            if is_ready { Ok(()) } else { Err(format!("{} {}", answer.status, answer.body)) }
        })
        .await
    }

    pub async fn until_logged(&self, part: &str) {
        wait::until(&format!("the log to say '{part}'"), || async {
            if self.process.logged(part) > 0 { Ok(()) } else { Err(self.process.log_tail(5)) }
        })
        .await
    }

    /// What it warned of, where its log is JSON: each line of it one object.
    pub fn warnings(&self) -> Vec<Value> {
        let log = self.process.log();
        let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        let mut lines: Vec<Value> = log.lines().map(read).collect();
        lines.retain(|line| line["level"] == "WARN" || line["level"] == "ERROR");
        lines
    }

    /// What the program says to another command on the same configuration, beside the running bridge.
    pub fn command(&self, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let mut command = std::process::Command::new(program());
        command.args(arguments).arg("-c").arg(&self.config).envs(environment.iter().copied());
        let output = command.output().expect("the program can be started");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    pub fn kill9(&self) {
        self.process.kill9();
    }

    /// Bytes of files that are being fetched.
    pub fn spooled_bytes(&self) -> u64 {
        let files = std::fs::read_dir(&self.spool).into_iter().flatten().flatten();
        files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    }

    pub async fn restart(&self) {
        self.kill9();
        self.start().await;
    }

    /// Health and metrics.
    pub fn observe(&self) -> Api {
        Api::new(&format!("http://127.0.0.1:{}", self.observe), String::new())
    }

    /// Gives the bridge a transaction as if we were the homeserver.
    pub async fn transaction(&self, token: &str, id: &str, events: &Value) -> Answer {
        let api = Api::new(&self.url, format!("Bearer {token}"));
        api.put(&format!("/_matrix/app/v1/transactions/{}", segment(id)), &json!({"events": events})).await
    }
}

fn program() -> PathBuf {
    let named = std::env::var_os("TICKETROOM_BIN").map(PathBuf::from);
    named.unwrap_or_else(|| target_folder().join("debug/ticketroom"))
}

fn target_folder() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => project().join(folder),
        None => project().join("target"),
    }
}

fn write_private(path: &Path, content: &Value) {
    std::fs::write(path, serde_json::to_string_pretty(content).expect("it is JSON")).expect("the file can be written");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).expect("its rights can be set");
}
