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
    let gone: Vec<(Person, OwnedUserId)> = accounts(before)
        .filter(|(_, user)| !listed(&ticket.snapshot, user))
        .map(|(person, user)| (person.clone(), user.clone()))
        .collect();
    ticket.dropped.extend(gone.iter().map(|(_, user)| user.clone()));
    let is_in = |user: &OwnedUserId| ticket.invited.contains(user) && view.settings.agent(user).is_none();
    let gone: Vec<_> = gone.into_iter().filter(|(_, user)| is_in(user)).collect();
    let mut effects = Vec::new();
    for (_, user) in &gone {
        ticket.invited.retain(|other| other != user);
        ticket.joined.retain(|other| other != user);
        ticket.away.retain(|away| away.user != *user);
        let reason = view.words().removed_dropped(&ticket.snapshot.number);
        effects.push(Effect::Kick { room: room.clone(), user: user.clone(), reason });
    }
    // Who goes on with another account is no less a customer.
    let is_listed = |person: &Person| ticket.snapshot.customers.iter().any(|customer| customer.id == person.id);
    for (person, _) in gone.iter().filter(|(person, _)| !is_listed(person)) {
        effects.push(say::notice(Place::Room(room.clone()), view.words().customer_dropped(&person.name)));
        effects.extend(say::in_thread(ticket, &view.desk_words().customer_dropped(&person.name)));
    }
    effects
}

fn accounts(snapshot: &Snapshot) -> impl Iterator<Item = (&Person, &OwnedUserId)> {
    snapshot.customers.iter().filter_map(|person| Some((person, person.matrix.as_ref()?)))
}
