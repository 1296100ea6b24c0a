//! A real Synapse by `scripts/start-synapse`, gone with the test.

#![allow(dead_code, reason = "no test needs all of it")]

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use tokio::time::Instant;

use crate::guarded;
use crate::homeserver::{AS_TOKEN, HS_TOKEN};

pub const DOMAIN: &str = "ticketroom.test";
const DEADLINE: Duration = Duration::from_secs(120);

pub struct Synapse {
    server: Child,
    folder: tempfile::TempDir,
    port: u16,
    pub url: String,
}

impl Synapse {
    /// Nothing is pushed: only the answers count.
    pub async fn start() -> Self {
        Self::pushing_to(None).await
    }

    /// What concerns the application service is pushed to this address.
    pub async fn pushing_to(address: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = address.unwrap_or("null");
        let registration = format!(
            "id: ticketroom\nurl: {address}\nas_token: {AS_TOKEN}\nhs_token: {HS_TOKEN}\nsender_localpart: _desk_sender\n\
             rate_limited: false\nio.element.msc4190: true\nnamespaces:\n  users: [{{exclusive: true, regex: '@_desk_.*'}}]\n  \
             aliases: [{{exclusive: true, regex: '#_desk_.*'}}]\n  rooms: []\n"
        );
        std::fs::write(folder.path().join("registration.yaml"), registration).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = launch(folder.path(), port);
        let mut synapse = Self { server, folder, port, url: format!("http://127.0.0.1:{port}/") };
        synapse.wait().await;
        synapse
    }

    /// Kills it as a power cut would, and starts it again on the same data.
    pub async fn restart(&mut self) {
        self.kill();
        self.start_again().await;
    }

    pub async fn start_again(&mut self) {
        self.server = launch(self.folder.path(), self.port);
        self.wait().await;
    }

    async fn wait(&mut self) {
        let began = Instant::now();
        let http = ticketroom::net::homeserver_client().unwrap();
        let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        loop {
            if let Some(status) = self.server.try_wait().unwrap() {
                panic!("Synapse could not be started ({status}); run scripts/install\n{}", log());
            }
            if http.get(format!("{}health", self.url)).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            assert!(began.elapsed() < DEADLINE, "Synapse did not answer in time\n{}", log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("synapse/homeserver.db")
    }

    pub fn kill(&mut self) {
        guarded::kill(&mut self.server);
    }
}

impl Drop for Synapse {
    fn drop(&mut self) {
        self.kill();
    }
}

fn launch(folder: &Path, port: u16) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
    guarded::command(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/start-synapse"))
        .arg(folder.join("synapse"))
        .arg(port.to_string())
        .arg(folder.join("registration.yaml"))
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}
