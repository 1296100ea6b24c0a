//! All that the bot says, in one place.

use crate::model::Snapshot;

pub const GREETING: &str = "Hello! Write here what it is about, and I will open a ticket and invite you to its room.";
pub const ENCRYPTED_DOOR: &str = "I can't read encrypted messages yet, so I have opened an unencrypted room for you: please accept the invitation and write there.";
pub const ENCRYPTED_ROOM: &str =
    "This message is encrypted and could not be delivered: I can't read encrypted messages yet.";
pub const WAITING_WELCOME: &str = "Please write here what it is about. Your first message becomes the ticket.";
pub const NO_EDITS: &str =
    "Messages here can't be edited, so your change was undone. Please send a new message instead.";
pub const EDIT_REASON: &str = "Messages of a ticket can't be edited";
pub const COMMAND_REASON: &str = "Command carried out";
pub const LINK_REASON: &str = "Written again with the link";
pub const NOT_AN_AGENT: &str =
    "You are not set up as an agent of this desk. Ask the administrator to add you to “agents” in the configuration.";
pub const THREAD_ONLY: &str =
    "Please write this in the thread of a ticket's offer, so that I know which ticket you mean.";
pub const ACCEPT_FIRST: &str = "Please accept the ticket first (✅ on its offer, or !accept).";
pub const NOTE_EMPTY: &str = "Write the note behind the command, for example: !note Customer has been called.";
pub const IS_CLOSED: &str = "This ticket is closed. Reopen it first (!reopen).";
pub const CARD_CLOSED: &str = "This ticket is closed. !reopen in the thread opens it again.";
pub const IS_OPEN: &str = "This ticket is open already.";

pub const NOT_SAID: &str = "What was written in the agent's name could not be said in the room";
pub const NOT_LOCKED: &str = "The room could not be locked";
pub const NOT_LEVELLED: &str = "Who may write in the room could not be changed";
pub const NOT_REMOVED: &str = "A message could not be removed from the room";
/// Of an unknown command that much is repeated in the answer.
const COMMAND_CHARS_MAX: usize = 20;

pub fn room_name(snapshot: &Snapshot) -> String {
    format!("#{} {}", snapshot.number, crate::text::title(&snapshot.title))
}

pub fn opened_at_door(number: &str) -> String {
    format!("Thank you. This is ticket #{number} now; you are invited to its room, where we go on.")
}

pub fn welcome(number: &str) -> String {
    format!("This is the room of ticket #{number}. What is written here is part of the ticket.")
}

pub fn wrote(name: &str) -> String {
    format!("{name} wrote:")
}

pub fn closed() -> String {
    "This ticket was closed. Nobody can write here any more.".to_owned()
}

pub fn reopened() -> String {
    "This ticket was reopened. You can write here again.".to_owned()
}

pub fn status(label: &str) -> String {
    format!("The ticket's status is now “{label}”.")
}

pub fn owner(name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{name} now takes care of this ticket."),
        None => "This ticket waits for someone to take care of it again.".to_owned(),
    }
}

pub fn priority(label: Option<&str>) -> String {
    match label {
        Some(label) => format!("The ticket's priority is now {label}."),
        None => "The ticket has no special priority any more.".to_owned(),
    }
}

pub fn desk(name: &str) -> String {
    format!("The ticket was handed over to “{name}”.")
}

pub fn title(title: &str) -> String {
    format!("The ticket's subject is now “{}”.", crate::text::title(title))
}

pub fn accepted(name: &str) -> String {
    format!("{name} has accepted this ticket.")
}

pub fn released(name: &str) -> String {
    format!("{name} has given this ticket back. ✅ on the offer accepts it.")
}

pub fn free_again() -> String {
    "Nobody owns this ticket any more. ✅ on the offer accepts it.".to_owned()
}

pub fn already_yours(agent: &str) -> String {
    format!("{agent}: you have accepted this ticket already.")
}

pub fn faster(agent: &str, winner: &str) -> String {
    format!("{agent}: {winner} was faster and has this ticket now.")
}

pub fn not_yours(agent: &str, owner: Option<&str>) -> String {
    match owner {
        Some(owner) => format!("{agent}: this ticket belongs to {owner}."),
        None => format!("{agent}: {ACCEPT_FIRST}"),
    }
}

pub fn refused(agent: &str, reason: &str) -> String {
    format!("{agent}: the helpdesk refused: {reason}")
}

pub fn unknown_command(word: &str) -> String {
    let word: String = word.chars().take(COMMAND_CHARS_MAX).collect();
    format!("I don't know !{word}. !help lists what you can do.")
}

pub fn not_done(what: &str, reason: &str) -> String {
    format!("{what}: {reason}")
}

pub fn not_invited(user: &ruma::UserId) -> String {
    format!("{user} could not be invited to the ticket's room")
}

pub fn undelivered(reason: &str) -> String {
    format!("This message could not be delivered to the helpdesk: {reason}")
}

pub fn undelivered_ticket(reason: &str) -> String {
    format!("Your ticket could not be opened: {reason} Please try again later or use another way to reach us.")
}

pub fn undelivered_to_room(reason: &str) -> String {
    format!("Ticketroom: the message before could not be delivered to the Matrix room: {reason}")
}

pub fn unsupported(what: &str) -> String {
    format!("{what} can't be carried into the ticket yet, so the helpdesk will not see this. Please write it as text.")
}

pub fn moved_thread(name: &str) -> String {
    format!("Handed over to “{name}”; the offer is in that desk's room now.")
}
