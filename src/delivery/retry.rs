//! When to try again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Clock;

/// Waits are spread by up to a fifth, so that what failed together does not come back together.
const SPREAD: f64 = 0.2;
/// Nobody is kept waiting longer because the other side (or a proxy before it) asked for it; more than any back-off of ours.
const ASKED_MAX: Duration = Duration::from_secs(3600);

/// The first wait and the longest.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    pub first: Duration,
    pub longest: Duration,
}

/// The wait before the next attempt, `attempts` having failed; or what the other side asked for.
pub fn wait(attempts: i64, asked: Option<Duration>, backoff: Backoff, clock: &dyn Clock) -> Duration {
    let doublings = u32::try_from(attempts.clamp(0, 12)).unwrap_or(12);
    let own = || backoff.first.saturating_mul(1 << doublings).min(backoff.longest);
    let wait = asked.map_or_else(own, |asked| asked.min(ASKED_MAX));
    wait.saturating_add(wait.mul_f64(SPREAD * clock.jitter()))
}

/// The time of day and the time that passes may differ by this much without anything having happened.
const JUMP_MS: i64 = 60_000;

/// For how long we have tried without a break: not while the bridge was off, its machine slept, or in a time that only the
/// clock has jumped over.
#[derive(Debug)]
pub struct Trying(Mutex<Tried>);

#[derive(Clone, Copy, Debug)]
struct Tried {
    since: Instant,
    /// When somebody looked last, by both clocks.
    looked: Instant,
    looked_ms: i64,
}

impl Trying {
    pub fn new(now_ms: i64) -> Self {
        let now = Instant::now();
        Self(Mutex::new(Tried { since: now, looked: now, looked_ms: now_ms }))
    }

    pub fn lasted(&self, now_ms: i64) -> Duration {
        let mut tried = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let passed = millis(now.duration_since(tried.looked));
        if now_ms - tried.looked_ms - passed > JUMP_MS {
            tried.since = now;
        }
        (tried.looked, tried.looked_ms) = (now, now_ms);
        now.duration_since(tried.since)
    }
}

pub fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(300) };

    struct Still;
    impl Clock for Still {
        fn now_ms(&self) -> i64 {
            0
        }
        fn jitter(&self) -> f64 {
            0.0
        }
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        for (attempts, seconds) in [(0, 1), (1, 2), (2, 4), (8, 256), (9, 300), (60, 300)] {
            assert_eq!(wait(attempts, None, BACKOFF, &Still), Duration::from_secs(seconds), "{attempts} attempts");
        }
    }

    #[test]
    fn what_the_other_side_asked_for_is_honoured() {
        assert_eq!(wait(0, Some(Duration::from_secs(77)), BACKOFF, &Still), Duration::from_secs(77));
        assert_eq!(wait(9, Some(Duration::from_secs(3)), BACKOFF, &Still), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_jumps_forward_begins_the_trying_anew() {
        let (hour, day_ms) = (Duration::from_secs(3600), 86_400_000);
        let trying = Trying::new(0);
        tokio::time::advance(hour).await;
        assert_eq!(trying.lasted(3_600_000), hour);
        assert_eq!(trying.lasted(3_600_000 + day_ms), Duration::ZERO);
        tokio::time::advance(hour).await;
        assert_eq!(trying.lasted(2 * 3_600_000 + day_ms), hour);
        assert_eq!(trying.lasted(0), hour, "back is no reason");
    }

    #[test]
    fn nobody_is_kept_waiting_for_ever() {
        struct Late;
        impl Clock for Late {
            fn now_ms(&self) -> i64 {
                0
            }
            fn jitter(&self) -> f64 {
                1.0
            }
        }
        for asked in [Duration::MAX, Duration::from_millis(u64::MAX), Duration::from_secs(86_400)] {
            let wait = wait(0, Some(asked), BACKOFF, &Late);
            assert_eq!(wait, Duration::from_secs(4320), "{asked:?}");
        }
    }
}
