//! People who write: each waits for the answer before writing on, so that the order is theirs.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use ticketroom_e2e::api::{Api, segment};

use crate::files::{Carrier, File};
use crate::parts::Homeserver;
use crate::wait;

/// How long somebody tries to get one message off: longer than any outage here.
const PATIENCE: Duration = Duration::from_secs(120);

/// Somebody with a Matrix client.
#[derive(Clone)]
pub struct Customer {
    pub id: String,
    authorization: String,
    api: Api,
    files: Carrier,
}

impl Customer {
    pub async fn register(homeserver: &Homeserver, localpart: &str, domain: &str) -> Self {
        let anybody = Api::new(&homeserver.url(), String::new());
        let request = json!({"username": localpart, "password": "a password", "auth": {"type": "m.login.dummy"}});
        let answer = anybody.post("/_matrix/client/v3/register", &request).await.ok();
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        let authorization = format!("Bearer {token}");
        Self::at(&homeserver.url(), format!("@{localpart}:{domain}"), authorization)
    }

    fn at(url: &str, id: String, authorization: String) -> Self {
        let (api, files) = (Api::new(url, authorization.clone()), Carrier::new(url, &authorization));
        Self { id, authorization, api, files }
    }

    /// The same person, who reaches the homeserver at this address.
    pub fn through(&self, url: &str) -> Self {
        Self::at(url, self.id.clone(), self.authorization.clone())
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

    /// In the thread of this event.
    pub async fn say_in_thread(&self, room: &str, root: &str, txn: &str, text: &str) -> Result<String, String> {
        let relation = json!({"rel_type": "m.thread", "event_id": root});
        let content = json!({"msgtype": "m.text", "body": text, "m.relates_to": relation});
        self.send(room, "m.room.message", txn, &content).await
    }

    pub async fn react(&self, room: &str, event: &str, key: &str) -> Result<String, String> {
        let relation = json!({"rel_type": "m.annotation", "event_id": event, "key": key});
        self.send(room, "m.reaction", &format!("react-{event}"), &json!({"m.relates_to": relation})).await
    }

    /// Uploads it until the homeserver says that it has it, and sends that.
    pub async fn send_file(&self, room: &str, txn: &str, file: &File) -> Result<String, String> {
        let uri = wait::until(PATIENCE, || self.files.upload(file)).await?;
        self.send(room, "m.room.message", txn, &file.event(&uri)).await
    }

    pub async fn download(&self, uri: &str) -> Result<Vec<u8>, String> {
        self.files.download(uri).await
    }

    /// Where they are, and where they are invited.
    pub async fn rooms(&self) -> Result<[Vec<String>; 2], String> {
        let answer = self.api.get("/_matrix/client/v3/sync?timeout=0").await?;
        let of = |what: &str| {
            let rooms = answer.body["rooms"][what].as_object();
            rooms.map(|rooms| rooms.keys().cloned().collect()).unwrap_or_default()
        };
        if answer.status == 200 { Ok([of("join"), of("invite")]) } else { Err(answer.body.to_string()) }
    }

    /// All events of a room, oldest first.
    pub async fn events(&self, room: &str) -> Result<Vec<Value>, String> {
        self.events_behind(room, "").await
    }

    /// Those that came after this one.
    pub async fn events_behind(&self, room: &str, event: &str) -> Result<Vec<Value>, String> {
        let (mut events, mut from) = (Vec::new(), String::new());
        let limit = if event.is_empty() { 1000 } else { 50 };
        loop {
            let path = format!("/_matrix/client/v3/rooms/{}/messages?dir=b&limit={limit}{from}", segment(room));
            let answer = self.api.get(&path).await?;
            if answer.status != 200 {
                return Err(answer.body.to_string());
            }
            let page = answer.body["chunk"].as_array().cloned().unwrap_or_default();
            let known = page.iter().position(|one| one["event_id"] == event);
            let is_last = page.is_empty() || known.is_some();
            events.extend(page.into_iter().take(known.unwrap_or(usize::MAX)));
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
    files: Carrier,
}

impl Agent {
    pub fn new(url: &str, token: &str) -> Self {
        let authorization = format!("token {token}");
        let files = Carrier::new(url, &authorization);
        Self { api: Api::new(url, authorization), files }
    }

    /// One attempt. `Err`: perhaps it was written, and perhaps not.
    pub async fn try_reply(&self, ticket: u64, text: &str) -> Result<(), String> {
        let message = json!({"Content": text, "ContentType": "text/plain"});
        let path = format!("/REST/2.0/ticket/{ticket}/correspond");
        let answer = self.api.ask(Method::POST, &path, Some(&message)).await?;
        if answer.status == 201 { Ok(()) } else { Err(format!("{} {}", answer.status, answer.body)) }
    }

    /// The same with a file and no words.
    pub async fn try_reply_with_file(&self, ticket: u64, file: &File) -> Result<(), String> {
        self.files.attach(ticket, file).await
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
