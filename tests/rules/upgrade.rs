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
pub fn genuine() -> Inspection {
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

fn desks() -> Room {
    Room { id: room(DESK), kind: RoomKind::Desk(desk_3().id) }
}

fn desk_inspected(found: Inspection) -> Fact {
    let effect = Effect::Inspect { former: Box::new(desks()), room: room(NEW), by: user("root") };
    done(effect, Outcome::Inspected(Box::new(found)))
}

fn desk_genuine() -> Inspection {
    Inspection { predecessor: Some(room(DESK)), ..genuine() }
}

#[test]
fn a_desk_goes_on_in_the_genuine_successor_of_its_room() {
    check(tombstone("root", DESK), in_desk(), "inspect !new after !desk by @root");
    check(
        desk_inspected(desk_genuine()),
        in_desk(),
        r#"know !new as desk 3
        know !desk as former desk 3
        move desk 3 from !desk to !new
        notice in !desk: "This room was upgraded. …""#,
    );
    let mut moved = in_desk();
    moved.room = Some(Room { id: room(DESK), kind: RoomKind::FormerDesk(desk_3().id) });
    nothing(desk_inspected(desk_genuine()), moved.clone());
    nothing(tombstone("root", DESK), moved);
}

#[test]
fn a_desk_follows_nobody_elsewhere_and_says_what_is_missing() {
    let refused = r#"notice in !desk: "Somebody says that another room takes the place of this one. …""#;
    check(desk_inspected(Inspection { entitled: false, ..desk_genuine() }), in_desk(), refused);
    check(desk_inspected(genuine()), in_desk(), &format!("leave !new\nforget !new\n{refused}"));
    check(
        desk_inspected(Inspection { entered: false, ..desk_genuine() }),
        in_desk(),
        r#"know !new as upgrade of !desk by @root
        notice in !desk: "Somebody upgrades this room. …""#,
    );
    check(
        desk_inspected(Inspection { powerful: false, ..desk_genuine() }),
        in_desk(),
        r#"know !new as upgrade of !desk by @root
        leave !new
        notice in !desk: "Somebody upgrades this room, but I have no power …""#,
    );
    let announced = RoomKind::Upgrade { former: Box::new(desks()), by: user("root") };
    let view = View { room: Some(Room { id: room(NEW), kind: announced }), ..nowhere() };
    check(invites("root", NEW), view, "inspect !new after !desk by @root");
}

#[test]
fn open_tickets_begin_a_thread_in_the_desks_new_room_and_closed_ones_once_they_are_reopened() {
    let moved = || Fact::DeskMoved { room: room(NEW) };
    check(moved(), lane(ticket()), "say in desk Support offering #1: …\nremember #1, …");
    nothing(moved(), View { card_room: Some(room(NEW)), ..lane(ticket()) });
    nothing(moved(), lane(Ticket { card: None, card_desk: None, ..ticket() }));
    let closed = ticket()
        .with(|snapshot| snapshot.status = ticketroom::model::Status { closed: true, label: "resolved".to_owned() });
    let closed = Ticket { locked: true, ..closed };
    check(moved(), lane(closed.clone()), "remember #1, card left true");
    let left = Ticket { card_left: true, ..closed };
    let effects = ticketroom::bridge::decide(&Fact::Seen(snapshot()), &lane(left));
    let offers = effects.iter().filter(|effect| matches!(effect, Effect::Say(speech) if speech.offer_of.is_some()));
    assert_eq!(offers.count(), 1, "{effects:?}");
}

#[test]
fn what_is_said_in_the_desks_old_room_still_belongs_to_its_tickets() {
    let mut view = in_thread(ticket());
    view.room = Some(Room { id: room(DESK), kind: RoomKind::FormerDesk(desk_3().id) });
    check(says(ADA, DESK, "Call her"), view, r#"post #1 as agent ada Ada internal: "Call her" …"#);
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
