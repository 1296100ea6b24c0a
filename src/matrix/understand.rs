//! Raw events into facts. Whatever can't be read is no reason to stop: it becomes nothing, and is said in the log.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use serde::Deserialize;
use serde_json::Value;

use crate::model::{Fact, Inline, RichText, Said, Settings, Uncarried};
use crate::text;

/// What is needed of an event to know it again, and to know where it belongs.
#[derive(Clone, Debug, Deserialize)]
pub struct Peeked {
    pub event_id: OwnedEventId,
    pub room_id: OwnedRoomId,
    pub sender: OwnedUserId,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub state_key: Option<String>,
    #[serde(default)]
    content: Relations,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Relations {
    #[serde(rename = "m.relates_to")]
    relates_to: Value,
}

impl Peeked {
    /// The event that it stands in the thread of, reacts to, replaces, or replies to.
    pub fn target(&self) -> Option<OwnedEventId> {
        let relation = self.content.relates_to.as_object()?;
        let target = match relation.get("rel_type") {
            Some(kind) => kind.as_str().and_then(|_| relation.get("event_id"))?,
            // Clients without threads reply: at an offer that means the same.
            None => relation.get("m.in_reply_to")?.get("event_id")?,
        };
        OwnedEventId::try_from(target.as_str()?).ok()
    }

    /// Whether the rules could ever do something with it. Our own echoes and what we can't use need no place on disk.
    pub fn matters(&self, settings: &Settings) -> bool {
        match self.kind.as_str() {
            "m.room.member" => self.state_key.is_some(),
            "m.room.message" | "m.reaction" | "m.room.encrypted" | "m.sticker" => !settings.is_ours(&self.sender),
            kind => is_poll(kind) && !settings.is_ours(&self.sender),
        }
    }
}

fn is_poll(kind: &str) -> bool {
    matches!(kind, "m.poll.start" | "org.matrix.msc3381.poll.start")
}

pub fn peek(json: &str) -> Result<Peeked, serde_json::Error> {
    serde_json::from_str(json)
}

/// What an event says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    pub fact: Option<Fact>,
    /// A display name that became known, cleaned.
    pub name: Option<(OwnedUserId, String)>,
}

#[derive(Deserialize)]
struct Event {
    event_id: OwnedEventId,
    room_id: OwnedRoomId,
    sender: OwnedUserId,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    state_key: Option<String>,
    #[serde(default)]
    content: Value,
}

/// Fails only if it is no event at all.
pub fn understand(json: &str, settings: &Settings) -> Result<Understood, serde_json::Error> {
    let event: Event = serde_json::from_str(json)?;
    let none = Understood::default();
    Ok(match event.kind.as_str() {
        "m.room.member" => member(event, settings),
        "m.room.message" => Understood { fact: message(event), name: None },
        "m.reaction" => Understood { fact: reaction(event), name: None },
        "m.room.encrypted" => Understood {
            fact: Some(Fact::Encrypted { room: event.room_id, event: event.event_id, sender: event.sender }),
            name: None,
        },
        "m.sticker" => unsupported(event, Uncarried::Sticker),
        kind if is_poll(kind) => unsupported(event, Uncarried::Poll),
        _ => none,
    })
}

fn unsupported(event: Event, what: Uncarried) -> Understood {
    let fact = Fact::Unsupported { room: event.room_id, event: event.event_id, sender: event.sender, what };
    Understood { fact: Some(fact), name: None }
}

fn member(event: Event, settings: &Settings) -> Understood {
    let Some(user) = event.state_key.and_then(|user| OwnedUserId::try_from(user).ok()) else {
        return Understood::default();
    };
    let room = event.room_id;
    let ours = settings.is_ours(&user);
    match event.content.get("membership").and_then(Value::as_str) {
        Some("invite") if user == settings.bot || settings.code_of(&user).is_some() => {
            let contact = settings.code_of(&user);
            let fact = Fact::Invited { room, event: event.event_id, by: event.sender, contact };
            Understood { fact: Some(fact), name: None }
        }
        Some("join") if !ours => {
            let name = event.content.get("displayname").and_then(Value::as_str).map(text::clean_name);
            Understood { fact: Some(Fact::Joined { room, user: user.clone() }), name: name.map(|name| (user, name)) }
        }
        Some("leave" | "ban") if !ours => Understood { fact: Some(Fact::Left { room, user }), name: None },
        _ => Understood::default(),
    }
}

fn reaction(event: Event) -> Option<Fact> {
    let relation = event.content.get("m.relates_to")?;
    if relation.get("rel_type")?.as_str()? != "m.annotation" {
        return None;
    }
    Some(Fact::Reacted {
        room: event.room_id,
        event: event.event_id,
        sender: event.sender,
        target: OwnedEventId::try_from(relation.get("event_id")?.as_str()?).ok()?,
        key: relation.get("key")?.as_str()?.to_owned(),
    })
}

fn message(event: Event) -> Option<Fact> {
    let content = &event.content;
    let relation = content.get("m.relates_to");
    let relation_of = |kind: &str| {
        let relation = relation?;
        if relation.get("rel_type")?.as_str()? != kind {
            return None;
        }
        OwnedEventId::try_from(relation.get("event_id")?.as_str()?).ok()
    };
    if let Some(original) = relation_of("m.replace") {
        return Some(Fact::Edited { room: event.room_id, event: event.event_id, sender: event.sender, original });
    }
    let what = match content.get("msgtype").and_then(Value::as_str) {
        // A redacted or empty event: there is nothing in it any more.
        None => return None,
        Some("m.text" | "m.notice" | "m.emote") => None,
        Some("m.image") => Some(Uncarried::Picture),
        Some("m.audio") => Some(Uncarried::Audio),
        Some("m.video") => Some(Uncarried::Video),
        Some("m.file") => Some(Uncarried::File),
        Some("m.location") => Some(Uncarried::Location),
        Some(_) => Some(Uncarried::Other),
    };
    if let Some(what) = what {
        return unsupported(event, what).fact;
    }
    let thread = relation_of("m.thread");
    let reply_to = relation
        .filter(|relation| !relation.get("is_falling_back").and_then(Value::as_bool).unwrap_or(false))
        .and_then(|relation| relation.get("m.in_reply_to")?.get("event_id")?.as_str())
        .and_then(|id| OwnedEventId::try_from(id).ok());
    let plain = content.get("body").and_then(Value::as_str).unwrap_or_default();
    let plain = if reply_to.is_some() {
        ruma::events::room::message::sanitize::remove_plain_reply_fallback(plain)
    } else {
        plain
    };
    let is_html = content.get("format").and_then(Value::as_str) == Some("org.matrix.custom.html");
    let html = content.get("formatted_body").and_then(Value::as_str).filter(|_| is_html);
    let mut body = match html {
        Some(html) => text::linkify(text::from_html(html)),
        None => text::from_markdown(plain),
    };
    if body.is_empty() {
        body = RichText::plain(plain);
    }
    if content.get("msgtype").and_then(Value::as_str) == Some("m.emote") {
        emote(&mut body);
    }
    Some(Fact::Said(Said {
        room: event.room_id,
        event: event.event_id,
        sender: event.sender,
        text: plain.to_owned(),
        body,
        thread,
        reply_to,
    }))
}

/// "/me waves": an asterisk in front, as clients show it.
fn emote(body: &mut RichText) {
    match body.blocks.first_mut() {
        Some(crate::model::Block::Paragraph(inlines)) => inlines.insert(0, Inline::Text("* ".to_owned())),
        _ => body.blocks.insert(0, crate::model::Block::Paragraph(vec![Inline::Text("*".to_owned())])),
    }
}
