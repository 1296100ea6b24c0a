//! A closed ticket's room is locked, a reopened one's unlocked, each in the order that nobody is cut off by.

use ticketroom::model::{Effect, Fact, Outcome, Status};

use crate::world::*;

fn settled(closed: bool, snapshot: ticketroom::model::Snapshot) -> Fact {
    done(Effect::SetClosed { ticket: id(), closed }, Outcome::Ticket(Box::new(snapshot)))
}

const CLOSED: &str = r#"notice in !t: "This ticket was closed. …"
    notice in thread $card of Support: "Closed."
    levels of !t: locked, agents [@ada], customers [@carol]
    change …
    remember #1, snapshot, locked"#;

#[test]
fn closing_is_said_before_the_lock() {
    check(Fact::Seen(snapshot().closed().owned_by(ada())), lane(ticket().owned_by(ada())), CLOSED);
}

#[test]
fn the_command_closes_like_the_helpdesk() {
    check(settled(true, snapshot().closed().owned_by(ada())), lane(ticket().owned_by(ada())), CLOSED);
}

#[test]
fn reopening_unlocks_before_it_is_said() {
    check(
        settled(false, snapshot()),
        lane(locked()),
        r#"levels of !t: open, agents [], customers [@carol]
        notice in !t: "This ticket was reopened. …"
        notice in thread $card of Support: "Reopened."
        change …
        remember #1, snapshot, unlocked"#,
    );
}

#[test]
fn closing_twice_is_said_once() {
    nothing(Fact::Seen(snapshot().closed()), lane(locked()));
}

#[test]
fn another_word_for_closed_stays_locked() {
    let rejected = Status { closed: true, label: "rejected".to_owned() };
    check(
        Fact::Seen(snapshot().with(|snapshot| snapshot.status = rejected)),
        lane(locked()),
        r#"notice in !t: "The ticket's status is now “rejected”."
        remember #1, snapshot"#,
    );
}

#[test]
fn a_new_owner_of_a_closed_ticket_is_let_in_and_may_not_write() {
    check(
        Fact::Seen(snapshot().closed().owned_by(ada())),
        lane(locked()),
        r#"levels of !t: locked, agents [@ada], customers [@carol]
        invite @ada to !t
        notice in !t: "Ada now takes care …"
        notice in thread $card of Support: "Ada has accepted …"
        change …
        remember #1, snapshot, agents @ada"#,
    );
}

#[test]
fn all_that_changed_with_the_closing_is_said_before_the_lock() {
    check(
        Fact::Seen(snapshot().closed().titled("It leaked")),
        lane(ticket()),
        r#"describe !t as #1 It leaked
        notice in !t: "The ticket's subject …"
        notice in !t: "This ticket was closed. …"
        notice in thread $card of Support: "Closed."
        levels of !t: locked, agents [], customers [@carol]
        change …
        remember #1, snapshot, locked"#,
    );
}

#[test]
fn a_message_that_came_before_the_lock_is_in_the_ticket() {
    check(
        says(CAROL, T, "One more thing"),
        in_room(locked()),
        r#"post #1 as customer @carol carol public: "One more thing" from $e in !t"#,
    );
}

#[test]
fn the_bot_speaks_for_who_writes_in_the_helpdesk_after_the_lock() {
    let mut closed = locked();
    closed.ghosts.push(ticketroom::model::Ghost { person: dora().id, agent: true });
    check(
        Fact::Posted(message(dora(), true, "All the best")),
        lane(closed),
        r#"say in !t carrying 5 of #1: "Dora wrote:\n> All the best""#,
    );
}
