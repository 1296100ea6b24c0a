//! What was measured, and on what.

use std::path::Path;
use std::process::Command;

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

fn line_of(file: &str, key: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.trim_matches([' ', '\t', ':']).to_owned()
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("?").to_owned()
}

/// The one that scripts/install brings, where it takes part.
fn synapse() -> &'static str {
    let pinned = include_str!("../../../scripts/requirements-synapse.txt").lines();
    let version = pinned.filter_map(|line| line.strip_prefix("matrix-synapse==")).next();
    version.and_then(|version| version.split_whitespace().next()).unwrap_or("?")
}

/// Lines for the head of the table.
pub fn describe(folder: &Path) -> Vec<String> {
    let commit = output("git", &["rev-parse", "--short=12", "HEAD"]);
    let changed =
        if output("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty() { "" } else { " with changes" };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let disk = output("df", &["--output=fstype,source", &folder.to_string_lossy()]);
    vec![
        format!("commit {commit}{changed}, {}, Synapse {}", output("rustc", &["--version"]), synapse()),
        format!(
            "{cores} × {}, {}, Linux {}",
            line_of("/proc/cpuinfo", "model name"),
            line_of("/proc/meminfo", "MemTotal"),
            output("uname", &["-r"])
        ),
        format!("database on {}, load of the machine before: {}", disk.lines().last().unwrap_or("?"), load()),
    ]
}
