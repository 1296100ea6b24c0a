//! `!cancel`: a customer takes back a ticket that nobody has accepted.

use ruma::{OwnedEventId, OwnedRoomId};

use super::super::view::View;
use super::super::{say, seen};
use super::CustomerCommand;
use crate::model::{Author, Cancellation, Effect, Place, RichText, Said, Ticket, Visibility};

pub const COMMAND: CustomerCommand = CustomerCommand {
    word: "cancel",
    help: |words| words.help_cancel(),
    offered: |ticket, _| ticket.snapshot.owner.is_none() && !ticket.snapshot.status.closed,
    run,
};

fn run(said: &Said, ticket: &Ticket, view: &View) -> Vec<Effect> {
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
