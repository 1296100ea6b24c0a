//! Kinds of events: what can't be carried, and what is worth writing down.

use serde_json::json;
use ticketroom::model::{Fact, FileKind, Manner, Uncarried};
use ticketroom::text::to_plain;

use crate::{event, fact, nothing, peeked, said, settings, text, unsupported, with};

#[test]
fn files_that_cannot_be_fetched_are_refused_by_their_kind() {
    // Encrypted ones stand elsewhere, and an address that is none leads nowhere.
    for url in [
        json!(null),
        json!("https://here/x"),
        json!("mxc://here"),
        json!("mxc://here/"),
        json!("mxc://here/../../admin"),
        json!("mxc://here/a/b"),
        json!("mxc://he re/a"),
        json!("mxc://../config"),
        json!("mxc://./config"),
        json!("mxc://..:8448/config"),
        json!("mxc://here..there/config"),
        json!(format!("mxc://{}/a", "x".repeat(300))),
    ] {
        let file = |msgtype: &str| json!({ "msgtype": msgtype, "body": "x", "url": url, "info": {} });
        unsupported("m.room.message", file("m.image"), "picture");
        unsupported("m.room.message", file("m.audio"), "audio");
        unsupported("m.room.message", file("m.video"), "video");
        unsupported("m.room.message", file("m.file"), "file");
    }
}

#[test]
fn a_file_is_its_name_and_its_caption_where_it_has_one() {
    let file = |more: serde_json::Value| {
        let file = json!({ "msgtype": "m.image", "url": "mxc://here/x", "info": { "size": 7, "w": 1 } });
        said(with(file, more))
    };
    let plain = file(json!({ "body": "../leak.png" }));
    assert_eq!((plain.text.as_str(), plain.body.is_empty()), ("", true));
    let [one] = plain.files.as_slice() else { panic!("one file: {:?}", plain.files) };
    assert_eq!((one.name.as_str(), one.kind, one.voice, one.size_bytes), ("leak.png", FileKind::Image, false, Some(7)));
    let same = file(json!({ "body": "leak.png", "filename": "leak.png" }));
    assert_eq!((same.text.as_str(), same.files[0].name.as_str()), ("", "leak.png"));
    let captioned = file(json!({ "body": "See **here**", "filename": "leak.png" }));
    assert_eq!((to_plain(&captioned.body).trim(), captioned.files[0].name.as_str()), ("See here", "leak.png"));
}

/// They break databases, terminals and lines, whatever manner of saying brings them.
#[test]
fn no_manner_of_saying_brings_control_characters() {
    let bad = "a\0b\u{202e}c\r\nd";
    let poll = json!({ "m.poll": { "question": { "m.text": [{ "body": bad }] }, "answers": [{ "m.text": [{ "body": bad }] }] } });
    for (kind, content) in [
        ("m.sticker", json!({ "body": bad, "url": "mxc://here/x" })),
        ("m.poll.start", poll),
        ("m.room.message", json!({ "msgtype": "m.location", "body": bad, "geo_uri": "geo:1,2" })),
        ("m.room.message", json!({ "msgtype": "m.location", "body": "x", "m.location": { "description": bad } })),
        ("m.room.message", json!({ "msgtype": "m.custom", "body": bad })),
        ("m.room.message", json!({ "msgtype": "m.text", "body": "\0\u{202e}" })),
        ("m.room.message", text(bad)),
    ] {
        let Some(Fact::Said(said)) = fact(&event(kind, content.clone())) else { panic!("not said: {content}") };
        let all = format!("{}{}{:?}", said.text, to_plain(&said.body), said.manner);
        assert!(!all.contains(['\0', '\u{202e}', '\r']) && !all.contains("\\0"), "{kind}: {all:?}");
    }
}

#[test]
fn a_voice_message_is_known_as_one() {
    let voice = json!({
        "msgtype": "m.audio", "body": "Voice message", "url": "mxc://here/x", "org.matrix.msc3245.voice": {},
        "org.matrix.msc1767.audio": { "duration": 2140, "waveform": [0, 512, 1024] },
    });
    let said = said(voice);
    assert!(said.files[0].voice && said.text.is_empty(), "{said:?}");
}

fn shown(kind: &str, content: serde_json::Value) -> (Manner, String) {
    match fact(&event(kind, content)) {
        Some(Fact::Said(said)) => (said.manner, to_plain(&said.body)),
        other => panic!("not said: {other:?}"),
    }
}

#[test]
fn polls_old_and_new_are_their_question_and_answers() {
    let poll = |answers: &[&str]| Manner::Poll { answers: answers.iter().map(|&answer| answer.to_owned()).collect() };
    let stable = json!({
        "m.text": [{ "body": "When? 1. Now 2. Later" }],
        "m.poll": { "kind": "m.disclosed", "question": { "m.text": [{ "body": "When?" }] }, "answers": [
            { "m.id": "1", "m.text": [{ "mimetype": "text/html", "body": "<b>Now</b>" }, { "body": "Now" }] },
            { "m.id": "2", "m.text": [{ "body": "Later" }] }, { "m.id": "3" }, 7,
        ] },
    });
    assert_eq!(shown("m.poll.start", stable), (poll(&["Now", "Later"]), "When?".to_owned()));
    let unstable = json!({
        "org.matrix.msc1767.text": "When? Now Later",
        "org.matrix.msc3381.poll.start": {
            "question": { "org.matrix.msc1767.text": "When?", "body": "When?", "msgtype": "m.text" },
            "answers": [{ "id": "a", "org.matrix.msc1767.text": "Now" }],
        },
    });
    assert_eq!(shown("org.matrix.msc3381.poll.start", unstable), (poll(&["Now"]), "When?".to_owned()));
    // Only the words for clients without polls.
    assert_eq!(shown("m.poll.start", json!({ "m.text": [{ "body": "When?" }] })), (poll(&[]), "When?".to_owned()));
    nothing(&event("m.poll.start", json!({})));
}

#[test]
fn the_end_of_a_poll_is_how_it_ended() {
    let relation = json!({ "rel_type": "m.reference", "event_id": "$poll" });
    let ended = |text: &str| (Manner::PollEnd, text.to_owned());
    let stable = json!({ "m.relates_to": relation, "m.text": [{ "body": "Top answer: Now" }], "m.poll.results": {} });
    assert_eq!(shown("m.poll.end", stable), ended("Top answer: Now"));
    let unstable = json!({
        "m.relates_to": relation, "org.matrix.msc1767.text": "Top answer: Now", "body": "Top answer: Now",
        "org.matrix.msc3381.poll.end": {},
    });
    assert_eq!(shown("org.matrix.msc3381.poll.end", unstable), ended("Top answer: Now"));
    nothing(&event("m.poll.end", json!({ "m.relates_to": relation })));
}

#[test]
fn a_sticker_is_what_it_shows() {
    let content = json!({ "body": "Happy cat", "url": "mxc://here/x", "info": {} });
    assert_eq!(shown("m.sticker", content), (Manner::Sticker, "Happy cat".to_owned()));
    nothing(&event("m.sticker", json!({})));
}

#[test]
fn a_call_that_nobody_hears_is_told_of() {
    let ringing = event("m.call.invite", json!({ "call_id": "1", "version": "1", "lifetime": 60000 }));
    assert!(peeked(&ringing).matters(&settings()));
    let Some(Fact::Unsupported { what, .. }) = fact(&ringing) else { panic!("it is not told of") };
    assert_eq!(what, Uncarried::Call);
    nothing(&event("m.call.invite", json!({})));
}

#[test]
fn a_place_that_moves_is_told_of_where_it_begins() {
    let state = |content: serde_json::Value| with(event("m.beacon_info", content), json!({ "state_key": "@ada:here" }));
    let begins = state(json!({ "live": true, "timeout": 60000 }));
    assert!(peeked(&begins).matters(&settings()));
    let Some(Fact::Unsupported { what, .. }) = fact(&begins) else { panic!("it is not told of") };
    assert_eq!(what, Uncarried::Other);
    nothing(&state(json!({ "live": false })));
}

#[test]
fn a_location_is_its_place_and_description() {
    let location = |body: &str, more: serde_json::Value| {
        with(json!({ "msgtype": "m.location", "body": body, "geo_uri": "geo:52.5,13.4;u=35" }), more)
    };
    let at = || Manner::Location { at: Some(("52.5".to_owned(), "13.4".to_owned())) };
    assert_eq!(shown("m.room.message", location("The pump", json!({}))), (at(), "The pump".to_owned()));
    let element = location("User Location geo:52.5,13.4;u=35 at 2026-11-22", json!({}));
    assert_eq!(shown("m.room.message", element), (at(), String::new()));
    let described = json!({ "org.matrix.msc3488.location": { "uri": "geo:1,1", "description": "By the door" } });
    assert_eq!(shown("m.room.message", location("x geo:52.5,13.4", described)), (at(), "By the door".to_owned()));
    let hostile = json!({ "geo_uri": "geo:1,2\"><script>" });
    assert_eq!(shown("m.room.message", location("Here", hostile)), (Manner::Location { at: None }, "Here".to_owned()));
}

#[test]
fn a_kind_that_nobody_knows_is_what_it_says_and_not_lost() {
    let dance = json!({ "msgtype": "com.example.dance", "body": "Does a **dance**" });
    assert_eq!(shown("m.room.message", dance), (Manner::Other, "Does a dance".to_owned()));
    unsupported("m.room.message", json!({ "msgtype": "com.example.dance" }), "other");
}

#[test]
fn what_devices_say_to_each_other_is_nobodys_words() {
    let request = json!({ "msgtype": "m.key.verification.request", "body": "x", "to": "@_desk_bot:here" });
    nothing(&event("m.room.message", request));
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
        "m.call.candidates",
        "m.typing",
        "m.poll.response",
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
