//! Why something was not carried out, and what to do next.

use std::time::Duration;

/// What to do next after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It did not happen: do it again, after this long where the other side said so.
    Retry { after: Option<Duration> },
    /// It is too early: again in a moment, and no sign of an outage.
    NotYet,
    /// It may have happened: look before doing it again.
    Uncertain,
    /// It will never work: report it where it was written.
    Dead,
}

/// A failed call, with what to do next. `reason` holds no secret, no body and no address of a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    pub next: Next,
    pub reason: String,
}

impl Failure {
    pub fn retry(reason: impl Into<String>) -> Self {
        Self { next: Next::Retry { after: None }, reason: reason.into() }
    }

    pub fn uncertain(reason: impl Into<String>) -> Self {
        Self { next: Next::Uncertain, reason: reason.into() }
    }

    pub fn dead(reason: impl Into<String>) -> Self {
        Self { next: Next::Dead, reason: reason.into() }
    }

    /// Nothing is wrong; it is only too early.
    pub fn not_yet(reason: impl Into<String>) -> Self {
        Self { next: Next::NotYet, reason: reason.into() }
    }

    pub fn is_not_yet(&self) -> bool {
        self.next == Next::NotYet
    }
}
