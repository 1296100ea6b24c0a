//! The customers of a ticket come and go.

use ticketroom::model::Fact;

use crate::world::*;

const FRANK: &str = "frank";

#[test]
fn a_customer_who_is_added_is_invited_and_may_write() {
    let both = [carol(), person("12", "Frank", FRANK)];
    check(
        Fact::Seen(snapshot().customers(&both)),
        lane(ticket()),
        "levels of !t: open, agents [], customers [@carol @frank]
        invite @frank to !t
        remember #1, snapshot, invited @carol+@frank",
    );
}

#[test]
fn a_customer_without_matrix_who_is_added_stands_there_as_a_ghost() {
    let both = [carol(), ghost("7", "Gina")];
    check(
        Fact::Seen(snapshot().customers(&both)),
        lane(ticket()),
        "levels of !t: open, agents [], customers [ghost/7 @carol]
        bring ghost 7 Gina to !t
        remember #1, snapshot, ghosts 7",
    );
}

#[test]
fn a_customer_of_a_closed_ticket_is_let_in_to_read() {
    let both = [carol(), person("12", "Frank", FRANK)];
    check(
        Fact::Seen(snapshot().closed().customers(&both)),
        lane(locked()),
        "levels of !t: locked, agents [], customers [@carol @frank]
        invite @frank to !t
        remember #1, snapshot, invited @carol+@frank",
    );
}

#[test]
fn who_was_let_in_stays_a_customer() {
    check(Fact::Seen(snapshot().customers(&[])), lane(ticket()), "remember #1, snapshot");
}

#[test]
fn a_helpdesk_record_that_names_one_of_ours_invites_nobody() {
    for ours in [BOT, "_desk_u7"] {
        let both = [carol(), person("12", "Fake", ours)];
        check(Fact::Seen(snapshot().customers(&both)), lane(ticket()), "remember #1, snapshot");
    }
}

#[test]
fn a_customer_who_owns_the_ticket_has_the_level_of_an_agent() {
    let own = ticket().customers(&[person("12", "Ada", ADA)]);
    let owned = snapshot().customers(&[person("12", "Ada", ADA)]).owned_by(ada());
    check(
        Fact::Seen(owned),
        lane(own),
        "levels of !t: open, agents [@ada], customers [@carol]
        invite @ada to !t
        invite @ada to !t
        notice in !t: …
        notice in thread …
        change …
        remember #1, snapshot, invited @carol+@ada, agents @ada",
    );
}

#[test]
fn who_comes_in_is_remembered_once() {
    let mut invited = ticket();
    invited.joined.clear();
    check(joins(CAROL, T), in_room(invited), "remember #1, joined [@carol]");
    nothing(joins(CAROL, T), in_room(ticket()));
}

#[test]
fn agents_and_ghosts_who_come_in_are_no_customers() {
    nothing(joins(ADA, T), in_room(ticket()));
    nothing(joins("_desk_u7", T), in_room(ticket()));
    nothing(joins(EVE, DESK), in_thread(ticket()));
}

#[test]
fn who_leaves_is_not_there_any_more() {
    check(leaves(CAROL, T), in_room(ticket()), "notice in thread $card …\nremember #1, joined [], away [@carol]");
    nothing(leaves(ADA, T), in_room(ticket()));
}
