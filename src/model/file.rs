//! A file on its way from one side to the other, and why one may not go there.

use ruma::OwnedMxcUri;
use serde::{Deserialize, Serialize};

use super::MessageId;

/// How a file is shown: as the sender said it, until its content has been looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    Image,
    Audio,
    Video,
    #[default]
    Other,
}

/// Where the file lies until it is carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileSource {
    /// In the homeserver's media store.
    Matrix(OwnedMxcUri),
    /// At a message in the helpdesk, by the helpdesk's id for it.
    Helpdesk { message: MessageId, file: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// As the sender named it, cleaned; what it really is shows only its content.
    pub name: String,
    pub kind: FileKind,
    /// A voice message, recorded in the client.
    pub voice: bool,
    /// As the sender says; `None` where they don't.
    pub size_bytes: Option<u64>,
    pub source: FileSource,
}

/// Why a file is not carried. It will not be tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Larger than our limit or the other side's.
    TooLarge {
        max_bytes: u64,
    },
    /// Its content is of a type that is not on the list; `what` is the type's name as people know it.
    NotAllowed {
        what: String,
    },
    /// Its content is of another type than its name says.
    Disguised {
        what: String,
        named: String,
    },
    /// A picture that would fill the memory of whoever looks at it.
    TooManyPixels,
    Empty,
    /// It is not there any more.
    Gone,
    /// Whoever has it did not hand it over.
    NotHandedOver,
}
