//! What was written in the helpdesk: into the ticket room, or as a note into the ticket's thread.

use ruma::{OwnedEventId, RoomId};

use super::powers::powers;
use super::view::View;
use super::{away, files, links, say, seen};
use crate::model::{Effect, HelpdeskMessage, MessageId, Place, RichText, Speech, Ticket, Visibility};

/// The feed brought a message whole.
pub fn posted(message: &HelpdeskMessage, view: &View) -> Vec<Effect> {
    if view.ticket.is_some() || message.marker.is_some() {
        return fetched(message, view);
    }
    // Its ticket has no room yet: that comes first, and the message is asked for once it is there.
    let ticket = message.ticket.clone();
    vec![
        Effect::LookAt { ticket: ticket.clone(), batch: format!("for-{}", message.id) },
        Effect::FetchMessage { ticket, message: message.id.clone() },
    ]
}

/// A message that was asked for. A ticket without a room by now is one that gets none (it is closed).
pub fn fetched(message: &HelpdeskMessage, view: &View) -> Vec<Effect> {
    // Our own echo: the room has it already.
    if message.marker.is_some() {
        return Vec::new();
    }
    let Some(ticket) = &view.ticket else { return Vec::new() };
    let whole = |words| HelpdeskMessage { body: say::whole(&message.body, message.lacks, words), ..message.clone() };
    match message.visibility {
        Visibility::Public => in_room(&whole(view.words()), ticket, view),
        Visibility::Internal => in_thread(&whole(view.desk_words()), ticket, view),
    }
}

fn in_room(message: &HelpdeskMessage, ticket: &Ticket, view: &View) -> Vec<Effect> {
    let Some(room) = ticket.room.clone() else { return Vec::new() };
    let mut effects = Vec::new();
    let mut after = ticket.clone();
    // In an internal ticket's room nobody stands for a customer.
    let by_bot = ticket.locked || (ticket.snapshot.internal && !message.author_is_agent);
    let speech = say::words_of(room.clone(), &message.author, body(message), by_bot, view, view.words());
    let by_ghost = matches!(speech.speaker, crate::model::Speaker::Ghost { .. });
    if by_ghost && seen::stand_in(&mut after, &message.author.id, message.author_is_agent) {
        effects.push(Effect::SetPowers { room, powers: powers(&after, &view.settings) });
    }
    if message.author_is_agent {
        effects.extend(away::call(&mut after));
    }
    if after != *ticket {
        effects.push(Effect::RememberTicket(Box::new(after)));
    }
    let (reply_to, answers) = answered(message, ticket.room.as_deref(), view);
    effects.extend(words_and_files(Speech { reply_to, answers, ..speech }, message));
    effects
}

/// The event that stands for what the message answers, if it stands in that room. What was read together with it is on
/// its way there: what it answers is found once it is said.
fn answered(
    message: &HelpdeskMessage,
    room: Option<&RoomId>,
    view: &View,
) -> (Option<OwnedEventId>, Option<MessageId>) {
    // A reply to a note must not point the customer at something that is not for them, and the other way round.
    let Some(answers) = message.answers.as_ref().filter(|answers| answers.visibility == message.visibility) else {
        return (None, None);
    };
    match (&answers.marker, &view.answered) {
        // Also where it is marked by another event: these words stand in its place.
        (_, Some(known)) => ((Some(&*known.room) == room).then(|| known.event.clone()), None),
        (Some(marker), None) => (Some(marker.clone()), None),
        (None, None) => (None, Some(answers.message.clone())),
    }
}

fn in_thread(message: &HelpdeskMessage, ticket: &Ticket, view: &View) -> Vec<Effect> {
    let Some(place) = say::thread(ticket) else { return Vec::new() };
    let Place::Thread { .. } = &place else { return Vec::new() };
    let Some(room) = ticket.room.clone() else { return Vec::new() };
    // The bot speaks for them: the desk room holds people, not their ghosts.
    let words = view.desk_words();
    let speech = say::words_of(room.clone(), &message.author, body(message), true, view, words);
    // Notes stand in the desk's room only, so an event that is not in the ticket's room is there.
    let desk_room = view.answered.as_ref().map(|known| &*known.room).filter(|known| *known != room);
    let (reply_to, answers) = answered(message, desk_room, view);
    words_and_files(Speech { place, reply_to, answers, ..speech }, message)
}

fn words_and_files(speech: Speech, message: &HelpdeskMessage) -> Vec<Effect> {
    let carries = Some((message.ticket.clone(), message.id.clone()));
    files::with_words(speech, &message.author.name, message.body.is_empty(), &message.files, carries)
}

/// The words, with an agent's brackets as links.
fn body(message: &HelpdeskMessage) -> RichText {
    match message.author_is_agent {
        true => links::linked(&message.body),
        // A customer's brackets are only words.
        false => message.body.clone(),
    }
}
