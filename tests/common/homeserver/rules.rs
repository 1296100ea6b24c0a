//! Who may do what: the power levels, roughly as the specification's authorization rules have them.

use serde_json::Value;

use super::world::{Refused, World, forbidden, refused};

const INFINITE: i64 = i64::MAX;

impl World {
    pub fn level_of(&self, room: &str, user: &str) -> i64 {
        let Some(found) = self.rooms.get(room) else { return 0 };
        if found.version >= 12 && found.creator == user {
            return INFINITE;
        }
        let levels = self.levels(room);
        levels["users"][user].as_i64().or_else(|| levels["users_default"].as_i64()).unwrap_or(0)
    }

    fn levels(&self, room: &str) -> Value {
        self.state(room, "m.room.power_levels", "").map(|event| event["content"].clone()).unwrap_or_default()
    }

    fn needed(&self, room: &str, kind: &str, is_state: bool) -> i64 {
        let levels = self.levels(room);
        let (default, otherwise) = if is_state { ("state_default", 50) } else { ("events_default", 0) };
        levels["events"][kind].as_i64().or_else(|| levels[default].as_i64()).unwrap_or(otherwise)
    }

    fn needed_for(&self, room: &str, action: &str, otherwise: i64) -> i64 {
        self.levels(room)[action].as_i64().unwrap_or(otherwise)
    }

    pub fn must_be_in(&self, room: &str, user: &str) -> Result<(), Refused> {
        match self.membership(room, user) {
            Some("join") => Ok(()),
            _ => Err(forbidden(&format!("User {user} not in room {room}"))),
        }
    }

    pub fn may_send(&self, room: &str, user: &str, kind: &str, is_state: bool) -> Result<(), Refused> {
        self.must_be_in(room, user)?;
        if self.level_of(room, user) < self.needed(room, kind, is_state) {
            return Err(forbidden("You don't have permission to post that to the room"));
        }
        Ok(())
    }

    pub fn may_redact(&self, room: &str, user: &str, target: &str) -> Result<(), Refused> {
        self.may_send(room, user, "m.room.redaction", false)?;
        let own = self.position_of(target).is_some_and(|at| self.stream[at]["sender"] == user);
        if !own && self.level_of(room, user) < self.needed_for(room, "redact", 50) {
            return Err(forbidden("You don't have permission to redact events"));
        }
        Ok(())
    }

    pub fn may_invite(&self, room: &str, user: &str, whom: &str) -> Result<(), Refused> {
        self.must_be_in(room, user)?;
        if matches!(self.membership(room, whom), Some("join" | "ban")) {
            return Err(forbidden(&format!("{whom} is already in the room.")));
        }
        if self.level_of(room, user) < self.needed_for(room, "invite", 0) {
            return Err(forbidden("You don't have permission to invite users"));
        }
        self.must_be_reached(whom)
    }

    /// Nobody is there.
    pub fn must_be_reached(&self, user: &str) -> Result<(), Refused> {
        match user.split_once(':') {
            Some((_, server)) if self.servers_away.contains(server) => {
                Err(refused(502, "M_UNKNOWN", &format!("Can't connect to server {server}")))
            }
            _ => Ok(()),
        }
    }

    pub fn may_kick(&self, room: &str, user: &str, whom: &str) -> Result<(), Refused> {
        self.must_be_in(room, user)?;
        if !matches!(self.membership(room, whom), Some("join" | "invite")) {
            return Err(forbidden("The target user is not in the room"));
        }
        let (own, theirs) = (self.level_of(room, user), self.level_of(room, whom));
        if own < self.needed_for(room, "kick", 50) || own <= theirs {
            return Err(forbidden("You cannot kick user"));
        }
        Ok(())
    }

    pub fn may_join(&self, room: &str, user: &str) -> Result<(), Refused> {
        self.room(room)?;
        let public =
            self.state(room, "m.room.join_rules", "").is_some_and(|rule| rule["content"]["join_rule"] == "public");
        match self.membership(room, user) {
            Some("join" | "invite") => Ok(()),
            _ if public => Ok(()),
            _ => Err(forbidden("You are not invited to this room.")),
        }
    }
}
