//! A person as the helpdesk knows them.

use ruma::OwnedUserId;
use serde::{Deserialize, Serialize};

use super::PersonId;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: PersonId,
    /// The helpdesk's login name; may be a mail address, so it is never shown in a room.
    pub login: String,
    /// What people read: the real name, or something harmless where there is none. Never a mail address.
    pub name: String,
    /// The Matrix account that the helpdesk's own record or our configuration names, never one guessed from a name or mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<OwnedUserId>,
}
