//! Kinds of events: what can't be carried, and what is worth writing down.

use serde_json::json;
use ticketroom::model::Fact;

use crate::{event, fact, nothing, peeked, settings, text, unsupported, with};

#[test]
fn files_of_all_kinds_are_refused_by_their_kind() {
    let file = |msgtype: &str| json!({ "msgtype": msgtype, "body": "x", "url": "mxc://here/x", "info": {} });
    unsupported("m.room.message", file("m.image"), "picture");
    unsupported("m.room.message", file("m.audio"), "audio");
    unsupported("m.room.message", file("m.video"), "video");
    unsupported("m.room.message", file("m.file"), "file");
    unsupported("m.room.message", json!({ "msgtype": "m.location", "body": "x", "geo_uri": "geo:0,0" }), "location");
    unsupported("m.sticker", file("m.image"), "sticker");
}

#[test]
fn a_voice_message_is_refused_as_audio() {
    let voice = json!({
        "msgtype": "m.audio", "body": "Voice message", "url": "mxc://here/x", "org.matrix.msc3245.voice": {},
        "org.matrix.msc1767.audio": { "duration": 2140, "waveform": [0, 512, 1024] },
    });
    unsupported("m.room.message", voice, "audio");
}

#[test]
fn polls_old_and_new_are_refused() {
    unsupported("m.poll.start", json!({ "m.text": [{ "body": "When?" }] }), "poll");
    unsupported("org.matrix.msc3381.poll.start", json!({ "org.matrix.msc1767.text": "When?" }), "poll");
}

#[test]
fn a_kind_that_nobody_knows_is_refused_and_not_lost() {
    unsupported("m.room.message", json!({ "msgtype": "com.example.dance", "body": "x" }), "other");
    unsupported(
        "m.room.message",
        json!({ "msgtype": "m.key.verification.request", "body": "x", "to": "@_desk_bot:here" }),
        "other",
    );
}

#[test]
fn an_encrypted_event_is_known_as_one() {
    let content = json!({
        "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgAEn…", "session_id": "s", "sender_key": "k",
        "device_id": "D", "m.relates_to": { "rel_type": "m.thread", "event_id": "$card" },
    });
    let event = event("m.room.encrypted", content);
    assert!(matches!(fact(&event), Some(Fact::Encrypted { .. })));
    assert_eq!(peeked(&event).target().unwrap().as_str(), "$card");
}

#[test]
fn a_redacted_message_is_nothing_any_more() {
    let mut redacted = event("m.room.message", json!({}));
    redacted["unsigned"] = json!({ "redacted_because": event("m.room.redaction", json!({})) });
    nothing(&redacted);
    nothing(&event("m.reaction", json!({})));
}

#[test]
fn what_does_not_concern_us_is_nothing() {
    for kind in [
        "m.room.redaction",
        "m.room.topic",
        "m.room.power_levels",
        "m.room.encryption",
        "m.call.invite",
        "m.typing",
        "m.poll.response",
        "org.matrix.msc3381.poll.end",
        "m.room.create",
        "",
        "m.room.message ",
        "M.ROOM.MESSAGE",
    ] {
        let event = event(kind, text("x"));
        nothing(&event);
        assert!(!peeked(&event).matters(&settings()), "{kind}");
    }
}

#[test]
fn what_people_say_matters_and_our_echo_does_not() {
    for kind in ["m.room.message", "m.reaction", "m.room.encrypted", "m.sticker", "m.poll.start"] {
        let theirs = event(kind, json!({}));
        assert!(peeked(&theirs).matters(&settings()), "{kind}");
        for ours in ["@_desk_bot:here", "@_desk_u7:here"] {
            let echo = with(theirs.clone(), json!({ "sender": ours }));
            assert!(!peeked(&echo).matters(&settings()), "{kind} of {ours}");
        }
        let stranger = with(theirs, json!({ "sender": "@_desk_bot:there" }));
        assert!(peeked(&stranger).matters(&settings()), "{kind} of another server");
    }
}

#[test]
fn a_peek_finds_the_thread_the_edit_and_the_reaction() {
    for rel_type in ["m.thread", "m.replace", "m.annotation"] {
        let relation = json!({ "m.relates_to": { "rel_type": rel_type, "event_id": "$card", "key": "✅" } });
        assert_eq!(peeked(&event("m.room.message", relation)).target().unwrap().as_str(), "$card");
    }
}

#[test]
fn a_peek_finds_no_target_where_none_is() {
    for content in [
        json!({}),
        json!({ "m.relates_to": 7 }),
        json!({ "m.relates_to": { "rel_type": "m.thread", "event_id": 7 } }),
        json!({ "m.relates_to": { "rel_type": "m.thread", "event_id": "card" } }),
        json!({ "m.relates_to": { "rel_type": null, "event_id": "$card" } }),
    ] {
        assert_eq!(peeked(&event("m.room.message", content.clone())).target(), None, "{content}");
    }
}
