//! Why something was not carried out, and what to do next.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What to do next after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It did not happen: do it again, after this long where the other side said so.
    Retry { after: Option<Duration> },
    /// It is too early: again in a moment, and no sign of an outage.
    NotYet,
    /// It may have happened: look before doing it again, after this long where the other side said so.
    Uncertain { after: Option<Duration> },
    /// Somebody behind the side is away, such as another homeserver: do it again, and let nothing else wait for it.
    Aside,
    /// It will never work: report it where it was written.
    Dead,
}

/// Why something was given up, for those who wrote it: it is said in their language. `Failure::reason` is for the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The other side could not be reached for too long.
    Unreachable,
    /// There is no such ticket (any more), or we may not see it.
    NoTicket,
    /// Something is not set up as it has to be: the administrator's affair.
    Setup,
    /// Something in front of the other side takes nothing of this size.
    TooLarge,
    /// The other side's own words, fit to be read.
    Said(String),
    #[default]
    Other,
}

impl Why {
    /// In the other side's words, if it said any.
    pub fn said(words: impl Into<String>) -> Self {
        let words = words.into();
        if words.trim().is_empty() { Self::Other } else { Self::Said(words) }
    }
}

/// A failed call, with what to do next. `reason` holds no secret, no body and no address of a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    pub next: Next,
    pub reason: String,
    pub why: Why,
}

impl Failure {
    pub fn retry(reason: impl Into<String>) -> Self {
        Self { next: Next::Retry { after: None }, reason: reason.into(), why: Why::Unreachable }
    }

    pub fn uncertain(reason: impl Into<String>) -> Self {
        Self { next: Next::Uncertain { after: None }, reason: reason.into(), why: Why::Unreachable }
    }

    pub fn dead(reason: impl Into<String>) -> Self {
        Self { next: Next::Dead, reason: reason.into(), why: Why::Other }
    }

    /// Nothing is wrong; it is only too early.
    pub fn not_yet(reason: impl Into<String>) -> Self {
        Self { next: Next::NotYet, reason: reason.into(), why: Why::Unreachable }
    }

    pub fn because(self, why: Why) -> Self {
        Self { why, ..self }
    }

    /// For how long the other side asked to be left alone, where it did.
    pub fn asked(&self) -> Option<Duration> {
        match self.next {
            Next::Retry { after } | Next::Uncertain { after } => after,
            Next::NotYet | Next::Aside | Next::Dead => None,
        }
    }

    /// What came before it in the same piece of work was done.
    pub fn behind_what_was_done(self) -> Self {
        Self { next: Next::Uncertain { after: self.asked() }, ..self }
    }

    pub fn is_uncertain(&self) -> bool {
        matches!(self.next, Next::Uncertain { .. })
    }

    pub fn is_not_yet(&self) -> bool {
        self.next == Next::NotYet
    }
}
