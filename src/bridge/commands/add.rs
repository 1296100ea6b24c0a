//! `!add text`: adds words to the draft, or begins one with them.

use super::super::drafts;
use super::Command;

pub const COMMAND: Command = Command {
    word: "add",
    help: |words| words.help_add(),
    offered: |ticket, agent, _| drafts::offered(ticket, agent),
    run: |context| {
        let Some(place) = &context.thread else { return Vec::new() };
        if let Err(refusal) = drafts::may_write(context.agent, context.ticket, context.words()) {
            return context.answer(&refusal);
        }
        if !context.said.files.is_empty() {
            return vec![drafts::words_only(context.agent, place.clone(), context.view)];
        }
        if context.rest.is_empty() {
            return context.answer(&context.words().add_empty());
        }
        let more = crate::text::from_markdown(context.rest);
        drafts::add(context.agent, context.ticket, place, more, None, context.view)
    },
};
