//! Levels that arrive: those of an earlier decision are set right.

use ticketroom::bridge::decide;
use ticketroom::model::{Fact, Powers};

use crate::world::*;

fn set(powers: Powers) -> Fact {
    Fact::LevelsSet { room: room(T), powers }
}

/// As a dead process had decided before anybody accepted the ticket.
fn before() -> Powers {
    Powers { customers: vec![user(CAROL)], ..Powers::default() }
}

#[test]
fn levels_that_are_as_they_should_be_are_left_alone() {
    nothing(set(before()), in_room(ticket()));
    nothing(set(Powers { locked: true, ..before() }), in_room(locked()));
}

#[test]
fn levels_that_arrive_late_take_no_right_away_and_open_no_closed_room() {
    let owned = ticket().owned_by(ada());
    let effects = decide(&set(before()), &in_room(ticketroom::model::Ticket { writer: Some(user(ADA)), ..owned }));
    let [ticketroom::model::Effect::SetPowers { powers, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(powers.agents, [user(ADA)]);
    let effects = decide(&set(before()), &in_room(locked()));
    let [ticketroom::model::Effect::SetPowers { powers, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert!(powers.locked);
}

#[test]
fn in_other_rooms_they_are_nothing() {
    nothing(set(before()), nowhere());
    nothing(set(before()), at_door(None));
}
