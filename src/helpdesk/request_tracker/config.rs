//! What the adapter needs to know of Request Tracker, with the defaults.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;
use url::Url;

use crate::net::Claim;
use crate::texts::{FALLBACK, Texts};

#[derive(Clone, Debug)]
pub struct Config {
    /// Where Request Tracker answers, without `/REST/2.0`.
    pub url: Url,
    /// The token of the user `ticketroom`, as the seed printed it.
    pub token: SecretString,
    /// Address that agents open in their browser; `url` if there is none.
    pub web_url: Option<Url>,
    /// Seconds after which an unanswered call counts as lost.
    pub request_timeout_s: u64,
    /// Calls at the same time; each keeps a process of Request Tracker busy.
    pub max_parallel_requests: usize,
    /// Bytes of an answer that are read at most.
    pub max_answer_bytes: usize,
    /// The status that closing sets.
    pub closed_status: String,
    /// The status that a customer's cancelling sets.
    pub cancelled_status: String,
    /// The status that reopening sets.
    pub open_status: String,
    /// The agents' logins, which `ticketroom check` looks up, and their names.
    pub agents: Vec<(String, String)>,
    /// What makes a ticket internal, if anything.
    pub internal: Option<Internal>,
    /// The class of articles that agents may link to; `None`: they are not searched.
    pub article_class: Option<String>,
    /// The class of articles that are building blocks; `None`: they are not searched.
    pub block_class: Option<String>,
    /// Where a customer reads an article, `{id}` standing for its number; Request Tracker's own page if there is none.
    pub article_url: Option<String>,
    /// Labels of priorities, by the lowest number that bears them; without any, numbers are shown.
    pub priorities: BTreeMap<String, i64>,
    /// Writes only as long as it holds.
    pub claim: Claim,
    /// What is said in tickets, and what people are called who have no name.
    pub texts: Arc<Texts>,
}

/// A custom field of tickets and the value that makes them internal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Internal {
    pub field: String,
    pub value: String,
}

impl Config {
    /// The defaults, for this address and token.
    pub fn new(url: Url, token: SecretString) -> Self {
        // As Request Tracker's own `%PriorityAsString` has them.
        let priorities = [("Low", 0), ("Medium", 50), ("High", 100)];
        Self {
            url,
            token,
            web_url: None,
            request_timeout_s: 30,
            max_parallel_requests: 4,
            max_answer_bytes: 8 * 1024 * 1024,
            closed_status: "resolved".to_owned(),
            cancelled_status: "rejected".to_owned(),
            open_status: "open".to_owned(),
            agents: Vec::new(),
            internal: None,
            article_class: None,
            block_class: None,
            article_url: None,
            priorities: priorities.map(|(label, from)| (label.to_owned(), from)).into(),
            claim: Claim::default(),
            texts: Arc::new(Texts::built_in(FALLBACK)),
        }
    }
}
