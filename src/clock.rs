//! Time and randomness, passed in so that tests and simulations own them.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The time of day and a source of jitter.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> i64;
    /// A number in 0..1, to spread retries.
    fn jitter(&self) -> f64;
}

/// The machine's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now_ms(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }

    fn jitter(&self) -> f64 {
        crate::net::fraction()
    }
}

/// For measuring how long something took; decides nothing and is never stored.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn instant() -> Instant {
    Instant::now()
}

/// The time of day, for comparing with a date that somebody sent.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn wall() -> SystemTime {
    SystemTime::now()
}
