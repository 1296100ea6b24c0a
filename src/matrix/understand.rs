//! Raw events into facts. Whatever can't be read is no reason to stop: it becomes nothing, and is said in the log.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{content, said};
use crate::model::{Fact, Settings};
use crate::text;

const LEVELS: &str = "m.room.power_levels";
/// As the specification has it.
const ID_BYTES_MAX: usize = 255;

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

    /// Whether it is understood as an edit, surely.
    pub fn is_edit(&self) -> bool {
        let kind = self.content.relates_to.get("rel_type").and_then(Value::as_str);
        self.kind == "m.room.message" && kind == Some("m.replace") && self.target().is_some()
    }

    /// Whether somebody was invited, came or went.
    pub fn is_membership(&self) -> bool {
        self.kind == "m.room.member"
    }

    /// The same, of one of our users.
    pub fn is_membership_of_ours(&self, settings: &Settings) -> bool {
        let whose = || self.state_key.as_deref().and_then(|key| <&ruma::UserId>::try_from(key).ok());
        self.is_membership() && whose().is_some_and(|user| settings.is_ours(user))
    }

    pub fn has_sound_ids(&self) -> bool {
        let key = self.state_key.as_deref().filter(|_| self.is_membership()).unwrap_or_default();
        [self.event_id.as_str(), self.room_id.as_str(), self.sender.as_str(), key].into_iter().all(is_sound)
    }

    /// Whether the rules could ever do something with it. Our own echoes and what we can't use need no place on disk.
    pub fn matters(&self, settings: &Settings) -> bool {
        match self.kind.as_str() {
            "m.room.member" => self.state_key.is_some(),
            kind if is_call_member(kind) => self.state_key.is_some() && !settings.is_ours(&self.sender),
            LEVELS => self.state_key.is_some() && self.sender == settings.bot,
            "m.room.tombstone" => self.state_key.is_some() && !settings.is_ours(&self.sender),
            "m.room.message" | "m.reaction" | "m.room.encrypted" | "m.sticker" | "m.call.invite" => {
                !settings.is_ours(&self.sender)
            }
            kind if said::is_live_place(kind) => self.state_key.is_some() && !settings.is_ours(&self.sender),
            kind => (said::is_poll(kind) || said::is_end_of_poll(kind)) && !settings.is_ours(&self.sender),
        }
    }
}

/// Whether an id is fit to be written into lines, headers and queries. Other servers choose theirs freely, and the grammar
/// of old ids lets nearly everything through.
pub fn is_sound(id: &str) -> bool {
    id.len() <= ID_BYTES_MAX && !id.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

/// Who is in a room's call (MatrixRTC): stable and as it is still sent.
fn is_call_member(kind: &str) -> bool {
    matches!(kind, "m.call.member" | "org.matrix.msc3401.call.member")
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
pub struct Event {
    pub event_id: OwnedEventId,
    pub room_id: OwnedRoomId,
    pub sender: OwnedUserId,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    state_key: Option<String>,
    #[serde(default)]
    pub content: Value,
    /// A number of milliseconds, where it is what it should be: read by whom it matters to, since one that is none (`1e999`)
    /// makes no event unreadable.
    #[serde(default)]
    origin_server_ts: Option<Box<RawValue>>,
}

/// Fails only if it is no event at all.
pub fn understand(json: &str, settings: &Settings) -> Result<Understood, serde_json::Error> {
    let event: Event = serde_json::from_str(json)?;
    let none = Understood::default();
    Ok(match event.kind.as_str() {
        "m.room.member" => member(event, settings),
        kind if is_call_member(kind) => Understood { fact: called(event), name: None },
        LEVELS => Understood { fact: levels_set(event), name: None },
        "m.room.tombstone" => Understood { fact: tombstone(event), name: None },
        "m.room.message" => Understood { fact: said::message(event), name: None },
        "m.reaction" => Understood { fact: reaction(event), name: None },
        "m.room.encrypted" => Understood {
            fact: Some(Fact::Encrypted { room: event.room_id, event: event.event_id, sender: event.sender }),
            name: None,
        },
        "m.sticker" => Understood { fact: said::sticker(event), name: None },
        "m.call.invite" => Understood { fact: said::call(event), name: None },
        kind if said::is_live_place(kind) => Understood { fact: said::live_place(event), name: None },
        kind if said::is_end_of_poll(kind) => Understood { fact: said::end_of_poll(event), name: None },
        kind if said::is_poll(kind) => Understood { fact: said::poll(event), name: None },
        _ => none,
    })
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

/// An empty membership is none; older clients list theirs.
fn called(event: Event) -> Option<Fact> {
    let content = event.content.as_object()?;
    let joined = match content.get("memberships") {
        Some(memberships) => memberships.as_array().is_some_and(|list| !list.is_empty()),
        None => content.contains_key("application"),
    };
    let sent_ms = event.origin_server_ts.and_then(|number| number.get().parse().ok());
    let until_ms = match content.get("memberships").and_then(Value::as_array) {
        Some(memberships) => memberships.iter().filter_map(|one| ends_ms(one, sent_ms)).max(),
        None => ends_ms(&event.content, sent_ms),
    };
    Some(Fact::Called { room: event.room_id, user: event.sender, key: event.state_key?, joined, until_ms })
}

/// When a membership is over whose client does not speak any more: `expires` counts from where it began (MSC3401, MSC4143).
fn ends_ms(membership: &Value, sent_ms: Option<i64>) -> Option<i64> {
    let began_ms = membership.get("created_ts").and_then(Value::as_i64).or(sent_ms)?;
    began_ms.checked_add(membership.get("expires").and_then(Value::as_i64)?)
}

fn levels_set(event: Event) -> Option<Fact> {
    let is_state = event.state_key.as_deref() == Some("");
    let powers = content::read_ticket_powers(&event.content).filter(|_| is_state)?;
    Some(Fact::LevelsSet { room: event.room_id, powers })
}

fn tombstone(event: Event) -> Option<Fact> {
    let replacement = OwnedRoomId::try_from(event.content.get("replacement_room")?.as_str()?).ok()?;
    let is_state = event.state_key.as_deref() == Some("");
    is_state.then_some(Fact::Upgraded { room: event.room_id, event: event.event_id, sender: event.sender, replacement })
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
