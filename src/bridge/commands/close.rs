//! `!close`: closes the ticket and locks its room.

use super::Command;
use crate::model::Effect;

pub const COMMAND: Command = Command {
    word: "close",
    help: |words| words.help_close(),
    offered: |ticket, agent| {
        !ticket.snapshot.status.closed && ticket.snapshot.owner.as_ref().is_some_and(|owner| owner.login == agent.login)
    },
    run: |context| {
        if context.ticket.snapshot.status.closed {
            return context.answer(&context.words().is_closed());
        }
        if !context.is_owner() {
            return context.not_yours();
        }
        vec![Effect::SetClosed { ticket: context.ticket.snapshot.id.clone(), closed: true }]
    },
};
