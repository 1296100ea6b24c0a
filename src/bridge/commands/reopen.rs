//! `!reopen`: opens a closed ticket again and unlocks its room.

use super::super::words;
use super::Command;
use crate::model::Effect;

pub const COMMAND: Command = Command {
    word: "reopen",
    usage: "!reopen",
    purpose: "open this ticket again; its room is unlocked",
    // Any agent of the desk: the owner may be away when the customer calls again.
    offered: |ticket, _| ticket.snapshot.status.closed,
    run: |context| {
        if !context.ticket.snapshot.status.closed {
            return context.answer(words::IS_OPEN);
        }
        vec![Effect::SetClosed { ticket: context.ticket.snapshot.id.clone(), closed: false }]
    },
};
