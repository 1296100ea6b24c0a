//! A ticket gets its room: opened by a customer in Matrix, or in the helpdesk.

use ticketroom::model::{Effect, Fact, Outcome, Particulars, RichText, Room, RoomKind, Ticket};

use crate::world::*;

fn create(kind: RoomKind, place: &str) -> Effect {
    create_for(CAROL, kind, place)
}

fn create_for(who: &str, kind: RoomKind, place: &str) -> Effect {
    Effect::CreateTicket {
        desk: desk_3().id,
        customer: user(who),
        customer_name: who.to_owned(),
        title: "It leaks".to_owned(),
        body: RichText::plain("It leaks"),
        files: Vec::new(),
        marker: event("$e"),
        particulars: Particulars::default(),
        room: Room { id: room(place), kind },
    }
}

fn furnishes(ticket: Ticket, expected: &str) {
    check(room_made(ticket.snapshot.clone()), lane(ticket), expected);
}

#[test]
fn the_customer_is_told_the_number_at_the_door() {
    check(
        done(create(door(false, false), D), Outcome::Ticket(Box::new(snapshot()))),
        at_door(None),
        r##"know !d as door of @carol into #1
        notice in !d: "Thank you. This is ticket #1 now; …"
        tell #1 opened"##,
    );
}

#[test]
fn a_door_remembers_the_ticket_of_each_who_came_through_it() {
    check(
        done(create_for(EVE, door(false, false), D), Outcome::Ticket(Box::new(snapshot()))),
        at_door(Some(ticket())),
        r##"know !d as door of @carol into #1; @eve into #1
        notice in !d: "Thank you. This is ticket #1 now; …"
        tell #1 opened"##,
    );
}

#[test]
fn a_waiting_room_becomes_the_tickets_room() {
    let waiting = RoomKind::Waiting { customer: user(CAROL), door: room(D), code: None };
    check(
        done(create(waiting, W), Outcome::Ticket(Box::new(snapshot()))),
        nowhere(),
        "know !w as room of #1
        know !d as door of @carol into #1
        tell #1 opened in !w",
    );
}

#[test]
fn a_ticket_opened_at_the_door_gets_a_room() {
    check(
        Fact::Opened { snapshot: snapshot(), waiting: None, language: None },
        nowhere(),
        "remember #1
        make room of #1 with open, agents [], customers [@carol]",
    );
}

#[test]
fn a_ticket_opened_in_the_waiting_room_is_furnished_there_and_not_said_twice() {
    check(
        Fact::Opened { snapshot: snapshot(), waiting: Some(room(W)), language: None },
        nowhere(),
        r##"know !w as room of #1
        describe !w as #1 It leaks
        levels of !w: open, agents [], customers [@carol]
        notice in !w: "This is the room of ticket #1. …"
        say in desk Support offering #1: "#1 It leaks\nCustomer: Carol\n> The pump leaks.…"
        link #1 to !w
        remember #1, room !w, invited @carol, joined [@carol]"##,
    );
}

#[test]
fn a_ticket_that_was_opened_twice_is_compared() {
    nothing(Fact::Opened { snapshot: snapshot(), waiting: None, language: None }, lane(ticket()));
}

#[test]
fn a_ticket_closed_before_its_room_was_ready_is_locked() {
    check(
        Fact::Opened { snapshot: snapshot().closed(), waiting: Some(room(W)), language: None },
        nowhere(),
        r##"know !w as room of #1
        describe !w …
        levels of !w: open, agents [], customers [@carol]
        notice in !w: "This is the room …"
        say in desk Support …
        link #1 to !w
        notice in !w: "This ticket was closed. …"
        levels of !w: locked, agents [], customers [@carol]
        remember #1, room !w, locked, invited @carol, joined [@carol]"##,
    );
}

#[test]
fn a_ticket_from_the_helpdesk_gets_a_room() {
    check(
        Fact::Seen(snapshot()),
        nowhere(),
        "remember #1
        make room of #1 with open, agents [], customers [@carol]",
    );
}

#[test]
fn an_owned_ticket_from_the_helpdesk_gets_a_room_in_which_the_owner_may_write() {
    check(
        Fact::Seen(snapshot().owned_by(ada())),
        nowhere(),
        "remember #1, writer @ada
        make room of #1 with open, agents [@ada], customers [@carol]",
    );
}

#[test]
fn an_old_closed_ticket_gets_no_room() {
    nothing(Fact::Seen(snapshot().closed()), nowhere());
}

#[test]
fn a_ticket_that_we_opened_and_forgot_gets_a_room() {
    check(
        Fact::Seen(snapshot().with(|snapshot| snapshot.marker = Some(event("$e")))),
        nowhere(),
        "remember #1
        make room of #1 with open, agents [], customers [@carol]",
    );
}

#[test]
fn a_new_room_is_furnished_and_offered() {
    furnishes(
        unfurnished(),
        r##"know !t as room of #1
        notice in !t: "This is the room of ticket #1. …"
        say in !t carrying opening of #1: "Carol wrote:\n> The pump leaks."
        invite @carol to !t
        say in desk Support offering #1: "#1 It leaks\nCustomer: Carol\n> The pump leaks.\nOpen in the helpdesk <https://desk.invalid/1>\n✅ accepts it. …"
        link #1 to !t
        remember #1, room !t, invited @carol"##,
    );
}

#[test]
fn a_requestor_without_matrix_stands_there_as_a_ghost_and_speaks() {
    let gina = ghost("7", "Gina");
    furnishes(
        unfurnished().customers(std::slice::from_ref(&gina)).written_by(gina),
        r##"know !t as room of #1
        levels of !t: open, agents [], customers [ghost/7]
        notice in !t: "This is the room …"
        say in !t as ghost 7 Gina carrying opening of #1: "The pump leaks."
        bring ghost 7 Gina to !t
        say in desk Support offering #1: …
        link #1 to !t
        remember #1, room !t, ghosts 7"##,
    );
}

#[test]
fn a_ticket_written_by_an_agent_without_matrix_begins_with_their_ghost() {
    furnishes(
        unfurnished().written_by(dora()),
        r##"know !t as room of #1
        levels of !t: open, agents [ghost/23], customers [@carol]
        notice …
        say in !t as ghost 23 Dora carrying opening of #1: "The pump leaks."
        invite @carol to !t
        say in desk Support …
        link #1 to !t
        remember #1, room !t, ghosts 23*, invited @carol"##,
    );
}

#[test]
fn an_owner_is_let_in_and_named() {
    furnishes(
        unfurnished().owned_by(ada()),
        r##"know !t as room of #1
        notice in !t: "This is the room …"
        say in !t carrying opening of #1: "Carol wrote:…"
        notice in !t: "Ada now takes care of this ticket."
        invite @carol to !t
        invite @ada to !t
        say in desk Support offering #1: …Ada has accepted this ticket."
        link #1 to !t
        remember #1, room !t, invited @carol, agents @ada"##,
    );
}

#[test]
fn a_ticket_without_customer_author_or_words_gets_a_room_and_an_offer() {
    let bare = unfurnished().with(|snapshot| {
        snapshot.customers.clear();
        snapshot.author = None;
        snapshot.description = RichText::default();
    });
    furnishes(
        bare,
        r##"know !t as room of #1
        notice in !t: "This is the room …"
        say in desk Support offering #1: "#1 It leaks\nCustomer: —\nOpen in the helpdesk …"
        link #1 to !t
        remember #1, room !t"##,
    );
}

#[test]
fn the_offer_names_the_priority() {
    let urgent = unfurnished().with(|snapshot| snapshot.priority = Some("high".to_owned()));
    furnishes(
        urgent,
        r##"know …
        notice …
        say in !t carrying opening of #1: …
        invite …
        say in desk Support offering #1: …Priority: high…
        link …
        remember …"##,
    );
}

#[test]
fn a_room_made_for_another_owner_or_customer_gets_the_levels_of_now() {
    let mut changed = unfurnished().owned_by(ben()).customers(&[carol(), person("12", "Eve", EVE)]);
    changed.writer = Some(user(ADA));
    check(
        room_made(snapshot().owned_by(ada())),
        lane(changed),
        r##"know …
        levels of !t: open, agents [@ben], customers [@carol @eve]
        notice …
        say …
        notice in !t: "Ben now takes care of this ticket."
        invite @carol to !t
        invite @eve to !t
        invite @ben to !t
        say …
        link …
        remember #1, room !t, invited @carol+@eve, agents @ben, writer @ben"##,
    );
}

#[test]
fn a_room_for_an_unknown_ticket_changes_nothing() {
    nothing(room_made(snapshot()), nowhere());
}

#[test]
fn a_ticket_whose_room_is_being_made_takes_up_what_is_new() {
    check(Fact::Seen(snapshot().titled("It floods")), lane(unfurnished()), "remember #1, snapshot");
    nothing(Fact::Seen(snapshot()), lane(unfurnished()));
}
