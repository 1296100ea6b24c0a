//! Why a file did not get through on its way.

use super::SpoolError;
use crate::model::{Failure, Refusal};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCarried {
    /// It never will.
    Refused(Refusal),
    Failed(Failure),
    /// Somebody else has to bring it first, who may never do so: another homeserver, or whoever has only announced it.
    NotThere(Failure),
}

impl From<Failure> for NotCarried {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<SpoolError> for NotCarried {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::TooLarge { max_bytes } => Self::Refused(Refusal::TooLarge { max_bytes }),
            SpoolError::Disk(error) => {
                Self::Failed(Failure::retry(format!("the spool folder cannot be used: {error}")))
            }
        }
    }
}
