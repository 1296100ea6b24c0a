//! Rooms that are said to take the place of ours. A tombstone alone proves nothing: we follow only where the new room
//! names ours as its predecessor, was made by whoever sent us there, with the power to do so, and gives us ours.

use ruma::{OwnedRoomId, OwnedUserId};

use super::powers::powers;
use super::view::View;
use super::{offer, say, space, video};
use crate::model::{DeskId, Effect, Fact, Inspection, Place, Powers, Room, RoomKind, Ticket};

/// A tombstone stands in a room of ours.
pub fn upgraded(by: &OwnedUserId, to: &OwnedRoomId, view: &View) -> Vec<Effect> {
    let Some(room) = view.room.as_ref().filter(|room| room.id != *to && !view.settings.is_ours(by)) else {
        return Vec::new();
    };
    if !is_current(room, view) {
        return Vec::new();
    }
    vec![Effect::Inspect { former: Box::new(room.clone()), room: to.clone(), by: by.clone() }]
}

/// We are invited to a room that we have heard of: its ticket's lane goes on with it.
pub fn invited(former: &Room, room: &OwnedRoomId, by: &OwnedUserId) -> Vec<Effect> {
    let ticket = match &former.kind {
        RoomKind::Ticket(ticket) => ticket.clone(),
        RoomKind::Desk(_) => {
            return vec![Effect::Inspect { former: Box::new(former.clone()), room: room.clone(), by: by.clone() }];
        }
        _ => return Vec::new(),
    };
    let fact = Fact::Upgraded {
        room: former.id.clone(),
        event: ruma::owned_event_id!("$upgrade"),
        sender: by.clone(),
        replacement: room.clone(),
    };
    vec![Effect::Tell { ticket, fact: Box::new(fact) }]
}

/// Whether it still is what it was when somebody announced its successor.
fn is_current(room: &Room, view: &View) -> bool {
    match &room.kind {
        RoomKind::Ticket(_) => view.ticket.as_ref().is_some_and(|ticket| ticket.room.as_ref() == Some(&room.id)),
        RoomKind::Desk(_) => view.room.as_ref() == Some(room),
        _ => false,
    }
}

/// The room was looked at.
pub fn inspected(former: &Room, room: &OwnedRoomId, by: &OwnedUserId, found: &Inspection, view: &View) -> Vec<Effect> {
    if !is_current(former, view) {
        return Vec::new();
    }
    let words = view.desk_words();
    let desk = former.kind.desk();
    let tell = |of_ticket: String, of_desk: String| match desk {
        Some(_) => Some(say::notice(Place::Room(former.id.clone()), of_desk)),
        None => say::in_thread(view.ticket.as_ref()?, &of_ticket),
    };
    let refused = || tell(words.upgrade_refused(), words.desk_upgrade_refused());
    if found.taken || !found.entitled {
        return refused().into_iter().collect();
    }
    let announced = RoomKind::Upgrade { former: Box::new(former.clone()), by: by.clone() };
    let wait = Effect::RememberRoom(Room { id: room.clone(), kind: announced });
    let leave = || Effect::Leave { room: room.clone() };
    if !found.entered {
        let waiting = tell(words.upgrade_waiting(), words.desk_upgrade_waiting());
        return [wait].into_iter().chain(waiting).collect();
    }
    if found.predecessor.as_ref() != Some(&former.id) || found.creator.as_ref() != Some(by) {
        let forget = Effect::ForgetRoom { room: room.clone() };
        return [leave(), forget].into_iter().chain(refused()).collect();
    }
    if !found.powerful {
        let powerless = tell(words.upgrade_powerless(), words.desk_upgrade_powerless());
        return [wait, leave()].into_iter().chain(powerless).collect();
    }
    match (desk, &view.ticket) {
        (Some(desk), _) => follow_desk(desk, &former.id, room, view),
        (None, Some(ticket)) => follow(ticket, &former.id, room, view),
        (None, None) => Vec::new(),
    }
}

/// From now on the desk is there. What its tickets have in the old room follows, each in its own lane.
fn follow_desk(desk: &DeskId, old: &OwnedRoomId, room: &OwnedRoomId, view: &View) -> Vec<Effect> {
    vec![
        Effect::RememberRoom(Room { id: room.clone(), kind: RoomKind::Desk(desk.clone()) }),
        Effect::RememberRoom(Room { id: old.clone(), kind: RoomKind::FormerDesk(desk.clone()) }),
        Effect::MoveDesk { desk: desk.clone(), from: old.clone(), to: room.clone() },
        say::notice(Place::Room(old.clone()), view.desk_words().desk_upgrade_followed()),
    ]
}

/// The ticket's desk goes on in another room: a new card there begins a new thread. A closed ticket keeps its old one until
/// it is reopened.
pub fn desk_moved(room: &OwnedRoomId, view: &View) -> Vec<Effect> {
    let Some(mut ticket) = view.ticket.clone().filter(|ticket| ticket.card.is_some()) else { return Vec::new() };
    if view.card_room.as_ref() == Some(room) {
        return Vec::new();
    }
    if ticket.locked {
        ticket.card_left = true;
        return vec![Effect::RememberTicket(Box::new(ticket))];
    }
    ticket.leave_card();
    let owner = offer::into_desk(&ticket, &view.settings);
    owner.into_iter().chain([offer::card(&ticket, view), Effect::RememberTicket(Box::new(ticket))]).collect()
}

/// Everything of the ticket's that stands in a room is arranged in the new one.
fn follow(before: &Ticket, old: &OwnedRoomId, room: &OwnedRoomId, view: &View) -> Vec<Effect> {
    let mut ticket = before.clone();
    ticket.room = Some(room.clone());
    ticket.followed = true;
    // Until they have come, what they write at the door goes into this ticket.
    ticket.joined.clear();
    ticket.away.clear();
    video::moved(&mut ticket, view);
    let locked = Powers { locked: true, followed: true, ..powers(before, &view.settings) };
    let kind = RoomKind::Ticket(ticket.snapshot.id.clone());
    let mut effects = vec![
        Effect::RememberRoom(Room { id: room.clone(), kind }),
        Effect::SetPowers { room: room.clone(), powers: powers(&ticket, &view.settings) },
        Effect::SetHistory { room: room.clone(), hidden: ticket.snapshot.internal },
        Effect::Describe { room: room.clone(), snapshot: Box::new(ticket.snapshot.clone()) },
    ];
    effects.extend(video::shown_in(room, &ticket, view));
    let people = ticket.invited.iter().chain(ticket.agents.iter().filter(|agent| !ticket.invited.contains(agent)));
    effects.extend(people.map(|user| Effect::Invite { room: room.clone(), user: user.clone() }));
    effects.push(Effect::SetPowers { room: old.clone(), powers: locked });
    effects.extend(space::replaced(before, &ticket, &view.settings));
    effects.push(Effect::LinkRoom { ticket: ticket.snapshot.id.clone(), room: room.clone() });
    effects.extend(say::in_thread(&ticket, &view.desk_words().upgrade_followed()));
    effects.push(Effect::RememberTicket(Box::new(ticket)));
    effects
}
