//! Whose fault a failure is: a side that is down is left alone, and another one's fault must not count as its own.

use crate::model::{Failure, Side};
use crate::store::StoreError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// The side's that the effect is for.
    Called,
    /// Of this side, from which something is needed.
    Side(Side),
    /// Our own database or disk.
    Ours,
    /// Somebody's whom neither side can answer for.
    Elsewhere,
}

#[derive(Debug)]
pub(super) struct Blamed {
    pub blame: Blame,
    pub failure: Failure,
}

impl From<Failure> for Blamed {
    fn from(failure: Failure) -> Self {
        Self { blame: Blame::Called, failure }
    }
}

impl From<StoreError> for Blamed {
    fn from(error: StoreError) -> Self {
        Self::ours(Failure::retry(error.to_string()))
    }
}

impl Blamed {
    pub fn ours(failure: Failure) -> Self {
        Self { blame: Blame::Ours, failure }
    }

    pub fn elsewhere(failure: Failure) -> Self {
        Self { blame: Blame::Elsewhere, failure }
    }

    pub fn of(side: Side) -> impl Fn(Failure) -> Self {
        move |failure| Self { blame: Blame::Side(side), failure }
    }
}
