//! The customer's door: a direct chat with the bot, and the waiting room for those whose client encrypts it.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId, UserId};

use super::view::View;
use super::{away, files, merged, say, spoken, upgrade};
use crate::model::{Effect, Fact, Particulars, Place, Room, RoomKind, Said, TicketId};

/// The bot was invited: it comes in and says what this is.
pub fn invited(room: &OwnedRoomId, by: &OwnedUserId, view: &View) -> Vec<Effect> {
    if view.settings.is_ours(by) {
        return Vec::new();
    }
    if let Some(RoomKind::Upgrade { former, by }) = view.room.as_ref().map(|room| &room.kind) {
        return upgrade::invited(former, room, by);
    }
    let mut effects = vec![Effect::Join { room: room.clone() }];
    if view.room.is_none() {
        let kind = RoomKind::Door { customer: by.clone(), open: None, waiting: None, code: None };
        effects.push(Effect::RememberRoom(Room { id: room.clone(), kind }));
        effects.push(Effect::LearnName { user: by.clone() });
        effects.push(say::notice(Place::Room(room.clone()), view.words_for(by).greeting()));
    }
    effects
}

/// Nobody but us is left at a door or in a waiting room: we leave too.
pub fn left(room: &OwnedRoomId, user: &OwnedUserId, view: &View) -> Vec<Effect> {
    match view.room.as_ref().map(|room| &room.kind) {
        Some(RoomKind::Door { customer, .. }) if customer == user => {
            vec![Effect::Leave { room: room.clone() }, Effect::ForgetRoom { room: room.clone() }]
        }
        Some(RoomKind::Waiting { customer, door, code }) if customer == user => {
            let kind = RoomKind::Door { customer: customer.clone(), open: None, waiting: None, code: code.clone() };
            vec![
                Effect::Leave { room: room.clone() },
                Effect::ForgetRoom { room: room.clone() },
                // The next thing that we can't read there gets an answer again.
                Effect::RememberRoom(Room { id: door.clone(), kind }),
            ]
        }
        Some(RoomKind::Upgrade { .. }) => vec![Effect::ForgetRoom { room: room.clone() }],
        _ => match ticket_here(view) {
            Some(ticket) => away::left(user, ticket, view),
            None => Vec::new(),
        },
    }
}

pub fn joined(user: &OwnedUserId, view: &View) -> Vec<Effect> {
    ticket_here(view).map(|ticket| away::joined(user, ticket, view)).unwrap_or_default()
}

/// The ticket whose room this is; not one that has another room by now.
fn ticket_here(view: &View) -> Option<&crate::model::Ticket> {
    let room = view.room.as_ref()?;
    let ticket = view.ticket.as_ref().filter(|_| matches!(room.kind, RoomKind::Ticket(_)))?;
    ticket.room.as_ref().is_none_or(|own| *own == room.id).then_some(ticket)
}

/// The first message at a door or in a waiting room becomes a ticket.
pub fn open_ticket(said: &Said, room: &Room, view: &View) -> Vec<Effect> {
    let first_file = said.files.first().map_or("", |file| file.name.as_str());
    let title = if said.text.trim().is_empty() { first_file } else { &said.text };
    vec![Effect::CreateTicket {
        desk: view.settings.default_desk.clone(),
        customer: said.sender.clone(),
        customer_name: view.name_of(&said.sender),
        title: crate::text::title(title),
        body: said.body.clone(),
        files: said.files.clone(),
        marker: said.event.clone(),
        particulars: Particulars::default(),
        room: room.clone(),
    }]
}

pub fn said(said: &Said, room: &Room, open: Option<&TicketId>, view: &View) -> Vec<Effect> {
    if let Some(answer) = super::commands::of_customer(said, view, |words| words.greeting()) {
        return answer;
    }
    match (open, &view.ticket) {
        // Not yet in the room of the ticket that they just opened: it goes on there.
        (Some(id), Some(ticket)) if !ticket.joined.contains(&said.sender) && !ticket.snapshot.status.closed => {
            vec![Effect::Tell { ticket: id.clone(), fact: Box::new(Fact::SaidAtDoor(said.clone())) }]
        }
        (Some(id), None) => vec![Effect::Tell { ticket: id.clone(), fact: Box::new(Fact::SaidAtDoor(said.clone())) }],
        _ => open_ticket(said, room, view),
    }
}

/// What was written at the door goes into the ticket and is shown in its room.
pub fn said_at_door(said: &Said, view: &View) -> Vec<Effect> {
    let Some(ticket) = &view.ticket else { return Vec::new() };
    if let Some(effect) = merged::forward(said, ticket) {
        return vec![effect];
    }
    let mut effects = Vec::new();
    if let Some(room) = &ticket.room {
        let name = view.name_of(&said.sender);
        let body = say::attributed(view.words(), &name, said.body.clone());
        if let Effect::Say(words) = say::notice(Place::Room(room.clone()), body) {
            effects.extend(files::with_words(words, &name, said.body.is_empty(), &said.files, None));
        }
    }
    effects.push(spoken::post_as_their_own(ticket, said, view));
    let mut after = ticket.clone();
    if let Some(invitation) = away::call_back(&said.sender, &mut after) {
        effects.push(invitation);
        let text = view.words().invited_again(&ticket.snapshot.number);
        effects.push(say::reply(Place::Room(said.room.clone()), &said.event, &text));
        effects.push(Effect::RememberTicket(Box::new(after)));
    }
    effects
}

/// Something encrypted: at a door we open a room that we can read; elsewhere we say that it did not get through.
pub fn encrypted(room: &OwnedRoomId, event: &OwnedEventId, sender: &UserId, view: &View) -> Vec<Effect> {
    if view.settings.is_ours(sender) {
        return Vec::new();
    }
    let place = Place::Room(room.clone());
    match view.room.as_ref().map(|room| &room.kind) {
        Some(RoomKind::Door { waiting: Some(_), .. }) | None => Vec::new(),
        Some(RoomKind::Door { customer, waiting: None, .. }) => vec![
            say::notice(place, view.words().encrypted_door()),
            Effect::CreateWaitingRoom {
                door: room.clone(),
                customer: customer.clone(),
                cause: event.clone(),
                name: view.words().waiting_room_name(),
            },
        ],
        Some(_) => vec![say::reply(place, event, &view.words_for(sender).encrypted_room())],
    }
}
