//! Rooms: made, entered, written in.

use serde_json::{Map, Value, json};

use super::DOMAIN;
use super::world::{Refused, Room, World, not_found, refused};

impl World {
    pub fn create_room(&mut self, creator: &str, request: &Value) -> Result<String, Refused> {
        let alias = request["room_alias_name"].as_str().map(|name| format!("#{name}:{DOMAIN}"));
        if alias.as_ref().is_some_and(|alias| self.aliases.contains_key(alias)) {
            return Err(refused(400, "M_ROOM_IN_USE", "Room alias already taken"));
        }
        let version = request["room_version"].as_str().and_then(|v| v.parse().ok()).unwrap_or(self.room_version);
        let wanted = &request["power_level_content_override"];
        if version >= 12 && !wanted["users"][creator].is_null() {
            return Err(refused(400, "M_UNKNOWN", "Creators must not be listed in users"));
        }
        let room = self.new_room_id(version);
        let empty = Room { version, creator: creator.to_owned(), events: Vec::new(), state: Default::default() };
        self.rooms.insert(room.clone(), empty);
        let mut state = |kind: &str, key: &str, content: Value| self.append(&room, creator, kind, Some(key), content);
        let mut create = json!({ "room_version": version.to_string() });
        for (key, value) in request["creation_content"].as_object().unwrap_or(&Map::new()) {
            create[key] = value.clone();
        }
        state("m.room.create", "", create);
        state("m.room.member", creator, json!({ "membership": "join" }));
        let mut levels = json!({
            "users": {}, "users_default": 0, "events": {}, "events_default": 0, "state_default": 50,
            "ban": 50, "kick": 50, "redact": 50, "invite": 0,
        });
        if version < 12 {
            levels["users"][creator] = json!(100);
        }
        for (key, value) in wanted.as_object().unwrap_or(&Map::new()) {
            levels[key] = value.clone();
        }
        state("m.room.power_levels", "", levels);
        if let Some(alias) = &alias {
            state("m.room.canonical_alias", "", json!({ "alias": alias }));
        }
        state("m.room.join_rules", "", json!({ "join_rule": "invite" }));
        state("m.room.history_visibility", "", json!({ "history_visibility": "shared" }));
        for event in request["initial_state"].as_array().into_iter().flatten() {
            let key = event["state_key"].as_str().unwrap_or_default();
            state(event["type"].as_str().unwrap_or_default(), key, event["content"].clone());
        }
        if let Some(name) = request["name"].as_str() {
            state("m.room.name", "", json!({ "name": name }));
        }
        if let Some(alias) = alias {
            self.aliases.insert(alias, room.clone());
        }
        for user in request["invite"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            self.invite(&room, creator, user)?;
        }
        Ok(room)
    }

    pub fn invite(&mut self, room: &str, by: &str, whom: &str) -> Result<(), Refused> {
        self.may_invite(room, by, whom)?;
        if self.membership(room, whom) != Some("invite") {
            self.append(room, by, "m.room.member", Some(whom), json!({ "membership": "invite" }));
        }
        Ok(())
    }

    pub fn join(&mut self, room: &str, user: &str) -> Result<(), Refused> {
        self.may_join(room, user)?;
        if self.membership(room, user) != Some("join") {
            let name = self.users.get(user).cloned().flatten();
            let content = json!({ "membership": "join", "displayname": name });
            self.append(room, user, "m.room.member", Some(user), content);
        }
        Ok(())
    }

    pub fn kick(&mut self, room: &str, by: &str, whom: &str) -> Result<(), Refused> {
        self.may_kick(room, by, whom)?;
        self.append(room, by, "m.room.member", Some(whom), json!({ "membership": "leave" }));
        Ok(())
    }

    pub fn leave(&mut self, room: &str, user: &str) -> Result<(), Refused> {
        if !matches!(self.membership(room, user), Some("join" | "invite")) {
            return Err(super::world::forbidden("You are not in this room"));
        }
        self.append(room, user, "m.room.member", Some(user), json!({ "membership": "leave" }));
        Ok(())
    }

    pub fn send(&mut self, room: &str, user: &str, kind: &str, content: Value) -> Result<String, Refused> {
        self.may_send(room, user, kind, false)?;
        Ok(self.append(room, user, kind, None, content))
    }

    pub fn set_state(
        &mut self,
        room: &str,
        user: &str,
        kind: &str,
        key: &str,
        content: Value,
    ) -> Result<String, Refused> {
        self.may_send(room, user, kind, true)?;
        if let Some(same) = self.state(room, kind, key).filter(|event| event["content"] == content) {
            return Ok(same["event_id"].as_str().unwrap_or_default().to_owned());
        }
        Ok(self.append(room, user, kind, Some(key), content))
    }

    pub fn redact(&mut self, room: &str, user: &str, target: &str) -> Result<String, Refused> {
        self.may_redact(room, user, target)?;
        let at = self.position_of(target).ok_or_else(|| not_found("no such event"))?;
        self.stream[at]["content"] = json!({});
        Ok(self.append(room, user, "m.room.redaction", None, json!({ "redacts": target })))
    }
}
