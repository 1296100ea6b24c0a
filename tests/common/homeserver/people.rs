//! What people do in their clients, without the detour over HTTP.

use serde_json::{Value, json};

use super::world::Refused;
use super::{Homeserver, World};

impl Homeserver {
    /// An account with this name; its id.
    pub fn person(&self, localpart: &str, name: &str) -> String {
        let user = format!("@{localpart}:{}", super::DOMAIN);
        self.world().users.insert(user.clone(), Some(name.to_owned()));
        user
    }

    pub fn act<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let result = act(&mut self.world());
        self.shared.push.wake();
        result
    }

    /// A direct chat with somebody; the room.
    pub fn chat_with(&self, user: &str, other: &str) -> String {
        let request = json!({ "preset": "trusted_private_chat", "is_direct": true, "invite": [other] });
        self.act(|world| world.create_room(user, &request)).unwrap()
    }

    pub fn say(&self, user: &str, room: &str, text: &str) -> Result<String, Refused> {
        self.send(user, room, "m.room.message", json!({ "msgtype": "m.text", "body": text }))
    }

    pub fn send(&self, user: &str, room: &str, kind: &str, content: Value) -> Result<String, Refused> {
        self.act(|world| world.send(room, user, kind, content))
    }

    pub fn react(&self, user: &str, room: &str, target: &str, key: &str) -> Result<String, Refused> {
        let relation = json!({ "rel_type": "m.annotation", "event_id": target, "key": key });
        self.send(user, room, "m.reaction", json!({ "m.relates_to": relation }))
    }

    pub fn say_in_thread(&self, user: &str, room: &str, root: &str, text: &str) -> Result<String, Refused> {
        let relation = json!({ "rel_type": "m.thread", "event_id": root });
        self.send(user, room, "m.room.message", json!({ "msgtype": "m.text", "body": text, "m.relates_to": relation }))
    }

    pub fn join(&self, user: &str, room: &str) -> Result<(), Refused> {
        self.act(|world| world.join(room, user))
    }

    pub fn leave(&self, user: &str, room: &str) -> Result<(), Refused> {
        self.act(|world| world.leave(room, user))
    }

    pub fn membership(&self, room: &str, user: &str) -> Option<String> {
        self.world().membership(room, user).map(str::to_owned)
    }

    /// The content of a state event without a key.
    pub fn state(&self, room: &str, kind: &str) -> Value {
        self.world().state(room, kind, "").map(|event| event["content"].clone()).unwrap_or_default()
    }

    /// The room behind an alias of ours.
    /// Whether another homeserver can be reached from this one.
    pub fn set_server_away(&self, server: &str, away: bool) {
        let servers = &mut self.world().servers_away;
        if away {
            servers.insert(server.to_owned())
        } else {
            servers.remove(server)
        };
    }

    pub fn room_of(&self, alias: &str) -> Option<String> {
        self.world().aliases.get(&format!("#_desk_{alias}:{}", super::DOMAIN)).cloned()
    }

    /// The messages of a room, oldest first: (sender, text).
    pub fn messages(&self, room: &str) -> Vec<(String, String)> {
        texts(&self.world().events_of(room))
    }

    /// The messages that our ghosts and the bot wrote.
    pub fn ours(&self, room: &str) -> Vec<String> {
        let ours = |(sender, text): (String, String)| sender.starts_with(super::PREFIX).then_some(text);
        self.messages(room).into_iter().filter_map(ours).collect()
    }
}

fn texts(events: &[&Value]) -> Vec<(String, String)> {
    let messages = events.iter().filter(|event| event["type"] == "m.room.message");
    messages.map(|event| (event["sender"].as_str().unwrap().to_owned(), whole_text(event))).collect()
}

fn whole_text(event: &Value) -> String {
    event["content"]["body"].as_str().unwrap_or_default().to_owned()
}
