//! What the rules may look at: the lane's ticket, the room of the fact, and the settings.

use std::sync::Arc;

use crate::model::{Room, Settings, Ticket};

#[derive(Clone, Debug)]
pub struct View {
    pub settings: Arc<Settings>,
    /// The room in which the fact happened, if we know it.
    pub room: Option<Room>,
    /// The lane's ticket; for a door, the ticket that was opened from it last.
    pub ticket: Option<Ticket>,
    /// The display name of whoever wrote, cleaned.
    pub sender_name: Option<String>,
}

impl View {
    /// What a Matrix user is called: their cleaned display name, else the first part of their id.
    pub fn name_of(&self, user: &ruma::UserId) -> String {
        if let Some(agent) = self.settings.agent(user) {
            return agent.name.clone();
        }
        self.sender_name.clone().unwrap_or_else(|| crate::text::clean_name(user.localpart()))
    }
}
