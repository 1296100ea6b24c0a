//! A copy of the database that is made while the bridge writes to it, and put in its place.

use std::path::{Path, PathBuf};
use std::process::Command;

/// As docs/operations.md says; where it is.
pub fn copy(file: &Path) -> Result<PathBuf, String> {
    let copy = file.with_extension("copy");
    sqlite(file, &format!(".backup {}", copy.display()))?;
    Ok(copy)
}

/// While nobody writes: what lies beside the file belongs to the one before.
pub fn put_in_place(copy: &Path, file: &Path) -> Result<(), String> {
    for left in ["db-wal", "db-shm"] {
        let _not_there = std::fs::remove_file(file.with_extension(left));
    }
    std::fs::rename(copy, file).map_err(|error| format!("the copy can't take the file's place: {error}"))
}

/// Nothing in it contradicts the rest.
pub fn is_sound(file: &Path) -> Result<(), String> {
    match sqlite(file, "PRAGMA integrity_check")?.trim() {
        "ok" => Ok(()),
        broken => Err(format!("the database is broken: {broken}")),
    }
}

fn sqlite(file: &Path, what: &str) -> Result<String, String> {
    let done = Command::new("sqlite3").arg(file).arg(what).output();
    let done = done.map_err(|error| format!("sqlite3: {error}; run scripts/install test"))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if done.status.success() { Ok(said(&done.stdout)) } else { Err(said(&done.stderr)) }
}
