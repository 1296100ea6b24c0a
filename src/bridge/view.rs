//! What the rules may look at: the lane's ticket, the room of the fact, and the settings.

use std::sync::Arc;

use crate::model::{Code, Room, Settings, Ticket, Used};
use crate::texts::Words;

#[derive(Clone, Debug)]
pub struct View {
    pub settings: Arc<Settings>,
    /// The room in which the fact happened, if we know it.
    pub room: Option<Room>,
    /// The lane's ticket; for a door, the ticket that was opened from it last.
    pub ticket: Option<Ticket>,
    /// The code whose door or waiting room it is, or whose contact user was invited.
    pub code: Option<Code>,
    /// What the customer and their homeserver were let do lately, where it matters.
    pub used: Used,
    /// The display name of whoever wrote, cleaned.
    pub sender_name: Option<String>,
}

impl View {
    /// What is said to the customers: in the ticket's room, at a door, in a waiting room.
    pub fn words(&self) -> Words<'_> {
        let by_code = self.code.as_ref().and_then(|code| code.language.as_ref());
        let chosen = self.ticket.as_ref().and_then(|ticket| ticket.language.as_ref()).or(by_code);
        chosen.and_then(|code| self.settings.texts.in_language(code)).unwrap_or_else(|| self.settings.texts.words())
    }

    /// What is said to all agents: in the desk's room, and in the helpdesk.
    pub fn desk_words(&self) -> Words<'_> {
        self.settings.texts.words()
    }

    /// What is said to one person.
    pub fn words_for(&self, user: &ruma::UserId) -> Words<'_> {
        match self.settings.agent(user) {
            Some(_) => self.desk_words(),
            None => self.words(),
        }
    }

    /// What a Matrix user is called: their cleaned display name, else the first part of their id.
    pub fn name_of(&self, user: &ruma::UserId) -> String {
        if let Some(agent) = self.settings.agent(user) {
            return agent.name.clone();
        }
        self.sender_name.clone().unwrap_or_else(|| crate::text::clean_name(user.localpart()))
    }
}
