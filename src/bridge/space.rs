//! A desk's space: which ticket rooms are shown in it, and which ones agents find at the end of their lists.

use crate::model::{Desk, Effect, Settings, Ticket};

/// The space that the ticket's room belongs into: its desk's, as long as it is open.
fn shelf(ticket: &Ticket) -> Option<Desk> {
    let open = ticket.room.is_some() && !ticket.locked;
    open.then(|| Desk { id: ticket.snapshot.desk.clone(), name: ticket.snapshot.desk_name.clone() })
}

/// Another room is the ticket's.
pub fn replaced(before: &Ticket, after: &Ticket, settings: &Settings) -> Vec<Effect> {
    let put = |ticket: &Ticket, shown| Some(Effect::Shelve { desk: shelf(ticket)?, room: ticket.room.clone()?, shown });
    [put(before, false), put(after, true)].into_iter().flatten().filter(|_| settings.spaces).collect()
}

/// What a change of the ticket means for its place in the spaces and in the agents' lists.
pub fn moved(before: Option<&Ticket>, after: &Ticket, settings: &Settings) -> Vec<Effect> {
    let Some(room) = &after.room else { return Vec::new() };
    let mut effects = Vec::new();
    let (old, new) = (before.and_then(shelf), shelf(after));
    let same = old.as_ref().map(|desk| &desk.id) == new.as_ref().map(|desk| &desk.id);
    if settings.spaces && !same {
        let put = |desk, shown| Effect::Shelve { desk, room: room.clone(), shown };
        effects.extend(old.map(|desk| put(desk, false)));
        effects.extend(new.map(|desk| put(desk, true)));
    }
    let was_locked = before.is_some_and(|before| before.locked);
    if settings.low_priority && was_locked != after.locked {
        let low = after.locked;
        let tag = |user: &ruma::OwnedUserId| Effect::LowPriority { room: room.clone(), user: user.clone(), low };
        effects.extend(after.agents.iter().map(tag));
    }
    effects
}
