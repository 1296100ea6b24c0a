//! People who write: each waits for the answer before writing on, so that the order is theirs.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use ticketroom_e2e::api::{Api, segment};

use crate::parts::Homeserver;
use crate::wait;

/// How long somebody tries to get one message off: longer than any outage here.
const PATIENCE: Duration = Duration::from_secs(120);

/// Somebody with a Matrix client.
#[derive(Clone)]
pub struct Customer {
    pub id: String,
    api: Api,
}

impl Customer {
    pub async fn register(homeserver: &Homeserver, localpart: &str, domain: &str) -> Self {
        let anybody = Api::new(&homeserver.url(), String::new());
        let request = json!({"username": localpart, "password": "a password", "auth": {"type": "m.login.dummy"}});
        let answer = anybody.post("/_matrix/client/v3/register", &request).await.ok();
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        let api = Api::new(&homeserver.url(), format!("Bearer {token}"));
        Self { id: format!("@{localpart}:{domain}"), api }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        self.api.post(&format!("/_matrix/client/v3/{path}"), body).await.ok()
    }

    /// A direct chat with this user of the bridge's.
    pub async fn chat_with(&self, user: &str) -> String {
        let request = json!({"preset": "trusted_private_chat", "is_direct": true, "invite": [user]});
        self.post("createRoom", &request).await["room_id"].as_str().expect("a room").to_owned()
    }

    pub async fn try_join(&self, room: &str) -> Result<(), String> {
        let path = format!("/_matrix/client/v3/rooms/{}/join", segment(room));
        let answer = self.api.ask(Method::POST, &path, Some(&json!({}))).await?;
        if answer.status == 200 { Ok(()) } else { Err(answer.body.to_string()) }
    }

    pub async fn membership(&self, room: &str, user: &str) -> Result<String, String> {
        let path = format!("/_matrix/client/v3/rooms/{}/state/m.room.member/{}", segment(room), segment(user));
        let answer = self.api.get(&path).await?;
        answer.body["membership"].as_str().map(str::to_owned).ok_or_else(|| answer.body.to_string())
    }

    pub async fn state(&self, room: &str, kind: &str) -> Result<Value, String> {
        let answer = self.api.get(&format!("/_matrix/client/v3/rooms/{}/state/{kind}", segment(room))).await?;
        if answer.status == 200 { Ok(answer.body) } else { Err(answer.body.to_string()) }
    }

    pub async fn room_of_alias(&self, alias: &str) -> Result<String, String> {
        let answer = self.api.get(&format!("/_matrix/client/v3/directory/room/{}", segment(alias))).await?;
        answer.body["room_id"].as_str().map(str::to_owned).ok_or_else(|| format!("{alias}: {}", answer.body))
    }

    /// Sends it under one transaction id until the homeserver says that it has it; the event's id.
    pub async fn send(&self, room: &str, kind: &str, txn: &str, content: &Value) -> Result<String, String> {
        let path = format!("/_matrix/client/v3/rooms/{}/send/{kind}/{txn}", segment(room));
        wait::until(PATIENCE, || async {
            let answer = self.api.ask(Method::PUT, &path, Some(content)).await?;
            answer.body["event_id"].as_str().map(str::to_owned).ok_or_else(|| answer.body.to_string())
        })
        .await
    }

    pub async fn say(&self, room: &str, txn: &str, text: &str) -> Result<String, String> {
        self.send(room, "m.room.message", txn, &json!({"msgtype": "m.text", "body": text})).await
    }

    pub async fn send_file(&self, room: &str, txn: &str, name: &str) -> Result<String, String> {
        let content = format!("The content of {name}.\n").into_bytes();
        let size = content.len();
        let uploaded = self.api.post_bytes("/_matrix/media/v3/upload", "text/plain", content).await.ok();
        let content = json!({"msgtype": "m.file", "body": name, "url": uploaded["content_uri"],
            "info": {"size": size, "mimetype": "text/plain"}});
        self.send(room, "m.room.message", txn, &content).await
    }

    /// All events of a room, oldest first.
    pub async fn events(&self, room: &str) -> Result<Vec<Value>, String> {
        let (mut events, mut from) = (Vec::new(), String::new());
        loop {
            let path = format!("/_matrix/client/v3/rooms/{}/messages?dir=b&limit=1000{from}", segment(room));
            let answer = self.api.get(&path).await?;
            if answer.status != 200 {
                return Err(answer.body.to_string());
            }
            let page = answer.body["chunk"].as_array().cloned().unwrap_or_default();
            let is_last = page.is_empty();
            events.extend(page);
            match answer.body["end"].as_str() {
                Some(end) if !is_last => from = format!("&from={}", segment(end)),
                _ => break,
            }
        }
        events.reverse();
        Ok(events)
    }
}

/// Somebody who works in the helpdesk.
#[derive(Clone)]
pub struct Agent {
    api: Api,
}

impl Agent {
    pub fn new(url: &str, token: &str) -> Self {
        Self { api: Api::new(url, format!("token {token}")) }
    }

    /// One attempt. `Err`: perhaps it was written, and perhaps not.
    pub async fn try_reply(&self, ticket: u64, text: &str) -> Result<(), String> {
        let message = json!({"Content": text, "ContentType": "text/plain"});
        let path = format!("/REST/2.0/ticket/{ticket}/correspond");
        let answer = self.api.ask(Method::POST, &path, Some(&message)).await?;
        if answer.status == 201 { Ok(()) } else { Err(format!("{} {}", answer.status, answer.body)) }
    }

    pub async fn reply_with_file(&self, ticket: u64, name: &str) {
        let message = json!({"Content": "", "ContentType": "text/plain"});
        let part = reqwest::multipart::Part::bytes(format!("The content of {name}.\n").into_bytes());
        let part = part.file_name(name.to_owned()).mime_str("text/plain").expect("a media type");
        let form = reqwest::multipart::Form::new().percent_encode_noop().text("JSON", message.to_string());
        let path = format!("/REST/2.0/ticket/{ticket}/correspond");
        self.api.post_form(&path, form.part("Attachments", part)).await.ok();
    }

    /// The new ticket's number.
    pub async fn open(&self, subject: &str, requestor: &str, text: &str) -> u64 {
        let ticket = json!({"Queue": "General", "Subject": subject, "Requestor": [requestor], "Content": text,
            "ContentType": "text/plain"});
        let id = self.api.post("/REST/2.0/ticket", &ticket).await.ok()["id"].clone();
        id.as_u64().or_else(|| id.as_str()?.parse().ok()).expect("a number")
    }

    pub async fn change(&self, ticket: u64, fields: Value) {
        self.api.put(&format!("/REST/2.0/ticket/{ticket}"), &fields).await.ok();
    }
}
