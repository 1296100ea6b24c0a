//! Replies, threads, edits and reactions.

use serde_json::json;
use ticketroom::matrix::peek;
use ticketroom::model::Fact;

use crate::{event, fact, html, nothing, said, text, with, words};

#[test]
fn a_reply_of_element_is_the_words_alone() {
    let content = with(
        html(
            "> <@ada:here> When?\n> Today?\n\nTomorrow",
            "<mx-reply><blockquote><a href=\"https://matrix.to/#/!t:here/$q\">In reply to</a> \
             <a href=\"https://matrix.to/#/@ada:here\">@ada:here</a><br>When?</blockquote></mx-reply>Tomorrow",
        ),
        json!({ "m.relates_to": { "m.in_reply_to": { "event_id": "$q" } } }),
    );
    let said = said(content.clone());
    assert_eq!((said.text.as_str(), said.reply_to.as_deref().map(ruma::EventId::as_str)), ("Tomorrow", Some("$q")));
    assert_eq!(words(content), "Tomorrow");
}

#[test]
fn a_reply_of_element_x_has_no_fallback() {
    let content = with(text("Tomorrow"), json!({ "m.relates_to": { "m.in_reply_to": { "event_id": "$q" } } }));
    assert_eq!(words(content), "Tomorrow");
}

#[test]
fn a_quote_that_is_no_reply_stays() {
    assert!(words(text("> as you said\n\nyes")).contains("as you said"));
}

#[test]
fn a_message_in_a_thread_knows_its_root() {
    let relation = json!({ "m.relates_to": {
        "rel_type": "m.thread", "event_id": "$card", "is_falling_back": true, "m.in_reply_to": { "event_id": "$last" },
    } });
    let said = said(with(text("!help"), relation));
    assert_eq!(said.thread.as_deref().map(ruma::EventId::as_str), Some("$card"));
    assert_eq!(said.reply_to, None);
}

#[test]
fn a_reply_within_a_thread_knows_both() {
    let relation = json!({ "m.relates_to": {
        "rel_type": "m.thread", "event_id": "$card", "is_falling_back": false, "m.in_reply_to": { "event_id": "$q" },
    } });
    let said = said(with(text("> <@a:here> b\n\nyes"), relation));
    assert_eq!(said.thread.as_deref().map(ruma::EventId::as_str), Some("$card"));
    assert_eq!(said.reply_to.as_deref().map(ruma::EventId::as_str), Some("$q"));
    assert_eq!(said.text, "yes");
}

#[test]
fn a_relation_that_makes_no_sense_leaves_the_words() {
    for relation in [
        json!(null),
        json!("x"),
        json!([]),
        json!({ "rel_type": 7, "event_id": "$e" }),
        json!({ "rel_type": "m.thread" }),
        json!({ "rel_type": "m.thread", "event_id": "no id" }),
        json!({ "rel_type": "m.reference", "event_id": "$x" }),
        json!({ "m.in_reply_to": "$x" }),
        json!({ "m.in_reply_to": { "event_id": 7 } }),
        json!({ "m.in_reply_to": { "event_id": "no id" } }),
    ] {
        let said = said(with(text("It leaks"), json!({ "m.relates_to": relation })));
        assert_eq!((said.text.as_str(), said.thread, said.reply_to), ("It leaks", None, None), "{relation}");
    }
}

#[test]
fn an_edit_names_what_it_replaces() {
    let content = with(
        text("* It floods"),
        json!({
            "m.new_content": text("It floods"),
            "m.relates_to": { "rel_type": "m.replace", "event_id": "$original" },
        }),
    );
    match fact(&event("m.room.message", content)) {
        Some(Fact::Edited { event, original, .. }) => {
            assert_eq!((event.as_str(), original.as_str()), ("$e", "$original"));
        }
        other => panic!("not an edit: {other:?}"),
    }
}

/// By the one it is placed, by the other decided on: what is placed as an edit and is none would be out of order.
#[test]
fn what_is_placed_as_an_edit_is_understood_as_one() {
    for kind in ["m.room.message", "m.sticker", "m.poll.start", "m.room.encrypted", "m.reaction"] {
        for relation in [
            json!({ "rel_type": "m.replace", "event_id": "$original" }),
            json!({ "rel_type": "m.replace", "event_id": "no id" }),
            json!({ "rel_type": "m.replace" }),
            json!({ "rel_type": ["m.replace"], "event_id": "$original" }),
            json!({ "rel_type": "m.thread", "event_id": "$original" }),
            json!({ "m.in_reply_to": { "event_id": "$original" } }),
            json!("m.replace"),
        ] {
            let event = event(kind, with(text("* It floods"), json!({ "m.relates_to": relation })));
            let placed = peek(&event.to_string()).unwrap().is_edit();
            let is_edit = matches!(fact(&event), Some(Fact::Edited { .. }));
            assert!(is_edit || !placed, "{event}");
            assert!(placed || !is_edit || kind != "m.room.message", "{event}");
        }
    }
}

#[test]
fn an_edit_of_a_picture_is_an_edit() {
    let content = json!({
        "msgtype": "m.image", "body": "* x", "url": "mxc://here/x",
        "m.relates_to": { "rel_type": "m.replace", "event_id": "$original" },
    });
    assert!(matches!(fact(&event("m.room.message", content)), Some(Fact::Edited { .. })));
}

#[test]
fn a_reaction_names_its_target_and_key() {
    let relation = json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": "$card", "key": "✅" } });
    match fact(&event("m.reaction", relation)) {
        Some(Fact::Reacted { target, key, .. }) => assert_eq!((target.as_str(), key.as_str()), ("$card", "✅")),
        other => panic!("no reaction: {other:?}"),
    }
}

#[test]
fn a_reaction_without_target_or_key_is_nothing() {
    for relation in [
        json!({}),
        json!({ "m.relates_to": null }),
        json!({ "m.relates_to": { "rel_type": "m.annotation", "key": "✅" } }),
        json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": "$card" } }),
        json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": 1, "key": "✅" } }),
        json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": "card", "key": "✅" } }),
        json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": "$card", "key": 7 } }),
        json!({ "m.relates_to": { "rel_type": "m.thread", "event_id": "$card", "key": "✅" } }),
    ] {
        nothing(&event("m.reaction", relation));
    }
}
