//! Customers who leave their ticket's room, and come back.

use ticketroom::model::{Away, Fact, Ticket};

use crate::world::*;

fn away(called: bool) -> Ticket {
    Ticket { joined: Vec::new(), away: vec![Away { user: user(CAROL), called }], ..ticket() }
}

#[test]
fn agents_are_told_that_a_customer_has_left() {
    check(
        leaves(CAROL, T),
        in_room(ticket()),
        r#"notice in thread $card of Support: "carol has left the ticket's room. …"
        remember #1, joined [], away [@carol]"#,
    );
}

#[test]
fn who_declines_the_invitation_is_away_as_well() {
    let invited = Ticket { joined: Vec::new(), ..ticket() };
    check(
        leaves(CAROL, T),
        in_room(invited),
        r#"notice in thread $card of Support: "carol has left the ticket's room. …"
        remember #1, away [@carol]"#,
    );
}

#[test]
fn leaving_a_closed_tickets_room_is_tidiness_and_noted_alone() {
    check(leaves(CAROL, T), in_room(locked()), "remember #1, joined [], away [@carol]");
}

#[test]
fn agents_and_strangers_may_come_and_go() {
    let with_ada = Ticket { agents: vec![user(ADA)], ..ticket() };
    nothing(leaves(ADA, T), in_room(with_ada.clone()));
    nothing(joins(ADA, T), in_room(with_ada));
    nothing(leaves(EVE, T), in_room(ticket()));
}

#[test]
fn coming_back_is_told_and_forgets_the_leaving() {
    for called in [false, true] {
        check(
            joins(CAROL, T),
            in_room(away(called)),
            r#"notice in thread $card of Support: "carol is back in the ticket's room."
            remember #1, joined [@carol], away []"#,
        );
    }
}

#[test]
fn an_agents_answer_invites_the_customer_once_more() {
    let mine = away(false).owned_by(ada());
    check(
        says(ADA, T, "Still there?"),
        in_room(mine.clone()),
        r#"post #1 as agent ada Ada public: "Still there?" from $e in !t
        invite @carol to !t
        remember #1, away [@carol (called)]"#,
    );
    check(
        Fact::Posted(message(ada(), true, "Still there?")),
        lane(Ticket { ghosts: vec![ticketroom::model::Ghost { person: ada().id, agent: true }], ..mine }),
        r#"invite @carol to !t
        remember #1, away [@carol (called)]
        say in !t as ghost 21 Ada carrying 5 of #1: "Still there?""#,
    );
}

#[test]
fn further_answers_don_t_invite_again() {
    check(
        says(ADA, T, "Hello?"),
        in_room(away(true).owned_by(ada())),
        r#"post #1 as agent ada Ada public: "Hello?" from $e in !t"#,
    );
}

#[test]
fn who_declines_again_is_left_alone_and_agents_know() {
    check(leaves(CAROL, T), in_room(away(true)), r#"notice in thread $card of Support: "carol did not come back …""#);
}

#[test]
fn who_takes_care_of_the_ticket_invites_again_as_often_as_they_like() {
    for called in [false, true] {
        check(
            says(ADA, DESK, "!invite"),
            in_thread(away(called).owned_by(ada())),
            &format!(
                r#"invite @carol to !t
                notice in thread $card of Support: "Invited again."
                remember #1{}"#,
                if called { "" } else { ", away [@carol (called)]" }
            ),
        );
    }
    let told = |view, text: &str| {
        check(says(ADA, DESK, "!invite"), view, &format!(r#"notice in thread $card of Support: "{text}""#));
    };
    told(in_thread(ticket().owned_by(ada())), "Nobody has left …");
    told(in_thread(away(true).internal().owned_by(ada())), "Nobody has left …");
    told(in_thread(away(true).closed().owned_by(ada())), "This ticket is closed. …");
    told(in_thread(away(true).owned_by(ben())), "Ada: this ticket belongs to Ben.");
}

#[test]
fn other_customers_words_invite_nobody() {
    check(
        says("carl", T, "Me too"),
        in_room(away(false)),
        r#"post #1 as customer @carl carl public: "Me too" from $e in !t"#,
    );
}

#[test]
fn writing_at_the_door_brings_back_however_often_they_have_left() {
    check(says(CAROL, D, "I am back"), at_door(Some(away(true))), r#"tell #1 said at door: "I am back""#);
    for called in [false, true] {
        check(
            Fact::SaidAtDoor(said_by(CAROL, D, "I am back")),
            lane(away(called)),
            &format!(
                r#"notice in !t carrying $e of #1: "carol wrote:\n> I am back"
                post #1 as customer @carol carol public: "I am back" from $e in !d
                invite @carol to !t
                notice in !d at $e: "This is now in ticket #1. …"
                remember #1{}"#,
                if called { "" } else { ", away [@carol (called)]" }
            ),
        );
    }
}

#[test]
fn reopening_calls_back_who_left_the_closed_room() {
    let left = Ticket { locked: true, ..away(false).closed() };
    check(
        Fact::Seen(snapshot()),
        lane(left),
        r#"levels of !t: open, agents [], customers [@carol]
        invite @carol to !t
        notice in !t: "This ticket was reopened. …"
        notice in thread …
        change …
        remember #1, snapshot, unlocked, away [@carol (called)]"#,
    );
}

#[test]
fn they_may_write_as_soon_as_they_are_back() {
    let levels = ticketroom::bridge::decide(&Fact::Seen(snapshot().owned_by(ada())), &lane(away(true)));
    let kept = levels.iter().any(|effect| {
        matches!(effect, ticketroom::model::Effect::SetPowers { powers, .. } if powers.customers.contains(&user(CAROL)))
    });
    assert!(kept, "the level stays with who is away");
}

#[test]
fn leaving_a_room_that_the_ticket_has_left_behind_is_no_news() {
    let moved = Ticket { room: Some(room("!new")), ..ticket() };
    nothing(leaves(CAROL, T), in_room(moved));
}
