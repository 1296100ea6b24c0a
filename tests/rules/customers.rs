//! The customers of a ticket come and go.

use ticketroom::bridge::decide;
use ticketroom::model::{Away, Effect, Fact, Person, Ticket};

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
fn who_is_taken_off_the_ticket_goes_before_anything_is_said() {
    let left = Ticket { away: vec![Away { user: user(CAROL), called: false }], ..ticket() };
    check(
        Fact::Seen(snapshot().customers(&[person("12", "Frank", FRANK)])),
        lane(left),
        r#"kick @carol from !t
        notice in !t: "Carol is no longer a customer of this ticket, …"
        notice in thread $card of Support: "Carol is no longer a customer of this ticket, …"
        levels of !t: open, agents [], customers [@frank]
        invite @frank to !t
        remember #1, snapshot, invited @frank, joined [], away [], dropped [@carol]"#,
    );
}

#[test]
fn who_is_listed_with_another_account_goes_with_the_first_one_and_comes_with_the_second() {
    let Person { id, name, .. } = carol();
    check(
        Fact::Seen(snapshot().customers(&[Person { id, name, ..person("12", "", FRANK) }])),
        lane(ticket()),
        r#"kick @carol from !t
        levels of !t: open, agents [], customers [@frank]
        invite @frank to !t
        remember #1, snapshot, invited @frank, joined [], dropped [@carol]"#,
    );
}

#[test]
fn what_they_write_at_the_door_is_another_ticket_until_they_are_listed_again() {
    let dropped = Ticket { invited: vec![], joined: vec![], dropped: vec![user(CAROL)], ..ticket().customers(&[]) };
    check(
        says(CAROL, D, "It leaks"),
        at_door(Some(dropped.clone())),
        "open ticket at desk 3 for @carol …\ncount Ticket of @carol at !d",
    );
    check(
        Fact::Seen(snapshot()),
        lane(dropped),
        "levels of !t: open, agents [], customers [@carol]
        invite @carol to !t
        remember #1, snapshot, invited @carol, dropped []",
    );
}

#[test]
fn who_was_never_listed_or_is_an_agent_stays() {
    let let_in = Ticket { invited: vec![user(CAROL), user(FRANK), user(ADA)], ..ticket() };
    check(Fact::Seen(snapshot()), lane(let_in.clone()), "");
    let listed = [carol(), person("12", "Ada", ADA)];
    check(
        Fact::Seen(snapshot()),
        lane(let_in.customers(&listed)),
        "levels of !t: open, agents [], customers [@carol @frank]
        remember #1, snapshot, invited @carol+@frank, dropped [@ada]",
    );
}

#[test]
fn who_is_listed_without_an_account_stays_for_perhaps_the_helpdesk_does_not_show_it_any_more() {
    let unseen = Person { matrix: None, ..carol() };
    let decided = decide(&Fact::Seen(snapshot().customers(&[unseen])), &lane(ticket()));
    assert!(!decided.iter().any(|effect| matches!(effect, Effect::Kick { .. })), "{decided:?}");
}

#[test]
fn an_account_that_was_wrong_goes_although_the_helpdesk_named_none_for_a_while() {
    let without = Person { matrix: None, ..carol() };
    let unseen = Ticket { unseen: vec![carol()], ..ticket().customers(std::slice::from_ref(&without)) };
    let decided = decide(&Fact::Seen(snapshot().customers(std::slice::from_ref(&without))), &lane(ticket()));
    let kept = |effect: &Effect| matches!(effect, Effect::RememberTicket(ticket) if ticket.unseen == [carol()]);
    assert!(decided.iter().any(kept), "{decided:?}");
    // Corrected, or taken off; and shown again as it was.
    check(
        Fact::Seen(snapshot().customers(&[Person { matrix: Some(user(FRANK)), ..without.clone() }])),
        lane(unseen.clone()),
        r#"kick @carol from !t
        levels of !t: open, agents [], customers [@frank]
        invite @frank to !t
        remember #1, snapshot, invited @frank, joined [], dropped [@carol], unseen []"#,
    );
    check(
        Fact::Seen(snapshot().customers(&[])),
        lane(unseen.clone()),
        r#"kick @carol from !t
        notice in !t: "Carol is no longer a customer of this ticket, …"
        notice in thread $card of Support: "Carol is no longer a customer of this ticket, …"
        levels of !t: open, agents [], customers []
        remember #1, snapshot, invited , joined [], dropped [@carol], unseen []"#,
    );
    let decided = decide(&Fact::Seen(snapshot()), &lane(unseen));
    assert!(!decided.iter().any(|effect| matches!(effect, Effect::Kick { .. })), "{decided:?}");
}

#[test]
fn who_comes_in_after_they_were_taken_off_goes_again() {
    let dropped = Ticket { invited: vec![], joined: vec![], dropped: vec![user(CAROL)], ..ticket().customers(&[]) };
    check(joins(CAROL, T), in_room(dropped), "kick @carol from !t");
}

#[test]
fn an_open_video_session_ends_with_who_is_taken_off() {
    let decided = decide(&Fact::Seen(snapshot().customers(&[])), &lane(Ticket { video: Some(session()), ..ticket() }));
    let ended = decided.iter().any(|effect| {
        matches!(effect, Effect::RememberTicket(ticket) if ticket.video.as_ref().is_some_and(|it| !it.is_open()))
    });
    assert!(ended, "{decided:?}");
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
