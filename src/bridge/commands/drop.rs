//! `!drop`: drops the agent's draft (the same as ❌ on it).

use super::super::{drafts, sending};
use super::Command;

pub const COMMAND: Command = Command {
    word: "drop",
    help: |words| words.help_drop(),
    offered: |ticket, agent, _| drafts::of(agent, ticket).is_some(),
    run: |context| match drafts::of(context.agent, context.ticket) {
        Some(draft) => sending::drop(context.agent, context.ticket, draft, context.view),
        None => context.answer(&context.words().draft_none()),
    },
};
