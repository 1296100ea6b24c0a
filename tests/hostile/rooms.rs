//! Successors of a ticket's room, each with something wrong.

use serde::Deserialize;
use ticketroom::bridge::decide;
use ticketroom::model::{Effect, Inspection, Outcome, Room, RoomKind};

use crate::data::{check_all, same};
use crate::world::{T, done, id, lane, room, ticket, user};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    found: Found,
    follows: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    taken: bool,
    entered: bool,
    entitled: bool,
    powerful: bool,
    predecessor: Option<String>,
    creator: Option<String>,
}

#[test]
fn only_the_genuine_successor_is_followed() {
    check_all("rooms", |case: Case| {
        let found = Inspection {
            taken: case.found.taken,
            entered: case.found.entered,
            predecessor: case.found.predecessor.as_deref().map(room),
            creator: case.found.creator.as_deref().map(user),
            entitled: case.found.entitled,
            powerful: case.found.powerful,
        };
        let former = Box::new(Room { id: room(T), kind: RoomKind::Ticket(id()) });
        let effect = Effect::Inspect { former, room: room("!new"), by: user("root") };
        let effects = decide(&done(effect, Outcome::Inspected(Box::new(found))), &lane(ticket()));
        let moves = |effect: &Effect| match effect {
            Effect::RememberTicket(after) => after.room != Some(room(T)),
            Effect::RememberRoom(known) => matches!(known.kind, RoomKind::Ticket(_)),
            Effect::SetPowers { .. } | Effect::Describe { .. } | Effect::Invite { .. } | Effect::LinkRoom { .. } => {
                true
            }
            _ => false,
        };
        same(&case.name, effects.iter().any(moves), case.follows)
    });
}
