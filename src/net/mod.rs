//! net
use std::time::Duration;
pub fn retry_after(h: &http::HeaderMap) -> Option<Duration> {
    h.get("retry-after")?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}
