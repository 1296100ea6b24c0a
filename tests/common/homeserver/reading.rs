//! What is read: /sync, /messages and one event.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::world::{Refused, World, forbidden, not_found};

/// `s12`, `t12`
fn position(token: &str) -> Option<usize> {
    token.trim_start_matches(['s', 't']).parse().ok()
}

impl World {
    pub fn sync(&self, user: &str, query: &HashMap<String, String>) -> Value {
        // Position of the first event that is new.
        let since = query.get("since").and_then(|token| position(token));
        let filter: Value =
            query.get("filter").and_then(|filter| serde_json::from_str(filter).ok()).unwrap_or_default();
        let limit = filter["room"]["timeline"]["limit"].as_u64().unwrap_or(10) as usize;
        let limit = limit.min(self.timeline_max);
        let (mut joined, mut invited) = (json!({}), json!({}));
        for (id, room) in &self.rooms {
            let Some(at) = room.state.get(&("m.room.member".to_owned(), user.to_owned())).copied() else { continue };
            let is_new = since.is_none_or(|since| at >= since);
            match self.membership(id, user) {
                Some("join") => {
                    let from = if is_new { 0 } else { since.unwrap_or(0) };
                    let news: Vec<usize> = room.events.iter().copied().filter(|at| *at >= from).collect();
                    if news.is_empty() {
                        continue;
                    }
                    let shown = &news[news.len().saturating_sub(limit)..];
                    joined[id] = json!({ "timeline": {
                        "events": shown.iter().map(|at| self.without_room(*at)).collect::<Vec<_>>(),
                        "limited": shown.len() < news.len() || (is_new && since.is_some()),
                        "prev_batch": format!("t{}", shown[0]),
                    }});
                }
                Some("invite") if is_new => {
                    invited[id] = json!({ "invite_state": { "events": [self.without_room(at)] } });
                }
                _ => {}
            }
        }
        json!({ "next_batch": format!("s{}", self.stream.len()), "rooms": { "join": joined, "invite": invited } })
    }

    /// Backwards only. A token stands before the event of its number.
    pub fn messages(&mut self, room: &str, user: &str, query: &HashMap<String, String>) -> Result<Value, Refused> {
        self.must_be_in(room, user)?;
        let asked = self.stumbling.get_mut(room).map_or(1, |asked| {
            *asked += 1;
            *asked
        });
        if self.unreadable.contains(room) || asked.is_multiple_of(2) {
            return Err(Refused { status: 500, code: "M_UNKNOWN", why: "Internal server error".to_owned() });
        }
        let token = |name: &str| query.get(name).and_then(|token| position(token));
        let (from, to) = (token("from").unwrap_or(self.stream.len()), token("to").unwrap_or(0));
        let limit = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10);
        let found: Vec<usize> =
            self.room(room)?.events.iter().rev().copied().filter(|at| *at < from && *at >= to).collect();
        let page = &found[..found.len().min(limit)];
        let chunk: Vec<Value> = page.iter().map(|at| self.stream[*at].clone()).collect();
        let mut answer = json!({ "start": format!("t{from}"), "chunk": chunk });
        if page.len() < found.len() {
            answer["end"] = json!(format!("t{}", page[page.len() - 1]));
        }
        Ok(answer)
    }

    pub fn event(&self, room: &str, user: &str, event: &str) -> Result<Value, Refused> {
        let found = self.stream.iter().find(|one| one["event_id"] == event && one["room_id"] == room);
        let found = found.ok_or_else(|| not_found("Event not found."))?;
        self.must_be_in(room, user).map_err(|_| forbidden("You don't have permission to access that event."))?;
        Ok(found.clone())
    }

    fn without_room(&self, at: usize) -> Value {
        let mut event = self.stream[at].clone();
        event.as_object_mut().expect("an event").remove("room_id");
        event
    }
}
