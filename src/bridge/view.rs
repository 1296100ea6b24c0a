//! What the rules may look at: the lane's ticket, the room of the fact, and the settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId, UserId};

use crate::model::{Code, Place, Room, RoomKind, Settings, Ticket, TicketId, Used};
use crate::texts::Words;

/// An event, and the room in which it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredEvent {
    pub room: OwnedRoomId,
    pub event: OwnedEventId,
}

#[derive(Clone, Debug)]
pub struct View {
    pub settings: Arc<Settings>,
    /// The room in which the fact happened, if we know it.
    pub room: Option<Room>,
    /// Whose lane it is, whether we have heard of that ticket or not.
    pub lane: Option<TicketId>,
    /// The lane's ticket; for a door, the ticket that was opened from it last.
    pub ticket: Option<Ticket>,
    /// The code whose door or waiting room it is, or whose contact user was invited.
    pub code: Option<Code>,
    /// What the customer and their homeserver were let do lately, where it matters.
    pub used: Used,
    /// The display name of whoever wrote, cleaned.
    pub sender_name: Option<String>,
    /// Milliseconds since 1970: what is signed is signed for a while.
    pub now_ms: i64,
    /// Which languages those chose to whom something may be said.
    pub languages: Vec<(OwnedUserId, String)>,
    /// Display names of who is mentioned, cleaned.
    pub names: BTreeMap<OwnedUserId, String>,
    /// The event that stands for the helpdesk's message which the fact's message answers.
    pub answered: Option<AnsweredEvent>,
    /// Where the ticket's card stands, if the fact is about that.
    pub card_room: Option<OwnedRoomId>,
}

impl View {
    /// What is said to the customers: in the ticket's room, at a door, in a waiting room. In the language that they chose,
    /// else that of what the ticket was opened from, else the configured one.
    pub fn words(&self) -> Words<'_> {
        let chosen = match self.room.as_ref().map(|room| &room.kind) {
            Some(RoomKind::Door { customer, .. } | RoomKind::Waiting { customer, .. }) => self.chosen(customer),
            _ => {
                self.ticket.iter().flat_map(|it| &it.snapshot.customers).find_map(|it| self.chosen(it.matrix.as_ref()?))
            }
        };
        let by_code = || self.code.as_ref()?.language.as_ref();
        let given = || {
            let language = self.ticket.as_ref().and_then(|ticket| ticket.language.as_ref()).or_else(by_code)?;
            self.settings.texts.in_language(language)
        };
        chosen.or_else(given).unwrap_or_else(|| self.desk_words())
    }

    /// What is said to all agents: in the desk's room, and in the helpdesk.
    pub fn desk_words(&self) -> Words<'_> {
        self.settings.texts.words()
    }

    /// What is said at this place, to all who read there.
    pub fn words_at(&self, place: &Place) -> Words<'_> {
        match place {
            Place::Room(_) => self.words(),
            Place::Desk { .. } | Place::Thread { .. } => self.desk_words(),
        }
    }

    /// What is said to one person.
    pub fn words_for(&self, user: &UserId) -> Words<'_> {
        self.chosen(user).unwrap_or_else(|| match self.settings.agent(user) {
            Some(_) => self.desk_words(),
            None => self.words(),
        })
    }

    fn chosen(&self, user: &UserId) -> Option<Words<'_>> {
        let (_, code) = self.languages.iter().find(|(chooser, _)| chooser == user)?;
        self.settings.texts.in_language(code)
    }

    /// What a Matrix user is called: their cleaned display name, else the first part of their id.
    pub fn name_of(&self, user: &UserId) -> String {
        if let Some(agent) = self.settings.agent(user) {
            return agent.name.clone();
        }
        self.sender_name.clone().unwrap_or_else(|| crate::text::clean_name(user.localpart()))
    }
}
