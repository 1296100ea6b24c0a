//! `!help`: lists what this person may do here, now.

use super::super::view::View;
use super::{COMMANDS, CUSTOMER_COMMANDS, Command};
use crate::model::{Agent, Ticket};
use crate::texts::Words;

pub const COMMAND: Command = Command {
    word: "help",
    help: |words| words.help_help(),
    offered: |_, _, _| true,
    run: |context| context.answer(&for_agent(context.ticket, context.agent, context.view, context.words())),
};

fn for_agent(ticket: &Ticket, agent: &Agent, view: &View, words: Words<'_>) -> String {
    let mut lines = vec![words.help_title(&ticket.snapshot.number)];
    let offered = COMMANDS.iter().filter(|command| (command.offered)(ticket, agent, &view.settings));
    lines.extend(offered.map(|command| (command.help)(words)));
    if ticket.is_owned_by(agent) && !ticket.snapshot.status.closed && !ticket.snapshot.internal {
        lines.push(words.help_speaking());
    }
    lines.join("\n")
}

/// In a ticket's room; what is said everywhere to everybody is added by whoever asks.
pub fn for_customer(ticket: &Ticket, view: &View, words: Words<'_>) -> String {
    let number = &ticket.snapshot.number;
    if ticket.snapshot.status.closed {
        return words.help_for_customer_closed(number);
    }
    let offered = CUSTOMER_COMMANDS.iter().filter(|command| (command.offered)(ticket, view));
    let lines = offered.map(|command| (command.help)(words));
    std::iter::once(words.help_for_customer(number)).chain(lines).collect::<Vec<_>>().join("\n")
}
