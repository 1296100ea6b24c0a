//! What a server's SQLite file holds, read past the server.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

pub fn rows(file: &Path, sql: &str) -> Result<Vec<Value>, String> {
    let output = Command::new("sqlite3")
        .args(["-readonly", "-json", "-cmd", ".timeout 10000"])
        .arg(file)
        .arg(sql)
        .output()
        .expect("sqlite3 is there: run scripts/install");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    if output.stdout.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}
