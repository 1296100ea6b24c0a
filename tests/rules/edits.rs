//! Messages can't be edited: the edit is undone, its author told once.

use ticketroom::bridge::View;

use crate::world::*;

#[test]
fn an_edit_is_undone_and_its_author_told() {
    check(
        edits(CAROL, T),
        in_room(ticket()),
        r#"redact $edit in !t
        notice in !t at $e: "Messages here can't be edited, …"
        remember #1, told @carol"#,
    );
}

#[test]
fn an_edit_before_there_is_a_ticket_is_undone_and_its_author_told() {
    check(
        edits(CAROL, W),
        in_waiting(),
        r#"redact $edit in !w
        notice in !w at $e: "Messages here can't be edited, …"
        count Edit of @carol at !w"#,
    );
    check(
        edits(CAROL, D),
        at_door(None),
        r#"redact $edit in !d
        notice in !d at $e: "Messages here can't be edited, …"
        count Edit of @carol at !d"#,
    );
}

#[test]
fn the_second_edit_before_there_is_a_ticket_is_undone_silently() {
    let told = |mut view: View| {
        view.used.told_no_edits = true;
        view
    };
    check(edits(CAROL, W), told(in_waiting()), "redact $edit in !w");
    check(edits(CAROL, D), told(at_door(None)), "redact $edit in !d");
}

#[test]
fn an_edit_at_the_door_of_a_ticket_that_nobody_has_seen_yet_is_undone_there() {
    let opened = View { ticket: None, ..at_door(Some(ticket())) };
    check(edits(CAROL, D), opened.clone(), "redact $edit in !d\nnotice in !d at $e: …\ncount Edit of @carol at !d");
    // Told of by the door before the ticket was merged into another one: nothing is told again and again.
    let in_lane = View { lane: Some(id()), ..opened };
    check(edits(CAROL, D), in_lane, "redact $edit in !d\nnotice in !d at $e: …\ncount Edit of @carol at !d");
}

#[test]
fn the_second_edit_is_undone_silently() {
    let mut told = ticket();
    told.told_no_edits.push(user(CAROL));
    check(edits(CAROL, T), in_room(told), "redact $edit in !t");
}

#[test]
fn each_author_is_told() {
    let mut told = ticket();
    told.told_no_edits.push(user(CAROL));
    check(edits(ADA, T), in_room(told), "redact $edit in !t\nnotice in !t at $e: …\nremember #1, told @carol+@ada");
}

#[test]
fn an_edit_before_the_lock_is_undone_after_it() {
    check(edits(CAROL, T), in_room(locked()), "redact $edit in !t\nnotice in !t at $e: …\nremember #1, told @carol");
}

#[test]
fn an_edit_in_the_thread_is_undone_there() {
    check(
        edits(ADA, DESK),
        in_thread(ticket()),
        r#"redact $edit in !desk
        notice in thread $card of Support at $e: "Messages here can't be edited, …"
        remember #1, told @ada"#,
    );
}

#[test]
fn chat_beside_the_tickets_may_be_edited() {
    nothing(edits(ADA, DESK), in_desk());
}

#[test]
fn our_own_edit_is_an_echo() {
    nothing(edits(BOT, T), in_room(ticket()));
}
