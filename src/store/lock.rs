//! One instance per database: a lock that the operating system or PostgreSQL drops when the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use sqlx::{Connection, PgConnection};

use super::StoreError;

/// Held as long as the instance lives.
pub enum InstanceLock {
    File(#[allow(dead_code, reason = "held, not read")] File),
    Postgres(#[allow(dead_code, reason = "held, not read")] PgConnection),
    /// A database in memory has one owner by nature.
    None,
}

pub fn lock_file(database: &Path) -> Result<InstanceLock, StoreError> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(|error| {
            StoreError::Refused(format!("the lock file {} cannot be opened: {error}", path.display()))
        })?;
    match file.try_lock() {
        Ok(()) => Ok(InstanceLock::File(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => {
            Err(StoreError::Refused(format!("the lock file {} cannot be locked: {error}", path.display())))
        }
    }
}

/// "ticketroom" as a number; advisory locks are per database.
const ADVISORY_LOCK: i64 = 0x7469_636b_6574;

pub async fn lock_postgres(uri: &str) -> Result<InstanceLock, StoreError> {
    let mut connection = PgConnection::connect(uri).await?;
    let (locked,): (bool,) =
        sqlx::query_as("SELECT pg_try_advisory_lock($1)").bind(ADVISORY_LOCK).fetch_one(&mut connection).await?;
    if locked { Ok(InstanceLock::Postgres(connection)) } else { Err(StoreError::InUse) }
}
