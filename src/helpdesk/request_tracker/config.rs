//! What has to be configured for Request Tracker, with the defaults.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where Request Tracker answers, without `/REST/2.0`.
    pub url: Url,
    /// The token of the user `ticketroom`, as the seed printed it.
    pub token: SecretString,
    /// Address that agents open in their browser; `url` if there is none.
    #[serde(default)]
    pub web_url: Option<Url>,
    /// Seconds between two questions for changes.
    #[serde(default = "poll_interval_s")]
    pub poll_interval_s: u64,
    /// Seconds after which an unanswered call counts as lost.
    #[serde(default = "request_timeout_s")]
    pub request_timeout_s: u64,
    /// Calls at the same time; each keeps a process of Request Tracker busy.
    #[serde(default = "max_parallel_requests")]
    pub max_parallel_requests: usize,
    /// Bytes of an answer that are read at most.
    #[serde(default = "max_answer_bytes")]
    pub max_answer_bytes: usize,
    /// The status that closing sets.
    #[serde(default = "closed_status")]
    pub closed_status: String,
    /// The status that reopening sets.
    #[serde(default = "open_status")]
    pub open_status: String,
    /// Labels of priorities, by the lowest number that bears them; without any, numbers are shown.
    #[serde(default = "priorities")]
    pub priorities: BTreeMap<String, i64>,
}

impl Config {
    /// The defaults, for this address and token.
    pub fn new(url: Url, token: SecretString) -> Self {
        Self {
            url,
            token,
            web_url: None,
            poll_interval_s: poll_interval_s(),
            request_timeout_s: request_timeout_s(),
            max_parallel_requests: max_parallel_requests(),
            max_answer_bytes: max_answer_bytes(),
            closed_status: closed_status(),
            open_status: open_status(),
            priorities: priorities(),
        }
    }
}

fn poll_interval_s() -> u64 {
    3
}

fn request_timeout_s() -> u64 {
    30
}

fn max_parallel_requests() -> usize {
    4
}

fn max_answer_bytes() -> usize {
    8 * 1024 * 1024
}

fn closed_status() -> String {
    "resolved".to_owned()
}

fn open_status() -> String {
    "open".to_owned()
}

/// As Request Tracker's own `%PriorityAsString` has them.
fn priorities() -> BTreeMap<String, i64> {
    [("Low", 0), ("Medium", 50), ("High", 100)].map(|(label, from)| (label.to_owned(), from)).into()
}
