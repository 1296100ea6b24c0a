//! Video sessions: what is configured of them, and the one of a ticket.

use ruma::OwnedEventId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

/// As configured.
#[derive(Clone, Debug, Default)]
pub struct VideoSettings {
    /// `None`: there are no video sessions in this organisation.
    pub provider: Option<Provider>,
    pub customers_may_ask: bool,
    pub off_for: OffFor,
    /// Names of sessions are made with it, so that nobody can guess one.
    pub key: SecretString,
}

#[derive(Clone, Debug)]
pub enum Provider {
    Jitsi {
        address: Url,
        tokens: Option<JitsiTokens>,
    },
    ElementCall {
        address: Url,
    },
    /// Any other: an address in which `{session}` stands for the session's name.
    Template(String),
}

/// How we sign that somebody may open a room of a Jitsi server (JWT).
#[derive(Clone, Debug)]
pub struct JitsiTokens {
    pub app_id: String,
    pub secret: SecretString,
    /// The server lets nobody in without one.
    pub for_guests: bool,
}

/// Where there are none, by name (a desk also by id).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffFor {
    pub desks: Vec<String>,
    pub templates: Vec<String>,
    pub devices: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionState {
    /// The link is out.
    Open,
    /// Somebody was seen to join, and has not left.
    InProgress,
    Done,
    /// Ended before anybody was seen in it, where that can be seen.
    Cancelled,
}

/// A ticket's session; an ended one stays until the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub name: String,
    /// For everybody in the room.
    pub url: String,
    /// The event that asked for it.
    pub opened: OwnedEventId,
    pub state: SessionState,
    /// Who is in the call now, as the homeserver tells: keys of call memberships.
    pub present: Vec<String>,
    /// Until when those of them are that end by themselves, where a client died; milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expiring: Vec<(String, i64)>,
    /// Somebody was seen in it.
    pub used: bool,
}

impl Session {
    /// A membership of the call began, or goes on until another time.
    pub fn comes(&mut self, key: &str, until_ms: Option<i64>) {
        self.goes(key);
        self.present.push(key.to_owned());
        self.expiring.extend(until_ms.map(|until_ms| (key.to_owned(), until_ms)));
        self.used = true;
        self.state = SessionState::InProgress;
    }

    pub fn goes(&mut self, key: &str) {
        self.stay(|other| other != key);
    }

    /// Those whose time is over are not there, whether their clients said so or not.
    pub fn expire(&mut self, now_ms: i64) {
        let over: Vec<String> =
            self.expiring.iter().filter(|(_, until_ms)| *until_ms <= now_ms).map(|(key, _)| key.clone()).collect();
        self.stay(|key| !over.iter().any(|other| other == key));
    }

    /// Only these are in the call any more.
    pub fn stay(&mut self, stays: impl Fn(&str) -> bool) {
        self.present.retain(|key| stays(key));
        self.expiring.retain(|(key, _)| stays(key));
        if self.is_open() {
            self.state = if self.present.is_empty() { SessionState::Open } else { SessionState::InProgress };
        }
    }

    pub fn is_open(&self) -> bool {
        matches!(self.state, SessionState::Open | SessionState::InProgress)
    }
}

/// What clients show beside a room's messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Widget {
    pub name: String,
    pub url: String,
    /// Host and name of a Jitsi conference, which clients know how to show by themselves.
    pub jitsi: Option<(String, String)>,
    /// It is the room's own call, which clients tell from other pages. Rows of before have none.
    #[serde(default)]
    pub is_call: bool,
}
