//! A copy of the database that is made while the bridge writes to it, and put in its place.

use std::path::{Path, PathBuf};
use std::process::Command;

/// As docs/admins.md says; where it is.
pub fn copy(file: &Path) -> Result<PathBuf, String> {
    let copy = file.with_extension("copy");
    let made = Command::new("sqlite3").arg(file).arg(format!(".backup {}", copy.display())).output();
    let made = made.map_err(|error| format!("sqlite3: {error}; run scripts/install test"))?;
    if made.status.success() { Ok(copy) } else { Err(String::from_utf8_lossy(&made.stderr).into_owned()) }
}

/// While nobody writes: what lies beside the file belongs to the one before.
pub fn put_in_place(copy: &Path, file: &Path) -> Result<(), String> {
    for left in ["db-wal", "db-shm"] {
        let _not_there = std::fs::remove_file(file.with_extension(left));
    }
    std::fs::rename(copy, file).map_err(|error| format!("the copy can't take the file's place: {error}"))
}
