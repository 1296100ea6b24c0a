//! The real side: one Synapse on SQLite for all scripts, with an application service that listens.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Row};

use super::play::{self, Disk, Side};
use super::recorder::{Recorder, texts};
use super::script::{Room, Script};
use crate::homeserver::AS_TOKEN;
use crate::synapse::{DOMAIN, Synapse};

/// What it begins by itself it has begun when it has answered so many.
const PINGS: usize = 50;

pub struct Real {
    synapse: Synapse,
    http: reqwest::Client,
    recorder: Arc<Recorder>,
    ada: String,
    rooms: [String; 3],
}

fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

impl Real {
    pub async fn start() -> Self {
        let recorder = Recorder::new();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let service = recorder.router().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        let synapse = Synapse::pushing_to(Some(&address)).await;
        let http = ticketroom::net::homeserver_client().unwrap();
        let mut real = Self { synapse, http, recorder, ada: String::new(), rooms: Default::default() };
        real.people().await;
        play::until_ready(&real, &real.recorder).await;
        real
    }

    async fn people(&mut self) {
        let bot = format!("@_desk_bot:{DOMAIN}");
        let as_bot = format!("user_id={}", segment(&bot));
        let register = json!({ "type": "m.login.application_service", "username": "_desk_bot", "inhibit_login": true });
        self.done("POST", "v3/register", AS_TOKEN, register).await;
        let register = json!({ "username": "ada", "password": "secret", "auth": { "type": "m.login.dummy" } });
        let made = self.done("POST", "v3/register", "", register).await;
        made["access_token"].as_str().unwrap().clone_into(&mut self.ada);
        for room in [Room::One, Room::Two, Room::Elsewhere] {
            let invite = if matches!(room, Room::Elsewhere) { json!([]) } else { json!([bot]) };
            let made = self.done("POST", "v3/createRoom", &self.ada, json!({ "invite": invite })).await;
            let id = made["room_id"].as_str().unwrap().to_owned();
            if !matches!(room, Room::Elsewhere) {
                self.done("POST", &format!("v3/rooms/{}/join?{as_bot}", segment(&id)), AS_TOKEN, json!({})).await;
            }
            self.rooms[room as usize] = id;
        }
    }

    pub async fn play(&mut self, script: &Script) -> Vec<String> {
        let recorder = Arc::clone(&self.recorder);
        play::play(self, &recorder, script).await
    }

    async fn call(&self, method: &str, path: &str, token: &str, body: Value) -> (u16, Value) {
        let url = format!("{}_matrix/client/{path}", self.synapse.url);
        let mut request = self.http.request(method.parse().unwrap(), url).json(&body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn done(&self, method: &str, path: &str, token: &str, body: Value) -> Value {
        let (status, body) = self.call(method, path, token, body).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn room(&self, room: Room) -> String {
        segment(&self.rooms[room as usize])
    }
}

impl Side for Real {
    async fn say(&self, room: Room, text: &str) {
        // Each text is said once.
        let path = format!("v3/rooms/{}/send/m.room.message/{}", self.room(room), segment(text));
        self.done("PUT", &path, &self.ada, json!({ "msgtype": "m.text", "body": text })).await;
    }

    async fn invite(&self, ghost: &str) {
        let whom = json!({ "user_id": format!("@_desk_{ghost}:{DOMAIN}") });
        self.done("POST", &format!("v3/rooms/{}/invite", self.room(Room::Two)), &self.ada, whom).await;
    }

    async fn ping(&self) -> u16 {
        let (status, body) = self.call("POST", "v1/appservice/ticketroom/ping", AS_TOKEN, json!({})).await;
        let error = body["error"].as_str().unwrap_or_default();
        assert!(status == 200 || ticketroom::matrix::repeats_already(error), "{body}");
        status
    }

    async fn disk(&self) -> Disk {
        let options = SqliteConnectOptions::new().filename(self.synapse.database()).read_only(true);
        let mut database = options.connect().await.unwrap();
        let row = sqlx::query(
            "SELECT (SELECT stream_ordering FROM appservice_stream_position) >= (SELECT MAX(stream_ordering) FROM events), \
             COALESCE((SELECT state FROM application_services_state), 'up') = 'down'",
        );
        let row = row.fetch_one(&mut database).await.unwrap();
        let (handled, down) = (row.get(0), row.get(1));
        let rows = sqlx::query("SELECT txn_id, event_ids FROM application_services_txns ORDER BY txn_id");
        let mut stored = Vec::new();
        for row in rows.fetch_all(&mut database).await.unwrap() {
            let ids: Vec<String> = serde_json::from_str(row.get(1)).unwrap();
            let mut events = Vec::new();
            for id in ids {
                let event = sqlx::query_scalar::<_, String>("SELECT json FROM event_json WHERE event_id = ?").bind(id);
                events.push(serde_json::from_str(&event.fetch_one(&mut database).await.unwrap()).unwrap());
            }
            stored.push((row.get::<i64, _>(0).cast_unsigned(), texts(&events)));
        }
        stored.retain(|(_, texts)| !texts.is_empty());
        Disk { down, handled, stored }
    }

    async fn linger(&self) {
        for _ in 0..PINGS {
            self.ping().await;
        }
    }

    fn kill(&mut self) {
        self.synapse.kill();
    }

    async fn start(&mut self) {
        self.synapse.start_again().await;
    }
}
