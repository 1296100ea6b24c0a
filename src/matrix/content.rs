//! The contents of the events that we send.

use ruma::{OwnedEventId, OwnedTransactionId, OwnedUserId, TransactionId};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::model::{Place, Powers, RichText, Snapshot, Speech, SpeechKind};
use crate::text::{self, Flavour};

/// Our marker in an event's content: the effect's key, hashed. Believed only from our own senders.
pub const MARKER: &str = "org.ticketroom.effect";
/// Body and formatted body together: an event may have 65,536 bytes with all its envelope, and both are JSON-escaped.
const MAX_TEXT_BYTES: usize = 40_000;
/// Events that one message may become; what is longer floods a room and nobody reads it there.
const MAX_PARTS: usize = 16;

/// An effect's key as a transaction id: the same effect, the same event, whoever of our users sends it.
pub fn txn_id(key: &str) -> OwnedTransactionId {
    use base64::Engine as _;
    let digest = Sha256::digest(key.as_bytes());
    let id = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
    <&TransactionId>::from(id.as_str()).to_owned()
}

/// A body in parts that each fit into an event; `rest` ends what is longer than all of them.
pub fn parts(body: &RichText, rest: &str) -> Vec<RichText> {
    text::split(body.clone(), MAX_TEXT_BYTES, MAX_PARTS, rest)
}

/// The key of each of a message's parts: the first one's is the message's own.
pub fn part_key(key: &str, index: usize) -> String {
    if index == 0 { key.to_owned() } else { format!("{key}/part{}", index + 1) }
}

/// `m.room.message` with plain and, where it is formatted, HTML body. `body`: the speech's, or a part of it.
pub fn message(speech: &Speech, body: &RichText, txn: &TransactionId) -> Value {
    let mut content = Map::new();
    let msgtype = match speech.kind {
        SpeechKind::Message => "m.text",
        SpeechKind::Notice => "m.notice",
    };
    content.insert("msgtype".to_owned(), json!(msgtype));
    content.insert("body".to_owned(), json!(text::to_plain(body)));
    if !text::is_plain(body) {
        content.insert("format".to_owned(), json!("org.matrix.custom.html"));
        content.insert("formatted_body".to_owned(), json!(text::to_html(body, Flavour::Matrix)));
    }
    // Nobody is pinged by words that only look like a mention.
    content.insert("m.mentions".to_owned(), json!({}));
    content.insert(MARKER.to_owned(), json!(txn.as_str()));
    if let Some(replaced) = &speech.replaces {
        let new_content = Value::Object(content.clone());
        content.insert("m.new_content".to_owned(), new_content);
        // What clients show that know no edits: marked as one, as the specification has it.
        for key in ["body", "formatted_body"] {
            if let Some(Value::String(text)) = content.get_mut(key) {
                text.insert_str(0, "* ");
            }
        }
        content.insert("m.relates_to".to_owned(), json!({ "rel_type": "m.replace", "event_id": replaced }));
        return Value::Object(content);
    }
    if let Some(relation) = relation(&speech.place, speech.room_thread.as_ref(), speech.reply_to.as_ref()) {
        content.insert("m.relates_to".to_owned(), relation);
    }
    Value::Object(content)
}

/// `m.relates_to` of what stands in a thread, answers something, or both.
pub fn relation(place: &Place, room_thread: Option<&OwnedEventId>, reply: Option<&OwnedEventId>) -> Option<Value> {
    let root = match place {
        Place::Thread { root, .. } => Some(root),
        Place::Room(_) | Place::Desk { .. } => room_thread,
    };
    let answered = json!({ "event_id": reply.or(root)? });
    Some(match root {
        // Clients without threads show it as an answer.
        Some(root) => json!({
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": reply.is_none(),
            "m.in_reply_to": answered,
        }),
        None => json!({ "m.in_reply_to": answered }),
    })
}

pub fn reaction(event: &ruma::EventId, key: &str, txn: &TransactionId) -> Value {
    json!({
        "m.relates_to": { "rel_type": "m.annotation", "event_id": event, "key": key },
        MARKER: txn.as_str(),
    })
}

/// The level of who may do everything.
pub const ALL_POWER: i64 = 100;
const AGENTS: i64 = 20;
const CUSTOMERS: i64 = 10;

/// `m.room.history_visibility`
pub fn history(hidden: bool) -> Value {
    json!({ "history_visibility": if hidden { "invited" } else { "shared" } })
}

/// Who may do what in a ticket room (design, section 2). `bot` is named only where room creators have no power by
/// themselves (before room version 12).
pub fn ticket_powers(powers: &Powers, bot: Option<&ruma::UserId>) -> Value {
    let mut users = Map::new();
    for user in &powers.customers {
        users.insert(user.to_string(), json!(CUSTOMERS));
    }
    for user in &powers.agents {
        users.insert(user.to_string(), json!(AGENTS));
    }
    if let Some(bot) = bot {
        users.insert(bot.to_string(), json!(100));
    }
    levels(users, if powers.locked { ALL_POWER } else { CUSTOMERS })
}

/// What these say, read back; `None`: they are of another kind.
pub fn read_ticket_powers(levels: &Value) -> Option<Powers> {
    let users = levels.get("users")?.as_object()?;
    let at = |wanted: i64| {
        let theirs = users.iter().filter(|(_, level)| level.as_i64() == Some(wanted));
        let mut theirs: Vec<_> = theirs.filter_map(|(user, _)| OwnedUserId::try_from(user.as_str()).ok()).collect();
        theirs.sort();
        theirs
    };
    let locked = levels.get("events_default")?.as_i64()? == ALL_POWER;
    Some(Powers { locked, agents: at(AGENTS), customers: at(CUSTOMERS), followed: false })
}

/// A room in which everybody may write who is in it.
pub fn open_powers(bot: Option<&ruma::UserId>) -> Value {
    let mut users = Map::new();
    if let Some(bot) = bot {
        users.insert(bot.to_string(), json!(100));
    }
    levels(users, 0)
}

/// A space: people look at it, and only the bot arranges it.
pub fn space_powers(bot: Option<&ruma::UserId>) -> Value {
    let mut powers = open_powers(bot);
    if let Some(powers) = powers.as_object_mut() {
        powers.insert("events_default".to_owned(), json!(100));
    }
    powers
}

fn levels(users: Map<String, Value>, events_default: i64) -> Value {
    json!({
        "users": users,
        "users_default": 0,
        "events_default": events_default,
        "state_default": 100,
        "invite": 100,
        "kick": 100,
        "ban": 100,
        "redact": 100,
        // Nothing may be listed here below events_default, or the lock would not hold for it.
        "events": {
            "m.room.redaction": 100,
            // State, and yet everybody's who may write: who is in the room's call.
            "m.call.member": events_default,
            "org.matrix.msc3401.call.member": events_default,
        },
        "notifications": { "room": 100 },
    })
}

/// `m.bridge` (MSC2346): the room belongs to this ticket of that helpdesk.
pub fn bridge_info(snapshot: &Snapshot, bot: &ruma::UserId) -> Value {
    json!({
        "bridgebot": bot,
        "creator": bot,
        "protocol": { "id": "helpdesk", "displayname": "Helpdesk" },
        "channel": {
            "id": snapshot.id,
            "displayname": snapshot.name(),
            "external_url": snapshot.url,
        },
    })
}
