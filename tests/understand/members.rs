//! Who is invited, comes and goes, and what they are called.

use ruma::user_id;
use serde_json::{Value, json};
use ticketroom::matrix::understand;
use ticketroom::model::Fact;

use crate::{event, fact, nothing, peeked, settings, with};

fn member(user: &str, content: Value) -> Value {
    with(event("m.room.member", content), json!({ "state_key": user }))
}

#[test]
fn an_invitation_of_the_bot_is_one() {
    let event = member("@_desk_bot:here", json!({ "membership": "invite", "is_direct": true, "displayname": "Desk" }));
    assert!(matches!(fact(&event), Some(Fact::Invited { by, .. }) if by == user_id!("@carol:here")));
    assert!(peeked(&event).matters(&settings()));
}

#[test]
fn an_invitation_of_somebody_else_is_nothing() {
    nothing(&member("@eve:here", json!({ "membership": "invite" })));
    nothing(&member("@_desk_u7:here", json!({ "membership": "invite" })));
    nothing(&member("@_desk_bot:there", json!({ "membership": "invite" })));
}

#[test]
fn a_join_tells_the_name() {
    let event = member("@carol:here", json!({ "membership": "join", "displayname": "Carol" }));
    let understood = understand(&event.to_string(), &settings()).unwrap();
    assert!(matches!(understood.fact, Some(Fact::Joined { .. })));
    assert_eq!(understood.name, Some((user_id!("@carol:here").to_owned(), "Carol".to_owned())));
}

#[test]
fn a_join_without_a_usable_name_tells_none() {
    for content in [
        json!({ "membership": "join" }),
        json!({ "membership": "join", "displayname": null }),
        json!({ "membership": "join", "displayname": 7 }),
        json!({ "membership": "join", "displayname": ["Carol"] }),
    ] {
        let understood = understand(&member("@carol:here", content).to_string(), &settings()).unwrap();
        assert!(matches!(understood.fact, Some(Fact::Joined { .. })));
        assert_eq!(understood.name, None);
    }
}

#[test]
fn a_display_name_is_cleaned() {
    for (name, clean) in [
        ("ev\u{202e}il", "evil"),
        ("a\u{0000}b\u{0007}c", "abc"),
        ("Carol\n\nTicket closed", "Carol Ticket closed"),
        ("\u{200b}\u{200b}Carol\u{2066}", "Carol"),
        ("", "—"),
        ("\u{202e}", "—"),
    ] {
        let event = member("@carol:here", json!({ "membership": "join", "displayname": name }));
        let understood = understand(&event.to_string(), &settings()).unwrap();
        assert_eq!(understood.name.unwrap().1, clean, "{name:?}");
    }
    let long = member("@carol:here", json!({ "membership": "join", "displayname": "x".repeat(60_000) }));
    assert!(understand(&long.to_string(), &settings()).unwrap().name.unwrap().1.len() < 200);
}

#[test]
fn leaving_and_being_banned_is_the_same() {
    for membership in ["leave", "ban"] {
        let event = member("@carol:here", json!({ "membership": membership }));
        assert!(matches!(fact(&event), Some(Fact::Left { user, .. }) if user == user_id!("@carol:here")));
    }
}

#[test]
fn our_ghosts_come_and_go_unnoticed() {
    for user in ["@_desk_bot:here", "@_desk_u7:here"] {
        for membership in ["join", "leave", "ban"] {
            nothing(&member(user, json!({ "membership": membership, "displayname": "Gina" })));
        }
    }
}

#[test]
fn a_membership_that_makes_no_sense_is_nothing() {
    nothing(&event("m.room.member", json!({ "membership": "join" })));
    nothing(&member("carol", json!({ "membership": "join" })));
    nothing(&member("@carol:here", json!({ "membership": "dance" })));
    nothing(&member("@carol:here", json!({ "membership": 7 })));
    nothing(&member("@carol:here", json!({})));
    nothing(&member("@carol:here", json!({ "membership": "knock" })));
}

fn call(content: Value) -> (bool, Option<i64>) {
    let state = json!({ "state_key": "_@carol:here_PHONE_m.call", "origin_server_ts": 1_000_000 });
    match fact(&with(event("org.matrix.msc3401.call.member", content), state)) {
        Some(Fact::Called { joined, until_ms, .. }) => (joined, until_ms),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_membership_tells_when_it_ends_by_itself() {
    let member = |more: Value| with(json!({ "application": "m.call", "device_id": "PHONE" }), more);
    for (content, expected) in [
        (json!({}), (false, None)),
        (member(json!({})), (true, None)),
        (member(json!({ "expires": 5000 })), (true, Some(1_005_000))),
        (member(json!({ "expires": 5000, "created_ts": 7 })), (true, Some(5007))),
        (member(json!({ "expires": "soon" })), (true, None)),
        (member(json!({ "expires": i64::MAX })), (true, None)),
        (json!({ "memberships": [] }), (false, None)),
        (json!({ "memberships": [{ "expires": 1 }, { "expires": 9, "created_ts": 1 }] }), (true, Some(1_000_001))),
    ] {
        assert_eq!(call(content.clone()), expected, "{content}");
    }
}

#[test]
fn levels_that_the_bot_sets_are_read_back_and_nobody_elses() {
    let levels = json!({
        "users": { "@_desk_bot:here": 100, "@carol:here": 10, "@ada:here": 20, "@_desk_u7:here": 20, "not a user": 10 },
        "events_default": 100,
    });
    let by =
        |sender: &str| with(event("m.room.power_levels", levels.clone()), json!({ "state_key": "", "sender": sender }));
    let Some(Fact::LevelsSet { powers, .. }) = fact(&by("@_desk_bot:here")) else { panic!("levels") };
    assert!(powers.locked);
    assert_eq!(powers.agents, ["@_desk_u7:here", "@ada:here"]);
    assert_eq!(powers.customers, ["@carol:here"]);
    assert!(peeked(&by("@_desk_bot:here")).matters(&settings()));
    assert!(!peeked(&by("@ada:here")).matters(&settings()));
    for broken in
        [json!({}), json!({ "users": [], "events_default": 10 }), json!({ "users": {}, "events_default": "x" })]
    {
        nothing(&with(event("m.room.power_levels", broken), json!({ "state_key": "", "sender": "@_desk_bot:here" })));
    }
}
