//! `!retry`: what was given up in this ticket is tried again.

use super::Command;
use crate::model::Effect;

pub const COMMAND: Command = Command {
    word: "retry",
    help: |words| words.help_retry(),
    offered: |_, _, _| true,
    run: |context| {
        let mut effects = vec![Effect::RetryDeadLetters { ticket: context.ticket.snapshot.id.clone() }];
        effects.extend(context.answer(&context.words().retrying()));
        effects
    },
};
