//! `!note text`: an internal note, unseen by the customer. In the thread the plain text alone does the same.

use super::super::spoken;
use super::Command;

pub const COMMAND: Command = Command {
    word: "note",
    help: |words| words.help_note(),
    offered: |_, _, _| true,
    run: |context| {
        if context.rest.is_empty() {
            return context.answer(&context.words().note_empty());
        }
        vec![spoken::note(context.ticket, context.said, context.agent, context.rest)]
    },
};
