//! How long rows that failed wait before they are tried again: by a clock that nobody sets. The time of day on disk counts
//! only for what another process left behind.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::OutboxRow;

pub(super) struct Rests {
    until: Mutex<HashMap<i64, Instant>>,
    /// No longer than this waits what another process left behind: further away it was written by a clock that went wrong,
    /// or by one that was right when ours is not.
    longest: Duration,
}

impl Rests {
    pub fn new(longest: Duration) -> Self {
        Self { until: Mutex::default(), longest }
    }

    pub fn begin(&self, seq: i64, wait: Duration) {
        self.until.lock().unwrap_or_else(PoisonError::into_inner).insert(seq, Instant::now() + wait);
    }

    /// How much longer this row waits. With nothing left it is forgotten: it is tried now.
    pub fn left(&self, row: &OutboxRow, now_ms: i64) -> Duration {
        let mut rests = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let on_disk = || Duration::from_millis(u64::try_from(row.not_before_ms - now_ms).unwrap_or(0));
        let until = rests.entry(row.seq).or_insert_with(|| now + on_disk().min(self.longest));
        let left = until.saturating_duration_since(now);
        if left.is_zero() {
            rests.remove(&row.seq);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Side;
    use crate::store::OutboxState;

    fn row(not_before_ms: i64) -> OutboxRow {
        OutboxRow {
            seq: 1,
            key: String::new(),
            lane: String::new(),
            side: Side::Matrix,
            holds: false,
            body: String::new(),
            created_ms: 0,
            state: OutboxState::Waiting,
            attempts: 1,
            not_before_ms,
            noted: false,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_back_makes_nobody_wait_longer() {
        let rests = Rests::new(Duration::from_secs(300));
        let hour_ms = 3_600_000;
        rests.begin(1, Duration::from_secs(2));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(rests.left(&row(10 * hour_ms + 2000), 9 * hour_ms), Duration::from_secs(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(rests.left(&row(10 * hour_ms + 2000), 9 * hour_ms), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn what_another_process_left_behind_waits_by_the_time_of_day_but_not_for_days() {
        let rests = Rests::new(Duration::from_secs(300));
        assert_eq!(rests.left(&row(5000), 9000), Duration::ZERO);
        assert_eq!(rests.left(&row(5000), 2000), Duration::from_secs(3));
        let rests = Rests::new(Duration::from_secs(300));
        assert_eq!(rests.left(&row(86_400_000), 0), Duration::from_secs(300));
    }
}
