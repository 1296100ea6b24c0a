//! The rows of inbox, outbox and events as the delivery layer sees them.

use ruma::{OwnedEventId, OwnedRoomId};

use crate::model::{Admission, MessageId, Side, TicketId};

/// What the keys of outcomes begin with that wait to be understood.
pub const OUTCOME: &str = "done/";

/// The lane of events that came while older ones may not have: nothing is decided on there.
pub const UNORDERED: &str = "unordered";

/// An event to be taken in. `key` is what makes it the same event when it comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInbox {
    pub key: String,
    pub lane: String,
    pub body: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    pub seq: i64,
    pub key: String,
    pub lane: String,
    pub body: String,
}

/// An effect to be carried out. `key` is stable: the same decision always makes the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOutbox {
    pub key: String,
    pub lane: String,
    pub side: Side,
    pub holds: bool,
    pub body: String,
    /// It will be tried at once: written down as attempting already now, which saves a flush.
    pub attempting: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxState {
    Waiting,
    /// A call may be under way, or may have been when the process died.
    Attempting,
    Sent,
    Dead,
}

impl OutboxState {
    pub fn to_db(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Attempting => 1,
            Self::Sent => 2,
            Self::Dead => 3,
        }
    }

    pub fn from_db(state: i64) -> Self {
        match state {
            0 => Self::Waiting,
            2 => Self::Sent,
            3 => Self::Dead,
            // Unknown counts as uncertain: it is looked up before it is repeated.
            _ => Self::Attempting,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    pub seq: i64,
    pub key: String,
    pub lane: String,
    pub side: Side,
    pub holds: bool,
    pub body: String,
    pub created_ms: i64,
    pub state: OutboxState,
    pub attempts: i64,
    pub not_before_ms: i64,
    /// On disk it is `attempting` already, though nobody has called yet.
    pub noted: bool,
}

/// An event that something may refer to later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    pub event: OwnedEventId,
    pub room: OwnedRoomId,
    pub ticket: TicketId,
    pub message: Option<MessageId>,
}

/// Something that a customer was let do, or was told, which is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAdmission {
    /// What makes it the same when its cause comes again.
    pub key: String,
    pub kind: Admission,
    /// A customer; for what was told, the room in which it was.
    pub who: String,
    /// The customer's homeserver.
    pub server: String,
}

pub fn side_to_db(side: Side) -> &'static str {
    match side {
        Side::Matrix => "matrix",
        Side::Helpdesk => "helpdesk",
    }
}

pub fn side_from_db(side: &str) -> Side {
    if side == "matrix" { Side::Matrix } else { Side::Helpdesk }
}
