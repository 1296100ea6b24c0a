//! A room's event as a reader sees it.

use matrix_sdk::ruma::{OwnedEventId, OwnedUserId};
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Message {
    pub event: OwnedEventId,
    pub sender: OwnedUserId,
    /// The event's type (`m.room.message`, `m.reaction` …).
    pub kind: String,
    /// `m.text`, `m.notice` …; empty for what is no message.
    pub msgtype: String,
    pub body: String,
    pub html: String,
    /// Root of the thread it stands in.
    pub thread: Option<String>,
    pub redacted: bool,
    pub raw: Value,
}

/// The content of a reply, as clients send it.
pub fn reply_to(event: &str, body: &str, html: Option<&str>) -> Value {
    let mut content =
        json!({"msgtype": "m.text", "body": body, "m.relates_to": {"m.in_reply_to": {"event_id": event}}});
    if let Some(html) = html {
        content["format"] = "org.matrix.custom.html".into();
        content["formatted_body"] = html.into();
    }
    content
}

impl Message {
    pub fn from_event(raw: Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let content = &raw["content"];
        let relation = &content["m.relates_to"];
        let thread = (relation["rel_type"] == "m.thread").then(|| text(&relation["event_id"]));
        Some(Self {
            event: raw["event_id"].as_str()?.try_into().ok()?,
            sender: raw["sender"].as_str()?.try_into().ok()?,
            kind: text(&raw["type"]),
            msgtype: text(&content["msgtype"]),
            body: text(&content["body"]),
            html: text(&content["formatted_body"]),
            thread,
            redacted: !raw["unsigned"]["redacted_because"].is_null(),
            raw,
        })
    }

    pub fn is_message(&self) -> bool {
        self.kind == "m.room.message" && !self.redacted
    }

    pub fn is_notice(&self) -> bool {
        self.is_message() && self.msgtype == "m.notice"
    }

    /// The event that it is a reply to.
    pub fn answers(&self) -> &str {
        self.raw["content"]["m.relates_to"]["m.in_reply_to"]["event_id"].as_str().unwrap_or_default()
    }

    pub fn is_edit(&self) -> bool {
        self.raw["content"]["m.relates_to"]["rel_type"] == "m.replace"
    }

    pub fn says(&self, text: &str) -> bool {
        self.is_message() && self.body.contains(text)
    }
}
