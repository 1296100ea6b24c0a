//! `!cancel`: a customer takes back a ticket that nobody has accepted.

use ruma::{OwnedEventId, OwnedRoomId};

use super::super::view::View;
use super::super::{say, seen};
use crate::model::{Author, Cancellation, Effect, Place, RichText, Said, Ticket, Visibility};
use crate::texts::Words;

const WORD: &str = "cancel";

/// Whether a customer means this; phones write it with a capital.
pub fn is_meant(text: &str) -> bool {
    super::word(text).is_some_and(|word| word.eq_ignore_ascii_case(WORD))
}

/// Its line in a customer's `!help`, while it can be done.
pub fn help(ticket: &Ticket, words: Words<'_>) -> Option<String> {
    let possible = ticket.snapshot.owner.is_none() && !ticket.snapshot.status.closed;
    possible.then(|| words.help_cancel())
}

pub fn run(said: &Said, ticket: &Ticket, view: &View) -> Vec<Effect> {
    match &ticket.snapshot.owner {
        Some(owner) => {
            let text = view.words_for(&said.sender).cancel_accepted(&owner.name);
            vec![say::reply(Place::Room(said.room.clone()), &said.event, &text)]
        }
        None => vec![Effect::Cancel {
            ticket: ticket.snapshot.id.clone(),
            by: said.sender.clone(),
            name: view.name_of(&said.sender),
            cause: said.event.clone(),
            room: said.room.clone(),
        }],
    }
}

/// The helpdesk has answered.
pub fn answered(
    name: &str,
    cause: &OwnedEventId,
    room: &OwnedRoomId,
    cancellation: &Cancellation,
    view: &View,
) -> Vec<Effect> {
    let Some(ticket) = &view.ticket else { return Vec::new() };
    let here = Place::Room(room.clone());
    match cancellation {
        Cancellation::Cancelled(snapshot) => {
            let desk = view.desk_words();
            let mut effects = vec![
                say::notice(here, view.words().cancelled(name)),
                Effect::Post {
                    ticket: snapshot.id.clone(),
                    author: Author::Bridge,
                    visibility: Visibility::Internal,
                    body: RichText::plain(&desk.cancelled_note(name)),
                    files: Vec::new(),
                    marker: cause.clone(),
                    from: None,
                },
            ];
            effects.extend(say::in_thread(ticket, &desk.cancelled_note(name)));
            effects.extend(seen::seen(snapshot, view));
            effects
        }
        Cancellation::OwnedBy(owner, snapshot) => {
            let mut effects = seen::seen(snapshot, view);
            effects.push(say::reply(here, cause, &view.words().cancel_accepted(&owner.name)));
            effects
        }
    }
}
