//! What real clients send, and what nobody should: `matrix::understand` and `matrix::peek` on raw events.
//!
//! Words are compared, formatting is not: it has tests of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test may panic"
)]

mod broken;
mod kinds;
mod members;
mod relations;
mod words;

use ruma::user_id;
use serde_json::{Value, json};
use ticketroom::matrix::{Peeked, peek, understand};
use ticketroom::model::{DeskId, Fact, Quotas, Said, Settings};
use ticketroom::text::to_plain;

fn settings() -> Settings {
    Settings {
        bot: user_id!("@_desk_bot:here").to_owned(),
        server: "here".try_into().unwrap(),
        prefix: "_desk_".to_owned(),
        agents: Vec::new(),
        default_desk: DeskId::new("3"),
        templates: Vec::new(),
        quotas: Quotas::default(),
        give_up_after_s: 3600,
        library: ticketroom::model::Library::default(),
        texts: std::sync::Arc::new(ticketroom::texts::Texts::built_in("en")),
        spaces: false,
        low_priority: false,
    }
}

/// An event as a homeserver pushes it.
fn event(kind: &str, content: Value) -> Value {
    json!({
        "type": kind,
        "event_id": "$e",
        "room_id": "!t:here",
        "sender": "@carol:here",
        "origin_server_ts": 1_790_000_000_000_u64,
        "user_id": "@carol:here",
        "age": 42,
        "unsigned": { "age": 42 },
        "content": content,
    })
}

fn text(body: &str) -> Value {
    json!({ "msgtype": "m.text", "body": body })
}

/// `content` with more of it.
fn with(mut content: Value, more: Value) -> Value {
    content.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    content
}

fn html(body: &str, html: &str) -> Value {
    with(text(body), json!({ "format": "org.matrix.custom.html", "formatted_body": html }))
}

fn fact(event: &Value) -> Option<Fact> {
    understand(&event.to_string(), &settings()).expect("an event").fact
}

fn said(content: Value) -> Said {
    match fact(&event("m.room.message", content)) {
        Some(Fact::Said(said)) => said,
        other => panic!("not said: {other:?}"),
    }
}

fn words(content: Value) -> String {
    to_plain(&said(content).body).trim().to_owned()
}

#[track_caller]
fn nothing(event: &Value) {
    assert_eq!(fact(event), None);
}

/// What it is refused as.
#[track_caller]
fn unsupported(kind: &str, content: Value, expected: &str) {
    match fact(&event(kind, content)) {
        Some(Fact::Unsupported { what, sender, .. }) => {
            assert_eq!((what.as_str(), sender.as_str()), (expected, "@carol:here"));
        }
        other => panic!("not refused: {other:?}"),
    }
}

fn peeked(event: &Value) -> Peeked {
    peek(&event.to_string()).expect("an event")
}
