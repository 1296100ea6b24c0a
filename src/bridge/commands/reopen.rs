//! `!reopen`: opens a closed ticket again and unlocks its room.

use super::Command;
use crate::model::Effect;

pub const COMMAND: Command = Command {
    word: "reopen",
    help: |words| words.help_reopen(),
    // Any agent of the desk: the owner may be away when the customer calls again.
    offered: |ticket, _, _| ticket.snapshot.status.closed,
    run: |context| {
        if !context.ticket.snapshot.status.closed {
            return context.answer(&context.words().is_open());
        }
        vec![Effect::SetClosed { ticket: context.ticket.snapshot.id.clone(), closed: false }]
    },
};
