//! A customer whom the helpdesk takes off a ticket goes: they were listed by mistake, or the account was not theirs.

use ruma::{OwnedRoomId, OwnedUserId, UserId};

use super::say;
use super::view::View;
use crate::model::{Effect, Person, Place, Snapshot, Ticket};

/// Those who were listed and are no more; first of all they go, so that nothing that follows reaches them. Who was never
/// listed (let in with another ticket, say) stays.
pub fn remove(ticket: &mut Ticket, before: &Snapshot, room: &OwnedRoomId, view: &View) -> Vec<Effect> {
    let listed = |snapshot: &Snapshot, user: &UserId| accounts(snapshot).any(|(_, listed)| listed == user);
    ticket.dropped.retain(|user| !listed(&ticket.snapshot, user));
    let customers = ticket.snapshot.customers.clone();
    let now = |person: &Person| customers.iter().find(|customer| customer.id == person.id);
    // Somebody who is listed without any account now may be so because the helpdesk does not show us accounts any more.
    let has_lost_sight = |person: &Person| now(person).is_some_and(|now| now.matrix.is_none());
    let mut known = std::mem::take(&mut ticket.unseen);
    known.retain(|person| !before.customers.iter().any(|old| old.id == person.id && old.matrix.is_some()));
    known.extend(accounts(before).map(|(person, _)| person.clone()));
    known.retain(|person| person.matrix.as_ref().is_some_and(|user| !listed(&ticket.snapshot, user)));
    // Who they were is kept until the helpdesk says who they are, or that they are no more.
    let (unseen, gone): (Vec<_>, Vec<_>) = known.into_iter().partition(has_lost_sight);
    ticket.unseen = unseen;
    let gone: Vec<(Person, OwnedUserId)> =
        gone.into_iter().filter_map(|person| Some((person.clone(), person.matrix?))).collect();
    ticket.dropped.extend(gone.iter().map(|(_, user)| user.clone()));
    let (mut effects, mut removed) = (Vec::new(), Vec::new());
    for (person, user) in &gone {
        let was_in = ticket.invited.contains(user);
        ticket.invited.retain(|other| other != user);
        ticket.joined.retain(|other| other != user);
        ticket.away.retain(|away| away.user != *user);
        // An agent may read on, as agents do, and write where the ticket is theirs.
        if was_in && view.settings.agent(user).is_none() {
            effects.push(kick(user, &ticket.snapshot.number, room, view));
            removed.push(person);
        }
    }
    // Who goes on with another account is no less a customer.
    for person in removed.into_iter().filter(|person| now(person).is_none()) {
        effects.push(say::notice(Place::Room(room.clone()), view.words().customer_dropped(&person.name)));
        effects.extend(say::in_thread(ticket, &view.desk_words().customer_dropped(&person.name)));
    }
    effects
}

pub fn kick(user: &OwnedUserId, number: &str, room: &OwnedRoomId, view: &View) -> Effect {
    Effect::Kick { room: room.clone(), user: user.clone(), reason: view.words().removed_dropped(number) }
}

fn accounts(snapshot: &Snapshot) -> impl Iterator<Item = (&Person, &OwnedUserId)> {
    snapshot.customers.iter().filter_map(|person| Some((person, person.matrix.as_ref()?)))
}
