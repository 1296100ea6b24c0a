//! Rooms that are said to take the place of ours. A tombstone alone proves nothing: we follow only where the new room
//! names ours as its predecessor, was made by whoever sent us there, with the power to do so, and gives us ours.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};

use super::powers::powers;
use super::view::View;
use super::{say, space};
use crate::model::{Effect, Fact, Inspection, Place, Powers, Room, RoomKind, Ticket};

/// A tombstone stands in a room of ours.
pub fn upgraded(event: &OwnedEventId, by: &OwnedUserId, to: &OwnedRoomId, view: &View) -> Vec<Effect> {
    let Some(room) = view.room.as_ref().filter(|room| room.id != *to && !view.settings.is_ours(by)) else {
        return Vec::new();
    };
    match &room.kind {
        RoomKind::Ticket(_) if is_current(room, view) => {
            vec![Effect::Inspect { former: Box::new(room.clone()), room: to.clone(), by: by.clone() }]
        }
        // Its threads can't move.
        RoomKind::Desk(_) => {
            vec![say::reply(Place::Room(room.id.clone()), event, &view.desk_words().upgrade_of_desk())]
        }
        _ => Vec::new(),
    }
}

/// We are invited to a room that we have heard of: its ticket's lane goes on with it.
pub fn invited(former: &Room, room: &OwnedRoomId, by: &OwnedUserId) -> Vec<Effect> {
    let RoomKind::Ticket(ticket) = &former.kind else { return Vec::new() };
    let fact = Fact::Upgraded {
        room: former.id.clone(),
        event: ruma::owned_event_id!("$upgrade"),
        sender: by.clone(),
        replacement: room.clone(),
    };
    vec![Effect::Tell { ticket: ticket.clone(), fact: Box::new(fact) }]
}

fn is_current(room: &Room, view: &View) -> bool {
    view.ticket.as_ref().is_some_and(|ticket| ticket.room.as_ref() == Some(&room.id))
}

/// The room was looked at.
pub fn inspected(former: &Room, room: &OwnedRoomId, by: &OwnedUserId, found: &Inspection, view: &View) -> Vec<Effect> {
    let Some(ticket) = view.ticket.as_ref().filter(|_| is_current(former, view)) else { return Vec::new() };
    let words = view.desk_words();
    let tell = |text: &str| say::in_thread(ticket, text);
    if found.taken || !found.entitled {
        return tell(&words.upgrade_refused()).into_iter().collect();
    }
    let announced = RoomKind::Upgrade { former: Box::new(former.clone()), by: by.clone() };
    let wait = Effect::RememberRoom(Room { id: room.clone(), kind: announced });
    let leave = || Effect::Leave { room: room.clone() };
    if !found.entered {
        return [wait].into_iter().chain(tell(&words.upgrade_waiting())).collect();
    }
    if found.predecessor.as_ref() != Some(&former.id) || found.creator.as_ref() != Some(by) {
        let forget = Effect::ForgetRoom { room: room.clone() };
        return [leave(), forget].into_iter().chain(tell(&words.upgrade_refused())).collect();
    }
    if !found.powerful {
        return [wait, leave()].into_iter().chain(tell(&words.upgrade_powerless())).collect();
    }
    follow(ticket, &former.id, room, view)
}

/// Everything of the ticket's that stands in a room is arranged in the new one.
fn follow(before: &Ticket, old: &OwnedRoomId, room: &OwnedRoomId, view: &View) -> Vec<Effect> {
    let mut ticket = before.clone();
    ticket.room = Some(room.clone());
    ticket.followed = true;
    // Until they have come, what they write at the door goes into this ticket.
    ticket.joined.clear();
    ticket.away.clear();
    let locked = Powers { locked: true, followed: true, ..powers(before, &view.settings) };
    let kind = RoomKind::Ticket(ticket.snapshot.id.clone());
    let mut effects = vec![
        Effect::RememberRoom(Room { id: room.clone(), kind }),
        Effect::SetPowers { room: room.clone(), powers: powers(&ticket, &view.settings) },
        Effect::SetHistory { room: room.clone(), hidden: ticket.snapshot.internal },
        Effect::Describe { room: room.clone(), snapshot: Box::new(ticket.snapshot.clone()) },
    ];
    let people = ticket.invited.iter().chain(ticket.agents.iter().filter(|agent| !ticket.invited.contains(agent)));
    effects.extend(people.map(|user| Effect::Invite { room: room.clone(), user: user.clone() }));
    effects.push(Effect::SetPowers { room: old.clone(), powers: locked });
    effects.extend(space::replaced(before, &ticket, &view.settings));
    effects.push(Effect::LinkRoom { ticket: ticket.snapshot.id.clone(), room: room.clone() });
    effects.extend(say::in_thread(&ticket, &view.desk_words().upgrade_followed()));
    effects.push(Effect::RememberTicket(Box::new(ticket)));
    effects
}
