//! What is no event, or a broken one.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use ticketroom::matrix::{peek, understand};
use ticketroom::model::{Fact, Uncarried};

use crate::{event, fact, said, settings, text, with};

#[test]
fn without_an_id_a_room_a_sender_or_a_type_it_is_no_event() {
    for field in ["event_id", "room_id", "sender", "type"] {
        for wrong in [None, Some(json!(7)), Some(json!(null)), Some(json!({})), Some(json!([]))] {
            let mut broken = event("m.room.message", text("x"));
            match &wrong {
                Some(value) => broken[field] = value.clone(),
                None => drop(broken.as_object_mut().unwrap().remove(field)),
            }
            assert!(peek(&broken.to_string()).is_err(), "{field}: {wrong:?}");
            assert!(understand(&broken.to_string(), &settings()).is_err(), "{field}: {wrong:?}");
        }
    }
}

#[test]
fn ids_that_are_none_make_no_event() {
    for (field, wrong) in [("event_id", "e"), ("event_id", ""), ("room_id", "t"), ("sender", "carol"), ("sender", "@")]
    {
        let broken = with(event("m.room.message", text("x")), json!({ field: wrong }));
        assert!(peek(&broken.to_string()).is_err(), "{field}: {wrong:?}");
    }
}

#[test]
fn ids_that_break_lines_are_known_for_what_they_are() {
    for (field, wrong) in [
        ("event_id", "$a\nb"),
        ("event_id", "$a\0b"),
        ("event_id", "$a\u{1b}[2J"),
        ("event_id", "$a\u{2028}b"),
        ("room_id", "!a\r\nX: y:here"),
        ("sender", "@a\nb:there"),
        ("sender", "@a\u{85}b:there"),
    ] {
        let broken = with(event("m.room.message", text("x")), json!({ field: wrong }));
        assert!(peek(&broken.to_string()).is_ok_and(|peeked| !peeked.has_sound_ids()), "{field}: {wrong:?}");
    }
    let long = with(event("m.room.message", text("x")), json!({ "event_id": format!("${}", "x".repeat(255)) }));
    assert!(!peek(&long.to_string()).unwrap().has_sound_ids());
    let member = with(event("m.room.member", json!({})), json!({ "state_key": "@a\nb:there" }));
    assert!(!peek(&member.to_string()).unwrap().has_sound_ids());
    for (field, old) in [("sender", "@Ä, b <c>:there"), ("event_id", "$e' OR id:there"), ("room_id", "!r/../x:there")]
    {
        let old = with(event("m.room.message", text("x")), json!({ field: old }));
        assert!(peek(&old.to_string()).unwrap().has_sound_ids(), "{old}");
    }
}

#[test]
fn what_is_no_json_is_no_event() {
    for broken in ["", "null", "[]", "7", "\"x\"", "{", "{}", "{\"type\":", "\u{0}", &"[".repeat(100_000)] {
        assert!(peek(broken).is_err() && understand(broken, &settings()).is_err());
    }
}

#[test]
fn fields_of_the_wrong_type_are_left_out_and_a_message_of_no_type_is_told_of() {
    let content = json!({ "msgtype": "m.text", "body": 7, "format": [], "formatted_body": {}, "m.relates_to": 7 });
    assert_eq!(said(content).text, "");
    for content in [json!({ "msgtype": 7, "body": "x" }), json!({ "body": "x" })] {
        let understood = understand(&event("m.room.message", content).to_string(), &settings()).unwrap();
        assert!(matches!(understood.fact, Some(Fact::Unsupported { what: Uncarried::Other, .. })), "{understood:?}");
    }
}

#[test]
fn content_that_is_no_object_says_nothing() {
    for content in [json!("x"), json!(7), json!([]), json!(null), json!(true)] {
        for kind in ["m.room.message", "m.reaction", "m.room.member"] {
            let broken = with(event(kind, content.clone()), json!({ "state_key": "@carol:here" })).to_string();
            assert!(understand(&broken, &settings()).is_ok_and(|understood| understood.fact.is_none()), "{broken}");
            // It is set aside, or written down and found to say nothing; it stops nobody.
            let _either = peek(&broken);
        }
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        proptest::sample::select(vec!["$e", "m.text", "m.replace", "m.thread", "m.annotation", "join", "<b>x"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let keys = proptest::sample::select(vec![
            "msgtype",
            "body",
            "format",
            "formatted_body",
            "m.relates_to",
            "rel_type",
            "event_id",
            "key",
            "membership",
            "m.in_reply_to",
            "displayname",
            "is_falling_back",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..6)
                .prop_map(|fields| fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000, rng_seed: RngSeed::Fixed(4711), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn any_content_of_any_kind_is_understood_or_left_out(
        kind in proptest::sample::select(vec![
            "m.room.message", "m.reaction", "m.room.member", "m.room.encrypted", "m.sticker", "m.poll.start", "x",
        ]),
        content in values(),
        state_key in proptest::option::of(".{0,8}"),
    ) {
        let event = with(event(kind, content), json!({ "state_key": state_key }));
        prop_assert!(understand(&event.to_string(), &settings()).is_ok());
        let peeked = peek(&event.to_string());
        let _either = peeked.as_ref().map(|peeked| (peeked.target(), peeked.matters(&settings())));
        if peeked.is_ok_and(|peeked| peeked.is_edit()) {
            prop_assert!(matches!(fact(&event), Some(Fact::Edited { .. })), "{event}");
        }
    }

    #[test]
    fn any_text_at_all_is_an_event_or_none(text in any::<String>()) {
        prop_assert!(peek(&text).is_err());
        prop_assert!(understand(&text, &settings()).is_err());
    }
}
