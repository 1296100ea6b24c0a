//! What the homeserver holds.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::{DOMAIN, PREFIX};

/// A refusal in Matrix's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub status: u16,
    pub code: &'static str,
    pub why: String,
}

pub fn forbidden(why: &str) -> Refused {
    refused(403, "M_FORBIDDEN", why)
}

pub fn not_found(why: &str) -> Refused {
    refused(404, "M_NOT_FOUND", why)
}

pub fn refused(status: u16, code: &'static str, why: &str) -> Refused {
    Refused { status, code, why: why.to_owned() }
}

#[derive(Clone, Debug)]
pub struct Room {
    pub version: u32,
    pub creator: String,
    /// Positions in the stream.
    pub events: Vec<usize>,
    pub state: HashMap<(String, String), usize>,
}

pub struct World {
    pub room_version: u32,
    /// All events in the order in which they happened; the position is the sync token.
    pub stream: Vec<Value>,
    pub rooms: BTreeMap<String, Room>,
    pub aliases: HashMap<String, String>,
    /// Display names.
    pub users: HashMap<String, Option<String>>,
    pub devices: HashSet<(String, String)>,
    /// Kept in memory only, and shared by all users of the application service.
    pub answers_by_path: HashMap<String, Value>,
    /// Kept for ever: (room, user, device, transaction id).
    pub events_by_txn: HashMap<(String, String, String, String), String>,
    pub unpushed: VecDeque<Value>,
    /// Users outside of its names whom the application service may act for all the same.
    pub claimed: HashSet<String>,
    /// Other homeservers that cannot be reached.
    pub servers_away: HashSet<String>,
    /// (user, room, tag)
    pub tags: HashSet<(String, String, String)>,
    /// (room, user): the event up to which they have read.
    pub receipts: HashMap<(String, String), String>,
    /// Files, by their number.
    pub media: Vec<Vec<u8>>,
    /// Events of a room that a sync brings at most, whatever is asked for (Synapse: `filter_timeline_limit`).
    pub timeline_max: usize,
    /// Rooms whose history cannot be read just now.
    pub unreadable: HashSet<String>,
    /// Rooms of whose history every second page is refused, and how many were asked for.
    pub stumbling: HashMap<String, usize>,
    /// Added to the time of events.
    pub clock_offset_ms: i64,
    /// Milliseconds since 1970.
    pub clock: Arc<dyn Fn() -> i64 + Send + Sync>,
}

#[allow(clippy::disallowed_methods, reason = "a homeserver has a clock of its own")]
fn machine_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

impl World {
    pub fn new(room_version: u32) -> Self {
        Self {
            room_version,
            stream: Vec::new(),
            rooms: BTreeMap::new(),
            aliases: HashMap::new(),
            users: HashMap::new(),
            devices: HashSet::new(),
            answers_by_path: HashMap::new(),
            events_by_txn: HashMap::new(),
            unpushed: VecDeque::new(),
            claimed: HashSet::new(),
            servers_away: HashSet::new(),
            tags: HashSet::new(),
            receipts: HashMap::new(),
            media: Vec::new(),
            timeline_max: 100,
            unreadable: HashSet::new(),
            stumbling: HashMap::new(),
            clock_offset_ms: 0,
            clock: Arc::new(machine_ms),
        }
    }

    pub fn room(&self, room: &str) -> Result<&Room, Refused> {
        self.rooms.get(room).ok_or_else(|| not_found("no such room"))
    }

    pub fn state(&self, room: &str, kind: &str, key: &str) -> Option<&Value> {
        let room = self.rooms.get(room)?;
        room.state.get(&(kind.to_owned(), key.to_owned())).map(|at| &self.stream[*at])
    }

    pub fn membership(&self, room: &str, user: &str) -> Option<&str> {
        self.state(room, "m.room.member", user)?["content"]["membership"].as_str()
    }

    pub fn members(&self, room: &str, membership: &str) -> Vec<String> {
        let Some(found) = self.rooms.get(room) else { return Vec::new() };
        let members = found.state.keys().filter(|(kind, _)| kind == "m.room.member").map(|(_, user)| user.clone());
        members.filter(|user| self.membership(room, user) == Some(membership)).collect()
    }

    pub fn events_of(&self, room: &str) -> Vec<&Value> {
        self.rooms.get(room).map(|room| room.events.iter().map(|at| &self.stream[*at]).collect()).unwrap_or_default()
    }

    /// Adds an event without asking whether it may be; its id.
    pub fn append(&mut self, room: &str, sender: &str, kind: &str, state_key: Option<&str>, content: Value) -> String {
        let at = self.stream.len();
        let event_id = format!("$event{at}-{}", unlike(at));
        let mut event = json!({
            "event_id": event_id, "room_id": room, "sender": sender, "type": kind, "content": content,
            "origin_server_ts": (self.clock)() + self.clock_offset_ms,
        });
        let found = self.rooms.get_mut(room).expect("a known room");
        if let Some(key) = state_key {
            event["state_key"] = json!(key);
            if let Some(before) = found.state.insert((kind.to_owned(), key.to_owned()), at) {
                event["unsigned"] = json!({ "prev_content": self.stream[before]["content"] });
            }
        }
        found.events.push(at);
        self.stream.push(event.clone());
        if self.concerns_appservice(room, state_key) {
            self.unpushed.push_back(event);
        }
        event_id
    }

    /// A user of the application service's is in the room, or is the one whose membership changed.
    fn concerns_appservice(&self, room: &str, state_key: Option<&str>) -> bool {
        state_key.is_some_and(|key| key.starts_with(PREFIX))
            || self.members(room, "join").iter().any(|user| user.starts_with(PREFIX))
    }

    pub fn new_room_id(&self, version: u32) -> String {
        let number = self.rooms.len();
        if version >= 12 { format!("!room{number}-{}", unlike(number)) } else { format!("!room{number}:{DOMAIN}") }
    }

    pub fn position_of(&self, event: &str) -> Option<usize> {
        self.stream.iter().position(|other| other["event_id"] == event)
    }
}

/// Ids of version 12 look random.
fn unlike(number: usize) -> String {
    format!(
        "{:016x}{:016x}",
        number as u64 ^ 0x9e37_79b9_7f4a_7c15,
        (number as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    )
}
