//! A Matrix room that we know, and what it is for.

use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};
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
    /// A direct chat of a customer with the bot, or with the contact user of `code`; `open` is the ticket that they opened
    /// from it last, `waiting` the waiting room.
    Door {
        customer: OwnedUserId,
        open: Option<TicketId>,
        waiting: Option<OwnedRoomId>,
        #[serde(default)]
        code: Option<CodeId>,
        /// The same for whoever else is there, the latest last.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        others: Vec<(OwnedUserId, TicketId)>,
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

/// People beside the customer whose tickets a door remembers.
const OTHERS_MAX: usize = 32;

impl RoomKind {
    /// A customer's door through which nobody has come yet.
    pub fn door(customer: OwnedUserId, code: Option<CodeId>) -> Self {
        Self::Door { customer, open: None, waiting: None, code, others: Vec::new() }
    }

    /// The ticket that somebody opened last from this door.
    pub fn opened_by(&self, user: &UserId) -> Option<&TicketId> {
        match self {
            Self::Door { customer, open, .. } if customer == user => open.as_ref(),
            Self::Door { others, .. } => others.iter().find(|(other, _)| other == user).map(|(_, ticket)| ticket),
            _ => None,
        }
    }

    /// Remembers that somebody opened this ticket from this door.
    pub fn opened(&mut self, user: &UserId, ticket: TicketId) {
        match self {
            Self::Door { customer, open, .. } if customer == user => *open = Some(ticket),
            Self::Door { others, .. } => {
                others.retain(|(other, _)| other != user);
                others.push((user.to_owned(), ticket));
                let too_many = others.len().saturating_sub(OTHERS_MAX);
                others.drain(..too_many);
            }
            _ => {}
        }
    }

    /// What is written at this door goes on in that room, where it can be read.
    pub fn waits_in(&mut self, room: &RoomId) {
        if let Self::Door { waiting, .. } = self {
            *waiting = Some(room.to_owned());
        }
    }

    /// The desk whose threads stand in the room.
    pub fn desk(&self) -> Option<&DeskId> {
        match self {
            Self::Desk(desk) | Self::FormerDesk(desk) => Some(desk),
            _ => None,
        }
    }
}
