//! What carrying out an effect came to.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

use super::{Acceptance, Answered, Article, Cancellation, HelpdeskMessage, Refusal, Snapshot, Why};

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
        failure: Option<Why>,
    },
    Acceptance(Acceptance),
    Cancellation(Cancellation),
    /// Not done, because a file of it may not be carried: what is left of it has to be done. No more than stored rows of
    /// before `Without`.
    Refused {
        /// Which one of `Effect::files`.
        file: usize,
        why: Refusal,
    },
    /// Done without files that may not be carried, each by its place in `Effect::files`; `done` is what it came to.
    /// `None`: nothing was left of it.
    Without {
        refused: Vec<(usize, Refusal)>,
        done: Option<Box<Outcome>>,
    },
    Inspected(Box<Inspection>),
    /// `None`: there is nothing (any more) that could be shown.
    Answered(Option<Answered>),
    /// Given up; `reason` is for the log.
    Dead {
        reason: String,
        #[serde(default)]
        why: Why,
    },
}

impl Outcome {
    /// What was done, of whatever files without.
    pub fn done(&self) -> &Self {
        match self {
            Self::Without { done: Some(done), .. } => done,
            other => other,
        }
    }

    /// The same, of which these files may not be carried.
    pub fn without(self, refused: Vec<(usize, Refusal)>) -> Self {
        if refused.is_empty() { self } else { Self::Without { refused, done: Some(Box::new(self)) } }
    }
}

/// What was found of a room that is said to take the place of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// We know it already, as something else.
    pub taken: bool,
    /// We are in it.
    pub entered: bool,
    /// The room that it says it follows.
    pub predecessor: Option<OwnedRoomId>,
    pub creator: Option<OwnedUserId>,
    /// Whoever sent us there had the power to do so in our room.
    pub entitled: bool,
    /// We have the power there that we need.
    pub powerful: bool,
}
