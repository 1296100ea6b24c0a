//! One decision at a time per lane: facts and outcomes of the same ticket never see each other half-written.

use std::collections::hash_map::DefaultHasher;
use std::hash::{BuildHasher, BuildHasherDefault};

use tokio::sync::{Mutex, MutexGuard};

/// Two lanes that share a lock only wait a little longer; so many make that rare.
const LOCKS: usize = 4096;

/// What is locked. Each has locks of its own: who holds one of a lane may wait for one of a server, and who holds one of a
/// space for one of a desk, and would wait for themselves if the two could be the same.
#[derive(Clone, Copy)]
pub enum Of {
    Lane,
    Server,
    Space,
    Desk,
}

pub struct Locks {
    of: [Vec<Mutex<()>>; 4],
    /// Without a secret: who makes two names share a lock only slows down these two, and runs can be repeated.
    hasher: BuildHasherDefault<DefaultHasher>,
}

impl Locks {
    pub fn new() -> Self {
        Self::with(LOCKS)
    }

    fn with(count: usize) -> Self {
        let some = || (0..count).map(|_| Mutex::new(())).collect();
        Self { of: [some(), some(), some(), some()], hasher: BuildHasherDefault::default() }
    }

    pub async fn lock(&self, of: Of, name: &str) -> Option<MutexGuard<'_, ()>> {
        let locks = self.of.get(of as usize)?;
        let count = u64::try_from(locks.len()).ok().filter(|count| *count > 0)?;
        let index = usize::try_from(self.hasher.hash_one(name) % count).unwrap_or(0);
        Some(locks.get(index)?.lock().await)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn who_holds_one_gets_the_next_although_all_names_share_a_lock() {
        let locks = Locks::with(1);
        let both = async {
            let _lane = locks.lock(Of::Lane, "t:1").await;
            let _server = locks.lock(Of::Server, "example.org").await;
            let _space = locks.lock(Of::Space, "3").await;
            let _desk = locks.lock(Of::Desk, "3").await;
        };
        assert!(tokio::time::timeout(Duration::from_secs(10), both).await.is_ok(), "it waits for itself");
    }
}
