//! Why a call to the homeserver failed, and what that means for what was to be done.
//!
//! Spec: <https://spec.matrix.org/v1.18/client-server-api/#standard-error-response>

use std::time::Duration;

use reqwest::StatusCode;
use ruma::ServerName;
use serde::Deserialize;

use super::client::MAX_RESPONSE_BYTES;
use crate::model::{Failure, Next, Why};

/// A refusal, in the homeserver's own terms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the homeserver answered {status} {code}")]
pub struct Refusal {
    pub status: u16,
    /// `M_FORBIDDEN` …; empty where the answer was not Matrix JSON.
    pub code: String,
    pub message: String,
    pub retry_after: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("{0}")]
    Refused(Refusal),
    /// No answer: it may or may not have happened.
    #[error("no answer from the homeserver: {0}")]
    NoAnswer(String),
    /// The connection was not made: it did not happen.
    #[error("the homeserver cannot be reached: {0}")]
    Unreachable(String),
    /// An answer that is none (HTML, cut off, too long).
    #[error("the homeserver's answer cannot be read: {0}")]
    Garbled(String),
    #[error("the homeserver's answer is longer than {MAX_RESPONSE_BYTES} bytes")]
    TooLong,
    #[error("this call cannot be made: {0}")]
    Impossible(String),
}

impl CallError {
    pub fn is(&self, code: &str) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code == code)
    }

    /// The device that the call was made with is not there.
    pub fn is_without_device(&self) -> bool {
        matches!(self, Self::Refused(refusal)
            if refusal.code == "M_UNKNOWN_DEVICE" || (refusal.status == 400 && refusal.message.contains("device")))
    }

    /// The homeserver may be dead: nothing came from it, or not its own words.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.code.is_empty() || refusal.status >= 500,
            Self::NoAnswer(_) | Self::Unreachable(_) | Self::Garbled(_) => true,
            Self::TooLong | Self::Impossible(_) => false,
        }
    }

    /// The homeserver lives, and fails at this.
    pub fn is_its_own_fault(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status >= 500 && !refusal.code.is_empty())
    }

    /// Perhaps the fault of this homeserver, which is not ours: ours says so, or is still waiting for it. Or ours has fetched
    /// enough from others for now, which is a limit of its own (Synapse: `remote_media_download_burst_count`): whoever sends
    /// many such files must not stop what else is asked of it.
    pub fn is_elsewhere(&self, theirs: &ServerName, ours: &ServerName) -> bool {
        let may_be = matches!(self, Self::NoAnswer(_))
            || matches!(self, Self::Refused(refusal)
                if matches!(refusal.status, 429 | 502) && !refusal.code.is_empty());
        may_be && theirs != ours
    }

    /// A ping's: see `repeats_already`.
    pub fn is_repeating(&self) -> bool {
        matches!(self, Self::Refused(refusal) if repeats_already(&refusal.message))
    }

    /// A ping's: the homeserver lives, and cannot call us. Whatever else it answers says nothing of that.
    ///
    /// Spec: <https://spec.matrix.org/v1.18/application-service-api/#post_matrixclientv1appserviceappserviceidping>
    pub fn is_ping_that_did_not_arrive(&self) -> bool {
        ["M_CONNECTION_FAILED", "M_CONNECTION_TIMEOUT", "M_BAD_STATUS", "M_URL_NOT_SET"]
            .iter()
            .any(|code| self.is(code))
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            _ => None,
        }
    }
}

/// Whether a ping failed because the homeserver reaches us and delivers already: Synapse calls us, and then stumbles over the
/// timer of the repeat that is under way.
pub fn repeats_already(message: &str) -> bool {
    message.starts_with("AlreadyCalled") || message.starts_with("AlreadyCancelled")
}

fn later(after: Option<Duration>, reason: String) -> Failure {
    Failure { next: Next::Retry { after }, ..Failure::retry(reason) }
}

impl From<CallError> for Failure {
    /// All our calls can be repeated: sends by their transaction id, the rest by their nature. So nothing is uncertain
    /// here, only to be done again.
    fn from(error: CallError) -> Self {
        let reason = error.to_string();
        if error.is_without_device() {
            // It was made again when that was answered.
            return Failure::retry(reason);
        }
        match error {
            CallError::Refused(refusal) => match refusal.status {
                429 => later(refusal.retry_after, reason),
                // Our token is refused: nothing of ours is wrong with the message; the administrator has to act.
                401 => Failure::retry(format!("{reason}: as_token is not accepted; run `ticketroom check`"))
                    .because(Why::Setup),
                // Not the homeserver's own words: a proxy in front of it, in an outage perhaps.
                _ if refusal.code.is_empty() => Failure::retry(format!("{reason}, and no Matrix error")),
                500..=599 => later(refusal.retry_after, reason),
                _ if refusal.message.is_empty() => Failure::dead(reason),
                _ => {
                    let said = without_people(&refusal.message);
                    Failure::dead(format!("{reason} ({said})")).because(Why::said(said))
                }
            },
            CallError::NoAnswer(_) | CallError::Unreachable(_) | CallError::Garbled(_) | CallError::TooLong => {
                Failure::retry(reason)
            }
            CallError::Impossible(_) => Failure::dead(reason),
        }
    }
}

/// The homeserver's words, made fit for logs and rooms: it likes to name people by their ids.
fn without_people(message: &str) -> String {
    let words = message.split_whitespace().map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '@');
        if bare.starts_with('@') && bare.contains(':') { "(somebody)" } else { word }
    });
    crate::text::clean_name(&words.collect::<Vec<_>>().join(" "))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    errcode: String,
    error: String,
}

/// What a refusing answer says. For how long we are to wait our homeserver says in a header, and a proxy in front of it
/// perhaps not at all: a Matrix error without that header may be another homeserver's, whose refusals ours passes on with all
/// that is in them, and is nobody's wish to be left alone.
pub(super) fn refusal(status: StatusCode, headers: &http::HeaderMap, body: &[u8]) -> Refusal {
    let parsed = serde_json::from_slice::<ErrorBody>(body).unwrap_or_default();
    let is_proxys = status == StatusCode::TOO_MANY_REQUESTS && parsed.errcode.is_empty();
    let said = crate::net::retry_after(headers, crate::clock::wall());
    Refusal {
        status: status.as_u16(),
        code: parsed.errcode,
        message: parsed.error,
        retry_after: said.or(is_proxys.then_some(crate::net::ASKED_PAUSE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_homeserver_wants_is_no_wish_of_ours() {
        let theirs = br#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too many","retry_after_ms":31536000000}"#;
        let [mut headers, none] = [(); 2].map(|()| http::HeaderMap::new());
        headers.insert("retry-after", http::HeaderValue::from_static("7"));
        let asked = |status, headers: &_, body: &[u8]| refusal(status, headers, body).retry_after;
        assert_eq!(asked(StatusCode::NOT_FOUND, &none, theirs), None);
        assert_eq!(asked(StatusCode::TOO_MANY_REQUESTS, &none, theirs), None);
        assert_eq!(asked(StatusCode::TOO_MANY_REQUESTS, &headers, theirs), Some(Duration::from_secs(7)));
        assert_eq!(asked(StatusCode::TOO_MANY_REQUESTS, &none, b"<html>"), Some(crate::net::ASKED_PAUSE));
        let failure = Failure::from(CallError::Refused(refusal(StatusCode::TOO_MANY_REQUESTS, &none, theirs)));
        assert_eq!(failure.next, Next::Retry { after: None }, "it waits as after any failure");
    }

    #[test]
    fn a_refusal_names_nobody() {
        let refusal = Refusal {
            status: 403,
            code: "M_FORBIDDEN".to_owned(),
            message: "User @ada:example.org not in room !r:example.org (or '@bob:example.org')".to_owned(),
            retry_after: None,
        };
        let failure = Failure::from(CallError::Refused(refusal));
        assert_eq!(failure.next, Next::Dead);
        assert!(!failure.reason.contains("ada") && !failure.reason.contains("bob"), "{}", failure.reason);
        assert!(failure.reason.contains("M_FORBIDDEN"), "{}", failure.reason);
    }
}
