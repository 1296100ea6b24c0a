//! Until when the other side asked not to be called, whoever it was that it asked.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long it is left alone where it asks for less to do and does not say for how long.
pub const ASKED_PAUSE: Duration = Duration::from_secs(1);

#[derive(Default)]
pub struct Pause(Mutex<Option<Instant>>);

impl Pause {
    pub fn ask(&self, wait: Duration) {
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *until = (*until).max(Some(Instant::now() + wait));
    }

    /// How much longer no call may be made; `None`: it may be.
    pub fn left(&self) -> Option<Duration> {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.map(|until| until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longest_wait_counts_and_ends() {
        let pause = Pause::default();
        assert_eq!(pause.left(), None);
        pause.ask(Duration::from_secs(9));
        pause.ask(Duration::from_secs(2));
        assert_eq!(pause.left(), Some(Duration::from_secs(9)));
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(pause.left(), None);
    }
}
