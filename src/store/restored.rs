//! The mark that the database is an older copy than what was run on: `ticketroom restored` sets it, delivery takes it away.

use std::path::Path;

use sqlx::{Connection, SqliteConnection};

use super::open::{file_of, sqlite_options};
use super::{Step, StoreError, open};

/// The cursor whose text is the mark; empty: there is none.
pub const RESTORED: &str = "restored";

/// While nobody runs on it: whoever does would not see the mark.
pub async fn mark_restored(uri: &str, now_ms: i64) -> Result<(), StoreError> {
    if let Some(file) = file_of(uri)? {
        if !file.exists() {
            return Err(StoreError::Refused(format!("there is no {}: put the copy there first", file.display())));
        }
        refuse_damaged(uri, &file).await?;
    }
    let opened = open(uri).await?;
    let mark = Step { cursors: vec![(RESTORED, now_ms.to_string())], ..Step::default() };
    opened.backend.commit(opened.fence, now_ms, &[mark]).await?;
    Ok(())
}

/// A file that was copied while somebody wrote to it may be half of one moment and half of another, which shows only where
/// the halves meet: weeks later, perhaps.
async fn refuse_damaged(uri: &str, file: &Path) -> Result<(), StoreError> {
    let found = async {
        let mut connection = SqliteConnection::connect_with(&sqlite_options(uri)?.create_if_missing(false)).await?;
        let first = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok::<String, StoreError>(first)
    };
    let finding = match found.await {
        Ok(finding) if finding == "ok" => return Ok(()),
        Ok(finding) => finding,
        Err(error) => error.to_string(),
    };
    Err(StoreError::Refused(format!(
        "{} is damaged ({finding}): it was copied while the bridge wrote to it, or the files ending in -wal and -shm beside it \
         belong to another one. Take those away, or take another copy; docs/admins.md says how copies are made",
        file.display()
    )))
}
