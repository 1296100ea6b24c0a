//! All that can arrive, from either side or from an effect that was carried out.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

use super::{CodeId, Effect, File, HelpdeskMessage, MessageId, Outcome, Powers, RichText, Snapshot, TicketId, Why};

/// A message that somebody wrote in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub room: OwnedRoomId,
    pub event: OwnedEventId,
    pub sender: OwnedUserId,
    pub body: RichText,
    /// The words alone, as typed: commands and a ticket's title are read from it.
    pub text: String,
    /// Root of the thread it stands in.
    pub thread: Option<OwnedEventId>,
    pub reply_to: Option<OwnedEventId>,
    /// What came with it; the body is the caption then, and empty where there is none.
    #[serde(default)]
    pub files: Vec<File>,
    #[serde(default)]
    pub manner: Manner,
    /// Who is mentioned in it, so that their names can be shown.
    #[serde(default)]
    pub mentions: Vec<OwnedUserId>,
}

/// In which way something was said; `body` holds the words alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Manner {
    #[default]
    Words,
    /// "/me waves".
    Emote,
    Sticker,
    /// A place, by latitude and longitude in degrees where it says them.
    Location {
        at: Option<(String, String)>,
    },
    /// `body` is the question.
    Poll {
        answers: Vec<String>,
    },
    /// `body` is how it ended, as the client of whoever ended it counted.
    PollEnd,
    /// A kind that we don't know; `body` is what it says for such as us.
    Other,
}

/// A message that another one answers, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    pub sender: OwnedUserId,
    /// As they call themselves, cleaned.
    pub name: Option<String>,
    pub body: RichText,
    /// Who is mentioned in it.
    #[serde(default)]
    pub mentions: Vec<OwnedUserId>,
}

/// What cannot be carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Uncarried {
    Picture,
    Audio,
    Video,
    File,
    /// It rings, and nobody hears it.
    Call,
    Other,
}

impl Uncarried {
    /// As the texts know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
            Self::Call => "call",
            Self::Other => "other",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    // --- from Matrix
    Said(Said),
    /// An edit (`m.replace`) of a message.
    Edited {
        room: OwnedRoomId,
        event: OwnedEventId,
        sender: OwnedUserId,
        original: OwnedEventId,
    },
    Reacted {
        room: OwnedRoomId,
        event: OwnedEventId,
        sender: OwnedUserId,
        target: OwnedEventId,
        key: String,
    },
    /// The bot set a room's levels: in this process, or in one that is dead and whose call arrived late.
    LevelsSet {
        room: OwnedRoomId,
        powers: Powers,
    },
    /// Somebody's device came into a room's call, or left it.
    Called {
        room: OwnedRoomId,
        user: OwnedUserId,
        key: String,
        joined: bool,
        /// When it ends by itself, if it does; milliseconds since 1970.
        #[serde(default)]
        until_ms: Option<i64>,
    },
    /// The bot was invited to a room.
    Invited {
        room: OwnedRoomId,
        event: OwnedEventId,
        by: OwnedUserId,
        /// Not the bot, but the contact user of this code.
        #[serde(default)]
        contact: Option<CodeId>,
    },
    Joined {
        room: OwnedRoomId,
        user: OwnedUserId,
    },
    Left {
        room: OwnedRoomId,
        user: OwnedUserId,
    },
    /// Somebody says that another room takes this one's place.
    Upgraded {
        room: OwnedRoomId,
        event: OwnedEventId,
        sender: OwnedUserId,
        replacement: OwnedRoomId,
    },
    /// Something that we can't read, or not yet.
    Encrypted {
        room: OwnedRoomId,
        event: OwnedEventId,
        sender: OwnedUserId,
    },
    /// A message of a kind that cannot be carried.
    Unsupported {
        room: OwnedRoomId,
        event: OwnedEventId,
        sender: OwnedUserId,
        what: Uncarried,
    },

    // --- from the helpdesk
    /// Something changed; what, has to be looked up. Changes of one poll share `batch`, so that the ticket is read once.
    Changed {
        ticket: TicketId,
        batch: String,
        message: Option<MessageId>,
        ticket_changed: bool,
    },
    Seen(Snapshot),
    Posted(HelpdeskMessage),

    // --- between our own lanes
    /// A ticket was opened for a customer at the door (or in a waiting room, which then is its room).
    Opened {
        snapshot: Snapshot,
        waiting: Option<OwnedRoomId>,
        /// The language of the code that it was opened by.
        #[serde(default)]
        language: Option<String>,
    },
    /// Another ticket was merged into this one, and its people go on here.
    MergedHere {
        ticket: TicketId,
        /// What people call the other ticket.
        number: String,
        customers: Vec<OwnedUserId>,
        agents: Vec<OwnedUserId>,
        /// Who was taken off it: what they write at its door is no part of this one, either.
        #[serde(default)]
        dropped: Vec<OwnedUserId>,
    },
    /// The ticket's desk goes on in this room.
    DeskMoved {
        room: OwnedRoomId,
    },
    /// The configuration names other agents than it did.
    AgentsChanged,
    /// A customer wrote at the door what belongs into this ticket.
    SaidAtDoor(Said),

    // --- from ourselves
    /// An effect waits for long, because its side is away.
    Overdue(Box<Effect>),
    /// An effect that nothing goes on without is refused again and again.
    Stuck {
        effect: Box<Effect>,
        why: Why,
    },
    /// An effect was carried out, or given up.
    Done {
        key: String,
        effect: Box<Effect>,
        outcome: Outcome,
    },
}
