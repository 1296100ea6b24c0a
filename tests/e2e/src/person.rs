//! Somebody with a Matrix client: `matrix_sdk` writes and syncs, plain HTTP shows what the homeserver holds.

use std::time::Duration;

use matrix_sdk::config::SyncSettings;
use matrix_sdk::ruma::events::MessageLikeEventType;
use matrix_sdk::ruma::{OwnedEventId, OwnedRoomId, OwnedUserId, RoomId, UserId};
use matrix_sdk::{Client, Room};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::api::{Api, install_tls, segment};
use crate::message::Message;
use crate::synapse::{DOMAIN, Synapse};
use crate::wait;

pub struct Person {
    pub id: OwnedUserId,
    pub(crate) client: Client,
    pub(crate) api: Api,
    pub token: String,
    syncing: JoinHandle<()>,
}

/// What the homeserver said no with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub errcode: String,
    pub text: String,
}

impl Person {
    pub async fn new(synapse: &Synapse, localpart: &str, name: &str) -> Self {
        install_tls();
        synapse.register(localpart, "a password").await;
        let client = Client::builder().homeserver_url(&synapse.url).build().await.expect("a client");
        client.matrix_auth().login_username(localpart, "a password").send().await.expect("the login works");
        let token = client.access_token().expect("logged in");
        let api = synapse.api(&token);
        let id: OwnedUserId = format!("@{localpart}:{DOMAIN}").try_into().expect("a user id");
        let path = format!("/_matrix/client/v3/profile/{}/displayname", segment(id.as_str()));
        api.put(&path, &json!({"displayname": name})).await.ok();
        let syncing = tokio::spawn(sync_for_ever(client.clone()));
        Self { id, client, api, token, syncing }
    }

    pub fn user_id(text: &str) -> OwnedUserId {
        UserId::parse(text).expect("a user id")
    }

    /// The room in this person's client, as soon as that knows it.
    pub async fn room(&self, room: &RoomId) -> Room {
        wait::until(&format!("{} to know {room}", self.id), || async {
            self.client.get_room(room).ok_or_else(|| "the client has not heard of it".to_owned())
        })
        .await
    }

    /// A direct chat as clients without encryption make it.
    pub async fn chat_with(&self, user: &str) -> OwnedRoomId {
        let request = json!({"preset": "trusted_private_chat", "is_direct": true, "invite": [user]});
        let room = self.api.post("/_matrix/client/v3/createRoom", &request).await.ok();
        let room: OwnedRoomId = room["room_id"].as_str().expect("a room id").try_into().expect("a room id");
        self.until_member(&room, user, "join").await;
        room
    }

    /// The same, whether or not the other one comes.
    pub async fn invite_to_chat(&self, user: &str) -> OwnedRoomId {
        let request = json!({"preset": "trusted_private_chat", "is_direct": true, "invite": [user]});
        let room = self.api.post("/_matrix/client/v3/createRoom", &request).await.ok();
        room["room_id"].as_str().expect("a room id").try_into().expect("a room id")
    }

    /// A direct chat as Element makes it.
    pub async fn encrypted_chat_with(&self, user: &str) -> OwnedRoomId {
        let room = self.client.create_dm(&Self::user_id(user)).await.expect("the room is made");
        room.room_id().to_owned()
    }

    /// Waits for the invitation to this room, and accepts it.
    pub async fn accept_invitation(&self, room: &RoomId) {
        self.until_invited(room).await;
        self.room(room).await.join().await.expect("the invitation holds");
    }

    pub async fn until_invited(&self, room: &RoomId) {
        wait::until(&format!("{} to be invited to {room}", self.id), || async {
            let invited: Vec<_> = self.client.invited_rooms().iter().map(|room| room.room_id().to_owned()).collect();
            if invited.iter().any(|invited| invited == room) { Ok(()) } else { Err(format!("invited to {invited:?}")) }
        })
        .await
    }

    /// Waits for an invitation to any room that is not among `known`.
    pub async fn until_invited_anew(&self, known: &[OwnedRoomId]) -> OwnedRoomId {
        wait::until(&format!("{} to be invited to a room", self.id), || async {
            let rooms = self.client.invited_rooms().into_iter().map(|room| room.room_id().to_owned());
            let mut new = rooms.filter(|room| !known.contains(room));
            new.next().ok_or_else(|| "no invitation".to_owned())
        })
        .await
    }

    /// Waits until this person's client shows a place to write in, or none: clients ask their copy of the levels.
    pub async fn until_has_composer(&self, room: &RoomId, has: bool) {
        wait::until(&format!("{} to have a composer in {room}: {has}", self.id), || async {
            let levels = self.room(room).await.power_levels().await.map_err(|error| error.to_string())?;
            match levels.user_can_send_message(&self.id, MessageLikeEventType::RoomMessage) {
                may if may == has => Ok(()),
                may => Err(format!("it is {may}")),
            }
        })
        .await
    }

    pub async fn say(&self, room: &RoomId, text: &str) -> OwnedEventId {
        self.try_say(room, text).await.expect("the homeserver takes the message")
    }

    pub async fn try_say(&self, room: &RoomId, text: &str) -> Result<OwnedEventId, Refusal> {
        self.try_send(room, "m.room.message", json!({"msgtype": "m.text", "body": text})).await
    }

    pub async fn say_formatted(&self, room: &RoomId, text: &str, html: &str) -> OwnedEventId {
        let content = json!({"msgtype": "m.text", "body": text, "format": "org.matrix.custom.html",
            "formatted_body": html});
        self.try_send(room, "m.room.message", content).await.expect("the homeserver takes the message")
    }

    pub async fn say_in_thread(&self, room: &RoomId, root: &str, text: &str) -> OwnedEventId {
        let content = json!({"msgtype": "m.text", "body": text, "m.relates_to": {"rel_type": "m.thread",
            "event_id": root, "is_falling_back": true, "m.in_reply_to": {"event_id": root}}});
        self.try_send(room, "m.room.message", content).await.expect("the homeserver takes the message")
    }

    pub async fn reply_in_thread(&self, room: &RoomId, root: &str, target: &str, text: &str) -> OwnedEventId {
        let content = json!({"msgtype": "m.text", "body": text, "m.relates_to": {"rel_type": "m.thread",
            "event_id": root, "is_falling_back": false, "m.in_reply_to": {"event_id": target}}});
        self.try_send(room, "m.room.message", content).await.expect("the homeserver takes the message")
    }

    /// A file into the media store, as clients do before they send it.
    pub async fn upload(&self, media_type: &str, bytes: Vec<u8>) -> String {
        let answer = self.api.post_bytes("/_matrix/media/v3/upload", media_type, bytes).await.ok();
        answer["content_uri"].as_str().expect("an address").to_owned()
    }

    /// A file of the media store, by authenticated media.
    pub async fn download(&self, uri: &str) -> Vec<u8> {
        let path = uri.strip_prefix("mxc://").expect("an address");
        let (status, bytes) = self.api.get_bytes(&format!("/_matrix/client/v1/media/download/{path}")).await;
        assert_eq!(status, 200, "{uri}");
        bytes
    }

    /// Sends a file as clients do; `more` goes into the event.
    pub async fn send_file(&self, room: &RoomId, msgtype: &str, name: &str, bytes: &[u8], more: Value) -> OwnedEventId {
        let url = self.upload("application/octet-stream", bytes.to_vec()).await;
        let mut content = json!({"msgtype": msgtype, "body": name, "url": url, "info": {"size": bytes.len()}});
        if let (Some(content), Some(more)) = (content.as_object_mut(), more.as_object()) {
            content.extend(more.clone());
        }
        self.try_send(room, "m.room.message", content).await.expect("the homeserver takes the message")
    }

    pub async fn try_react(&self, room: &RoomId, event: &str, key: &str) -> Result<OwnedEventId, Refusal> {
        let relation = json!({"rel_type": "m.annotation", "event_id": event, "key": key});
        self.try_send(room, "m.reaction", json!({"m.relates_to": relation})).await
    }

    pub async fn edit(&self, room: &RoomId, event: &str, text: &str) -> Result<OwnedEventId, Refusal> {
        let content = json!({"msgtype": "m.text", "body": format!("* {text}"),
            "m.new_content": {"msgtype": "m.text", "body": text},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event}});
        self.try_send(room, "m.room.message", content).await
    }

    pub async fn try_redact(&self, room: &RoomId, event: &OwnedEventId) -> Result<OwnedEventId, Refusal> {
        let answer = self.room(room).await.redact(event, None, None).await;
        answer.map(|done| done.event_id).map_err(|error| Refusal {
            errcode: error.client_api_error_kind().map(|kind| kind.errcode().to_string()).unwrap_or_default(),
            text: error.to_string(),
        })
    }

    pub async fn try_send(&self, room: &RoomId, kind: &str, content: Value) -> Result<OwnedEventId, Refusal> {
        let room = self.room(room).await;
        let answer = room.send_raw(kind, content).await;
        answer.map(|sent| sent.response.event_id).map_err(|error| Refusal {
            errcode: error.client_api_error_kind().map(|kind| kind.errcode().to_string()).unwrap_or_default(),
            text: error.to_string(),
        })
    }

    pub async fn try_set_state(&self, room: &RoomId, kind: &str, key: &str, content: &Value) -> Result<(), Refusal> {
        let path = format!("/_matrix/client/v3/rooms/{}/state/{kind}/{}", segment(room.as_str()), segment(key));
        let answer = self.api.put(&path, content).await;
        if answer.status == 200 {
            return Ok(());
        }
        Err(Refusal { errcode: answer.errcode().to_owned(), text: answer.body.to_string() })
    }

    /// Waits until the room holds a message like this, and gives it.
    pub async fn until_message(&self, room: &RoomId, what: &str, like: impl Fn(&Message) -> bool) -> Message {
        wait::until(&format!("{} to read {what} in {room}", self.id), || async {
            let messages = self.messages(room).await?;
            let found = messages.iter().find(|message| like(message)).cloned();
            found.ok_or_else(|| crate::picture::lines(&messages))
        })
        .await
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        self.syncing.abort();
    }
}

/// A client goes on after an outage of its homeserver.
async fn sync_for_ever(client: Client) {
    let mut settings = SyncSettings::new().timeout(Duration::from_secs(20));
    let mut after_failure = tokio::time::interval(Duration::from_millis(500));
    loop {
        match client.sync_once(settings.clone()).await {
            Ok(response) => settings = settings.token(response.next_batch),
            Err(_) => {
                after_failure.reset();
                after_failure.tick().await;
            }
        }
    }
}
