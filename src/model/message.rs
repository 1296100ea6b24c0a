//! A message as the helpdesk holds it, and who it is written as.

use ruma::OwnedEventId;
use serde::{Deserialize, Serialize};

use super::{File, MessageId, Person, RichText, TicketId};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visibility {
    /// The customer may read it: it belongs into the ticket room.
    Public,
    /// Between agents: it belongs into the ticket's thread in the desk room and nowhere else.
    Internal,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpdeskMessage {
    pub id: MessageId,
    pub ticket: TicketId,
    pub author: Person,
    /// Whether the author works in the helpdesk; a customer otherwise.
    pub author_is_agent: bool,
    pub visibility: Visibility,
    /// Without the quoted past and the signature.
    pub body: RichText,
    #[serde(default)]
    pub lacks: Option<Lack>,
    /// What came with it, in its order.
    pub files: Vec<File>,
    /// The Matrix event that we made it from, where it bears our marker and the marker can only be ours.
    pub marker: Option<OwnedEventId>,
    /// The message of the same ticket that it answers, where it names one.
    #[serde(default)]
    pub answers: Option<Answers>,
}

/// What of a message is to be seen in the helpdesk alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lack {
    /// The rest of a long one.
    Rest,
    /// A picture, where there is nothing else.
    Picture,
}

/// A message that another one of the helpdesk answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// `MessageId::opening()` for the words that opened the ticket.
    pub message: MessageId,
    pub visibility: Visibility,
    /// The Matrix event that we made it from.
    pub marker: Option<OwnedEventId>,
}

/// Who a message of ours is written as in the helpdesk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Author {
    /// An agent, by the helpdesk login that the configuration gives their Matrix id.
    Agent { login: String, name: String },
    /// A customer with a Matrix account; the adapter makes sure that the helpdesk knows them.
    Customer { matrix: ruma::OwnedUserId, name: String },
    /// Ticketroom itself (a report of something undelivered).
    Bridge,
}
