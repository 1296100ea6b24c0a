//! The release binary of the bridge with a configuration of its own, and the agents of its helpdesk.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http;
use crate::process::Process;
use crate::seed;

pub const AS_TOKEN: &str = "as-token-of-the-benchmark-0123456789abcdef";
pub const HS_TOKEN: &str = "hs-token-of-the-benchmark-0123456789abcdef";
/// How long anything may take until the benchmark counts as broken.
const PATIENCE: Duration = Duration::from_secs(300);

pub struct Bridge {
    pub process: Process,
    /// Where the homeserver's transactions go.
    pub port: u16,
    control: String,
    observe: String,
    http: reqwest::Client,
    folder: TempDir,
}

pub struct Ports {
    pub appservice: u16,
    pub observe: u16,
    pub control: u16,
}

impl Ports {
    pub fn free() -> anyhow::Result<Self> {
        Ok(Self { appservice: http::free_port()?, observe: http::free_port()?, control: http::free_port()? })
    }
}

/// On a real disk where TMPDIR says so: durability is part of what is measured.
pub fn folder() -> anyhow::Result<TempDir> {
    let target = std::env::var_os("TICKETROOM_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    std::fs::create_dir_all(&target)?;
    tempfile::Builder::new().prefix("ticketroom-bench.").tempdir_in(target).context("no folder to work in")
}

fn program() -> anyhow::Result<PathBuf> {
    std::env::var_os("TICKETROOM_BIN").map(PathBuf::from).context("TICKETROOM_BIN is not set: run ./bench")
}

/// What the bridge reads; all that concerns durability and parallelity is as in production.
pub fn config(folder: &Path, homeserver: &str, domain: &str, ports: &Ports) -> anyhow::Result<PathBuf> {
    let config = json!({
        "homeserver": {"address": homeserver, "domain": domain},
        "appservice": {
            "address": format!("http://127.0.0.1:{}", ports.appservice), "hostname": "127.0.0.1",
            "port": ports.appservice, "id": "ticketroom", "as_token": AS_TOKEN, "hs_token": HS_TOKEN,
            "bot_username": "_desk_bot", "sender_localpart": "_desk_service", "user_prefix": "_desk_",
        },
        "database": {"uri": format!("sqlite:{}", folder.join("ticketroom.db").display())},
        "helpdesk": {"kind": "memory", "memory": {"control_port": ports.control}},
        // Its customers are one homeserver's, and open thousands of tickets.
        "quotas": {
            "tickets_per_customer_per_hour": 0, "open_tickets_per_customer": 0, "tickets_per_server_per_hour": 0,
            "rooms_per_customer_per_hour": 0, "rooms_per_server_per_hour": 0,
        },
        "observe": {"hostname": "127.0.0.1", "port": ports.observe},
    });
    let path = folder.join("config.yaml");
    std::fs::write(&path, config.to_string())?;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600))?;
    Ok(path)
}

impl Bridge {
    /// With `tickets` tickets, in a database of its own.
    pub async fn start(homeserver: &crate::mock::Homeserver, tickets: usize) -> anyhow::Result<Self> {
        let folder = folder()?;
        let ports = Ports::free()?;
        let config = config(folder.path(), &homeserver.url, seed::DOMAIN, &ports)?;
        seed::seed(&folder.path().join("ticketroom.db"), seed::tickets(tickets)?).await?;
        homeserver.mock.pings(&format!("http://127.0.0.1:{}", ports.appservice), HS_TOKEN);
        let mut bridge = Self::run(folder, &config, &ports)?;
        bridge.until_ready(&ports).await?;
        bridge.stock(tickets, seed::CUSTOMER).await?;
        Ok(bridge)
    }

    pub fn run(folder: TempDir, config: &Path, ports: &Ports) -> anyhow::Result<Self> {
        let arguments = ["run", "-c", &config.to_string_lossy()];
        let process = Process::start("the bridge", &program()?, &arguments, &folder.path().join("log"))?;
        Ok(Self {
            process,
            port: ports.appservice,
            control: format!("http://127.0.0.1:{}", ports.control),
            observe: format!("http://127.0.0.1:{}", ports.observe),
            http: http::client(),
            folder,
        })
    }

    /// Reads the database's files, so that they are in memory: some machines put out what was not used for a minute (by DAMON),
    /// and what their disk takes would be measured.
    pub fn warm(&self) -> anyhow::Result<()> {
        for file in std::fs::read_dir(self.folder.path())? {
            let path = file?.path();
            if path.is_file() {
                std::io::copy(&mut std::fs::File::open(&path)?, &mut std::io::sink())?;
            }
        }
        Ok(())
    }

    pub async fn until_ready(&mut self, ports: &Ports) -> anyhow::Result<()> {
        let url = format!("http://127.0.0.1:{}/health/ready", ports.observe);
        let began = tokio::time::Instant::now();
        loop {
            self.process.still_runs()?;
            match http::answer(self.http.get(&url)).await {
                Ok(answer) if answer.get("status") == Some(&json!("ready")) => return Ok(()),
                _ if began.elapsed() > PATIENCE => bail!("the bridge does not become ready"),
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// After each new connection it looks for older messages first, for ten seconds; a homeserver connects once.
    pub async fn until_in_order(&self) -> anyhow::Result<()> {
        let began = tokio::time::Instant::now();
        loop {
            let metrics = self.http.get(format!("{}/metrics", self.observe)).send().await?.text().await?;
            if metrics.lines().any(|line| line == "ticketroom_inbox_in_order 1") {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                bail!("the bridge does not trust in the order of what it is brought");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Until so many rows wait for a side.
    pub async fn until_waiting(&self, side: &str, count: usize) -> anyhow::Result<()> {
        let gauge = format!("ticketroom_outbox_waiting{{side=\"{side}\"}} ");
        let began = tokio::time::Instant::now();
        loop {
            let metrics = self.http.get(format!("{}/metrics", self.observe)).send().await?.text().await?;
            let value = metrics.lines().find_map(|line| line.strip_prefix(&gauge)?.parse::<f64>().ok());
            if value.is_some_and(|value| value >= count as f64) {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                bail!("{value:?} of {count} rows wait for {side}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn control(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        http::answer(http::json(self.http.post(format!("{}{path}", self.control)), body)).await
    }

    pub async fn stock(&self, count: usize, customer: &str) -> anyhow::Result<()> {
        self.control("/tickets", &json!({"count": count, "customer": customer})).await.map(drop)
    }

    pub async fn reply(&self, messages: &[(usize, String)]) -> anyhow::Result<()> {
        let messages: Vec<(String, &String)> = messages.iter().map(|(id, text)| (id.to_string(), text)).collect();
        self.control("/replies", &json!({"login": "anna", "messages": messages})).await.map(drop)
    }

    pub async fn set_hanging(&self, hanging: bool) -> anyhow::Result<()> {
        self.control("/hanging", &json!({"hanging": hanging})).await.map(drop)
    }

    /// Messages that the helpdesk has, from either side.
    pub async fn messages(&self) -> anyhow::Result<usize> {
        let answer = http::answer(self.http.get(format!("{}/count", self.control))).await?;
        Ok(answer.get("messages").and_then(Value::as_u64).context("no count")? as usize)
    }

    pub async fn until(&self, count: usize) -> anyhow::Result<()> {
        let began = tokio::time::Instant::now();
        loop {
            let messages = self.messages().await?;
            if messages >= count {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                bail!("the helpdesk has {messages} of {count} messages");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ids of the events that became messages of a ticket, in its order.
    pub async fn events_of(&self, ticket: usize) -> anyhow::Result<Vec<String>> {
        let answer = http::answer(self.http.get(format!("{}/tickets/{ticket}/messages", self.control))).await?;
        serde_json::from_value(answer).context("no list of events")
    }
}
