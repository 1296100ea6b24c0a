//! Rooms that are said to take the place of a ticket's room.

use ticketroom::bridge::View;
use ticketroom::model::{Effect, Fact, Inspection, Outcome, Room, RoomKind, Ticket};

use crate::world::*;

const NEW: &str = "!new";

fn former() -> Room {
    Room { id: room(T), kind: RoomKind::Ticket(id()) }
}

fn tombstone(by: &str, place: &str) -> Fact {
    Fact::Upgraded { room: room(place), event: event("$grave"), sender: user(by), replacement: room(NEW) }
}

fn inspected(found: Inspection) -> Fact {
    let effect = Effect::Inspect { former: Box::new(former()), room: room(NEW), by: user("root") };
    done(effect, Outcome::Inspected(Box::new(found)))
}

/// A room that is what it is said to be.
fn genuine() -> Inspection {
    Inspection {
        taken: false,
        entered: true,
        predecessor: Some(room(T)),
        creator: Some(user("root")),
        entitled: true,
        powerful: true,
    }
}

#[test]
fn a_tombstone_alone_proves_nothing() {
    check(tombstone("root", T), in_room(ticket()), "inspect !new after !t by @root");
    nothing(tombstone(BOT, T), in_room(ticket()));
    nothing(tombstone("root", T), in_room(Ticket { room: Some(room("!newer")), ..ticket() }));
    nothing(tombstone("root", "!x"), nowhere());
    nothing(tombstone("root", D), at_door(Some(ticket())));
}

#[test]
fn a_desks_room_stays_where_its_threads_are() {
    check(tombstone("root", DESK), in_desk(), r#"notice in !desk at $grave: "A desk's room can't be upgraded: …""#);
}

#[test]
fn the_genuine_successor_becomes_the_tickets_room() {
    let served = Ticket { agents: vec![user(ADA)], ..ticket().owned_by(ada()) };
    check(
        inspected(genuine()),
        lane(served),
        r#"know !new as room of #1
        levels of !new: open, agents [@ada], customers [@carol]
        open the past of !new
        describe !new as #1 It leaks
        invite @carol to !new
        invite @ada to !new
        levels of !t: locked, agents [@ada], customers [@carol]
        link #1 to !new
        notice in thread $card of Support: "The ticket's room was upgraded. …"
        remember #1, room !new, joined [], followed"#,
    );
}

#[test]
fn nobody_is_followed_who_was_not_entitled_or_leads_elsewhere() {
    let refused = r#"notice in thread $card of Support: "Somebody says that another room takes the place …""#;
    let left = format!("leave !new\nforget !new\n{refused}");
    for (found, expected) in [
        (Inspection { entitled: false, ..genuine() }, refused),
        (Inspection { taken: true, ..genuine() }, refused),
        (Inspection { predecessor: None, ..genuine() }, &left),
        (Inspection { predecessor: Some(room("!other")), ..genuine() }, &left),
        (Inspection { creator: None, ..genuine() }, &left),
        (Inspection { creator: Some(user(EVE)), ..genuine() }, &left),
    ] {
        check(inspected(found), lane(ticket()), expected);
    }
}

#[test]
fn without_an_invitation_or_power_we_say_what_is_missing_and_wait() {
    check(
        inspected(Inspection { entered: false, ..genuine() }),
        lane(ticket()),
        r#"know !new as upgrade of !t by @root
        notice in thread $card of Support: "Somebody upgrades the ticket's room. Please invite me …""#,
    );
    check(
        inspected(Inspection { powerful: false, ..genuine() }),
        lane(ticket()),
        r#"know !new as upgrade of !t by @root
        leave !new
        notice in thread $card of Support: "Somebody upgrades the ticket's room, but I have no power …""#,
    );
}

#[test]
fn an_invitation_to_the_announced_room_is_no_customers_door() {
    let announced = View {
        room: Some(Room { id: room(NEW), kind: RoomKind::Upgrade { former: Box::new(former()), by: user("root") } }),
        ..nowhere()
    };
    check(invites("root", NEW), announced.clone(), "tell #1 upgraded !t to !new");
    nothing(says("root", NEW, "Hello"), announced);
}

#[test]
fn a_successor_that_comes_too_late_changes_nothing() {
    nothing(inspected(genuine()), lane(Ticket { room: Some(room("!newer")), ..ticket() }));
}

#[test]
fn an_internal_tickets_new_room_hides_its_past_too() {
    let hidden = Ticket { invited: Vec::new(), joined: Vec::new(), ..ticket().internal() };
    let effects = ticketroom::bridge::decide(&inspected(genuine()), &lane(hidden));
    assert!(effects.contains(&Effect::SetHistory { room: room(NEW), hidden: true }), "{effects:?}");
}
