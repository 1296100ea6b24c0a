//! Internal tickets: their room is for agents alone, until they are made public.

use ruma::OwnedRoomId;

use super::say;
use super::view::View;
use crate::model::{Effect, Place, Ticket};

/// A ticket became internal. First of all the customers go: nothing that follows may reach them.
pub fn shut(ticket: &mut Ticket, room: &OwnedRoomId, view: &View) -> Vec<Effect> {
    let goes = |user: &ruma::OwnedUserId| view.settings.agent(user).is_none();
    let reason = view.words().removed_internal();
    let kick =
        |user: &ruma::OwnedUserId| Effect::Kick { room: room.clone(), user: user.clone(), reason: reason.clone() };
    let mut effects: Vec<Effect> = ticket.invited.iter().filter(|user| goes(user)).map(kick).collect();
    // Whoever stands there for a customer goes with them.
    let ghosts = ticket.ghosts.iter().filter(|ghost| !ghost.agent).map(|ghost| view.settings.ghost(&ghost.person));
    effects.extend(ghosts.map(|ghost| kick(&ghost)));
    ticket.ghosts.retain(|ghost| ghost.agent);
    ticket.invited.retain(|user| !goes(user));
    ticket.joined.retain(|user| !goes(user));
    ticket.away.clear();
    effects.push(Effect::SetHistory { room: room.clone(), hidden: true });
    effects
}

/// Those who left the room with `shut` come back to what is written from now on, and not to what was said without them.
pub fn open(room: &OwnedRoomId) -> Effect {
    Effect::SetHistory { room: room.clone(), hidden: false }
}

pub fn say_so(ticket: &Ticket, room: &OwnedRoomId, view: &View) -> Vec<Effect> {
    let (words, desk_words) = (view.words(), view.desk_words());
    let (here, there) = if ticket.snapshot.internal {
        (words.became_internal(), desk_words.became_internal())
    } else {
        (words.became_public(), desk_words.became_public())
    };
    let mut effects = vec![say::notice(Place::Room(room.clone()), here)];
    effects.extend(say::in_thread(ticket, &there));
    effects
}
