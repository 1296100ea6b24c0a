//! When to try again.

use std::time::Duration;

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
