//! Rows that are done and not yet written as done: whoever reads them from the store leaves them out.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub(super) struct Settling(Mutex<HashSet<i64>>);

impl Settling {
    fn lock(&self) -> MutexGuard<'_, HashSet<i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn add(&self, seq: i64) {
        self.lock().insert(seq);
    }

    pub fn remove(&self, seq: i64) {
        self.lock().remove(&seq);
    }

    /// To be asked before the store is: what is written meanwhile may stand in the answer as not done.
    pub fn all(&self) -> HashSet<i64> {
        self.lock().clone()
    }
}
