//! What carrying out an effect came to.

use ruma::{OwnedEventId, OwnedRoomId};
use serde::{Deserialize, Serialize};

use super::{Acceptance, Answered, Article, HelpdeskMessage, Inspection, Refusal, Snapshot};

/// What carrying out an effect came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Ok,
    /// An event was sent.
    Sent {
        room: OwnedRoomId,
        event: OwnedEventId,
    },
    RoomMade {
        room: OwnedRoomId,
    },
    Ticket(Box<Snapshot>),
    /// As they call themselves now, cleaned; `None` where they say nothing.
    Name(Option<String>),
    /// The ticket is not there (any more), or we may not see it.
    NoTicket,
    Message(Box<HelpdeskMessage>),
    /// What a search found; with the reason where the helpdesk could not be asked.
    Found {
        articles: Vec<Article>,
        failure: Option<String>,
    },
    Acceptance(Acceptance),
    Inspected(Box<Inspection>),
    /// Not done, because a file of it may not be carried.
    Refused {
        /// Which one of `Effect::files`.
        file: usize,
        why: Refusal,
    },
    /// `None`: there is nothing (any more) that could be shown.
    Answered(Option<Answered>),
    /// Given up; `reason` is fit to be read in a room.
    Dead {
        reason: String,
    },
}
