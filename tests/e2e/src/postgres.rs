//! A throwaway PostgreSQL: `scripts/start-postgres`.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::ports;
use crate::process::{Process, script};
use crate::wait;

pub struct Postgres {
    pub process: Process,
    port: u16,
}

impl Postgres {
    pub fn new(folder: &Path) -> Self {
        let port = ports::free();
        let data = folder.join("postgres").to_string_lossy().into_owned();
        let process = Process::new("postgres", script("start-postgres"), vec![data, port.to_string()], folder);
        Self { process, port }
    }

    pub async fn start(&self) {
        self.process.start(&[]);
        wait::until("PostgreSQL to answer", || async {
            if let Some(status) = self.process.has_ended() {
                panic!("PostgreSQL ended ({status}):\n{}", self.process.log_tail(20));
            }
            let asked = Command::new("pg_isready")
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .stdout(Stdio::null())
                .status()
                .expect("pg_isready is there: run scripts/install test");
            if asked.success() { Ok(()) } else { Err(asked.to_string()) }
        })
        .await;
    }

    pub fn uri(&self) -> String {
        format!("postgres://ticketroom@127.0.0.1:{}/postgres", self.port)
    }
}
