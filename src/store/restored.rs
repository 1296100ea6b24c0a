//! The mark that the database is an older copy than what was run on: `ticketroom restored` sets it, delivery takes it away.

use std::path::Path;

use sqlx::error::DatabaseError;
use sqlx::{Connection, SqliteConnection};

use super::lock::lock_file;
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
    let _nobody_writes = lock_file(file)?;
    // Whoever may write takes what lies beside it into the copy when they leave, also where it belongs to another file.
    let options = sqlite_options(uri)?.create_if_missing(false).read_only(true);
    let found = async {
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let first: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection).await?;
        connection.close().await.map(|()| first)
    };
    let finding = match found.await {
        Ok(finding) if finding == "ok" => return Ok(()),
        Ok(finding) => finding,
        Err(sqlx::Error::Database(error)) if is_damage(&*error) => error.to_string(),
        Err(error) => return Err(error.into()),
    };
    Err(StoreError::Refused(format!(
        "{} is damaged ({finding}): it was copied while the bridge wrote to it, or files ending in -wal and -shm lie beside it \
         that belong to another one. Take those away, or take another copy; docs/operations.md says how copies are made",
        file.display()
    )))
}

fn is_damage(error: &dyn DatabaseError) -> bool {
    const CORRUPT: &str = "11";
    const NO_DATABASE: &str = "26";
    error.code().is_some_and(|code| [CORRUPT, NO_DATABASE].contains(&&*code))
}
