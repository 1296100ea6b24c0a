//! What the rules need to know of the configuration.

use std::sync::Arc;

use ruma::{OwnedServerName, OwnedUserId, UserId};
use serde::{Deserialize, Serialize};

use super::{CodeId, DeskId, Library, PersonId, Quotas, Template, VideoSettings};
use crate::texts::Texts;

/// Between the prefix and a code in its contact user's name; ghosts of people have a `u` there.
const CONTACT: &str = "code_";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Their login in the helpdesk.
    pub login: String,
    pub matrix: OwnedUserId,
    pub name: String,
    /// The desks (by id or name) whose rooms they are invited to; empty means all.
    pub desks: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desk {
    pub id: DeskId,
    pub name: String,
}

#[derive(Clone, Debug)]
pub struct Settings {
    pub bot: OwnedUserId,
    pub server: OwnedServerName,
    /// Localparts of our ghosts and rooms begin with it (`_desk_`).
    pub prefix: String,
    pub agents: Vec<Agent>,
    /// Where a customer's ticket is opened.
    pub default_desk: DeskId,
    pub templates: Vec<Template>,
    pub quotas: Quotas,
    /// Seconds an outage may last before a message is given up and reported.
    pub give_up_after_s: u64,
    pub video: VideoSettings,
    /// What agents can choose links and building blocks from.
    pub library: Library,
    /// All that we say.
    pub texts: Arc<Texts>,
    /// Each desk has a space with its room and its open tickets' rooms.
    pub spaces: bool,
    /// Rooms of closed tickets are moved down in the agents' lists, where the homeserver lets us act for them.
    pub low_priority: bool,
}

impl Agent {
    /// Whether the agent belongs into this desk's room.
    pub fn serves(&self, desk: &Desk) -> bool {
        self.desks.is_empty() || self.desks.iter().any(|name| *name == desk.name || name == desk.id.as_str())
    }
}

/// Whether two logins are one: helpdesks find people whatever the case of the letters.
pub fn is_login(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

impl Settings {
    pub fn agent(&self, user: &UserId) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.matrix == user)
    }

    pub fn agent_by_login(&self, login: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| is_login(&agent.login, login))
    }

    /// The agents who belong into a desk's room.
    pub fn agents_of<'a>(&'a self, desk: &'a Desk) -> impl Iterator<Item = &'a Agent> {
        self.agents.iter().filter(move |agent| agent.serves(desk))
    }

    /// The Matrix id of a person's ghost. Built from the helpdesk's number for them, never from a name or an address.
    pub fn ghost(&self, person: &PersonId) -> OwnedUserId {
        let mut id = format!("@{}u", self.prefix);
        for byte in person.as_str().bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' => id.push(char::from(byte)),
                other => id.push_str(&format!("={other:02x}")),
            }
        }
        id.push(':');
        id.push_str(self.server.as_str());
        UserId::parse(id).unwrap_or_else(|_| self.bot.clone())
    }

    /// The Matrix id of a code's contact user.
    pub fn contact(&self, code: &CodeId) -> OwnedUserId {
        let id = format!("@{}{CONTACT}{code}:{}", self.prefix, self.server);
        UserId::parse(id).unwrap_or_else(|_| self.bot.clone())
    }

    /// The user of ours who is in no room.
    pub fn watcher(&self) -> OwnedUserId {
        UserId::parse(format!("@{}watch:{}", self.prefix, self.server)).unwrap_or_else(|_| self.bot.clone())
    }

    /// The code whose contact user this is.
    pub fn code_of(&self, user: &UserId) -> Option<CodeId> {
        if user.server_name() != self.server {
            return None;
        }
        let id = user.localpart().strip_prefix(&self.prefix)?.strip_prefix(CONTACT)?;
        (!id.is_empty()).then(|| CodeId::new(id))
    }

    pub fn template(&self, name: &str) -> Option<&Template> {
        self.templates.iter().find(|template| template.name == name)
    }

    /// Whether a Matrix user is one of ours (the bot or a ghost): their events are our own echo.
    pub fn is_ours(&self, user: &UserId) -> bool {
        user == self.bot || (user.server_name() == self.server && user.localpart().starts_with(&self.prefix))
    }
}
