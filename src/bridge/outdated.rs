//! Notices that are not true any more when their turn comes: after an outage the last one of its kind is enough.

use ruma::OwnedEventId;

use crate::model::{Effect, Place, Settings, Speech, SpeechKind, Ticket, Topic};

/// What a notice tells, and where.
#[derive(Clone, Debug, PartialEq)]
struct News {
    place: Place,
    /// `None`: the room's own name.
    topic: Option<Topic>,
    /// The message that it is about.
    at: Option<OwnedEventId>,
}

fn news(effect: &Effect) -> Option<News> {
    match effect {
        Effect::Say(Speech { tells: Some(topic), place, reply_to, .. }) => {
            Some(News { place: place.clone(), topic: Some(*topic), at: reply_to.clone() })
        }
        // Complete in itself, and clients show each as a line among the messages.
        Effect::Describe { room, .. } => Some(News { place: Place::Room(room.clone()), topic: None, at: None }),
        _ => None,
    }
}

/// Whether nobody needs to read the earlier one who reads the later one.
fn says_more_than(later: &News, earlier: &News) -> bool {
    // A closed ticket has no other status. The other way round "waiting for customer" does not say that it was reopened.
    let covers =
        later.topic == earlier.topic || (later.topic, earlier.topic) == (Some(Topic::Closing), Some(Topic::Status));
    covers && later.place == earlier.place && later.at == earlier.at
}

/// Words of people, which may be about what was told before them.
fn is_said_in(effect: &Effect, place: &Place) -> bool {
    match effect {
        Effect::Say(speech) => speech.kind == SpeechKind::Message && speech.place == *place,
        Effect::SayFile(speech) => speech.place == *place,
        Effect::AskForVideo { speech, .. } => speech.place == *place,
        _ => false,
    }
}

/// Whether this effect can be left out since one of those that wait behind it tells the same thing anew, and nobody says
/// anything in between. What people wrote is never outdated.
pub fn is_outdated(effect: &Effect, later: impl IntoIterator<Item = Effect>) -> bool {
    let Some(earlier) = news(effect) else { return false };
    for next in later {
        if news(&next).is_some_and(|next| says_more_than(&next, &earlier)) {
            return true;
        }
        if is_said_in(&next, &earlier.place) {
            return false;
        }
    }
    false
}

/// Whether whoever is to be invited is not to be there any more: a customer of a ticket that has become internal, or who was
/// taken off it, an agent whose ticket it is no longer.
pub fn is_unwanted(effect: &Effect, ticket: &Ticket, settings: &Settings) -> bool {
    let (room, user) = match effect {
        Effect::Invite { room, user } => (room, user),
        Effect::InviteToDesk { desk, user } => {
            let is_owner = settings.agent(user).is_some_and(|agent| ticket.is_owned_by(agent));
            return !is_owner || ticket.snapshot.desk != desk.id;
        }
        _ => return false,
    };
    match settings.agent(user) {
        _ if ticket.room.as_ref() != Some(room) => true,
        Some(agent) if ticket.is_owned_by(agent) => false,
        Some(_) if ticket.snapshot.customers.iter().any(|person| person.matrix.as_deref() == Some(user)) => {
            ticket.snapshot.internal
        }
        Some(_) => true,
        None => ticket.snapshot.internal || ticket.dropped.contains(user),
    }
}

/// Whether it can be outdated at all.
pub fn gets_outdated(effect: &Effect) -> bool {
    news(effect).is_some()
}
