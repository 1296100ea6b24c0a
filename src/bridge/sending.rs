//! What becomes of a draft: a message to the customer, or nothing.

use super::drafts::{bold, may_write, not_theirs, show_again};
use super::view::View;
use super::{away, links, say, spoken};
use crate::model::{Agent, Author, Block, Draft, Effect, RichText, Shown, Ticket};

/// The draft becomes a message: in the room under the agent's name, and in the ticket as their reply.
pub fn send(agent: &Agent, ticket: &Ticket, draft: &Draft, view: &View) -> Vec<Effect> {
    let words = view.words_for(&agent.matrix);
    let tell = |text: String| vec![say::notice(draft.place.clone(), text)];
    if let Some(refusal) = not_theirs(agent, draft, view) {
        return refusal;
    }
    if let Err(refusal) = may_write(agent, ticket, words) {
        return tell(refusal);
    }
    if !draft.unknown.is_empty() {
        return tell(words.draft_unknown(draft.unknown.join(", ")));
    }
    let Some(room) = ticket.room.clone() else { return Vec::new() };
    let mut after = without(ticket, draft);
    let mut effects = away::call(&mut after);
    let speech = links::as_agent(agent, &mut after, &room, draft.body.clone(), view, &mut effects);
    effects.extend([
        // Together with what it leads to: who taps twice, or whoever is killed in between, sends it once.
        Effect::RememberTicket(Box::new(after)),
        Effect::Say(links::instead_of(&draft.event, ticket, speech)),
        post(ticket, agent, draft),
        show_again(draft, closed_with(words.draft_sent(&agent.name), &draft.body)),
    ]);
    effects
}

/// Marked by the draft's event, which nothing else is made from.
fn post(ticket: &Ticket, agent: &Agent, draft: &Draft) -> Effect {
    Effect::Post {
        ticket: ticket.snapshot.id.clone(),
        author: Author::Agent { login: agent.login.clone(), name: agent.name.clone() },
        visibility: spoken::visibility_in_room(ticket),
        body: draft.body.clone(),
        files: Vec::new(),
        marker: draft.event.clone(),
        from: Some(draft.place.clone()),
    }
}

/// Its agent drops it, or whoever owns the ticket now.
pub fn drop(agent: &Agent, ticket: &Ticket, draft: &Draft, view: &View) -> Vec<Effect> {
    match not_theirs(agent, draft, view) {
        Some(refusal) if !ticket.is_owned_by(agent) => refusal,
        _ => vec![
            Effect::RememberTicket(Box::new(without(ticket, draft))),
            show_again(draft, closed_with(view.words_for(&agent.matrix).draft_dropped(&agent.name), &draft.body)),
        ],
    }
}

fn without(ticket: &Ticket, draft: &Draft) -> Ticket {
    let mut after = ticket.clone();
    after.drafts.retain(|other| other.event != draft.event);
    after.shown.iter_mut().filter(|list| list.agent == draft.agent).for_each(Shown::outlive);
    after
}

fn closed_with(title: String, body: &RichText) -> RichText {
    RichText { blocks: vec![bold(title), Block::Quote(body.blocks.clone())] }
}
