//! `!invite`: customers who have left the ticket's room are invited again, however often they have left.

use super::super::away;
use super::{Command, Context};
use crate::model::{Effect, Ticket};

pub const COMMAND: Command = Command {
    word: "invite",
    help: |words| words.help_invite(),
    offered: |ticket, agent, _| ticket.is_owned_by(agent) && may_be_called(ticket),
    run: invite,
};

fn may_be_called(ticket: &Ticket) -> bool {
    !ticket.away.is_empty() && !ticket.snapshot.internal && !ticket.snapshot.status.closed
}

fn invite(context: &Context<'_>) -> Vec<Effect> {
    let (ticket, words) = (context.ticket, context.words());
    if let Some(refusal) = context.not_yours() {
        return refusal;
    }
    if ticket.snapshot.status.closed {
        return context.answer(&words.is_closed());
    }
    let mut after = ticket.clone();
    let mut effects = away::call_all(&mut after);
    if effects.is_empty() {
        return context.answer(&words.nobody_to_invite());
    }
    effects.extend(context.answer(&words.invited()));
    effects.push(Effect::RememberTicket(Box::new(after)));
    effects
}
