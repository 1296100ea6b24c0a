//! What customers can do in their ticket's room by a command; anything else that they write is words.

use super::super::view::View;
use super::super::{say, spoken, video};
use super::{cancel, help, of_customer, rest, typed_by_customer};
use crate::model::{Effect, Place, Said, Ticket};
use crate::texts::Words;

/// A command of customers. `!help` and `!language` are everybody's, and everywhere (`of_customer`).
pub struct CustomerCommand {
    pub word: &'static str,
    /// Its line in `!help`.
    pub help: fn(Words<'_>) -> String,
    /// Whether it can be used now: listed then, and refused with the reason otherwise.
    pub offered: fn(&Ticket, &View) -> bool,
    pub run: fn(&Said, &Ticket, &View) -> Vec<Effect>,
}

/// All of them, in the order in which `!help` lists them.
pub const CUSTOMER_COMMANDS: &[CustomerCommand] = &[
    CustomerCommand {
        word: super::video::COMMAND.word,
        help: |words| words.help_video_wish(),
        offered: video::may_wish,
        run: video::wished,
    },
    cancel::COMMAND,
];

/// The answer to a customer's command at a door or in a waiting room, where most are of no use; `None`: they are only words.
pub fn before_ticket(said: &Said, view: &View, help: impl FnOnce(Words<'_>) -> String) -> Option<Vec<Effect>> {
    if let Some(answer) = of_customer(said, view, help) {
        return Some(answer);
    }
    // With words behind it, those are for whoever reads the ticket.
    let typed = typed_by_customer(said).filter(|_| rest(&said.text).is_empty())?;
    let command = CUSTOMER_COMMANDS.iter().find(|command| command.word.eq_ignore_ascii_case(typed))?;
    let text = view.words_for(&said.sender).room_only(command.word);
    Some(vec![say::reply(Place::Room(said.room.clone()), &said.event, &text)])
}

/// The answer to a customer's command; `None`: they are only words.
pub fn in_ticket_room(said: &Said, ticket: &Ticket, view: &View) -> Option<Vec<Effect>> {
    if let Some(answer) = of_customer(said, view, |words| help::for_customer(ticket, view, words)) {
        return Some(answer);
    }
    let typed = typed_by_customer(said)?;
    // What came in before the lock and is read after it is no command any more: there is nobody to read an answer.
    let mut commands = CUSTOMER_COMMANDS.iter().filter(|_| !ticket.snapshot.status.closed);
    let command = commands.find(|command| command.word.eq_ignore_ascii_case(typed))?;
    let words = (!rest(&said.text).is_empty()).then(|| spoken::post_as_customer(ticket, said, view));
    Some(words.into_iter().chain((command.run)(said, ticket, view)).collect())
}
