//! The desk room: threads of tickets, and chat beside them.

use ticketroom::model::Uncarried;

use crate::world::*;

#[test]
fn what_an_agent_writes_in_the_thread_is_a_note() {
    check(
        says(ADA, DESK, "He pays late"),
        in_thread(ticket()),
        r#"post #1 as agent ada Ada internal: "He pays late" from $e in thread $card of Support"#,
    );
}

#[test]
fn any_agent_may_note_also_without_owning_the_ticket_and_when_it_is_closed() {
    let note = r#"post #1 as agent ben Ben internal: "Called" from $e in thread $card of Support"#;
    check(says(BEN, DESK, "Called"), in_thread(ticket().owned_by(ada())), note);
    check(says(BEN, DESK, "Called"), in_thread(locked()), note);
}

#[test]
fn chat_beside_the_tickets_stays_there() {
    nothing(says(ADA, DESK, "Lunch?"), in_desk());
    nothing(says(EVE, DESK, "Lunch?"), in_desk());
    nothing(sends(ADA, DESK, Uncarried::Picture), in_desk());
}

#[test]
fn a_stranger_in_the_thread_is_told_that_it_went_nowhere() {
    check(
        says(EVE, DESK, "I know him"),
        in_thread(ticket()),
        r#"notice in thread $card of Support at $e: "You are not set up as an agent …""#,
    );
}

#[test]
fn a_strangers_command_is_refused() {
    check(
        says(EVE, DESK, "!accept"),
        in_thread(ticket()),
        r#"notice in thread $card of Support at $e: "You are not set up as an agent …""#,
    );
    check(says(EVE, DESK, "!help"), in_desk(), r#"notice in !desk at $e: "You are not set up as an agent …""#);
}

#[test]
fn a_picture_in_the_thread_is_refused_there() {
    check(
        sends(ADA, DESK, Uncarried::Picture),
        in_thread(ticket()),
        r#"notice in thread $card of Support at $e: "A picture can't be carried …""#,
    );
}

#[test]
fn a_command_beside_the_tickets_is_sent_into_a_thread() {
    for text in ["!accept", "!CLOSE", "!note He pays late"] {
        check(says(ADA, DESK, text), in_desk(), r#"notice in !desk at $e: "Please write this in the thread …""#);
    }
}

#[test]
fn help_beside_the_tickets_says_where_to_go() {
    check(
        says(ADA, DESK, "!help"),
        in_desk(),
        r#"notice in !desk at $e: "Every ticket of this desk is offered here. …""#,
    );
}

#[test]
fn an_unknown_command_beside_the_tickets_is_named() {
    check(says(ADA, DESK, "!dance"), in_desk(), r#"notice in !desk at $e: "I don't know !dance. …""#);
}
