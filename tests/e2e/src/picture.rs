//! What a room and a ticket hold: read back from the servers, and printed where a test fails.

use matrix_sdk::ruma::RoomId;
use serde_json::Value;

use crate::Message;
use crate::api::{Api, segment};
use crate::lab::Lab;
use crate::person::Person;
use crate::wait;

const PAGES_MAX: usize = 50;

/// All that a room holds and the owner of the token may see, oldest first.
pub async fn timeline(api: &Api, room: &str, as_user: &str) -> Result<Vec<Message>, String> {
    let mut messages = Vec::new();
    let mut from = String::new();
    for _ in 0..PAGES_MAX {
        let path = format!("/_matrix/client/v3/rooms/{}/messages?dir=b&limit=200{as_user}{from}", segment(room));
        let answer = api.get(&path).await?;
        let chunk = answer.body["chunk"].as_array().ok_or_else(|| answer.body.to_string())?;
        messages.extend(chunk.iter().cloned().filter_map(Message::from_event));
        match answer.body["end"].as_str() {
            Some(end) if !chunk.is_empty() => from = format!("&from={}", segment(end)),
            _ => break,
        }
    }
    messages.reverse();
    Ok(messages)
}

/// Messages as lines, without the state events that are in every room.
pub fn lines(messages: &[Message]) -> String {
    let mut text = String::new();
    for message in messages {
        let state = message.raw.get("state_key").is_some();
        if state && !["m.room.name", "m.room.power_levels", "m.room.member"].contains(&message.kind.as_str()) {
            continue;
        }
        let content = if message.kind == "m.room.message" {
            format!("{} {:?}", message.msgtype, message.body.chars().take(300).collect::<String>())
        } else {
            message.raw["content"].to_string().chars().take(300).collect()
        };
        let thread = if message.thread.is_some() { " (in a thread)" } else { "" };
        let redacted = if message.redacted { " (redacted)" } else { "" };
        text.push_str(&format!("\n    {} {} {content}{thread}{redacted}", message.sender, message.kind));
    }
    text
}

impl Person {
    pub async fn messages(&self, room: &RoomId) -> Result<Vec<Message>, String> {
        timeline(&self.api, room.as_str(), "").await
    }

    /// The content of a room's state; `Err` holds the homeserver's refusal.
    pub async fn state(&self, room: &RoomId, kind: &str, key: &str) -> Result<Value, String> {
        let path = format!("/_matrix/client/v3/rooms/{}/state/{kind}/{}", segment(room.as_str()), segment(key));
        let answer = self.api.get(&path).await?;
        if answer.status == 200 { Ok(answer.body) } else { Err(answer.body.to_string()) }
    }

    pub async fn until_member(&self, room: &RoomId, user: &str, membership: &str) -> Value {
        wait::until(&format!("{user} to be '{membership}' in {room}"), || async {
            let member = self.state(room, "m.room.member", user).await?;
            if member["membership"] == membership { Ok(member) } else { Err(member.to_string()) }
        })
        .await
    }

    /// The name under which a sender is seen in a room.
    pub async fn name_of(&self, room: &RoomId, user: &str) -> String {
        let member = self.state(room, "m.room.member", user).await.expect("a member");
        member["displayname"].as_str().unwrap_or_default().to_owned()
    }
}

impl Lab {
    /// Both sides of every ticket, and the ends of all logs.
    pub async fn picture(&self) -> String {
        let mut picture = String::new();
        for ticket in self.tracker.tickets() {
            picture.push_str(&format!("\n=== ticket {ticket}: {:?}", self.tracker.ticket(ticket)));
            for entry in self.tracker.history(ticket) {
                let body: String = entry.body.chars().take(300).collect();
                picture.push_str(&format!(
                    "\n    {} ({}) {} {} {} {body:?}",
                    entry.by, entry.login, entry.kind, entry.field, entry.new
                ));
            }
            picture.push_str(&format!("\n  its room:{}", self.room_picture(&format!("_desk_ticket_{ticket}")).await));
        }
        for queue in [1, 3] {
            picture.push_str(&format!(
                "\n=== desk room of queue {queue}:{}",
                self.room_picture(&format!("_desk_queue_{queue}")).await
            ));
        }
        for process in [&self.synapse.process, &self.tracker.process, &self.bridge.process] {
            picture.push_str(&format!("\n=== end of the log of {}\n{}", process.name(), process.log_tail(40)));
        }
        picture
    }

    async fn room_picture(&self, alias: &str) -> String {
        let token = crate::bridge::AS_TOKEN;
        let room = match self.synapse.room_of_alias(token, alias).await {
            Ok(room) => room,
            Err(error) => return format!(" {error}"),
        };
        let as_bot = format!("&user_id={}", segment(&crate::bridge::bot()));
        match timeline(&self.synapse.api(token), &room, &as_bot).await {
            Ok(messages) => lines(&messages),
            Err(error) => format!(" {error}"),
        }
    }
}
