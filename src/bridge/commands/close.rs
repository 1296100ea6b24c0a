//! `!close`: closes the ticket and locks its room.

use super::Command;
use crate::model::Effect;

pub const COMMAND: Command = Command {
    word: "close",
    help: |words| words.help_close(),
    offered: |ticket, agent, _| !ticket.snapshot.status.closed && ticket.is_owned_by(agent),
    run: |context| {
        if context.ticket.snapshot.status.closed {
            return context.answer(&context.words().is_closed());
        }
        if let Some(refusal) = context.not_yours() {
            return refusal;
        }
        vec![Effect::SetClosed { ticket: context.ticket.snapshot.id.clone(), closed: true }]
    },
};
