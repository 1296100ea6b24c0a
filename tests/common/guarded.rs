//! Programs that end with the test that started them, however it ends; each in a process group of its own.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

/// Waits for the end of its standard input, which comes when the test is gone, and then kills the whole group.
const GUARD: &str = r#"exec 3<&0 </dev/null; (cat <&3 >/dev/null; kill -9 -$$) & exec 3<&-; exec "$@""#;

/// To be started with arguments of the program; its standard input is taken.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "guard"]).arg(program).stdin(Stdio::piped()).process_group(0);
    command
}

/// To all of its group. That there is none any more is no failure: it ended by itself.
pub fn signal_group(child: &Child, signal: Signal) {
    let _gone = kill_process_group(Pid::from_child(child), signal);
}

/// The group, as a power cut would: its workers hold ports.
pub fn kill(child: &mut Child) {
    signal_group(child, Signal::KILL);
    child.wait().expect("a killed child ends");
}
