//! What people write in a room, in whatever manner: words, emotes, locations, stickers, polls, and kinds nobody knows.

use ruma::events::room::message::sanitize::remove_plain_reply_fallback;
use ruma::{OwnedEventId, OwnedUserId};
use serde_json::Value;

use super::understand::Event;
use super::{files, geo, mentions};
use crate::model::{Fact, Manner, RichText, Said, Uncarried};
use crate::text;

/// A poll may have 20 answers.
const ANSWERS_MAX: usize = 50;

pub fn is_poll(kind: &str) -> bool {
    matches!(kind, "m.poll.start" | "org.matrix.msc3381.poll.start")
}

/// An `m.room.message`.
pub fn message(event: Event) -> Option<Fact> {
    let content = &event.content;
    if let Some(fact) = edited(&event) {
        return Some(fact);
    }
    let manner = match content.get("msgtype").and_then(Value::as_str) {
        // Broken, and yet somebody may believe that it says something.
        None if content.as_object().is_some_and(|content| !content.is_empty()) => {
            return Some(unsupported(event, Uncarried::Other));
        }
        // A redacted or empty event: there is nothing in it any more.
        None => return None,
        Some("m.text" | "m.notice") => Manner::Words,
        Some("m.emote") => Manner::Emote,
        Some("m.image" | "m.audio" | "m.video" | "m.file") if files::read(content).is_some() => Manner::Words,
        Some("m.image") => return Some(unsupported(event, Uncarried::Picture)),
        Some("m.audio") => return Some(unsupported(event, Uncarried::Audio)),
        Some("m.video") => return Some(unsupported(event, Uncarried::Video)),
        Some("m.file") => return Some(unsupported(event, Uncarried::File)),
        Some("m.location") => return Some(location(event)),
        // Between two devices, and nobody's words.
        Some("m.key.verification.request") => return None,
        Some(_) => Manner::Other,
    };
    let words = if files::is_without_words(content) { Default::default() } else { words(content) };
    if manner == Manner::Other && words.0.trim().is_empty() {
        return Some(unsupported(event, Uncarried::Other));
    }
    Some(said(event, manner, words))
}

/// An `m.sticker`: what it shows stands in its text.
pub fn sticker(event: Event) -> Option<Fact> {
    if let Some(fact) = edited(&event) {
        return Some(fact);
    }
    let plain = text::cleaned(event.content.get("body")?.as_str()?).into_owned();
    let body = RichText::plain(&plain);
    Some(said(event, Manner::Sticker, (plain, body)))
}

pub fn is_end_of_poll(kind: &str) -> bool {
    matches!(kind, "m.poll.end" | "org.matrix.msc3381.poll.end")
}

/// How a poll ended, for clients without polls.
pub fn end_of_poll(event: Event) -> Option<Fact> {
    let result = text_of(&event.content)?;
    let body = RichText::plain(&result);
    Some(said(event, Manner::PollEnd, (result, body)))
}

/// The start of a poll. What is voted later stays in the room.
pub fn poll(event: Event) -> Option<Fact> {
    if let Some(fact) = edited(&event) {
        return Some(fact);
    }
    let content = &event.content;
    let question = question(content)?;
    let answers = start_of_poll(content).and_then(|poll| poll.get("answers")?.as_array());
    let answers = answers.into_iter().flatten().filter_map(text_of).take(ANSWERS_MAX).collect();
    let body = RichText::plain(&question);
    Some(said(event, Manner::Poll { answers }, (question, body)))
}

fn start_of_poll(content: &Value) -> Option<&Value> {
    ["m.poll", "m.poll.start", "org.matrix.msc3381.poll.start"].iter().find_map(|key| content.get(*key))
}

fn question(content: &Value) -> Option<String> {
    start_of_poll(content).and_then(|poll| text_of(poll.get("question")?)).or_else(|| text_of(content))
}

/// An extensible text: plain words first, in the spelling of the specification or of its drafts.
fn text_of(value: &Value) -> Option<String> {
    let text = ["m.text", "org.matrix.msc1767.text", "body"].iter().find_map(|key| value.get(*key)).unwrap_or(value);
    let plain = |one: &Value| one.get("mimetype").is_none_or(|kind| kind == "text/plain");
    let text = match text {
        Value::Array(forms) => forms.iter().find(|form| plain(form))?.get("body")?.as_str()?,
        other => other.as_str()?,
    };
    Some(text::cleaned(text).into_owned()).filter(|text| !text.trim().is_empty())
}

fn location(event: Event) -> Fact {
    let content = &event.content;
    let details = ["m.location", "org.matrix.msc3488.location"].iter().find_map(|key| content.get(*key));
    let uri = content.get("geo_uri").or_else(|| details?.get("uri")).and_then(Value::as_str);
    let at = uri.and_then(geo::place);
    let plain = content.get("body").and_then(Value::as_str).unwrap_or_default();
    let description = details.and_then(|details| details.get("description")?.as_str());
    // What clients write there for others says the same numbers once more.
    let shown = description.unwrap_or(if at.is_some() && plain.contains("geo:") { "" } else { plain });
    let words = (text::cleaned(plain).into_owned(), RichText::plain(&text::cleaned(shown)));
    said(event, Manner::Location { at }, words)
}

/// As typed, and formatted.
fn words(content: &Value) -> (String, RichText) {
    let plain = content.get("body").and_then(Value::as_str).unwrap_or_default();
    let is_reply = content.get("m.relates_to").is_some_and(|relation| relation.get("m.in_reply_to").is_some());
    let plain = text::cleaned(if is_reply { remove_plain_reply_fallback(plain) } else { plain });
    let is_html = content.get("format").and_then(Value::as_str) == Some("org.matrix.custom.html");
    let html = content.get("formatted_body").and_then(Value::as_str).filter(|_| is_html);
    let mut body = match html {
        // Without a tag it is text, and clients show its line breaks: Element sends what holds a backslash so.
        Some(html) if !html.contains('<') => text::from_plain(&html_escape::decode_html_entities(html)),
        Some(html) => text::from_html(html),
        None => text::from_markdown(&plain),
    };
    if body.is_empty() {
        body = RichText::plain(&plain);
    }
    (plain.into_owned(), body)
}

/// What a message says, in short, for one that answers it; `None` where nothing is left of it.
pub fn excerpt(content: &Value) -> Option<RichText> {
    let (_, body) = words(content);
    if body.is_empty() { question(content).map(|question| RichText::plain(&question)) } else { Some(body) }
}

fn said(event: Event, manner: Manner, (text, body): (String, RichText)) -> Fact {
    let relation = event.content.get("m.relates_to");
    let reply_to = relation
        .filter(|relation| !relation.get("is_falling_back").and_then(Value::as_bool).unwrap_or(false))
        .and_then(|relation| relation.get("m.in_reply_to")?.get("event_id")?.as_str())
        .and_then(|id| OwnedEventId::try_from(id).ok());
    let files = files::read(&event.content).into_iter().collect();
    Fact::Said(Said {
        thread: related(&event.content, "m.thread"),
        mentions: mentioned(&event.content),
        room: event.room_id,
        event: event.event_id,
        sender: event.sender,
        text,
        body,
        reply_to,
        manner,
        files,
    })
}

pub fn mentioned(content: &Value) -> Vec<OwnedUserId> {
    let text = |key: &str| content.get(key).and_then(Value::as_str).unwrap_or_default();
    mentions::users(content, &[text("formatted_body"), text("body")])
}

fn edited(event: &Event) -> Option<Fact> {
    Some(Fact::Edited {
        original: related(&event.content, "m.replace")?,
        room: event.room_id.clone(),
        event: event.event_id.clone(),
        sender: event.sender.clone(),
    })
}

/// The event that this one relates to in that way.
fn related(content: &Value, kind: &str) -> Option<OwnedEventId> {
    let relation = content.get("m.relates_to")?;
    if relation.get("rel_type")?.as_str()? != kind {
        return None;
    }
    OwnedEventId::try_from(relation.get("event_id")?.as_str()?).ok()
}

/// A call between two clients, as they offer it where they see two people.
pub fn call(event: Event) -> Option<Fact> {
    let is_there = event.content.as_object().is_some_and(|content| !content.is_empty());
    is_there.then(|| unsupported(event, Uncarried::Call))
}

/// Somebody shows where they are for a while (MSC3672): only where people may send state, as in their own chat with the bot.
pub fn is_live_place(kind: &str) -> bool {
    matches!(kind, "m.beacon_info" | "org.matrix.msc3672.beacon_info")
}

/// It begins; nobody would see it move.
pub fn live_place(event: Event) -> Option<Fact> {
    let begins = event.content.get("live").and_then(Value::as_bool) == Some(true);
    begins.then(|| unsupported(event, Uncarried::Other))
}

fn unsupported(event: Event, what: Uncarried) -> Fact {
    Fact::Unsupported { room: event.room_id, event: event.event_id, sender: event.sender, what }
}
