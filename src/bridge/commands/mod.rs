//! The agents' commands: `!word`, one file each. They begin with `!` because `/` is caught by clients.

mod accept;
mod add;
mod block;
pub mod cancel;
mod close;
mod customer;
mod drop;
mod help;
mod invite;
mod language;
mod link;
mod note;
mod release;
mod reopen;
mod retry;
mod send;
mod video;

use super::view::View;
use super::{offer, say};
use crate::model::{Agent, Desk, Effect, File, Place, Said, Settings, Ticket};
use crate::text::is_invisible;
use crate::texts::Words;

pub use customer::{CUSTOMER_COMMANDS, CustomerCommand, before_ticket, in_ticket_room};

/// Of an unknown command that much is repeated in the answer.
const WORD_CHARS_MAX: usize = 20;

/// What a command gets to work with.
pub struct Context<'a> {
    pub said: &'a Said,
    pub agent: &'a Agent,
    pub ticket: &'a Ticket,
    /// Where it is answered, unseen by the customer.
    pub thread: Option<Place>,
    /// What stands behind the command.
    pub rest: &'a str,
    pub view: &'a View,
}

impl Context<'_> {
    /// In the language of the agent.
    pub fn words(&self) -> Words<'_> {
        self.view.words_for(&self.agent.matrix)
    }

    /// An answer in the ticket's thread, unseen by the customer.
    pub fn answer(&self, text: &str) -> Vec<Effect> {
        self.thread.clone().map(|place| say::notice(place, text)).into_iter().collect()
    }

    /// The answer to somebody who is not the ticket's owner.
    pub fn not_yours(&self) -> Option<Vec<Effect>> {
        offer::not_yours(self.agent, self.ticket, self.words()).map(|refusal| self.answer(&refusal))
    }
}

/// One command: its word, what it is for, whether it can be used now, and what it does.
pub struct Command {
    pub word: &'static str,
    /// Its line in `!help`: what to type, and what for.
    pub help: fn(Words<'_>) -> String,
    pub offered: fn(&Ticket, &Agent, &Settings) -> bool,
    pub run: fn(&Context<'_>) -> Vec<Effect>,
}

/// All of them, in the order in which `!help` lists them.
pub const COMMANDS: &[Command] = &[
    accept::COMMAND,
    release::COMMAND,
    note::COMMAND,
    link::COMMAND,
    block::COMMAND,
    add::COMMAND,
    send::COMMAND,
    drop::COMMAND,
    video::COMMAND,
    invite::COMMAND,
    close::COMMAND,
    reopen::COMMAND,
    retry::COMMAND,
    language::COMMAND,
    help::COMMAND,
];

/// The word of a command; `!` alone, `!!` or `! x` is none.
pub fn word(text: &str) -> Option<&str> {
    parts(text).map(|(word, _)| word)
}

/// What stands behind the command.
fn rest(text: &str) -> &str {
    parts(text).map_or("", |(_, rest)| rest)
}

/// What is meant as a command must not reach the customer, however it is written: "!note: …", "!note:…" and "!link3" are
/// these commands, and what is written onto one otherwise ("!close-valve") is one that nobody knows.
fn parts(text: &str) -> Option<(&str, &str)> {
    let is_gap = |c: char| c.is_whitespace() || is_invisible(c);
    let is_mark = |c: char| matches!(c, ':' | ',' | ';' | '.' | '!' | '?');
    let typed = text.trim_start_matches(is_gap).strip_prefix('!')?;
    let (word, glued) = typed.split_at(typed.find(|c: char| !c.is_alphabetic()).unwrap_or(typed.len()));
    let behind = glued.trim_start_matches(is_mark);
    if word.is_empty() {
        return None;
    }
    if behind.is_empty() || behind.starts_with(is_gap) {
        return Some((word, behind.trim_matches(is_gap)));
    }
    if !COMMANDS.iter().any(|command| command.word.eq_ignore_ascii_case(word)) {
        return None;
    }
    if behind.len() < glued.len() || glued.starts_with(|c: char| c.is_ascii_digit()) {
        return Some((word, behind.trim_matches(is_gap)));
    }
    let (whole, behind) = typed.split_at(typed.find(is_gap).unwrap_or(typed.len()));
    Some((whole, behind.trim_matches(is_gap)))
}

/// The command that a customer typed. Where there is more to it, or a file, it is something that they have to tell: an answer
/// of ours would be all that became of it.
fn typed_by_customer(said: &Said) -> Option<&str> {
    let (word, rest) = parts(&said.text)?;
    let is = |command: &str| command.eq_ignore_ascii_case(word);
    // Whoever takes a ticket back may say why; and a language is one word.
    let is_all = rest.is_empty()
        || is(cancel::COMMAND.word)
        || (is(language::COMMAND.word) && !rest.contains(char::is_whitespace));
    (is_all && said.files.is_empty()).then_some(word)
}

/// The answer to a command of a customer, given at the command; `help` is what `!help` says here. `None`: they are only
/// words. Phones write commands with a capital.
pub fn of_customer(said: &Said, view: &View, help: impl FnOnce(Words<'_>) -> String) -> Option<Vec<Effect>> {
    let place = Place::Room(said.room.clone());
    if typed_by_customer(said)?.eq_ignore_ascii_case(help::COMMAND.word) {
        let words = view.words_for(&said.sender);
        let text = format!("{}\n{}", help(words), words.help_language());
        return Some(vec![say::reply(place, &said.event, &text)]);
    }
    let (remember, answer) = language::answer(said, view)?;
    Some(remember.into_iter().chain([say::reply(place, &said.event, &answer)]).collect())
}

pub fn run(said: &Said, agent: &Agent, ticket: &Ticket, view: &View) -> Vec<Effect> {
    let Some(word) = word(&said.text) else { return Vec::new() };
    let context = Context { said, agent, ticket, thread: thread(said, ticket, view), rest: rest(&said.text), view };
    if let Some(into) = &ticket.snapshot.merged_into {
        // What the helpdesk is asked of this ticket would be done to the other one.
        return context.answer(&context.words().merged_in_thread(&into.number));
    }
    match COMMANDS.iter().find(|command| command.word.eq_ignore_ascii_case(word)) {
        Some(command) => {
            let mut effects = (command.run)(&context);
            effects.extend(left_files(command, &context, &effects));
            effects
        }
        None => context.answer(&unknown(word, context.words())),
    }
}

/// Files beneath a command that does nothing with them.
fn left_files(command: &Command, context: &Context<'_>, effects: &[Effect]) -> Vec<Effect> {
    let files = &context.said.files;
    // `!add` says so itself.
    if command.word == add::COMMAND.word || effects.iter().any(|effect| effect.files() == files.as_slice()) {
        return Vec::new();
    }
    let words = context.words();
    let told = |file: &File| {
        let name = crate::text::file_name(&file.name);
        context.answer(&words.file_not_passed_on(name.as_str(), words.file_beside_command()))
    };
    files.iter().flat_map(told).collect()
}

fn unknown(word: &str, words: Words<'_>) -> String {
    words.unknown_command(word.chars().take(WORD_CHARS_MAX).collect::<String>())
}

/// The thread in which the command stands, which is an old one where the ticket has moved on; the ticket's own otherwise.
fn thread(said: &Said, ticket: &Ticket, view: &View) -> Option<Place> {
    match (view.room.as_ref().and_then(|room| room.kind.desk()), &said.thread) {
        (Some(id), Some(root)) => {
            let desk = Desk { id: id.clone(), name: ticket.snapshot.desk_name.clone() };
            Some(Place::Thread { desk, root: root.clone() })
        }
        _ => say::thread(ticket),
    }
}

/// In the desk room outside of any ticket's thread.
pub fn without_ticket(said: &Said, view: &View) -> Vec<Effect> {
    let words = view.words_for(&said.sender);
    let place = Place::Room(said.room.clone());
    if let Some((remember, answer)) = language::answer(said, view) {
        return remember.into_iter().chain([say::reply(place, &said.event, &answer)]).collect();
    }
    match word(&said.text) {
        Some(word) if word.eq_ignore_ascii_case("help") => {
            vec![say::reply(place, &said.event, &words.help_for_desk())]
        }
        Some(word) if COMMANDS.iter().any(|command| command.word.eq_ignore_ascii_case(word)) => {
            vec![say::reply(place, &said.event, &words.thread_only())]
        }
        Some(word) => vec![say::reply(place, &said.event, &unknown(word, words))],
        None => Vec::new(),
    }
}
