//! One decision at a time per lane: facts and outcomes of the same ticket never see each other half-written.

use std::hash::{BuildHasher, RandomState};

use tokio::sync::{Mutex, MutexGuard};

/// Two lanes that share a lock only wait a little longer; so many make that rare.
const LOCKS: usize = 4096;

pub struct LaneLocks {
    locks: Vec<Mutex<()>>,
    hasher: RandomState,
}

impl LaneLocks {
    pub fn new() -> Self {
        Self { locks: (0..LOCKS).map(|_| Mutex::new(())).collect(), hasher: RandomState::new() }
    }

    pub async fn lock(&self, lane: &str) -> Option<MutexGuard<'_, ()>> {
        let index = usize::try_from(self.hasher.hash_one(lane) % LOCKS as u64).unwrap_or(0);
        match self.locks.get(index) {
            Some(lock) => Some(lock.lock().await),
            None => None,
        }
    }
}
