//! What changes in the helpdesk is said in the ticket room, in words.

use std::sync::Arc;

use ticketroom::bridge::{View, decide};
use ticketroom::model::{Effect, Fact, MessageId, Status, Ticket};

use crate::world::*;

fn changed(message: Option<&str>, ticket_changed: bool) -> Fact {
    Fact::Changed { ticket: id(), batch: "b".to_owned(), message: message.map(MessageId::new), ticket_changed }
}

#[test]
fn nothing_new_is_nothing_said() {
    nothing(Fact::Seen(snapshot()), lane(ticket()));
}

#[test]
fn a_status_is_said_as_the_helpdesk_shows_it() {
    let status = Status { closed: false, label: "waiting for customer".to_owned() };
    check(
        Fact::Seen(snapshot().with(|snapshot| snapshot.status = status)),
        lane(ticket()),
        r##"notice in !t: "The ticket's status is now “waiting for customer”."
        remember #1, snapshot"##,
    );
}

#[test]
fn a_subject_changes_the_rooms_name() {
    check(
        Fact::Seen(snapshot().titled("It floods")),
        lane(ticket()),
        r##"describe !t as #1 It floods
        notice in !t: "The ticket's subject is now “It floods”."
        change …
        remember #1, snapshot"##,
    );
}

#[test]
fn a_priority_is_said() {
    let high = || snapshot().with(|snapshot| snapshot.priority = Some("high".to_owned()));
    let urgent = ticket().with(|snapshot| snapshot.priority = Some("high".to_owned()));
    check(
        Fact::Seen(high()),
        lane(ticket()),
        r##"notice in !t: "The ticket's priority is now high."
        change …
        remember #1, snapshot"##,
    );
    check(
        Fact::Seen(snapshot()),
        lane(urgent),
        r##"notice in !t: "The ticket has no special priority any more."
        change …
        remember #1, snapshot"##,
    );
}

#[test]
fn a_ticket_moved_to_another_desk_is_offered_there() {
    check(
        Fact::Seen(snapshot().at_desk("4", "Repair")),
        lane(ticket()),
        r##"notice in !t: "The ticket was handed over to “Repair”."
        notice in thread $card of Support: "Handed over to “Repair”; …"
        change $card in desk Support: …Handed over to “Repair”; the offer is in that desk's room now."
        say in desk Repair offering #1: "#1 It leaks…"
        remember #1, snapshot, card none, card at no desk, former cards $card"##,
    );
}

/// Ben serves the desk “Repair” alone.
fn ben_repairs(ticket: Ticket) -> View {
    let mut settings = settings();
    for agent in settings.agents.iter_mut().filter(|agent| agent.matrix == user(BEN)) {
        agent.desks = vec!["Repair".to_owned()];
    }
    View { settings: Arc::new(settings), ..lane(ticket) }
}

#[test]
fn an_owner_who_does_not_serve_the_desk_is_invited_to_its_room() {
    check(
        Fact::Seen(snapshot().owned_by(ben())),
        ben_repairs(ticket()),
        r#"levels of !t: open, agents [@ben], customers [@carol]
        invite @ben to !t
        invite @ben to desk Support
        notice in !t: …
        notice in thread …
        change $card …
        remember #1, snapshot, agents @ben"#,
    );
    let theirs = Ticket { agents: vec![user(BEN)], ..ticket().owned_by(ben()) };
    check(
        reacts(BEN, "$card", "✅"),
        View { settings: ben_repairs(theirs.clone()).settings, ..in_thread(theirs) },
        r#"notice in thread …
        invite @ben to !t
        invite @ben to desk Support"#,
    );
}

#[test]
fn an_owner_follows_their_ticket_to_a_desk_that_they_do_not_serve() {
    let theirs = |ticket: Ticket| Ticket { agents: vec![user(BEN)], ..ticket.owned_by(ben()) };
    let follows = |id: &str, name: &str, from: Ticket| {
        let effects = decide(&Fact::Seen(from.snapshot.clone().at_desk(id, name)), &ben_repairs(theirs(from)));
        effects.iter().any(|effect| matches!(effect, Effect::InviteToDesk { .. }))
    };
    assert!(follows("3", "Support", ticket().owned_by(ben()).at_desk("4", "Repair")));
    assert!(!follows("4", "Repair", ticket().owned_by(ben())), "they are there already");
}

#[test]
fn a_closed_ticket_moved_to_another_desk_is_not_offered() {
    check(
        Fact::Seen(snapshot().closed().at_desk("4", "Repair")),
        lane(locked()),
        r##"notice in !t: "The ticket was handed over to “Repair”."
        notice in thread $card of Support: "Handed over to “Repair”; …"
        remember #1, snapshot"##,
    );
}

#[test]
fn a_ticket_moved_while_closed_is_offered_once_it_is_reopened() {
    check(
        Fact::Seen(snapshot().at_desk("4", "Repair")),
        lane(locked().at_desk("4", "Repair")),
        r##"levels of !t: open, agents [], customers [@carol]
        notice in !t: "This ticket was reopened. …"
        notice in thread $card of Support: "Reopened."
        change $card in desk Support: …Handed over to “Repair”; …
        say in desk Repair offering #1: …
        remember #1, snapshot, card none, card at no desk, former cards $card, unlocked"##,
    );
}

#[test]
fn a_desk_that_is_only_renamed_is_no_news() {
    check(Fact::Seen(snapshot().at_desk("3", "Help")), lane(ticket()), "remember #1, snapshot");
}

#[test]
fn several_changes_are_said_together_in_one_order() {
    let all =
        snapshot().titled("It floods").owned_by(ada()).with(|snapshot| snapshot.priority = Some("high".to_owned()));
    check(
        Fact::Seen(all),
        lane(ticket()),
        r##"levels of !t: open, agents [@ada], customers [@carol]
        invite @ada to !t
        describe !t as #1 It floods
        notice in !t: "The ticket's subject …"
        notice in !t: "The ticket's priority …"
        notice in !t: "Ada now takes care …"
        notice in thread $card of Support: "Ada has accepted …"
        change …
        remember #1, snapshot, agents @ada"##,
    );
}

#[test]
fn a_change_of_a_known_ticket_fetches_the_message_before_the_state() {
    check(changed(Some("5"), true), lane(ticket()), "fetch message 5 of #1\nlook at #1 for b");
}

#[test]
fn a_change_of_an_unknown_ticket_looks_at_it_first() {
    check(changed(Some("5"), true), nowhere(), "look at #1 for b\nfetch message 5 of #1");
    check(changed(Some("5"), false), nowhere(), "look at #1 for b\nfetch message 5 of #1");
}

#[test]
fn a_message_alone_is_fetched_alone() {
    check(changed(Some("5"), false), lane(ticket()), "fetch message 5 of #1");
}

#[test]
fn a_change_of_nothing_costs_nothing() {
    nothing(changed(None, false), lane(ticket()));
}
