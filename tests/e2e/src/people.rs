//! What people do in their clients besides writing, by plain HTTP.

use std::sync::atomic::{AtomicUsize, Ordering};

use matrix_sdk::ruma::{OwnedRoomId, RoomId};
use serde_json::{Value, json};

use crate::api::{Answer, segment};
use crate::person::Person;
use crate::wait;

impl Person {
    async fn in_room(&self, room: &RoomId, verb: &str, body: Value) -> Answer {
        self.api.post(&format!("/_matrix/client/v3/rooms/{}/{verb}", segment(room.as_str())), &body).await
    }

    pub async fn leave(&self, room: &RoomId) {
        self.in_room(room, "leave", json!({})).await.ok();
    }

    pub async fn invite(&self, room: &RoomId, user: &str) {
        self.in_room(room, "invite", json!({"user_id": user})).await.ok();
    }

    /// The new room.
    pub async fn upgrade(&self, room: &RoomId, version: &str) -> OwnedRoomId {
        self.upgrade_with(room, version, &[]).await
    }

    /// `creators`: who has as much power in the new one as whoever makes it (room version 12).
    pub async fn upgrade_with(&self, room: &RoomId, version: &str, creators: &[&str]) -> OwnedRoomId {
        let request = json!({"new_version": version, "additional_creators": creators});
        let answer = self.in_room(room, "upgrade", request).await.ok();
        answer["replacement_room"].as_str().expect("a room id").try_into().expect("a room id")
    }

    /// A room of their own that claims to be another one's successor, with these people invited into it.
    pub async fn claim_successor(&self, of: &RoomId, invited: &[&str]) -> OwnedRoomId {
        let predecessor = json!({"predecessor": {"room_id": of, "event_id": "$whatever"}});
        let request = json!({"creation_content": predecessor, "invite": invited});
        let room = self.api.post("/_matrix/client/v3/createRoom", &request).await.ok();
        room["room_id"].as_str().expect("a room id").try_into().expect("a room id")
    }

    pub async fn set_state(&self, room: &RoomId, kind: &str, content: &Value) {
        let path = format!("/_matrix/client/v3/rooms/{}/state/{kind}/", segment(room.as_str()));
        self.api.put(&path, content).await.ok();
    }

    pub async fn read(&self, room: &RoomId, event: &str) {
        self.in_room(room, &format!("receipt/m.read/{}", segment(event)), json!({})).await.ok();
    }

    pub async fn type_for_a_while(&self, room: &RoomId) {
        let (room, user) = (segment(room.as_str()), segment(self.id.as_str()));
        let path = format!("/_matrix/client/v3/rooms/{room}/typing/{user}");
        self.api.put(&path, &json!({"typing": true, "timeout": 60_000})).await.ok();
    }

    /// What passes by in a room besides its events, as this person's client is told of it: receipts, who is typing.
    async fn ephemeral(&self, room: &RoomId, kind: &str) -> Result<Value, String> {
        // Synapse gives the same answer to the same question for two minutes.
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let no_such_type = format!("asked-{}", ASKED.fetch_add(1, Ordering::Relaxed));
        let filter = json!({"room": {"rooms": [room], "timeline": {"limit": 1}},
            "account_data": {"not_types": [no_such_type]}});
        let answer = self.api.get(&format!("/_matrix/client/v3/sync?filter={}", segment(&filter.to_string()))).await?;
        let events = answer.body["rooms"]["join"][room.as_str()]["ephemeral"]["events"].as_array().cloned();
        let found = events.into_iter().flatten().find(|event| event["type"] == kind);
        Ok(found.unwrap_or_default()["content"].clone())
    }

    /// Until this person sees that `by` has read up to this event.
    pub async fn until_read(&self, room: &RoomId, event: &str, by: &str) {
        wait::until(&format!("{by} to have read {event}"), || async {
            let receipts = self.ephemeral(room, "m.receipt").await?;
            if receipts[event]["m.read"][by].is_object() { Ok(()) } else { Err(receipts.to_string()) }
        })
        .await
    }

    pub async fn until_typing(&self, room: &RoomId, who: &str) {
        wait::until(&format!("{who} to be typing"), || async {
            let typing = self.ephemeral(room, "m.typing").await?;
            let is_typing = typing["user_ids"].as_array().is_some_and(|users| users.iter().any(|user| user == who));
            if is_typing { Ok(()) } else { Err(typing.to_string()) }
        })
        .await
    }

    /// The rooms of a space as this person's client shows them.
    pub async fn hierarchy(&self, space: &RoomId) -> Result<Vec<Value>, String> {
        let answer = self.api.get(&format!("/_matrix/client/v1/rooms/{}/hierarchy", segment(space.as_str()))).await?;
        let rooms = answer.body["rooms"].as_array().cloned();
        rooms.filter(|_| answer.status == 200).ok_or_else(|| answer.body.to_string())
    }

    pub async fn until_child(&self, space: &RoomId, room: &RoomId, shown: bool) {
        wait::until(&format!("{room} in the space: {shown}"), || async {
            let child = self.state(space, "m.space.child", room.as_str()).await;
            let is_shown = child.as_ref().is_ok_and(|child| child["via"].is_array());
            if is_shown == shown { Ok(()) } else { Err(format!("{child:?}")) }
        })
        .await
    }

    pub async fn until_tag(&self, room: &RoomId, tag: &str, there: bool) {
        let user = segment(self.id.as_str());
        let path = format!("/_matrix/client/v3/user/{user}/rooms/{}/tags", segment(room.as_str()));
        wait::until(&format!("{room} tagged {tag}: {there}"), || async {
            let tags = self.api.get(&path).await?.body;
            if tags["tags"][tag].is_null() != there { Ok(()) } else { Err(tags.to_string()) }
        })
        .await
    }
}
