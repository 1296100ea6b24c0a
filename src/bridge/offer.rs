//! The offer: the card in the desk room, and its acceptance.

use ruma::{OwnedEventId, OwnedUserId};

use super::say;
use super::view::View;
use crate::model::{
    Acceptance, Agent, Block, Desk, Effect, Inline, Place, RichText, Settings, Side, Snapshot, Speech, Ticket, Why,
};
use crate::texts::Words;

/// The reaction that accepts, as clients send it with and without the emoji variation selector.
pub const ACCEPT: &str = "✅";
/// Characters of the first message that the card shows.
const EXCERPT_CHARS: usize = 280;

fn line(label: &str, content: Vec<Inline>) -> Vec<Inline> {
    let mut inlines = vec![Inline::Bold(vec![Inline::Text(format!("{label}: "))])];
    inlines.extend(content);
    inlines
}

/// The card of a ticket for its desk's room.
pub fn card(ticket: &Ticket, view: &View) -> Effect {
    let words = view.desk_words();
    let speech = card_speech(&ticket.snapshot, desk_of(&ticket.snapshot), state(&ticket.snapshot, words), words);
    Effect::Say(Speech { offer_of: Some(ticket.snapshot.id.clone()), ..speech })
}

/// The card says who has the ticket now, so that a glance at the desk's room shows what is free.
pub fn card_again(ticket: &Ticket, view: &View) -> Option<Effect> {
    replace_card(ticket, state(&ticket.snapshot, view.desk_words()), view)
}

/// The card at the desk that the ticket has left says where it went.
pub fn card_moved(ticket: &Ticket, view: &View) -> Option<Effect> {
    replace_card(ticket, view.desk_words().moved_thread(&ticket.snapshot.desk_name), view)
}

fn replace_card(ticket: &Ticket, state: String, view: &View) -> Option<Effect> {
    let (desk, card) = (ticket.card_desk.clone()?, ticket.card.clone()?);
    let speech = card_speech(&ticket.snapshot, desk, state, view.desk_words());
    Some(Effect::Say(Speech { replaces: Some(card), ..speech }))
}

/// Whether the ticket is free, in words.
fn state(snapshot: &Snapshot, words: Words<'_>) -> String {
    match &snapshot.owner {
        _ if snapshot.merged_into.is_some() => {
            let into = snapshot.merged_into.as_ref().map(|into| into.number.clone());
            words.card_merged(into.unwrap_or_default())
        }
        _ if snapshot.status.closed => words.card_closed(),
        Some(owner) => words.accepted(&owner.name),
        None => words.card_free(),
    }
}

fn card_speech(snapshot: &Snapshot, desk: Desk, state: String, words: Words<'_>) -> Speech {
    let customer = snapshot.customers.first().map_or("—", |person| person.name.as_str());
    let mut head = vec![Inline::Bold(vec![Inline::Text(snapshot.name())]), Inline::Break];
    head.extend(line(&words.card_customer(), vec![Inline::Text(customer.to_owned())]));
    if let Some(priority) = &snapshot.priority {
        head.push(Inline::Break);
        head.extend(line(&words.card_priority(), vec![Inline::Text(words.priority_name(priority))]));
    }
    let mut blocks = vec![Block::Paragraph(head)];
    // What is too long is cut here, too: only that there is nothing but a picture has to be said.
    let lacks = snapshot.lacks.filter(|_| snapshot.description.is_empty());
    let description = say::whole(&snapshot.description, lacks, words);
    if !description.is_empty() {
        blocks.push(Block::Quote(crate::text::excerpt(&description, EXCERPT_CHARS).blocks));
    }
    if snapshot.internal {
        blocks.push(Block::Paragraph(vec![Inline::Bold(vec![Inline::Text(words.card_internal())])]));
    }
    blocks.push(Block::Paragraph(vec![
        Inline::Link { url: snapshot.url.clone(), content: vec![Inline::Text(words.card_link())] },
        Inline::Break,
        Inline::Text(state),
    ]));
    say::speech(Place::Desk { desk }, RichText { blocks })
}

pub fn desk_of(snapshot: &Snapshot) -> Desk {
    Desk { id: snapshot.desk.clone(), name: snapshot.desk_name.clone() }
}

/// Where what belongs to no desk is said.
pub fn default_desk(view: &View) -> Desk {
    let id = view.settings.default_desk.clone();
    Desk { name: id.to_string(), id }
}

/// ✅ on the card.
pub fn reacted(sender: &OwnedUserId, target: &OwnedEventId, key: &str, view: &View) -> Vec<Effect> {
    if view.settings.is_ours(sender) || key.trim_end_matches('\u{fe0f}') != ACCEPT {
        return Vec::new();
    }
    let Some(ticket) = view.ticket.as_ref().filter(|ticket| ticket.is_card(target)) else {
        return Vec::new();
    };
    match view.settings.agent(sender) {
        Some(agent) => accept(agent, ticket, view),
        None => say::in_thread(ticket, &view.words_for(sender).not_an_agent()).into_iter().collect(),
    }
}

/// What an agent is told who may not do what only the ticket's owner may; `None`: they are the owner.
pub fn not_yours(agent: &Agent, ticket: &Ticket, words: Words<'_>) -> Option<String> {
    match &ticket.snapshot.owner {
        Some(_) if ticket.is_owned_by(agent) => None,
        Some(owner) => Some(words.not_yours(&agent.name, &owner.name)),
        None => Some(words.accept_first(&agent.name)),
    }
}

/// An owner who does not serve the ticket's desk: its thread, where they find notes, drafts and answers, is in the desk's room
/// (docs/decisions/0028).
pub fn into_desk(ticket: &Ticket, settings: &Settings) -> Option<Effect> {
    let (desk, user) = (desk_of(&ticket.snapshot), ticket.writer.clone()?);
    let is_outside = settings.agent(&user).is_some_and(|agent| !agent.serves(&desk));
    is_outside.then_some(Effect::InviteToDesk { desk, user })
}

/// An agent wants the ticket.
pub fn accept(agent: &Agent, ticket: &Ticket, view: &View) -> Vec<Effect> {
    let words = view.words_for(&agent.matrix);
    let tell = |text: &str| -> Vec<Effect> { say::in_thread(ticket, text).into_iter().collect() };
    if let Some(into) = &ticket.snapshot.merged_into {
        return tell(&words.merged_in_thread(&into.number));
    }
    if ticket.snapshot.status.closed {
        return tell(&words.is_closed());
    }
    match &ticket.snapshot.owner {
        Some(_) if ticket.is_owned_by(agent) => {
            let mut effects = tell(&words.already_yours(&agent.name));
            // They may have left the room, and have no other way back.
            effects.extend(ticket.room.clone().map(|room| Effect::Invite { room, user: agent.matrix.clone() }));
            effects.extend(into_desk(ticket, &view.settings));
            effects
        }
        Some(owner) => tell(&words.faster(&agent.name, &owner.name)),
        None => vec![Effect::Accept {
            ticket: ticket.snapshot.id.clone(),
            login: agent.login.clone(),
            agent: agent.matrix.clone(),
        }],
    }
}

/// The helpdesk has answered an agent's wish to give the ticket back: it may have been given to somebody else meanwhile.
pub fn released(login: &str, snapshot: &Snapshot, view: &View) -> Vec<Effect> {
    let mut effects = super::seen::seen(snapshot, view);
    if let (Some(agent), Some(owner), Some(ticket)) =
        (view.settings.agent_by_login(login), &snapshot.owner, &view.ticket)
    {
        let text = view.words_for(&agent.matrix).not_yours(&agent.name, &owner.name);
        effects.extend(say::in_thread(ticket, &text));
    }
    effects
}

/// The helpdesk has answered an attempt to accept.
pub fn answered(login: &str, acceptance: &Acceptance, view: &View) -> Vec<Effect> {
    let agent = view.settings.agent_by_login(login);
    let name = agent.map_or(login, |agent| agent.name.as_str());
    let words = agent.map_or_else(|| view.desk_words(), |agent| view.words_for(&agent.matrix));
    let Some(ticket) = &view.ticket else { return Vec::new() };
    match acceptance {
        Acceptance::Accepted(snapshot) => super::seen::seen(snapshot, view),
        Acceptance::OwnedBy(owner, snapshot) => {
            let mut effects = super::seen::seen(snapshot, view);
            effects.extend(say::in_thread(ticket, &words.faster(name, &owner.name)));
            effects
        }
        Acceptance::Denied(said) => {
            let why = words.why(&Why::said(said), Side::Helpdesk);
            say::in_thread(ticket, &words.refused_agent(name, why)).into_iter().collect()
        }
    }
}
