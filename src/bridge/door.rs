//! The customer's door: a direct chat with the bot, and the waiting room for those whose client encrypts it.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId, UserId};

use super::view::View;
use super::{away, files, intake, links, merged, quota, say, spoken, upgrade};
use crate::model::{Admission, CodeId, Effect, Fact, Place, Room, RoomKind, Said};

/// The bot or a code's contact user was invited: it comes in and says what this is.
pub fn invited(room: &OwnedRoomId, by: &OwnedUserId, contact: Option<&CodeId>, view: &View) -> Vec<Effect> {
    if view.settings.is_ours(by) {
        return Vec::new();
    }
    if let Some(RoomKind::Upgrade { former, by }) = view.room.as_ref().map(|room| &room.kind) {
        return upgrade::invited(former, room, by);
    }
    let decline = |reason: Option<String>| vec![Effect::Decline { room: room.clone(), code: contact.cloned(), reason }];
    if let Some(known) = &view.room {
        let ours = contact.is_none() || matches!(&known.kind, RoomKind::Door { code, .. } if code.as_ref() == contact);
        return if ours { vec![Effect::Join { room: room.clone() }] } else { decline(None) };
    }
    if contact.is_some() && !in_use(view) {
        return decline(Some(view.words_for(by).code_disabled(view.settings.bot.as_str())));
    }
    if let Some(exceeded) = quota::room(by, view) {
        return decline(Some(quota::text(exceeded, by, view)));
    }
    let kind = RoomKind::door(by.clone(), contact.cloned());
    vec![
        Effect::Join { room: room.clone() },
        Effect::RememberRoom(Room { id: room.clone(), kind }),
        Effect::LearnName { user: by.clone() },
        say::notice(Place::Room(room.clone()), intake::greeting(view.words_for(by), view)),
        quota::admit(Admission::Room, by, room),
    ]
}

/// Whether the code at hand is there, and not disabled.
fn in_use(view: &View) -> bool {
    view.code.as_ref().is_some_and(|code| !code.disabled)
}

/// Nobody but us is left at a door or in a waiting room: we leave too.
pub fn left(room: &OwnedRoomId, user: &OwnedUserId, view: &View) -> Vec<Effect> {
    match view.room.as_ref().map(|room| &room.kind) {
        Some(RoomKind::Door { customer, code, .. }) if customer == user => {
            let leave = match code {
                Some(_) => Effect::Decline { room: room.clone(), code: code.clone(), reason: None },
                None => Effect::Leave { room: room.clone() },
            };
            vec![leave, Effect::ForgetRoom { room: room.clone() }]
        }
        Some(RoomKind::Waiting { customer, door, code }) if customer == user => {
            let kind = RoomKind::door(customer.clone(), code.clone());
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
pub(super) fn ticket_here(view: &View) -> Option<&crate::model::Ticket> {
    let room = view.room.as_ref()?;
    let ticket = view.ticket.as_ref().filter(|_| matches!(room.kind, RoomKind::Ticket(_)))?;
    ticket.room.as_ref().is_none_or(|own| *own == room.id).then_some(ticket)
}

/// The first message at a door or in a waiting room becomes a ticket, if its customer may have another one.
pub fn open_ticket(said: &Said, room: &Room, view: &View) -> Vec<Effect> {
    let by_code = matches!(&room.kind, RoomKind::Door { code: Some(_), .. } | RoomKind::Waiting { code: Some(_), .. });
    if by_code && !in_use(view) {
        let text = view.words_for(&said.sender).code_disabled(view.settings.bot.as_str());
        return quota::refuse(said, &text, view);
    }
    if let Some(exceeded) = quota::ticket(&said.sender, view) {
        return quota::refuse(said, &quota::text(exceeded, &said.sender, view), view);
    }
    let desk = intake::template(view).and_then(|template| template.desk.clone());
    vec![
        Effect::CreateTicket {
            desk: desk.unwrap_or_else(|| view.settings.default_desk.clone()),
            customer: said.sender.clone(),
            customer_name: view.name_of(&said.sender),
            title: intake::title(said, view),
            body: said.body.clone(),
            files: said.files.clone(),
            marker: said.event.clone(),
            particulars: intake::particulars(view),
            room: room.clone(),
        },
        quota::admit(Admission::Ticket, &said.sender, &room.id),
    ]
}

pub fn said(said: &Said, room: &Room, view: &View) -> Vec<Effect> {
    if let Some(answer) = super::commands::before_ticket(said, view, |words| intake::greeting(words, view)) {
        return answer;
    }
    // Whoever else is in the chat has tickets of their own.
    match (room.kind.opened_by(&said.sender), &view.ticket) {
        // It is not theirs any more.
        (Some(_), Some(ticket)) if ticket.dropped.contains(&said.sender) => open_ticket(said, room, view),
        // Not yet in the room of the ticket that they just opened, or of the one that it was merged into: it goes on there.
        (Some(_), Some(ticket)) if !ticket.joined.contains(&said.sender) && !ticket.snapshot.status.closed => {
            let id = ticket.snapshot.id.clone();
            vec![Effect::Tell { ticket: id, fact: Box::new(Fact::SaidAtDoor(said.clone())) }]
        }
        (Some(id), None) => vec![Effect::Tell { ticket: id.clone(), fact: Box::new(Fact::SaidAtDoor(said.clone())) }],
        _ => open_ticket(said, room, view),
    }
}

/// What was written at the door goes into the ticket and is shown in its room.
pub fn said_at_door(said: &Said, view: &View) -> Vec<Effect> {
    let Some(ticket) = &view.ticket else {
        // Another ticket was merged into one that was closed before we came, or that we are about to hear of.
        return view.lane.iter().map(|id| spoken::post_unseen(id, said, view)).collect();
    };
    if let Some(effect) = merged::forward(said, ticket, view) {
        return vec![effect];
    }
    let mut effects = Vec::new();
    if let Some(room) = &ticket.room {
        let name = view.name_of(&said.sender);
        let body = say::attributed(view.words(), &name, said.body.clone());
        if let Effect::Say(words) = say::notice(Place::Room(room.clone()), body) {
            let shown = files::with_words(words, &name, said.body.is_empty(), &said.files, None);
            effects.extend(shown.into_iter().map(|effect| match effect {
                Effect::Say(words) => Effect::Say(links::instead_of(&said.event, ticket, words)),
                file => file,
            }));
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
        None => Vec::new(),
        // They know: it was said when the room was opened, or since.
        Some(RoomKind::Door { waiting: Some(_), .. }) if view.used.rooms_of_customer > 0 || view.used.told => {
            Vec::new()
        }
        Some(RoomKind::Door { customer, waiting: Some(_), .. }) => vec![
            say::notice(place, view.words().encrypted_door_again()),
            quota::admit(Admission::Refusal, customer, room),
        ],
        Some(RoomKind::Door { code: Some(_), waiting: None, .. }) if !in_use(view) && view.used.told => Vec::new(),
        Some(RoomKind::Door { customer, code: Some(_), waiting: None, .. }) if !in_use(view) => vec![
            say::notice(place, view.words_for(sender).code_disabled(view.settings.bot.as_str())),
            quota::admit(Admission::Refusal, customer, room),
        ],
        Some(RoomKind::Door { customer, waiting: None, .. }) => match quota::room(customer, view) {
            Some(_) if view.used.told => Vec::new(),
            Some(exceeded) => vec![
                say::notice(place, quota::text(exceeded, customer, view)),
                quota::admit(Admission::Refusal, customer, room),
            ],
            None => vec![
                say::notice(place, view.words().encrypted_door()),
                Effect::CreateWaitingRoom {
                    door: room.clone(),
                    customer: customer.clone(),
                    cause: event.clone(),
                    name: view.words().waiting_room_name(),
                },
                quota::admit(Admission::Room, customer, room),
            ],
        },
        Some(_) => vec![say::reply(place, event, &view.words_for(sender).encrypted_room())],
    }
}
