//! All that we can do, as data: what the rules return and the delivery layer carries out.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

use super::{
    Admission, Author, CodeId, Desk, DeskId, Fact, File, MessageId, Particulars, PersonId, Prepared, RichText, Room,
    Said, Search, Snapshot, Ticket, TicketId, Visibility, Widget,
};

/// Which side an effect needs: each side's effects of a lane are carried out in order, one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Side {
    Matrix,
    Helpdesk,
}

/// Who says something in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speaker {
    Bot,
    /// A ghost, made where it does not exist yet.
    Ghost {
        person: PersonId,
        name: String,
    },
}

/// Where something is said; a desk's room is made where there is none yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    Room(OwnedRoomId),
    Desk { desk: Desk },
    Thread { desk: Desk, root: OwnedEventId },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpeechKind {
    /// `m.text`: somebody's words.
    Message,
    /// `m.notice`: the bot's.
    Notice,
}

/// What a notice tells the state of: of several that wait, only the last is still true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Topic {
    /// Closed or open.
    Closing,
    /// A status between opening and closing.
    Status,
    Owner,
    Priority,
    Desk,
    Title,
    /// Whether a message has arrived on the other side.
    Delivery,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speech {
    pub place: Place,
    pub speaker: Speaker,
    pub kind: SpeechKind,
    pub body: RichText,
    pub reply_to: Option<OwnedEventId>,
    /// The helpdesk's message that it answers, where no event stood for that yet: it is looked for again before it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<MessageId>,
    /// The root of the thread in the ticket's room that it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_thread: Option<OwnedEventId>,
    /// The helpdesk message it carries, kept so that replies find it and a failure is reported there.
    pub carries: Option<(TicketId, MessageId)>,
    /// Our own earlier message that it takes the place of.
    pub replaces: Option<OwnedEventId>,
    /// It is the offer of this ticket: the root of its thread. Holds the lane.
    pub offer_of: Option<TicketId>,
    /// What this ticket's agent prepared stands in it. Holds the lane: what is said next may be about it.
    #[serde(default)]
    pub prepares: Option<(TicketId, Box<Prepared>)>,
    /// It tells a state, and is left out where it is late and a later one of the same waits behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tells: Option<Topic>,
    /// Of what is added to it on its way, where that is not the configuration's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// A file said in a room: an event of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSpeech {
    pub place: Place,
    pub speaker: Speaker,
    pub file: File,
    /// What is written beneath it; empty: nothing.
    pub caption: RichText,
    pub reply_to: Option<OwnedEventId>,
    /// As in `Speech`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<MessageId>,
    /// The root of the thread in the ticket's room that it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_thread: Option<OwnedEventId>,
    /// The helpdesk message that it came with.
    pub carries: Option<(TicketId, MessageId)>,
    /// As in `Speech`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl FileSpeech {
    /// What is said where the file may not be: the words beneath it; `None`: there are none.
    pub fn words_alone(&self) -> Option<Speech> {
        let words = Speech {
            place: self.place.clone(),
            speaker: self.speaker.clone(),
            kind: SpeechKind::Message,
            body: self.caption.clone(),
            reply_to: self.reply_to.clone(),
            answers: self.answers.clone(),
            room_thread: self.room_thread.clone(),
            carries: self.carries.clone(),
            replaces: None,
            offer_of: None,
            prepares: None,
            tells: None,
            language: self.language.clone(),
        };
        (!self.caption.is_empty()).then_some(words)
    }

    /// It is said again in the place of what was written in Matrix.
    pub fn takes_the_place_of_an_event(&self) -> bool {
        self.carries.as_ref().is_some_and(|(_, message)| message.stands_for_event())
    }
}

/// A ticket room's power levels, complete: what is not listed here has level 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Powers {
    pub locked: bool,
    /// Level 20: the owner, and ghosts of agents.
    pub agents: Vec<OwnedUserId>,
    /// Level 10: the customers, and ghosts of customers.
    pub customers: Vec<OwnedUserId>,
    /// The room is not of our making: who has all power there keeps it.
    #[serde(default)]
    pub followed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    // --- Matrix
    /// Makes the ticket's room, found again by its alias. Holds the lane.
    CreateTicketRoom {
        snapshot: Box<Snapshot>,
        powers: Powers,
    },
    /// Makes a room whose first message becomes a ticket. Holds the lane. `cause` makes its alias.
    CreateWaitingRoom {
        door: OwnedRoomId,
        customer: OwnedUserId,
        cause: OwnedEventId,
        #[serde(default)]
        name: String,
    },
    Say(Speech),
    /// Fetches the file from the helpdesk, and sends it.
    SayFile(FileSpeech),
    React {
        place: Place,
        event: OwnedEventId,
        key: String,
    },
    Redact {
        room: OwnedRoomId,
        event: OwnedEventId,
        reason: String,
    },
    Join {
        room: OwnedRoomId,
    },
    Leave {
        room: OwnedRoomId,
    },
    /// Leaves a customer's door or declines the invitation to it, as the bot or the contact user of `code`; `reason` is
    /// shown to whoever is there.
    Decline {
        room: OwnedRoomId,
        code: Option<CodeId>,
        reason: Option<String>,
    },
    /// Asks for a person's display name. Holds the lane: the ticket that they open bears it.
    LearnName {
        user: OwnedUserId,
    },
    /// Reads the message that another one answers, so that the helpdesk can show what it is about. Holds the lane: what
    /// is said next must not come first.
    ReadAnswered {
        said: Box<Said>,
        answered: OwnedEventId,
    },
    Invite {
        room: OwnedRoomId,
        user: OwnedUserId,
    },
    /// Into a desk's room: the owner of one of its tickets who does not serve it.
    InviteToDesk {
        desk: Desk,
        user: OwnedUserId,
    },
    /// Registers the ghost, invites it and lets it join.
    BringGhost {
        room: OwnedRoomId,
        person: PersonId,
        name: String,
    },
    SetPowers {
        room: OwnedRoomId,
        powers: Powers,
    },
    /// Shows a ticket's room in its desk's space, or takes it out of there.
    Shelve {
        desk: Desk,
        room: OwnedRoomId,
        shown: bool,
    },
    /// Moves a room down in somebody's own list of rooms (or back), where the homeserver lets us act for them.
    LowPriority {
        room: OwnedRoomId,
        user: OwnedUserId,
        low: bool,
    },
    /// What clients show beside the messages; `None` takes it away.
    SetWidget {
        room: OwnedRoomId,
        widget: Option<Widget>,
    },
    /// A customer's wish, to be granted by a reaction.
    AskForVideo {
        ticket: TicketId,
        speech: Speech,
    },
    Kick {
        room: OwnedRoomId,
        user: OwnedUserId,
        reason: String,
    },
    /// Whether those who come into the room later may read what was written before they were invited.
    SetHistory {
        room: OwnedRoomId,
        hidden: bool,
    },
    /// The room's people are sent on to the room of another ticket, once that has one.
    Replace {
        room: OwnedRoomId,
        by: TicketId,
        body: String,
    },
    /// Enters a room that is said to take the place of ours, and looks whether that is so.
    Inspect {
        former: Box<Room>,
        room: OwnedRoomId,
        by: OwnedUserId,
    },
    /// What a desk has in one room goes on in another: its agents, its alias, its place in the space, its tickets' cards.
    MoveDesk {
        desk: DeskId,
        from: OwnedRoomId,
        to: OwnedRoomId,
    },
    /// The room's name and its `m.bridge` state.
    Describe {
        room: OwnedRoomId,
        snapshot: Box<Snapshot>,
    },

    // --- helpdesk
    /// Holds the lane.
    CreateTicket {
        desk: DeskId,
        customer: OwnedUserId,
        customer_name: String,
        title: String,
        body: RichText,
        #[serde(default)]
        files: Vec<File>,
        marker: OwnedEventId,
        #[serde(default)]
        particulars: Particulars,
        /// The door or waiting room that it was written in.
        room: Room,
    },
    Post {
        ticket: TicketId,
        author: Author,
        visibility: Visibility,
        body: RichText,
        #[serde(default)]
        files: Vec<File>,
        marker: OwnedEventId,
        /// Where it was written, and where it is reported if it cannot be delivered.
        from: Option<Place>,
    },
    Accept {
        ticket: TicketId,
        login: String,
        agent: OwnedUserId,
    },
    /// Gives the ticket back, where it still is this agent's.
    Release {
        ticket: TicketId,
        /// Empty in rows of an older version, and then nobody's.
        #[serde(default)]
        login: String,
    },
    SetClosed {
        ticket: TicketId,
        closed: bool,
    },
    /// Closes the ticket for its customer, if nobody has accepted it.
    Cancel {
        ticket: TicketId,
        by: OwnedUserId,
        name: String,
        /// What they wrote, and where.
        cause: OwnedEventId,
        room: OwnedRoomId,
    },
    /// Writes the room's address into the ticket, for those who look at it in the helpdesk.
    LinkRoom {
        ticket: TicketId,
        room: OwnedRoomId,
    },
    /// Links something of elsewhere to the ticket.
    AttachLink {
        ticket: TicketId,
        url: String,
    },
    /// Reads the ticket again.
    LookAt {
        ticket: TicketId,
        batch: String,
    },
    /// Looks something up in the helpdesk's knowledge base for an agent, who reads the answer in `place`.
    Search {
        ticket: TicketId,
        agent: OwnedUserId,
        search: Search,
        place: Place,
    },
    /// Reads a message.
    FetchMessage {
        ticket: TicketId,
        message: MessageId,
    },

    // --- our own store, in the same transaction as the decision
    RememberTicket(Box<Ticket>),
    RememberRoom(Room),
    /// Counts what a customer was let do, or was told in a room.
    Admit {
        kind: Admission,
        user: OwnedUserId,
        room: OwnedRoomId,
    },
    /// Somebody chose the language that we speak with them.
    RememberLanguage {
        user: OwnedUserId,
        language: String,
    },
    ForgetRoom {
        room: OwnedRoomId,
    },
    /// Tries again what was given up in this ticket.
    RetryDeadLetters {
        ticket: TicketId,
    },
    /// Puts a fact into another lane.
    Tell {
        ticket: TicketId,
        fact: Box<Fact>,
    },
}
