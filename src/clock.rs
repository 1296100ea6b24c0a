//! The only place that reads the clock: whoever needs a time is given one, so that tests can choose it.

#![allow(clippy::disallowed_methods, reason = "this is the one home")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970, as the database keeps times.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// For measuring how long something took; never stored.
pub fn instant() -> Instant {
    Instant::now()
}
