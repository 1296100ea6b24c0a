//! Tickets that were merged into another one, #7.

use ruma::OwnedUserId;
use ticketroom::bridge::decide;
use ticketroom::model::{Effect, Fact, Successor, Ticket};

use crate::world::*;

fn gone() -> Ticket {
    Ticket { locked: true, ..ticket().merged() }
}

fn users(names: &[&str]) -> Vec<OwnedUserId> {
    names.iter().map(|name| user(name)).collect()
}

fn arrives(customers: &[&str], agents: &[&str]) -> Fact {
    let (customers, agents) = (users(customers), users(agents));
    Fact::MergedHere { ticket: id(), number: "3".to_owned(), customers, agents, dropped: vec![] }
}

#[test]
fn a_merged_tickets_people_are_sent_on_and_its_room_is_locked() {
    check(
        Fact::Seen(snapshot().titled("The other one's title").owned_by(ben()).merged()),
        lane(ticket().owned_by(ada())),
        r#"notice in !t: "This ticket was merged into ticket #7: …"
        levels of !t: locked, agents [@ada], customers [@carol]
        tell #7 merged here: #1 with customers [@carol], agents [@ada]
        notice in thread $card of Support: "This ticket was merged into #7; …"
        change $card in desk Support: …"This ticket was merged into #7."…
        replace !t by the room of #7
        remember #1, snapshot, locked"#
            .replace("…\"This", "…This")
            .replace("#7.\"…", "#7.\"")
            .as_str(),
    );
}

#[test]
fn merged_into_an_internal_ticket_its_customers_are_not_sent_to_a_shut_door() {
    let into = Successor { internal: true, ..successor("7") };
    check(
        Fact::Seen(snapshot().owned_by(ada()).merged().with(|snapshot| snapshot.merged_into = Some(into))),
        lane(ticket().owned_by(ada())),
        r#"notice in !t: "This ticket was merged into ticket #7, which is worked on internally: …"
        levels of !t: locked, agents [@ada], customers [@carol]
        tell #7 merged here: #1 with customers [@carol], agents [@ada]
        notice in thread $card of Support: "This ticket was merged into #7; …"
        change $card in desk Support: …
        remember #1, snapshot, locked"#,
    );
}

#[test]
fn merged_from_one_internal_ticket_into_another_the_agents_are_sent_on() {
    let into = Successor { internal: true, ..successor("7") };
    let merged = snapshot().internal().merged().with(|snapshot| snapshot.merged_into = Some(into));
    let lines = crate::render::effects(&decide(&Fact::Seen(merged), &lane(ticket().internal())), None).join("\n");
    assert!(
        lines.contains("we go on in that ticket's room") && lines.contains("replace !t by the room of #7"),
        "{lines}"
    );
}

#[test]
fn it_is_told_once() {
    nothing(Fact::Seen(snapshot().titled("The other one's title").merged()), lane(gone()));
}

#[test]
fn merged_on_from_there_only_the_record_follows() {
    let on = snapshot().merged().with(|snapshot| snapshot.merged_into = Some(successor("9")));
    check(Fact::Seen(on), lane(gone()), "remember #1, snapshot");
}

#[test]
fn a_ticket_that_never_had_a_room_gets_none_by_being_merged() {
    nothing(Fact::Seen(snapshot().merged()), nowhere());
}

#[test]
fn people_of_a_merged_ticket_are_let_in() {
    check(
        arrives(&["carl"], &[ADA]),
        lane(ticket()),
        r#"levels of !t: open, agents [], customers [@carl @carol]
        notice in !t: "Ticket #3 was merged into this one. …"
        notice in thread $card of Support: "Ticket #3 was merged into this one. …"
        invite @carl to !t
        invite @ada to !t
        remember #1, invited @carol+@carl, agents @ada
        look at #1 for merged-3"#,
    );
}

#[test]
fn who_is_there_already_is_not_asked_again() {
    check(
        arrives(&[CAROL], &[]),
        lane(ticket()),
        r#"notice in !t: "Ticket #3 was merged into this one. …"
        notice in thread …
        look at #1 for merged-3"#,
    );
}

#[test]
fn no_customer_is_let_into_an_internal_ticket_by_merging() {
    check(
        arrives(&["carl"], &[ADA]),
        lane(ticket().internal()),
        r#"notice in !t: "Ticket #3 was merged into this one. This ticket is internal: …"
        notice in thread $card of Support: "Ticket #3 was merged into this one. This ticket is internal: …"
        invite @ada to !t
        remember #1, agents @ada
        look at #1 for merged-3"#,
    );
}

#[test]
fn a_ticket_without_a_room_gets_it_from_what_the_helpdesk_says() {
    check(arrives(&["carl"], &[]), nowhere(), "look at #1 for merged-3");
}

#[test]
fn what_is_still_written_goes_into_the_other_ticket() {
    check(says(CAROL, T, "One more"), in_room(gone()), r#"tell #7 said at door: "One more""#);
    check(says(ADA, T, "From me"), in_room(gone().owned_by(ada())), r#"tell #7 said at door: "From me""#);
    check(Fact::SaidAtDoor(said_by(CAROL, D, "At the door")), lane(gone()), r#"tell #7 said at door: "At the door""#);
}

#[test]
fn what_agents_wrote_among_themselves_stays_among_them() {
    let hidden = || in_room(gone().owned_by(ada()).internal());
    check(
        says(ADA, T, "She never pays"),
        hidden(),
        r#"post #7 as agent ada Ada internal: "She never pays" from $e in thread $card of Support"#,
    );
}

#[test]
fn what_comes_from_a_merged_room_stands_under_its_authors_name() {
    check(
        Fact::SaidAtDoor(said_by(ADA, T, "From me")),
        lane(ticket()),
        r#"notice in !t carrying $e of #1: "Ada wrote:\n> From me"
        post #1 as agent ada Ada public: "From me" from $e in !t"#,
    );
}

#[test]
fn commands_in_a_merged_tickets_thread_touch_neither_ticket() {
    for text in ["!close", "!reopen", "!release", "!accept"] {
        check(
            says(ADA, DESK, text),
            in_thread(gone().owned_by(ada())),
            r#"notice in thread $card of Support: "This ticket was merged into #7; …""#,
        );
    }
    check(
        reacts(ADA, "$card", "✅"),
        in_thread(gone()),
        r#"notice in thread …"This ticket was merged …""#.replace("…\"", "…").as_str(),
    );
}

#[test]
fn an_agents_command_in_the_room_of_a_merged_ticket_is_no_words_for_the_other_one() {
    for command in ["!note He pays late", "!close"] {
        check(
            says(ADA, T, command),
            in_room(ticket().owned_by(ada()).merged()),
            r#"notice in thread $card of Support: "This ticket was merged into #7; …"
            redact $e in !t"#,
        );
    }
}

#[test]
fn who_was_taken_off_before_the_merging_is_not_handed_over_and_not_taken_for_a_customer_there() {
    let frank = person("12", "Frank", "frank");
    let before = Ticket { invited: users(&[CAROL, "frank"]), dropped: users(&[EVE]), ..ticket() };
    let before = before.customers(&[carol(), frank]);
    let decided = decide(&Fact::Seen(snapshot().merged()), &lane(before));
    let handed = decided.iter().find_map(|effect| match effect {
        Effect::Tell { fact, .. } => match &**fact {
            Fact::MergedHere { customers, dropped, .. } => Some((customers.clone(), dropped.clone())),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(handed, Some((users(&[CAROL]), users(&[EVE]))), "{decided:?}");
}
