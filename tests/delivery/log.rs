//! What the bridge wrote into its log, where a test is about that.

use std::io::Write;
use std::sync::Mutex;

static WRITTEN: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Memory;

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        WRITTEN.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// From here on. Where tests share a process, so do their lines.
pub fn keep() {
    let logs = tracing_subscriber::fmt().with_env_filter("ticketroom=debug").with_ansi(false).with_writer(|| Memory);
    let _kept_already = logs.try_init();
}

/// The lines with all of these parts.
pub fn lines(parts: &[&str]) -> Vec<String> {
    let written = String::from_utf8_lossy(&WRITTEN.lock().unwrap()).into_owned();
    let has_all = |line: &&str| parts.iter().all(|part| line.contains(part));
    written.lines().filter(has_all).map(str::to_owned).collect()
}
