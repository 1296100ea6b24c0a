//! Ticket rooms in their desk's space and in the agents' lists.

use ticketroom::model::{Effect, Fact, RoomKind, Ticket};

use crate::world::*;

fn shelving(fact: Fact, view: ticketroom::bridge::View) -> Vec<Effect> {
    let effects = ticketroom::bridge::decide(&fact, &view);
    effects.into_iter().filter(|effect| matches!(effect, Effect::Shelve { .. } | Effect::LowPriority { .. })).collect()
}

#[track_caller]
fn shelves(fact: Fact, view: ticketroom::bridge::View, expected: &[(&str, bool)]) {
    let found = shelving(fact, with_spaces(view));
    let found: Vec<_> = found
        .iter()
        .filter_map(|effect| match effect {
            Effect::Shelve { desk, shown, .. } => Some((desk.name.as_str(), *shown)),
            _ => None,
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_new_room_is_shown_in_its_desks_space() {
    shelves(room_made(snapshot()), lane(unfurnished()), &[("Support", true)]);
}

#[test]
fn a_waiting_room_that_becomes_a_ticket_is_shown_too() {
    let opened = Fact::Opened { snapshot: snapshot(), waiting: Some(room(W)), language: None };
    shelves(opened, nowhere(), &[("Support", true)]);
}

#[test]
fn a_closed_tickets_room_leaves_the_space_and_a_reopened_ones_comes_back() {
    shelves(Fact::Seen(snapshot().closed()), lane(ticket()), &[("Support", false)]);
    shelves(Fact::Seen(snapshot()), lane(locked()), &[("Support", true)]);
}

#[test]
fn a_room_moves_with_its_ticket_to_another_desk() {
    let moved = snapshot().at_desk("4", "Repair");
    shelves(Fact::Seen(moved.clone()), lane(ticket()), &[("Support", false), ("Repair", true)]);
    shelves(Fact::Seen(moved.clone().closed()), lane(ticket()), &[("Support", false)]);
    shelves(Fact::Seen(moved.clone()), lane(locked()), &[("Repair", true)]);
    shelves(Fact::Seen(moved.closed()), lane(locked()), &[]);
}

#[test]
fn other_changes_leave_the_room_where_it_is() {
    shelves(Fact::Seen(snapshot().titled("It leaked")), lane(ticket()), &[]);
    shelves(Fact::Seen(snapshot()), lane(ticket()), &[]);
}

#[test]
fn without_spaces_nothing_is_shelved() {
    assert_eq!(shelving(Fact::Seen(snapshot().closed()), lane(ticket())), []);
}

#[test]
fn a_closed_tickets_room_sinks_in_the_lists_of_the_agents_who_are_in_it() {
    let served = |ticket: Ticket| Ticket { agents: vec![user(ADA), user(BEN)], ..ticket };
    let sunk = |low| [ADA, BEN].map(|agent| Effect::LowPriority { room: room(T), user: user(agent), low });
    let tags = |fact, ticket| {
        let mut effects = shelving(fact, with_spaces(lane(ticket)));
        effects.retain(|effect| matches!(effect, Effect::LowPriority { .. }));
        effects
    };
    assert_eq!(tags(Fact::Seen(snapshot().closed()), served(ticket())), sunk(true));
    assert_eq!(tags(Fact::Seen(snapshot()), served(locked())), sunk(false));
    assert_eq!(tags(Fact::Seen(snapshot().titled("x")), served(ticket())), []);
}

#[test]
fn a_space_is_nobodys_place_to_talk() {
    for fact in [says(ADA, "!s", "!accept"), says(EVE, "!s", "Hello"), joins(ADA, "!s"), leaves(ADA, "!s")] {
        let mut view = in_desk();
        view.room = Some(ticketroom::model::Room { id: room("!s"), kind: RoomKind::Space(desk_3().id) });
        nothing(fact, view);
    }
}
