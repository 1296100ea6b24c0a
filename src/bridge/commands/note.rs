//! `!note text`: an internal note, unseen by the customer. In the thread the plain text alone does the same.

use super::super::{spoken, words};
use super::Command;

pub const COMMAND: Command = Command {
    word: "note",
    usage: "!note text",
    purpose: "write an internal note (in the offer's thread plain text is one, too)",
    offered: |_, _| true,
    run: |context| {
        if context.rest.is_empty() {
            return context.answer(words::NOTE_EMPTY);
        }
        vec![spoken::note(context.ticket, context.said, context.agent, context.rest)]
    },
};
