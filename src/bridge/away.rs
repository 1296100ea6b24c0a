//! Customers who leave their ticket's room, and their way back.

use ruma::{OwnedRoomId, OwnedUserId, UserId};

use super::view::View;
use super::{dropped, say, spoken, video};
use crate::model::{Away, Effect, Ticket};

/// Somebody has left the ticket's room, or would not come in.
pub fn left(user: &OwnedUserId, before: &Ticket, view: &View) -> Vec<Effect> {
    let mut ticket = before.clone();
    ticket.joined.retain(|joined| joined != user);
    let mut effects = video::gone(user, &mut ticket, view);
    // Who was removed by us is no longer among those who were invited.
    if is_customer(user, before, view) {
        let (name, words) = (view.name_of(user), view.desk_words());
        let said = match before.away.iter().find(|away| away.user == *user) {
            None => {
                ticket.away.push(Away { user: user.clone(), called: false });
                Some(words.customer_left(name))
            }
            Some(Away { called: true, .. }) => Some(words.customer_stays_away(name)),
            Some(_) => None,
        };
        // Of a closed ticket's room people tidy their lists, and nobody needs to know.
        let said = said.filter(|_| !before.locked);
        effects.extend(said.and_then(|text| say::in_thread(&ticket, &text)));
    }
    if ticket != *before {
        effects.push(Effect::RememberTicket(Box::new(ticket)));
    }
    effects
}

/// A customer came into their ticket's room, perhaps not for the first time.
pub fn joined(user: &OwnedUserId, before: &Ticket, view: &View) -> Vec<Effect> {
    let is_agent = view.settings.agent(user).is_some();
    // An agent can be the customer of a ticket, too.
    if view.settings.is_ours(user) || before.joined.contains(user) || (is_agent && !spoken::is_customer(before, user)) {
        return Vec::new();
    }
    // Their invitation was on its way when the ticket became internal.
    if before.snapshot.internal && !is_agent {
        let reason = view.words().removed_internal();
        let kick = |room: &OwnedRoomId| Effect::Kick { room: room.clone(), user: user.clone(), reason };
        return before.room.as_ref().map(kick).into_iter().collect();
    }
    // Their invitation was on its way when they were taken off the ticket.
    if before.dropped.contains(user) && !is_agent {
        let number = &before.snapshot.number;
        return before.room.iter().map(|room| dropped::kick(user, number, room, view)).collect();
    }
    let mut ticket = before.clone();
    ticket.joined.push(user.clone());
    ticket.away.retain(|away| away.user != *user);
    let mut effects = Vec::new();
    if ticket.away != before.away && !before.locked {
        effects.extend(say::in_thread(&ticket, &view.desk_words().customer_back(view.name_of(user))));
    }
    effects.push(Effect::RememberTicket(Box::new(ticket)));
    effects
}

/// There is something for customers to read: those who are away are invited once more, once.
pub fn call(ticket: &mut Ticket) -> Vec<Effect> {
    invite(ticket, |away| !away.called)
}

/// An agent asks for it, however often they have left.
pub fn call_all(ticket: &mut Ticket) -> Vec<Effect> {
    invite(ticket, |_| true)
}

fn invite(ticket: &mut Ticket, who: impl Fn(&Away) -> bool) -> Vec<Effect> {
    let Some(room) = ticket.room.clone().filter(|_| !ticket.snapshot.internal) else { return Vec::new() };
    let away = ticket.away.iter_mut().filter(|away| who(away));
    away.map(|away| {
        away.called = true;
        Effect::Invite { room: room.clone(), user: away.user.clone() }
    })
    .collect()
}

/// They have written at the door: whoever does that wants to come back, however often they have left.
pub fn call_back(user: &UserId, ticket: &mut Ticket) -> Option<Effect> {
    let room = ticket.room.clone().filter(|_| !ticket.snapshot.internal)?;
    let away = ticket.away.iter_mut().find(|away| away.user == user)?;
    away.called = true;
    Some(Effect::Invite { room, user: away.user.clone() })
}

fn is_customer(user: &OwnedUserId, ticket: &Ticket, view: &View) -> bool {
    ticket.invited.contains(user) && view.settings.agent(user).is_none()
}
