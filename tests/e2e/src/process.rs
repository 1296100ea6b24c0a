//! A real program as a child: in a process group of its own, and killed with the test however that ends.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::Mutex;

use rustix::process::{Pid, Signal, kill_process};

use crate::{guarded, wait};

pub struct Process {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    log: PathBuf,
    child: Mutex<Option<Child>>,
}

impl Process {
    pub fn new(name: &str, program: impl Into<PathBuf>, arguments: Vec<String>, folder: &Path) -> Self {
        let log = folder.join(format!("{name}.log"));
        Self { name: name.to_owned(), program: program.into(), arguments, log, child: Mutex::new(None) }
    }

    pub fn start(&self, environment: &[(&str, &str)]) {
        assert!(
            self.program.exists(),
            "{} is missing: build the workspace (cargo build --workspace), or name the bridge in TICKETROOM_BIN",
            self.program.display()
        );
        let mut child = self.child.lock().unwrap();
        assert!(child.is_none(), "{} runs already", self.name);
        let started = guarded::command(&self.program)
            .args(&self.arguments)
            .envs(environment.iter().copied())
            .stdout(self.log_file())
            .stderr(self.log_file())
            .spawn();
        *child = Some(started.unwrap_or_else(|error| panic!("{} does not start: {error}", self.name)));
    }

    fn log_file(&self) -> File {
        OpenOptions::new().create(true).append(true).open(&self.log).expect("the log can be written")
    }

    /// Kills it and all that it started, without warning.
    pub fn kill9(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            guarded::kill(&mut child);
        }
    }

    /// Stops it and all that it started where they stand, until `go_on`.
    pub fn pause(&self) {
        self.signal_group(Signal::STOP);
    }

    pub fn go_on(&self) {
        self.signal_group(Signal::CONT);
    }

    fn signal_group(&self, signal: Signal) {
        if let Some(child) = self.child.lock().unwrap().as_ref() {
            guarded::signal_group(child, signal);
        }
    }

    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// How often this stands in its log.
    pub fn logged(&self, part: &str) -> usize {
        self.log().matches(part).count()
    }

    /// Asks it to end, and waits until it did.
    pub async fn terminate(&self) -> ExitStatus {
        let id = Pid::from_child(self.child.lock().unwrap().as_ref().expect("it runs"));
        // The program alone: how it lets go of what it started is its own affair.
        let _gone = kill_process(id, Signal::TERM);
        self.ended().await
    }

    /// Waits until it ended by itself.
    pub async fn ended(&self) -> ExitStatus {
        let status = wait::until(&format!("{} to end", self.name), || async {
            self.has_ended().ok_or_else(|| "it still runs".to_owned())
        })
        .await;
        self.kill9();
        status
    }

    pub fn has_ended(&self) -> Option<ExitStatus> {
        self.child.lock().unwrap().as_mut()?.try_wait().expect("a child can be asked")
    }

    /// Bytes that it has in memory; from here on `memory_most` counts.
    pub fn memory_now(&self) -> usize {
        let id = self.child.lock().unwrap().as_ref().expect("it runs").id();
        std::fs::write(format!("/proc/{id}/clear_refs"), "5").expect("the kernel forgets the most so far");
        self.memory("VmRSS:")
    }

    pub fn memory_most(&self) -> usize {
        self.memory("VmHWM:")
    }

    fn memory(&self, field: &str) -> usize {
        let id = self.child.lock().unwrap().as_ref().expect("it runs").id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it can be read");
        let kib: Option<usize> =
            status.lines().find_map(|line| line.strip_prefix(field)?.strip_suffix("kB")?.trim().parse().ok());
        1024 * kib.unwrap_or_else(|| panic!("no {field} in {status}"))
    }

    /// The end of its log, for whoever has to find out what went wrong.
    pub fn log_tail(&self, lines: usize) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let all: Vec<&str> = log.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// The project's folder.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project's folder is there")
}

pub fn script(name: &str) -> PathBuf {
    project().join("scripts").join(name)
}
