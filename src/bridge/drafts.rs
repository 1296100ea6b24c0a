//! Drafts: what an agent prepares in the ticket's thread, until ✅ or `!send` makes it a message to the customer.
//!
//! An agent has one draft in a ticket: what is prepared next is added to it, so that `!send` leaves no doubt.

use ruma::{OwnedEventId, OwnedUserId};

use super::view::View;
use super::{links, offer, say, sending, variables};
use crate::model::{Agent, Block, Draft, Effect, Inline, Manner, Place, Prepared, RichText, Said, Speech, Ticket};
use crate::texts::Words;

pub const SEND: &str = offer::ACCEPT;
pub const DROP: &str = "❌";
/// A reply that begins with it is added to the draft; any other takes its place.
const ADD: char = '+';
/// More than anybody reads in a chat, and few enough for one event.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// Drafts of one ticket; the oldest give way.
const DRAFTS_MAX: usize = 8;

/// The agent's draft in this ticket.
pub fn of<'t>(agent: &Agent, ticket: &'t Ticket) -> Option<&'t Draft> {
    ticket.drafts.iter().find(|draft| draft.agent == agent.matrix)
}

/// The owner alone writes to the customer, and only while the ticket is open; otherwise what to answer.
pub fn may_write(agent: &Agent, ticket: &Ticket, words: Words<'_>) -> Result<(), String> {
    if ticket.snapshot.status.closed {
        return Err(words.is_closed());
    }
    offer::not_yours(agent, ticket, words).map_or(Ok(()), Err)
}

/// Adds to the agent's draft, or begins it. `link` is what `{{link}}` stands for.
pub fn add(
    agent: &Agent,
    ticket: &Ticket,
    place: &Place,
    more: RichText,
    link: Option<&Inline>,
    view: &View,
) -> Vec<Effect> {
    let (more, unknown) = variables::filled(links::linked(&more), link, agent, ticket, view);
    match of(agent, ticket) {
        Some(draft) => {
            let mut draft = draft.clone();
            draft.body.blocks.extend(more.blocks);
            draft.unknown.extend(unknown);
            draft.unknown.sort();
            draft.unknown.dedup();
            match say::thread(ticket).filter(|thread| *thread != draft.place) {
                Some(thread) => move_on(draft, thread, agent, ticket, view),
                None => change(draft, agent, ticket, view),
            }
        }
        None if is_too_long(&more) => vec![say::notice(place.clone(), view.words_for(&agent.matrix).draft_too_long())],
        None => {
            let body = shown(&more, &unknown, view.words_for(&agent.matrix), &agent.name);
            let prepared = Prepared::Draft { agent: agent.matrix.clone(), body: more, unknown };
            vec![prepare(ticket, place.clone(), body, prepared)]
        }
    }
}

/// A message of ours that something hangs on: it is known by its event once it stands there.
pub fn prepare(ticket: &Ticket, place: Place, body: RichText, prepared: Prepared) -> Effect {
    match say::notice(place, body) {
        Effect::Say(speech) => {
            Effect::Say(Speech { prepares: Some((ticket.snapshot.id.clone(), Box::new(prepared))), ..speech })
        }
        other => other,
    }
}

fn is_too_long(body: &RichText) -> bool {
    crate::text::limit(body.clone(), BODY_BYTES_MAX).1
}

/// The draft with other words: the event that shows it shows those.
fn change(draft: Draft, agent: &Agent, ticket: &Ticket, view: &View) -> Vec<Effect> {
    let words = view.words_for(&agent.matrix);
    if draft.body.is_empty() {
        return vec![words_only(agent, draft.place, view)];
    }
    if is_too_long(&draft.body) {
        return vec![say::notice(draft.place, words.draft_too_long())];
    }
    let again = show_again(&draft, shown(&draft.body, &draft.unknown, words, &agent.name));
    let mut after = ticket.clone();
    after.drafts.retain(|other| other.event != draft.event);
    after.drafts.push(draft);
    vec![again, Effect::RememberTicket(Box::new(after))]
}

/// The draft in the thread that the ticket has by now, where its agent goes on: it was begun in another desk's room.
fn move_on(draft: Draft, thread: Place, agent: &Agent, ticket: &Ticket, view: &View) -> Vec<Effect> {
    let words = view.words_for(&agent.matrix);
    if is_too_long(&draft.body) {
        return vec![say::notice(thread, words.draft_too_long())];
    }
    let mut after = ticket.clone();
    after.drafts.retain(|other| other.event != draft.event);
    let body = shown(&draft.body, &draft.unknown, words, &agent.name);
    let left = show_again(&draft, RichText { blocks: vec![bold(words.draft_moved(&agent.name))] });
    let prepared = Prepared::Draft { agent: draft.agent, body: draft.body, unknown: draft.unknown };
    vec![Effect::RememberTicket(Box::new(after)), left, prepare(ticket, thread, body, prepared)]
}

pub fn show_again(draft: &Draft, body: RichText) -> Effect {
    match say::notice(draft.place.clone(), body) {
        Effect::Say(speech) => Effect::Say(Speech { replaces: Some(draft.event.clone()), ..speech }),
        other => other,
    }
}

/// The draft as its agent sees it.
fn shown(body: &RichText, unknown: &[String], words: Words<'_>, agent: &str) -> RichText {
    let mut blocks = vec![bold(words.draft_title(agent)), Block::Quote(body.blocks.clone())];
    if !unknown.is_empty() {
        blocks.push(bold(words.draft_unknown(unknown.join(", "))));
    }
    blocks.push(Block::Paragraph(vec![Inline::Text(words.draft_hint())]));
    RichText { blocks }
}

pub fn bold(text: String) -> Block {
    Block::Paragraph(vec![Inline::Bold(vec![Inline::Text(text)])])
}

/// The draft stands in the thread: it is remembered, and its reactions are there to be tapped on.
pub fn stands(event: &OwnedEventId, speech: &Speech, prepared: &Prepared, view: &View) -> Vec<Effect> {
    let (Some(ticket), Prepared::Draft { agent, body, unknown }) = (&view.ticket, prepared) else { return Vec::new() };
    let draft = Draft {
        event: event.clone(),
        place: speech.place.clone(),
        agent: agent.clone(),
        body: body.clone(),
        unknown: unknown.clone(),
    };
    let mut after = ticket.clone();
    after.drafts.push(draft);
    let too_many = after.drafts.len().saturating_sub(DRAFTS_MAX);
    after.drafts.drain(..too_many);
    let react = |key: &str| Effect::React { place: speech.place.clone(), event: event.clone(), key: key.to_owned() };
    vec![react(SEND), react(DROP), Effect::RememberTicket(Box::new(after))]
}

/// A reaction to a draft; `None`: it is at something else.
pub fn reacted(sender: &OwnedUserId, target: &OwnedEventId, key: &str, view: &View) -> Option<Vec<Effect>> {
    let ticket = view.ticket.as_ref()?;
    let draft = ticket.drafts.iter().find(|draft| draft.event == *target)?;
    if view.settings.is_ours(sender) {
        return Some(Vec::new());
    }
    let Some(agent) = view.settings.agent(sender) else {
        return Some(vec![say::notice(draft.place.clone(), view.words_for(sender).not_an_agent())]);
    };
    Some(match key.trim_end_matches('\u{fe0f}') {
        SEND => sending::send(agent, ticket, draft, view),
        DROP => sending::drop(agent, ticket, draft, view),
        _ => Vec::new(),
    })
}

/// A reply to a draft; `None`: it answers something else.
pub fn replied(said: &Said, agent: &Agent, ticket: &Ticket, view: &View) -> Option<Vec<Effect>> {
    let target = said.reply_to.as_ref()?;
    let draft = ticket.drafts.iter().find(|draft| draft.event == *target)?;
    if let Some(refusal) = not_theirs(agent, draft, view) {
        return Some(refusal);
    }
    if !said.files.is_empty() {
        return Some(vec![words_only(agent, draft.place.clone(), view)]);
    }
    if let Some(more) = said.text.trim_start().strip_prefix(ADD) {
        return Some(add(agent, ticket, &draft.place, crate::text::from_markdown(more), None, view));
    }
    let (body, unknown) = variables::filled(links::linked(&said.body), None, agent, ticket, view);
    Some(change(Draft { body, unknown, ..draft.clone() }, agent, ticket, view))
}

/// A sticker, a place or a poll as the answer to a draft, which holds words; `None`: it is something else.
pub fn answered_without_words(said: &Said, view: &View) -> Option<Vec<Effect>> {
    if matches!(said.manner, Manner::Words | Manner::Emote | Manner::Other) {
        return None;
    }
    let (agent, ticket) = (view.settings.agent(&said.sender)?, view.ticket.as_ref()?);
    let draft = ticket.drafts.iter().find(|draft| Some(&draft.event) == said.reply_to.as_ref())?;
    let refusal = || vec![words_only(agent, draft.place.clone(), view)];
    Some(not_theirs(agent, draft, view).unwrap_or_else(refusal))
}

/// The answer to a file: nothing of a draft would carry it to the customer.
pub fn words_only(agent: &Agent, place: Place, view: &View) -> Effect {
    say::notice(place, view.words_for(&agent.matrix).draft_words_only(&agent.name))
}

/// Another's draft is not sent under one's own name, and not changed behind their back.
pub fn not_theirs(agent: &Agent, draft: &Draft, view: &View) -> Option<Vec<Effect>> {
    if draft.agent == agent.matrix {
        return None;
    }
    let owner = view.settings.agent(&draft.agent).map_or("—", |agent| agent.name.as_str());
    let words = view.words_for(&agent.matrix);
    Some(vec![say::notice(draft.place.clone(), words.draft_not_yours(&agent.name, owner))])
}

/// Whether `!help` lists what prepares a draft.
pub fn offered(ticket: &Ticket, agent: &Agent) -> bool {
    !ticket.snapshot.status.closed && ticket.is_owned_by(agent)
}
