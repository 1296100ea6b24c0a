//! `!accept`: makes the agent the ticket's owner.

use super::super::offer;
use super::Command;

pub const COMMAND: Command = Command {
    word: "accept",
    help: |words| words.help_accept(),
    offered: |ticket, _, _| ticket.snapshot.owner.is_none() && !ticket.snapshot.status.closed,
    run: |context| offer::accept(context.agent, context.ticket, context.view),
};
