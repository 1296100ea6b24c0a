//! The card in the desk room, and who gets the ticket.

use ruma::OwnedEventId;
use ticketroom::model::{Acceptance, Effect, Fact, Outcome, Speaker, Speech, SpeechKind};

use crate::world::*;

const ACCEPTED: &str = "accept #1 for ada @ada";

fn offered(card: OwnedEventId) -> Fact {
    let speech = Speech {
        place: ticketroom::model::Place::Desk { desk: desk_3() },
        speaker: Speaker::Bot,
        kind: SpeechKind::Message,
        body: "card".into(),
        reply_to: None,
        answers: None,
        room_thread: None,
        carries: None,
        replaces: None,
        offer_of: Some(id()),
        prepares: None,
        tells: None,
        language: None,
    };
    done(Effect::Say(speech), Outcome::Sent { room: room(DESK), event: card })
}

fn answered(who: &str, acceptance: Acceptance) -> Fact {
    let effect = Effect::Accept { ticket: id(), login: who.to_owned(), agent: user(who) };
    done(effect, Outcome::Acceptance(acceptance))
}

#[test]
fn the_card_carries_a_check_mark_to_tap_on() {
    let mut fresh = ticket();
    (fresh.card, fresh.card_desk) = (None, None);
    check(
        offered(event("$card")),
        lane(fresh),
        "react ✅ to $card in !desk
        remember #1, card $card, card at Support",
    );
}

#[test]
fn an_agent_accepts_with_one_tap() {
    check(reacts(ADA, "$card", "✅"), in_thread(ticket()), ACCEPTED);
}

#[test]
fn the_variation_selector_of_some_clients_makes_no_difference() {
    check(reacts(ADA, "$card", "✅\u{fe0f}"), in_thread(ticket()), ACCEPTED);
}

#[test]
fn another_reaction_accepts_nothing() {
    for key in ["👍", "❌", "✔", "", "✅✅", "accept", "\u{fe0f}"] {
        nothing(reacts(ADA, "$card", key), in_thread(ticket()));
    }
}

#[test]
fn a_check_mark_elsewhere_accepts_nothing() {
    nothing(reacts(ADA, "$other", "✅"), in_thread(ticket()));
    nothing(reacts(ADA, "$card", "✅"), in_desk());
    nothing(reacts(CAROL, "$hello", "✅"), in_room(ticket()));
}

#[test]
fn our_own_check_mark_is_an_echo() {
    nothing(reacts(BOT, "$card", "✅"), in_thread(ticket()));
}

#[test]
fn a_stranger_in_the_desk_room_can_not_accept() {
    check(
        reacts(EVE, "$card", "✅"),
        in_thread(ticket()),
        r#"notice in thread $card of Support: "You are not set up …""#,
    );
}

#[test]
fn the_command_accepts_like_the_tap() {
    check(says(ADA, DESK, "!accept"), in_thread(ticket()), ACCEPTED);
}

#[test]
fn who_comes_late_is_told_who_was_faster() {
    let taken = || in_thread(ticket().owned_by(ben()));
    let told = r#"notice in thread $card of Support: "Ada: Ben was faster and has this ticket now.""#;
    check(reacts(ADA, "$card", "✅"), taken(), told);
    check(says(ADA, DESK, "!accept"), taken(), told);
}

#[test]
fn who_accepts_again_is_told_and_invited_again() {
    check(
        reacts(ADA, "$card", "✅"),
        in_thread(ticket().owned_by(ada())),
        r#"notice in thread $card of Support: "Ada: you have accepted this ticket already."
        invite @ada to !t"#,
    );
}

#[test]
fn a_closed_ticket_can_not_be_accepted() {
    check(
        reacts(ADA, "$card", "✅"),
        in_thread(locked()),
        r#"notice in thread $card of Support: "This ticket is closed. Reopen it first (!reopen).""#,
    );
}

#[test]
fn the_winner_is_let_in_and_may_write() {
    check(
        answered(ADA, Acceptance::Accepted(snapshot().owned_by(ada()))),
        lane(ticket()),
        r#"levels of !t: open, agents [@ada], customers [@carol]
        invite @ada to !t
        notice in !t: "Ada now takes care of this ticket."
        notice in thread $card of Support: "Ada has accepted this ticket."
        change …
        remember #1, snapshot, agents @ada"#,
    );
}

#[test]
fn of_two_at_once_the_second_is_told_and_does_not_get_in() {
    check(
        answered(BEN, Acceptance::OwnedBy(ada(), snapshot().owned_by(ada()))),
        lane(ticket().owned_by(ada())),
        r#"notice in thread $card of Support: "Ben: Ada was faster and has this ticket now.""#,
    );
}

#[test]
fn the_loser_may_be_the_first_to_hear_who_won() {
    check(
        answered(BEN, Acceptance::OwnedBy(dora(), snapshot().owned_by(dora()))),
        lane(ticket()),
        r#"notice in !t: "Dora now takes care of this ticket."
        notice in thread $card of Support: "Dora has accepted this ticket."
        change …
        remember #1, snapshot
        notice in thread $card of Support: "Ben: Dora was faster and has this ticket now.""#,
    );
}

#[test]
fn the_helpdesks_refusal_is_told() {
    check(
        answered(ADA, Acceptance::Denied("No rights here".to_owned())),
        lane(ticket()),
        r#"notice in thread $card of Support: "Ada: the helpdesk refused: “No rights here”""#,
    );
}

#[test]
fn taking_the_ticket_in_the_helpdesk_is_the_same() {
    check(
        Fact::Seen(snapshot().owned_by(ada())),
        lane(ticket()),
        r#"levels of !t: open, agents [@ada], customers [@carol]
        invite @ada to !t
        notice in !t: "Ada now takes care of this ticket."
        notice in thread $card of Support: "Ada has accepted this ticket."
        change …
        remember #1, snapshot, agents @ada"#,
    );
}

#[test]
fn a_new_owner_moves_the_right_to_write() {
    let mut owned = ticket().owned_by(ada());
    owned.agents.push(user(ADA));
    check(
        Fact::Seen(snapshot().owned_by(ben())),
        lane(owned),
        r#"levels of !t: open, agents [@ben], customers [@carol]
        invite @ben to !t
        notice in !t: "Ben now takes care of this ticket."
        notice in thread $card of Support: "Ben has accepted this ticket."
        change …
        remember #1, snapshot, agents @ada+@ben"#,
    );
}

#[test]
fn an_owner_without_matrix_takes_the_right_to_write_from_the_others() {
    check(
        Fact::Seen(snapshot().owned_by(dora())),
        lane(ticket().owned_by(ada())),
        r#"levels of !t: open, agents [], customers [@carol]
        notice in !t: "Dora now takes care of this ticket."
        notice in thread $card of Support: "Dora has accepted this ticket."
        change …
        remember #1, snapshot"#,
    );
}

#[test]
fn giving_back_takes_the_right_to_write() {
    check(
        done(release(ADA), Outcome::Ticket(Box::new(snapshot()))),
        lane(ticket().owned_by(ada())),
        r#"levels of !t: open, agents [], customers [@carol]
        notice in !t: "This ticket waits for someone …"
        notice in thread $card of Support: "Ada has given this ticket back. …"
        change …
        remember #1, snapshot"#,
    );
}

#[test]
fn giving_back_takes_the_ticket_from_nobody_else() {
    check(
        done(release(ADA), Outcome::Ticket(Box::new(snapshot().owned_by(ben())))),
        lane(ticket().owned_by(ada())),
        r#"levels of !t: open, agents [@ben], customers [@carol]
        invite @ben to !t
        notice in !t: "Ben now takes care of this ticket."
        notice in thread $card of Support: "Ben has accepted this ticket."
        change …
        remember #1, snapshot, agents @ben
        notice in thread $card of Support: "Ada: this ticket belongs to Ben.""#,
    );
}

#[test]
fn logins_are_the_same_in_capitals() {
    let shouted = ticketroom::model::Person { login: "ADA".to_owned(), ..ada() };
    check(
        Fact::Seen(snapshot().owned_by(shouted.clone())),
        lane(ticket()),
        r#"levels of !t: open, agents [@ada], customers [@carol]
        invite @ada to !t
        notice in !t: …
        notice in thread …
        change …
        remember #1, snapshot, agents @ada"#,
    );
    check(
        reacts(ADA, "$card", "✅"),
        in_thread(ticket().owned_by(shouted)),
        r#"notice in thread $card of Support: …already."
        invite @ada to !t"#,
    );
}

#[test]
fn an_earlier_card_of_the_ticket_accepts_it_too() {
    let mut moved = ticket();
    moved.leave_card();
    moved.card = Some(event("$new"));
    check(reacts(ADA, "$card", "✅"), in_thread(moved), ACCEPTED);
}

#[test]
fn an_owner_is_known_by_login_and_never_by_name_or_matrix_id() {
    // Somebody else's helpdesk account that calls itself Ada and names her Matrix id.
    let false_ada = ticketroom::model::Person { login: "mallory".to_owned(), ..person("66", "Ada", ADA) };
    check(
        Fact::Seen(snapshot().owned_by(false_ada)),
        lane(ticket()),
        r#"notice in !t: "Ada now takes care of this ticket."
        notice in thread $card of Support: "Ada has accepted this ticket."
        change …
        remember #1, snapshot"#,
    );
}
