//! `!help`: what this person may do here, now.

use super::{COMMANDS, Command};
use crate::model::{Agent, Ticket};

pub const COMMAND: Command = Command {
    word: "help",
    usage: "!help",
    purpose: "this list",
    offered: |_, _| true,
    run: |context| context.answer(&help_for_agent(context.ticket, context.agent)),
};

fn help_for_agent(ticket: &Ticket, agent: &Agent) -> String {
    let mut lines = vec![format!("Ticket #{}: you can use", ticket.snapshot.number)];
    for command in COMMANDS.iter().filter(|command| (command.offered)(ticket, agent)) {
        lines.push(format!("{} – {}", command.usage, command.purpose));
    }
    let owner = ticket.snapshot.owner.as_ref();
    if owner.is_some_and(|owner| owner.login == agent.login) && !ticket.snapshot.status.closed {
        lines.push("What you write in the ticket room goes to the customer.".to_owned());
    }
    lines.join("\n")
}

pub fn help_for_customer(ticket: &Ticket) -> String {
    if ticket.snapshot.status.closed {
        return format!("Ticket #{} is closed. Write to me directly to open another one.", ticket.snapshot.number);
    }
    format!(
        "What you write here goes into ticket #{}, and whoever takes care of it answers here. Messages can't be edited \
         or deleted. When the ticket is closed, this room is locked.",
        ticket.snapshot.number
    )
}

pub fn help_for_desk() -> String {
    "Every ticket of this desk is offered here. ✅ on an offer accepts the ticket; everything else is done in the \
     offer's thread: write !help there."
        .to_owned()
}
