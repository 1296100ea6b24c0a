//! Quotas: how much a customer and their homeserver may ask for within an hour. What is refused is said once an hour.

use ruma::{OwnedRoomId, OwnedUserId};

use super::say;
use super::view::View;
use crate::model::{Admission, Effect, Place, Said};

/// What would be one too many; `None`: nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    TicketsOfCustomer(u64),
    OpenOfCustomer(u64),
    TicketsOfServer,
    Rooms,
}

/// Whether this customer may open another ticket.
pub fn ticket(user: &OwnedUserId, view: &View) -> Option<Exceeded> {
    if view.settings.agent(user).is_some() {
        return None;
    }
    let (quotas, used) = (&view.settings.quotas, &view.used);
    if let Some(most) = reached(quotas.tickets_per_customer_per_hour, used.tickets_of_customer) {
        return Some(Exceeded::TicketsOfCustomer(most));
    }
    if let Some(most) = reached(quotas.open_tickets_per_customer, used.open_of_customer) {
        return Some(Exceeded::OpenOfCustomer(most));
    }
    reached(quotas.tickets_per_server_per_hour, used.tickets_of_server).map(|_| Exceeded::TicketsOfServer)
}

/// Whether another room may be entered or made for this customer.
pub fn room(user: &OwnedUserId, view: &View) -> Option<Exceeded> {
    if view.settings.agent(user).is_some() {
        return None;
    }
    let (quotas, used) = (&view.settings.quotas, &view.used);
    let by_customer = reached(quotas.rooms_per_customer_per_hour, used.rooms_of_customer);
    by_customer.or_else(|| reached(quotas.rooms_per_server_per_hour, used.rooms_of_server)).map(|_| Exceeded::Rooms)
}

fn reached(most: Option<u64>, used: u64) -> Option<u64> {
    most.filter(|most| used >= *most)
}

pub fn admit(kind: Admission, user: &OwnedUserId, room: &OwnedRoomId) -> Effect {
    Effect::Admit { kind, user: user.clone(), room: room.clone() }
}

pub fn text(exceeded: Exceeded, user: &OwnedUserId, view: &View) -> String {
    let words = view.words_for(user);
    match exceeded {
        Exceeded::TicketsOfCustomer(most) => words.quota_tickets(most),
        Exceeded::OpenOfCustomer(most) => words.quota_open(most),
        Exceeded::TicketsOfServer => words.quota_server(),
        Exceeded::Rooms => words.quota_rooms(),
    }
}

/// Says at the message that it goes nowhere: once an hour in each room, or the refusals were a flood themselves.
pub fn refuse(said: &Said, text: &str, view: &View) -> Vec<Effect> {
    if view.used.told {
        return Vec::new();
    }
    vec![
        say::reply(Place::Room(said.room.clone()), &said.event, text),
        admit(Admission::Refusal, &said.sender, &said.room),
    ]
}
