//! A customer whose client encrypts the direct chat, and the room that is opened for them.

use ticketroom::bridge::View;
use ticketroom::model::{Effect, Outcome, Used};

use crate::world::*;

fn wanted() -> Effect {
    Effect::CreateWaitingRoom {
        door: room(D),
        customer: user(CAROL),
        cause: event("$e"),
        name: "New ticket".to_owned(),
    }
}

#[test]
fn an_encrypted_door_gets_one_line_and_a_room_at_once() {
    check(
        encrypts(CAROL, D),
        at_door(None),
        r#"notice in !d: "I can't read encrypted messages yet, so …"
        make waiting room for @carol at !d because of $e
        count Room of @carol at !d"#,
    );
}

#[test]
fn the_line_is_not_said_twice() {
    let just_now = Used { rooms_of_customer: 1, ..Used::default() };
    nothing(encrypts(CAROL, D), View { used: just_now, ..at_door_waiting() });
}

#[test]
fn who_goes_on_encrypting_is_told_of_the_invitation_once_an_hour() {
    check(
        encrypts(CAROL, D),
        at_door_waiting(),
        r#"notice in !d: "I can't read this, since it is encrypted. …"
        count Refusal of @carol at !d"#,
    );
    nothing(encrypts(CAROL, D), View { used: Used { told: true, ..Used::default() }, ..at_door_waiting() });
}

#[test]
fn our_own_encrypted_event_is_an_echo() {
    nothing(encrypts(BOT, D), at_door(None));
}

#[test]
fn the_waiting_room_is_known_and_the_customer_invited() {
    check(
        done(wanted(), Outcome::RoomMade { room: room(W) }),
        nowhere(),
        r#"know !w as waiting room of @carol from !d
        know !d as door of @carol waiting in !w
        invite @carol to !w
        notice in !w: "Please write here …""#,
    );
}

#[test]
fn the_door_keeps_the_ticket_that_was_opened_from_it_last() {
    check(
        done(wanted(), Outcome::RoomMade { room: room(W) }),
        at_door(Some(ticket())),
        r#"know !w as waiting room …
        know !d as door of @carol into #1 waiting in !w
        invite @carol to !w
        notice in !w: "Please write here …""#,
    );
}

#[test]
fn the_first_words_in_the_waiting_room_open_the_ticket() {
    check(
        says(CAROL, W, "It leaks"),
        in_waiting(),
        r#"open ticket at desk 3 for @carol carol: "It leaks" "It leaks" from $e in !w
        count Ticket of @carol at !w"#,
    );
}

#[test]
fn our_own_welcome_in_the_waiting_room_opens_nothing() {
    nothing(says(BOT, W, "Please write here"), in_waiting());
}

#[test]
fn what_is_encrypted_in_the_waiting_room_is_refused_there() {
    check(encrypts(CAROL, W), in_waiting(), r#"notice in !w at $e: "This message is encrypted …""#);
}

#[test]
fn a_customer_who_does_not_want_the_waiting_room_gets_another_one_later() {
    check(
        leaves(CAROL, W),
        in_waiting(),
        "leave !w
        forget !w
        know !d as door of @carol",
    );
}

#[test]
fn somebody_else_may_leave_the_waiting_room() {
    nothing(leaves(EVE, W), in_waiting());
}

#[test]
fn coming_into_the_waiting_room_changes_nothing() {
    nothing(joins(CAROL, W), in_waiting());
}

#[test]
fn a_ticket_room_says_what_it_could_not_read() {
    check(encrypts(CAROL, T), in_room(ticket()), r#"notice in !t at $e: "This message is encrypted …""#);
}
