//! `!send`: sends the agent's draft to the customer (the same as ✅ on it).

use super::super::{drafts, sending};
use super::Command;

pub const COMMAND: Command = Command {
    word: "send",
    help: |words| words.help_send(),
    offered: |ticket, agent, _| {
        drafts::offered(ticket, agent) && drafts::of(agent, ticket).is_some_and(|draft| draft.unknown.is_empty())
    },
    run: |context| match drafts::of(context.agent, context.ticket) {
        Some(draft) => sending::send(context.agent, context.ticket, draft, context.view),
        None => context.answer(&context.words().draft_none()),
    },
};
