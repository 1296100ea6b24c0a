//! A Matrix room that we know, and what it is for.

use ruma::{OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

use super::{CodeId, DeskId, TicketId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub id: OwnedRoomId,
    pub kind: RoomKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoomKind {
    /// The messenger of one ticket.
    Ticket(TicketId),
    /// A room made for a customer whose first message in it becomes the ticket.
    Waiting {
        customer: OwnedUserId,
        door: OwnedRoomId,
        #[serde(default)]
        code: Option<CodeId>,
    },
    /// A direct chat of a customer with the bot, or with the contact user of `code`; `open` is the ticket opened from it
    /// last, `waiting` the waiting room.
    Door {
        customer: OwnedUserId,
        open: Option<TicketId>,
        waiting: Option<OwnedRoomId>,
        #[serde(default)]
        code: Option<CodeId>,
    },
    /// The agents' room of a desk.
    Desk(DeskId),
    /// It was one, until another room took its place; what is written in its threads still belongs to their tickets.
    FormerDesk(DeskId),
    /// Said to take the place of a room of ours, by whom; not believed before it was looked at.
    Upgrade { former: Box<Room>, by: OwnedUserId },
    /// The space that shows a desk's room and its open tickets' rooms to its agents.
    Space(DeskId),
}

impl RoomKind {
    /// The desk whose threads stand in the room.
    pub fn desk(&self) -> Option<&DeskId> {
        match self {
            Self::Desk(desk) | Self::FormerDesk(desk) => Some(desk),
            _ => None,
        }
    }
}
