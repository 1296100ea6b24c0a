//! A ticket that was merged into another one: its people go on in that one's room, and so does what they still write.

use ruma::OwnedUserId;

use super::powers::powers;
use super::view::View;
use super::{offer, say, space, spoken, video};
use crate::model::{Effect, Fact, Place, Said, Snapshot, Status, Successor, Ticket, TicketId};
use crate::texts::Words;

/// The helpdesk shows the other ticket in this one's place: only that it was merged is news.
pub fn merged(before: &Ticket, snapshot: &Snapshot, into: &Successor, view: &View) -> Vec<Effect> {
    let mut ticket = before.clone();
    // What it shows has the customers of both: who was one and is none was taken off before.
    let is_in = |snapshot: &Snapshot, user: &OwnedUserId| {
        snapshot.customers.iter().any(|customer| customer.matrix.as_ref() == Some(user))
    };
    ticket.invited.retain(|user| is_in(snapshot, user) || !is_in(&before.snapshot, user));
    ticket.snapshot.merged_into = Some(into.clone());
    ticket.snapshot.status = Status { closed: true, label: snapshot.status.label.clone() };
    if ticket == *before {
        return Vec::new();
    }
    let mut effects = Vec::new();
    if let Some(room) = before.room.clone() {
        ticket.locked = true;
        effects.extend(video::end_with_ticket(&mut ticket, view));
        if before.snapshot.merged_into.is_none() {
            effects.extend(send_on(before, &ticket, into, view));
        } else if !before.locked {
            // Merged on from there: the people have gone there already, and are sent on from there.
            effects.push(Effect::SetPowers { room, powers: powers(&ticket, &view.settings) });
        }
    }
    effects.push(Effect::RememberTicket(Box::new(ticket)));
    effects
}

/// Locks the room, and tells everybody and the other ticket.
pub fn send_on(before: &Ticket, ticket: &Ticket, into: &Successor, view: &View) -> Vec<Effect> {
    let Some(room) = ticket.room.clone() else { return Vec::new() };
    let words = view.words();
    // In the room of an internal one there are only people who may go there.
    let is_shut = into.internal && !before.snapshot.internal;
    let text = if is_shut { words.merged_internal(&into.number) } else { words.merged(&into.number) };
    let owner = ticket.snapshot.owner.as_ref().and_then(|owner| view.settings.agent_by_login(&owner.login));
    let mut effects = vec![
        say::notice(Place::Room(room.clone()), text.as_str()),
        Effect::SetPowers { room: room.clone(), powers: powers(ticket, &view.settings) },
        Effect::Tell {
            ticket: into.id.clone(),
            fact: Box::new(Fact::MergedHere {
                ticket: into.id.clone(),
                number: ticket.snapshot.number.clone(),
                customers: ticket.invited.clone(),
                agents: owner.map(|agent| agent.matrix.clone()).into_iter().collect(),
                dropped: ticket.dropped.clone(),
            }),
        },
    ];
    effects.extend(say::in_thread(ticket, &view.desk_words().merged_in_thread(&into.number)));
    effects.extend(offer::card_again(ticket, view));
    effects.extend(space::moved(Some(before), ticket, &view.settings));
    if !is_shut {
        // Last: it waits until the other ticket has a room. A customer would be sent to a door that stays shut.
        effects.push(Effect::Replace { room, by: into.id.clone(), body: text });
    }
    effects
}

/// Why a ticket is looked at that another one was merged into: before its number.
const MERGED_BATCH: &str = "merged-";

/// Whether this look is for people who have been sent into the ticket's room.
pub fn brings_people(batch: &str) -> bool {
    batch.starts_with(MERGED_BATCH)
}

/// In the lane of the ticket that goes on: the other one's people are let in.
pub fn here(
    id: &TicketId,
    number: &str,
    customers: &[OwnedUserId],
    agents: &[OwnedUserId],
    dropped: &[OwnedUserId],
    view: &View,
) -> Vec<Effect> {
    let look = Effect::LookAt { ticket: id.clone(), batch: format!("{MERGED_BATCH}{number}") };
    let Some((before, room)) = view.ticket.as_ref().and_then(|ticket| Some((ticket, ticket.room.clone()?))) else {
        // Its room is made of what the helpdesk says, which has the customers of both.
        return vec![look];
    };
    let mut ticket = before.clone();
    let mut people = Vec::new();
    let is_new = |user: &&OwnedUserId| !before.dropped.contains(user) && !before.invited.contains(user);
    ticket.dropped.extend(dropped.iter().filter(is_new).cloned());
    for user in customers.iter().filter(|_| !before.snapshot.internal) {
        if !ticket.invited.contains(user) {
            ticket.invited.push(user.clone());
            people.push(Effect::Invite { room: room.clone(), user: user.clone() });
        }
    }
    for user in agents.iter().filter(|user| !before.agents.contains(user)) {
        ticket.agents.push(user.clone());
        people.push(Effect::Invite { room: room.clone(), user: user.clone() });
    }
    let mut effects = Vec::new();
    if powers(before, &view.settings) != powers(&ticket, &view.settings) {
        effects.push(Effect::SetPowers { room: room.clone(), powers: powers(&ticket, &view.settings) });
    }
    let text = |words: Words<'_>| {
        if before.snapshot.internal { words.merged_here_internal(number) } else { words.merged_here(number) }
    };
    effects.push(say::notice(Place::Room(room), text(view.words())));
    effects.extend(say::in_thread(&ticket, &text(view.desk_words())));
    effects.extend(people);
    if ticket != *before {
        effects.push(Effect::RememberTicket(Box::new(ticket)));
    }
    effects.push(look);
    effects
}

/// What was written before the lock, or before word of the merging got around, belongs into the other ticket.
pub fn forward(said: &Said, ticket: &Ticket, view: &View) -> Option<Effect> {
    let into = ticket.snapshot.merged_into.as_ref()?;
    if let (Some(agent), true) = (view.settings.agent(&said.sender), ticket.snapshot.internal)
        && !spoken::is_customer(ticket, &said.sender)
    {
        // It was said among agents, and the other ticket may have customers.
        let among_agents =
            Ticket { snapshot: Snapshot { id: into.id.clone(), ..ticket.snapshot.clone() }, ..ticket.clone() };
        return Some(spoken::note(&among_agents, said, agent, &said.body));
    }
    Some(Effect::Tell { ticket: into.id.clone(), fact: Box::new(Fact::SaidAtDoor(said.clone())) })
}
