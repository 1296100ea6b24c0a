//! One instance leads a database: a lock that the operating system or PostgreSQL drops when the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::StoreError;
use super::keep::{Keeping, PostgresLock};
use super::lease::CLAIM_TERM;
use crate::net::Claim;

/// Held as long as the instance lives.
pub enum InstanceLock {
    File(#[allow(dead_code, reason = "held, not read")] File),
    Postgres(PostgresLock),
    /// A database in memory has one owner by nature.
    None,
}

impl InstanceLock {
    /// Stays the leader until `Keeping::release`, learns when it is no more, and renews the claim until then.
    pub fn keep(self, fence: i64, claim: Claim) -> Keeping {
        match self {
            Self::Postgres(lock) => Keeping::of_postgres(lock, fence, claim),
            other => Keeping::for_life(other),
        }
    }

    /// What its owner may rely on when it calls others.
    pub fn claim(&self) -> Claim {
        match self {
            Self::Postgres(_) => Claim::for_a_term(CLAIM_TERM),
            Self::File(_) | Self::None => Claim::default(),
        }
    }
}

pub fn lock_path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

pub fn lock_file(database: &Path) -> Result<InstanceLock, StoreError> {
    let path = lock_path(database);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(|error| {
        StoreError::Refused(format!(
            "the lock file {} cannot be opened: {error} → let the user that Ticketroom runs as write there",
            path.display()
        ))
    })?;
    match file.try_lock() {
        Ok(()) => Ok(InstanceLock::File(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => {
            Err(StoreError::Refused(format!("the lock file {} cannot be locked: {error}", path.display())))
        }
    }
}
