//! `Retry-After`: in seconds or as a date (RFC 9110, section 10.2.3).

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// Nobody waits longer than this because of a header.
const LONGEST: Duration = Duration::from_secs(3600);

/// A date is compared with that of the answer, since our clock may be wrong; with `now` where it bears none.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let date = |value: &str| httpdate::parse_http_date(value).ok();
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let theirs = headers.get(DATE).and_then(|value| date(value.to_str().ok()?.trim()));
            date(value)?.duration_since(theirs.unwrap_or(now)).unwrap_or_default()
        }
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_understood() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let cases = [
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("999999999", Some(3600)),
            ("soon", None),
            ("-1", None),
        ];
        for (value, seconds) in cases {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, http::HeaderValue::from_static(value))]);
            assert_eq!(retry_after(&headers, now), seconds.map(Duration::from_secs), "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn a_date_counts_from_that_of_the_answer_whatever_our_clock_says() {
        let headers = HeaderMap::from_iter([
            (RETRY_AFTER, http::HeaderValue::from_static("Sun, 06 Nov 1994 08:49:47 GMT")),
            (DATE, http::HeaderValue::from_static("Sun, 06 Nov 1994 08:49:17 GMT")),
        ]);
        for years in [0, 10, 50] {
            let ours = SystemTime::UNIX_EPOCH + Duration::from_secs(years * 365 * 24 * 3600);
            assert_eq!(retry_after(&headers, ours), Some(Duration::from_secs(30)), "{years} years after 1970");
        }
    }
}
