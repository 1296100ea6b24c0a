//! `!help`: what this person may do here, now.

use super::super::video;
use super::super::view::View;
use super::{COMMANDS, Command};
use crate::model::{Agent, Ticket};
use crate::texts::Words;

pub const COMMAND: Command = Command {
    word: "help",
    help: |words| words.help_help(),
    offered: |_, _| true,
    run: |context| context.answer(&help_for_agent(context.ticket, context.agent, context.view, context.words())),
};

fn help_for_agent(ticket: &Ticket, agent: &Agent, view: &View, words: Words<'_>) -> String {
    let mut lines = vec![words.help_title(&ticket.snapshot.number)];
    let has_video = video::allowed(&view.settings, ticket).is_ok();
    let offered = COMMANDS
        .iter()
        .filter(|command| has_video || command.word != super::video::COMMAND.word)
        .filter(|command| (command.offered)(ticket, agent));
    lines.extend(offered.map(|command| (command.help)(words)));
    if ticket.is_owned_by(agent) && !ticket.snapshot.status.closed {
        lines.push(words.help_speaking());
    }
    lines.join("\n")
}

pub fn help_for_customer(ticket: &Ticket, words: Words<'_>) -> String {
    let number = &ticket.snapshot.number;
    if ticket.snapshot.status.closed {
        return words.help_for_customer_closed(number);
    }
    let mut lines = vec![words.help_for_customer(number)];
    lines.extend(super::cancel::help(ticket, words));
    lines.join("\n")
}
