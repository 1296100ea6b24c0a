//! Whatever arrives, the homeserver gets its answer and the next message passes.

use serde_json::json;

use ticketroom::helpdesk::memory::Fault;

use super::lab::{Lab, user};
use super::log;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_blocks_nothing() {
    log::keep();
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let event = |id: &str, content: serde_json::Value| json!({ "event_id": id, "room_id": room, "sender": user("ada"), "type": "m.room.message", "content": content });
    let strange = [
        json!(7),
        json!(null),
        json!([]),
        json!({}),
        json!({ "event_id": "$x", "room_id": room }),
        json!({ "event_id": 1, "room_id": 2, "sender": 3, "type": 4 }),
        json!({ "event_id": "no dollar", "room_id": room, "sender": user("ada"), "type": "m.room.message" }),
        event("$line\nbreak", json!({ "msgtype": "m.text", "body": "a line break in the id" })),
        json!({ "event_id": "$sender", "room_id": room, "sender": "@a\nb:elsewhere.test", "type": "m.room.message", "content": { "msgtype": "m.text", "body": "a line break in the sender" } }),
        event("$nul\0", json!({ "msgtype": "m.text", "body": "nul in the id" })),
        event("$list", json!([])),
        event("$number", json!(5)),
        event("$empty", json!({})),
        event("$type", json!({ "msgtype": 5, "body": 6 })),
        event("$relation", json!({ "msgtype": "m.text", "body": "with odd relation", "m.relates_to": "x" })),
        event(
            "$deep",
            json!({ "msgtype": "m.text", "body": "deep", "m.relates_to": { "rel_type": {}, "event_id": [] } }),
        ),
        json!({ "event_id": "$m", "room_id": room, "sender": user("ada"), "type": "m.room.member", "state_key": "nobody", "content": {} }),
        json!({ "event_id": "$r", "room_id": room, "sender": user("ada"), "type": "m.reaction", "content": { "m.relates_to": { "key": 1 } } }),
        json!({ "event_id": "$s", "room_id": "!elsewhere:hs.test", "sender": "@stranger:elsewhere.test", "type": "m.room.message", "content": { "msgtype": "m.text", "body": "from a stranger's room" } }),
        json!({ "event_id": "$long".to_owned() + &"x".repeat(400), "room_id": room, "sender": user("ada"), "type": "m.room.message", "content": {} }),
    ];
    for (n, event) in strange.iter().enumerate() {
        let body = json!({ "events": [event] }).to_string();
        assert_eq!(lab.homeserver.push_by_hand(&format!("strange{n}"), body).await, 200, "{event}");
    }
    let bodies = [
        "",
        "{",
        "<html>",
        "null",
        "[]",
        r#"{"events": 7}"#,
        r#"{"events": null}"#,
        "{\"events\":[{\"a\":\"\\ud800\"}]}",
    ];
    for (n, body) in bodies.into_iter().enumerate() {
        assert_eq!(lab.homeserver.push_by_hand(&format!("body{n}"), body).await, 200, "{body}");
    }
    assert_eq!(lab.homeserver.push_by_hand("binary", vec![0xff_u8, 0xfe, 0x00]).await, 200);
    let mixed =
        json!({ "events": [json!("bad"), event("$good", json!({ "msgtype": "m.text", "body": "good" })), json!(1)] });
    assert_eq!(lab.homeserver.push_by_hand("mixed", mixed.to_string()).await, 200);
    lab.until_received(&ticket, "good").await;
    lab.homeserver.say(&user("ada"), &room, "afterwards").unwrap();
    lab.until_received(&ticket, "afterwards").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["with odd relation", "deep", "good", "afterwards"]);
    let aside = log::lines(&["WARN", "an event that can't be read was set aside", "error=", "bytes="]);
    assert!(aside.len() >= 8, "{aside:#?}");
    // All bodies but the empty list and the one whose only event has half a character.
    let dropped = log::lines(&["ERROR", "a transaction is no JSON that can be read; it was dropped"]);
    assert_eq!(dropped.len(), bodies.len() + 1 - 2, "{dropped:#?}");
    assert_eq!(log::lines(&["!elsewhere:hs.test", "a room that is nothing to us"]).len(), 1);
    assert_eq!(log::lines(&["from a stranger's room"]), [""; 0], "no words of anybody");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_and_goes_in_others_rooms_is_nobodys_business() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let member = |room: &str, who: &str| {
        json!({
            "type": "m.room.member", "event_id": format!("$of-{who}"), "room_id": room, "sender": user(who),
            "state_key": user(who), "content": { "membership": "join", "displayname": "Her Nickname" },
        })
    };
    // As the homeserver brings them where the registration names agents.
    let events = json!({ "events": [member("!private:hs.test", "gloria"), member(&room, "hanna")] });
    assert_eq!(lab.homeserver.push_by_hand("members", events.to_string()).await, 200);
    lab.homeserver.say(&user("ada"), &room, "afterwards").unwrap();
    lab.until_received(&ticket, "afterwards").await;
    lab.until_quiet().await;
    assert_eq!(lab.count("inbox WHERE key = '$of-gloria' OR lane LIKE '%private%'").await, 0);
    assert_eq!(lab.count("names WHERE user_id LIKE '%gloria%'").await, 0);
    assert_eq!(lab.count("names WHERE user_id LIKE '%hanna%'").await, 1, "in rooms of ours names are learned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_of_five_megabytes_is_taken() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let events: Vec<_> = (0..100)
        .map(|n| {
            json!({
                "event_id": format!("$big{n}"), "room_id": room, "sender": user("ada"), "type": "m.room.message",
                "content": { "msgtype": "m.text", "body": format!("{n} {}", "long ".repeat(10_600)) },
            })
        })
        .collect();
    let body = json!({ "events": events }).to_string();
    assert!(body.len() > 5 * 1024 * 1024);
    assert_eq!(lab.homeserver.push_by_hand("big", body).await, 200);
    crate::homeserver::until("all of them", || (lab.received(&ticket).len() == 100).then_some(())).await;
    for (n, text) in lab.received(&ticket).iter().enumerate() {
        assert!(text.starts_with(&format!("{n} long long")), "{n}");
        assert_eq!(text.trim_end().len(), format!("{n} {}", "long ".repeat(10_600)).trim_end().len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_refused_before_anything_is_read() {
    log::keep();
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let event = json!({
        "event_id": "$x", "room_id": room, "sender": user("ada"), "type": "m.room.message",
        "content": { "msgtype": "m.text", "body": "smuggled" },
    });
    let body = json!({ "events": [event] }).to_string();
    assert_eq!(lab.homeserver.push_with_token("wrong", "1", body.clone()).await, 403);
    assert_eq!(lab.homeserver.push_with_token("", "2", body).await, 401);
    lab.homeserver.say(&user("ada"), &room, "real").unwrap();
    lab.until_received(&ticket, "real").await;
    assert_eq!(lab.received(&ticket), ["real"]);
    assert_eq!(log::lines(&["WARN", "wrong hs_token was refused", "run `ticketroom check`"]).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_helpdesk_fails_at_is_one_line_with_its_reason() {
    log::keep();
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let (other, elsewhere) = lab.ticket("bea", "Tap").await;
    lab.until_quiet().await;
    for (fault, times, reason) in [
        (Fault::Unreachable, 3, "the helpdesk cannot be reached"),
        (Fault::LostBeforeSaving, 1, "the helpdesk did not answer in time"),
        (Fault::LostAfterSaving, 1, "the helpdesk failed (500)"),
    ] {
        lab.helpdesk.fail_next(fault, times);
        lab.homeserver.say(&user("ada"), &room, reason).unwrap();
        lab.until_received(&ticket, reason).await;
        lab.homeserver.say(&user("bea"), &elsewhere, reason).unwrap();
        lab.until_received(&other, reason).await;
        lab.until_quiet().await;
        let lines = log::lines(&["WARN", "not delivered yet", "lane=\"t:1\"", "retry_in_ms=", reason]);
        assert_eq!(lines.len(), 1, "{lines:#?}");
    }
    lab.helpdesk.fail_next(Fault::Refused("too large for me".to_owned()), 1);
    lab.homeserver.say(&user("ada"), &room, "refused").unwrap();
    lab.until_said(&room, "too large for me").await;
    lab.homeserver.say(&user("bea"), &elsewhere, "beside it").unwrap();
    lab.until_received(&other, "beside it").await;
    assert_eq!(log::lines(&["ERROR", "given up", "lane=\"t:1\"", "too large for me"]).len(), 1);
}
