//! An agent's `[[URL | text]]`: a link in the ticket, and in the room, too, where the typed one gives way to it.

use ruma::{OwnedEventId, OwnedRoomId};

use super::powers::powers;
use super::view::View;
use super::{away, files, say, seen, spoken};
use crate::model::{Agent, Effect, FileSpeech, MessageId, Place, RichText, Said, Speaker, Speech, Ticket};

/// An agent's words with their typed links made links.
pub fn linked(body: &RichText) -> RichText {
    crate::text::bracket_links(body).unwrap_or_else(|| body.clone())
}

/// What an agent wrote in the ticket room. With a typed link it is said again, with what came with it, and what was typed is
/// taken away.
pub fn in_room(said: &Said, agent: &Agent, ticket: &Ticket, view: &View) -> Vec<Effect> {
    let post = spoken::post_as_agent(ticket, said, agent);
    let mut after = ticket.clone();
    let calls = away::call(&mut after);
    let Some(body) = crate::text::bracket_links(&said.body) else {
        let mut effects = vec![post];
        if after != *ticket {
            effects.extend(calls);
            effects.push(Effect::RememberTicket(Box::new(after)));
        }
        return effects;
    };
    let mut effects = calls;
    let speech = as_agent(agent, &mut after, &said.room, body, view, &mut effects);
    if after != *ticket {
        effects.push(Effect::RememberTicket(Box::new(after)));
    }
    let speech = Speech {
        reply_to: said.reply_to.clone(),
        room_thread: said.thread.clone(),
        ..instead_of(&said.event, ticket, speech)
    };
    let carries = speech.carries.clone();
    effects.extend(files::with_words(speech, &agent.name, false, &said.files, carries));
    if said.files.is_empty() {
        // After it, so that there is no moment in which nothing stands there.
        effects.push(take_away(&said.room, said.event.clone(), view));
    }
    effects.push(post);
    effects
}

/// A file stands in the room again. Only now is the event that brought it taken away: until then, and where the file may not
/// be said again, the reader has no other.
pub fn said_again(speech: &FileSpeech, view: &View) -> Option<Effect> {
    let (_, message) = speech.carries.as_ref().filter(|_| speech.takes_the_place_of_an_event())?;
    let Place::Room(room) = &speech.place else { return None };
    Some(take_away(room, OwnedEventId::try_from(message.as_str()).ok()?, view))
}

fn take_away(room: &OwnedRoomId, event: OwnedEventId, view: &View) -> Effect {
    Effect::Redact { room: room.clone(), event, reason: view.words().link_reason() }
}

/// Words in the place of an event that the helpdesk's message is marked by, and that is not what a customer reads: an
/// answer to that message answers these words.
pub fn instead_of(marker: &OwnedEventId, ticket: &Ticket, speech: Speech) -> Speech {
    Speech { carries: Some((ticket.snapshot.id.clone(), MessageId::standing_for(marker))), ..speech }
}

/// An agent's words for the ticket room under their own name: their ghost says them, since nobody can speak as their
/// Matrix account. Who is not the owner is only a name to us; then the bot says who wrote it.
pub fn as_agent(
    agent: &Agent,
    ticket: &mut Ticket,
    room: &OwnedRoomId,
    body: RichText,
    view: &View,
    effects: &mut Vec<Effect>,
) -> Speech {
    let Some(owner) = ticket.snapshot.owner.clone().filter(|_| ticket.is_owned_by(agent)) else {
        return say::speech(Place::Room(room.clone()), say::attributed(view.words(), &agent.name, body));
    };
    let speech = say::words_of(room.clone(), &owner, body, ticket.locked, view, view.words());
    if matches!(speech.speaker, Speaker::Ghost { .. }) && seen::stand_in(ticket, &owner.id, true) {
        effects.push(Effect::SetPowers { room: room.clone(), powers: powers(ticket, &view.settings) });
    }
    speech
}
