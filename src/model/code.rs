//! Intake codes: a code on a device or a wall, whose contact user a customer writes to, and what its tickets are like.

use serde::{Deserialize, Serialize};

use super::{CodeId, DeskId};

/// As stored: made and disabled by `ticketroom code`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub id: CodeId,
    /// What its contact user is called.
    pub name: String,
    pub device: Option<String>,
    /// By its name in the configuration; `None`: a ticket like one opened at the bot.
    pub template: Option<String>,
    /// A language's tag (`de`).
    pub language: Option<String>,
    pub disabled: bool,
}

/// What the tickets of a code are like, as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pub name: String,
    /// `None`: the default desk.
    pub desk: Option<DeskId>,
    /// May hold variables; `None`: the first words of the message.
    pub subject: Option<String>,
    /// A number, or a word that the helpdesk knows.
    pub priority: Option<String>,
    /// Markdown with variables: the first words in the ticket's room.
    pub block: Option<String>,
    /// Whether video sessions may be opened for its tickets.
    pub video: bool,
}

/// What a ticket bears beside its words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particulars {
    pub device: Option<String>,
    pub template: Option<String>,
    pub priority: Option<String>,
}
