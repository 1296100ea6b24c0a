//! The script: what the bridge and people do, and what they are answered.

use std::sync::Mutex;

use serde_json::{Value, json};

use crate::homeserver::AS_TOKEN;

pub struct Server {
    http: reqwest::Client,
    base: String,
    domain: String,
    room_version: String,
    lines: Mutex<Vec<String>>,
    /// What was made before the restart.
    kept: Mutex<Value>,
}

/// Who calls: a ghost with or without our device, or a person with a token of their own.
#[derive(Clone, Copy)]
enum Who<'a> {
    Ghost(&'a str),
    Bare(&'a str),
    Person(&'a str),
    Nobody,
}

struct Answer {
    status: u16,
    body: Value,
}

impl Server {
    pub fn new(base: &str, domain: &str, room_version: &str) -> Self {
        Self {
            http: ticketroom::net::homeserver_client().unwrap(),
            base: base.trim_end_matches('/').to_owned(),
            domain: domain.to_owned(),
            room_version: room_version.to_owned(),
            lines: Mutex::default(),
            kept: Mutex::default(),
        }
    }

    fn user(&self, localpart: &str) -> String {
        format!("@{localpart}:{}", self.domain)
    }

    /// Calls, and notes the answer under this label.
    async fn call(&self, label: &str, who: Who<'_>, method: &str, path: &str, body: Value) -> Answer {
        let mut url = url::Url::parse(&format!("{}/_matrix/client/v3/{path}", self.base)).unwrap();
        let token = match who {
            Who::Ghost(localpart) => {
                url.query_pairs_mut().append_pair("user_id", &self.user(localpart)).append_pair("device_id", "D");
                AS_TOKEN
            }
            Who::Bare(localpart) => {
                url.query_pairs_mut().append_pair("user_id", &self.user(localpart));
                AS_TOKEN
            }
            Who::Person(token) => token,
            Who::Nobody => "",
        };
        let mut request = self.http.request(method.parse().unwrap(), url);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if method != "GET" {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        let code = body["errcode"].as_str().unwrap_or("ok").to_owned();
        self.note(&format!("{label}: {status} {code}"));
        Answer { status, body }
    }

    fn note(&self, line: &str) {
        self.lines.lock().unwrap().push(line.to_owned());
    }

    fn noted(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().unwrap())
    }
}

fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

impl Answer {
    fn text(&self, key: &str) -> String {
        self.body[key].as_str().unwrap_or_else(|| panic!("no {key} in {} {}", self.status, self.body)).to_owned()
    }
}

fn message(text: &str) -> Value {
    json!({ "msgtype": "m.text", "body": text })
}

fn levels(locked: bool, customer: &str, bot: Option<&str>) -> Value {
    let mut users = json!({ customer: 10 });
    if let Some(bot) = bot {
        users[bot] = json!(100);
    }
    json!({
        "users": users, "users_default": 0, "events_default": if locked { 100 } else { 10 }, "state_default": 100,
        "invite": 100, "kick": 100, "ban": 100, "redact": 100, "events": { "m.room.redaction": 100 },
    })
}

pub async fn before(server: &Server) -> Vec<String> {
    use Who::{Bare, Ghost, Nobody, Person};
    let (bot, bot_id) = ("_desk_bot", server.user("_desk_bot"));
    let old = server.room_version == "11";

    // Accounts
    let as_service =
        |name: &str| json!({ "type": "m.login.application_service", "username": name, "inhibit_login": true });
    for name in [bot, "_desk_u1", "_desk_u2"] {
        server.call("register a ghost", Person(AS_TOKEN), "POST", "register", as_service(name)).await;
    }
    server.call("register it again", Person(AS_TOKEN), "POST", "register", as_service(bot)).await;
    let dummy = |name: &str| json!({ "username": name, "password": "secret", "auth": { "type": "m.login.dummy" } });
    let ada = server.call("register a person", Nobody, "POST", "register", dummy("ada")).await.text("access_token");
    let ada = Person(&ada);
    let ada_id = server.user("ada");
    server.call("register a reserved name", Nobody, "POST", "register", dummy("_desk_x")).await;
    server.call("speak as somebody else", Bare("ada"), "GET", "sync?timeout=0", json!({})).await;
    server.call("speak as an unknown ghost", Bare("_desk_unknown"), "GET", "sync?timeout=0", json!({})).await;
    server.call("a wrong token", Person("wrong"), "GET", "sync?timeout=0", json!({})).await;
    server.call("without our device", Ghost(bot), "GET", "sync?timeout=0", json!({})).await;
    for name in [bot, "_desk_u1", "_desk_u2"] {
        server.call("make our device", Bare(name), "PUT", "devices/D", json!({})).await;
    }
    let name = json!({ "displayname": "Ticketroom" });
    server.call("set a name", Ghost(bot), "PUT", &format!("profile/{}/displayname", segment(&bot_id)), name).await;
    let profile = server.call("a profile", Nobody, "GET", &format!("profile/{}", segment(&bot_id)), json!({})).await;
    server.note(&format!("its name: {}", profile.text("displayname")));
    server
        .call("nobody's profile", Nobody, "GET", &format!("profile/{}", segment(&server.user("nobody"))), json!({}))
        .await;

    // A room by its alias
    let listed = old.then_some(bot_id.as_str());
    let mut request = json!({
        "preset": "private_chat", "room_alias_name": "_desk_ticket_1", "name": "#1 Pump", "room_version": server.room_version,
        "power_level_content_override": levels(false, &ada_id, listed),
        "initial_state": [{ "type": "m.bridge", "state_key": "x", "content": { "a": 1 } }],
    });
    let room = server.call("make a room", Ghost(bot), "POST", "createRoom", request.clone()).await.text("room_id");
    let at = format!("rooms/{}", segment(&room));
    server.call("make it again", Ghost(bot), "POST", "createRoom", request.clone()).await;
    if !old {
        request["room_alias_name"] = json!("_desk_other");
        request["power_level_content_override"]["users"][&bot_id] = json!(100);
        server.call("list its creator", Ghost(bot), "POST", "createRoom", request).await;
    }
    let alias = |name: &str| format!("directory/room/{}", segment(&format!("#{name}:{}", server.domain)));
    let found = server.call("resolve the alias", Nobody, "GET", &alias("_desk_ticket_1"), json!({})).await;
    server.note(&format!("the same room: {}", found.text("room_id") == room));
    server.call("an unknown alias", Nobody, "GET", &alias("_desk_none"), json!({})).await;
    let of_it = json!({ "room_id": room });
    for label in ["a second alias", "which is taken now"] {
        server.call(label, Ghost(bot), "PUT", &alias("_desk_second"), of_it.clone()).await;
    }
    for label in ["give it up", "which is gone now"] {
        server.call(label, Ghost(bot), "DELETE", &alias("_desk_second"), json!({})).await;
    }
    server.note(&format!("its id names the server: {}", room.contains(':')));

    // Who comes in
    let since = server.call("sync", Ghost(bot), "GET", "sync?timeout=0", json!({})).await.text("next_batch");
    server.call("join uninvited", ada, "POST", &format!("{at}/join"), json!({})).await;
    server.call("write uninvited", ada, "PUT", &format!("{at}/send/m.room.message/a0"), message("x")).await;
    for who in ["ada", "_desk_u1", "_desk_u2"] {
        let whom = json!({ "user_id": server.user(who) });
        server.call("invite", Ghost(bot), "POST", &format!("{at}/invite"), whom.clone()).await;
        server.call("invite again", Ghost(bot), "POST", &format!("{at}/invite"), whom).await;
    }
    server.call("join", ada, "POST", &format!("{at}/join"), json!({})).await;
    server.call("join again", ada, "POST", &format!("{at}/join"), json!({})).await;
    for ghost in ["_desk_u1", "_desk_u2"] {
        server.call("a ghost joins", Ghost(ghost), "POST", &format!("{at}/join"), json!({})).await;
    }
    server.call("invite who is in", Ghost(bot), "POST", &format!("{at}/invite"), json!({ "user_id": ada_id })).await;
    server
        .call("invite by a customer", ada, "POST", &format!("{at}/invite"), json!({ "user_id": server.user("bob") }))
        .await;

    let away = "@eve:away.invalid";
    let whom = json!({ "user_id": away });
    server.call("invite to a server that is away", Ghost(bot), "POST", &format!("{at}/invite"), whom).await;
    let path = format!("profile/{}", segment(away));
    server.call("a profile from a server that is away", Ghost(bot), "GET", &path, json!({})).await;
    let path = "../v1/media/download/away.invalid/abc";
    server.call("a file from a server that is away", Ghost(bot), "GET", path, json!({})).await;

    // Levels
    server.call("a customer writes", ada, "PUT", &format!("{at}/send/m.room.message/a1"), message("one")).await;
    server
        .call("a ghost without level", Ghost("_desk_u1"), "PUT", &format!("{at}/send/m.room.message/g0"), message("x"))
        .await;
    server
        .call("a customer names the room", ada, "PUT", &format!("{at}/state/m.room.name/"), json!({ "name": "x" }))
        .await;
    let mut open = levels(false, &ada_id, listed);
    open["users"][server.user("_desk_u1")] = json!(20);
    open["users"][server.user("_desk_u2")] = json!(20);
    server.call("give levels", Ghost(bot), "PUT", &format!("{at}/state/m.room.power_levels/"), open.clone()).await;

    // Transaction ids
    let send = |txn: &str| format!("{at}/send/m.room.message/{txn}");
    let first = server.call("send", Ghost("_desk_u1"), "PUT", &send("t1"), message("by u1")).await.text("event_id");
    let again =
        server.call("send again", Ghost("_desk_u1"), "PUT", &send("t1"), message("by u1")).await.text("event_id");
    server.note(&format!("the same event: {}", first == again));
    let other = server.call("another ghost, same id", Ghost("_desk_u2"), "PUT", &send("t1"), message("by u2")).await;
    server.note(&format!("the first ghost's event: {}", other.text("event_id") == first));
    let by_ada = server.call("a person, same id", ada, "PUT", &send("t1"), message("by ada")).await.text("event_id");
    server.note(&format!("an event of its own: {}", by_ada != first));
    let bare =
        server.call("without device", Bare("_desk_u1"), "PUT", &send("t2"), message("bare")).await.text("event_id");
    let again = server.call("again", Bare("_desk_u1"), "PUT", &send("t2"), message("bare")).await.text("event_id");
    server.note(&format!("the same event: {}", bare == again));

    // Redacting
    let redact = |event: &str, txn: &str| format!("{at}/redact/{}/{txn}", segment(event));
    server.call("a customer deletes their own", ada, "PUT", &redact(&by_ada, "r1"), json!({})).await;
    server.call("a customer deletes another's", ada, "PUT", &redact(&first, "r2"), json!({})).await;
    server.call("the bot deletes", Ghost(bot), "PUT", &redact(&by_ada, "r3"), json!({})).await;

    // State
    let state = |kind: &str| format!("{at}/state/{kind}");
    let read = server.call("read state", Ghost(bot), "GET", &state("m.bridge/x"), json!({})).await;
    server.note(&format!("as it was set: {}", read.body));
    server.call("read what is not there", Ghost(bot), "GET", &state("m.bridge/y"), json!({})).await;
    let member = server
        .call("read a member", Ghost(bot), "GET", &state(&format!("m.room.member/{}", segment(&ada_id))), json!({}))
        .await;
    server.note(&format!("they are in: {}", member.body["membership"]));
    let rule = server.call("the join rule", Ghost(bot), "GET", &state("m.room.join_rules/"), json!({})).await;
    server.note(&format!("which is {}", rule.body["join_rule"]));

    // The lock
    let mut locked = levels(true, &ada_id, listed);
    locked["users"][server.user("_desk_u1")] = json!(20);
    server.call("lock", Ghost(bot), "PUT", &format!("{at}/state/m.room.power_levels/"), locked).await;
    server.call("a customer writes", ada, "PUT", &send("l1"), message("x")).await;
    let reaction = json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": first, "key": "👍" } });
    server.call("a customer reacts", ada, "PUT", &format!("{at}/send/m.reaction/l2"), reaction).await;
    server.call("a customer deletes", ada, "PUT", &redact(&by_ada, "l3"), json!({})).await;
    server.call("a ghost writes", Ghost("_desk_u1"), "PUT", &send("l4"), message("x")).await;
    server.call("what was sent before the lock", Ghost("_desk_u1"), "PUT", &send("t1"), message("by u1")).await;
    server.call("the bot writes", Ghost(bot), "PUT", &send("l5"), message("closed")).await;
    server.call("unlock", Ghost(bot), "PUT", &format!("{at}/state/m.room.power_levels/"), open).await;

    // Reading
    let filter = segment(r#"{"room":{"timeline":{"limit":2}}}"#);
    let path = format!("sync?timeout=0&since={}&filter={filter}", segment(&since));
    let sync = server.call("sync since", Ghost(bot), "GET", &path, json!({})).await;
    let timeline = &sync.body["rooms"]["join"][&room]["timeline"];
    server.note(&format!(
        "events {}, limited {}",
        timeline["events"].as_array().map_or(0, Vec::len),
        timeline["limited"]
    ));
    let from = segment(timeline["prev_batch"].as_str().unwrap_or_default());
    let path = format!("{at}/messages?dir=b&from={from}&to={}&limit=200", segment(&since));
    let page = server.call("messages back to then", Ghost(bot), "GET", &path, json!({})).await;
    let shown =
        page.body["chunk"].as_array().into_iter().flatten().chain(timeline["events"].as_array().into_iter().flatten());
    let mut texts: Vec<String> = shown
        .filter(|event| event["type"] == "m.room.message")
        .map(|event| event["content"]["body"].to_string())
        .collect();
    texts.sort();
    server.note(&format!("together {texts:?}"));
    server
        .call(
            "messages of a stranger's room",
            Ghost(bot),
            "GET",
            "rooms/!nowhere:elsewhere.test/messages?dir=b",
            json!({}),
        )
        .await;

    let one = |event: &str| format!("{at}/event/{}", segment(event));
    let answered = server.call("one event", Ghost(bot), "GET", &one(&first), json!({})).await;
    server.note(&format!(
        "it says {}, in this room: {}",
        answered.body["content"]["body"],
        answered.body["room_id"] == room
    ));
    let deleted = server.call("one that was deleted", Ghost(bot), "GET", &one(&by_ada), json!({})).await;
    server.note(&format!("it says {}", deleted.body["content"]));
    server.call("one that is not there", Ghost(bot), "GET", &one("$nothing"), json!({})).await;
    server.call("one of a room that it is not in", Ghost("_desk_u9"), "GET", &one(&first), json!({})).await;

    // An invitation
    let chat = json!({ "preset": "trusted_private_chat", "is_direct": true, "invite": [bot_id], "room_version": server.room_version });
    let since = sync.text("next_batch");
    let door = server.call("a customer's chat", ada, "POST", "createRoom", chat).await.text("room_id");
    server
        .call(
            "written before we come",
            ada,
            "PUT",
            &format!("rooms/{}/send/m.room.message/d1", segment(&door)),
            message("early"),
        )
        .await;
    let path = format!("sync?timeout=0&since={}", segment(&since));
    let sync = server.call("sync since", Ghost(bot), "GET", &path, json!({})).await;
    let invite = &sync.body["rooms"]["invite"][&door]["invite_state"]["events"];
    let names_us = invite
        .as_array()
        .into_iter()
        .flatten()
        .any(|event| event["state_key"] == bot_id.as_str() && event["sender"] == ada_id.as_str());
    server.note(&format!("the invitation names us: {names_us}"));
    let since = sync.text("next_batch");
    server.call("we join", Ghost(bot), "POST", &format!("rooms/{}/join", segment(&door)), json!({})).await;
    let sync = server
        .call("sync since", Ghost(bot), "GET", &format!("sync?timeout=0&since={}", segment(&since)), json!({}))
        .await;
    let timeline = &sync.body["rooms"]["join"][&door]["timeline"];
    let early = timeline["events"].as_array().into_iter().flatten().any(|event| event["content"]["body"] == "early");
    server.note(&format!("what was written before: {early}"));
    // A gap between two looks, and what lies before it.
    let read = async |what: &str, range: String| {
        let path = format!("rooms/{}/messages?dir=b&limit=200&{range}", segment(&door));
        let page = server.call(what, Ghost(bot), "GET", &path, json!({})).await;
        let told = |event: &Value| match event["type"].as_str() {
            Some("m.room.message") => Some(event["content"]["body"].to_string()),
            Some("m.room.member") if event["state_key"] == bot_id.as_str() => {
                let before = &event["unsigned"]["prev_content"]["membership"];
                Some(format!("we: {} after {before}", event["content"]["membership"]))
            }
            _ => None,
        };
        let told: Vec<String> = page.body["chunk"].as_array().into_iter().flatten().filter_map(told).collect();
        server.note(&format!("it has {told:?}"));
    };
    let (from, to) = (segment(&sync.text("next_batch")), segment(&since));
    read("between two looks", format!("from={from}&to={to}")).await;
    read("before the first look", format!("from={to}")).await;
    server.call("we leave", Ghost(bot), "POST", &format!("rooms/{}/leave", segment(&door)), json!({})).await;
    server
        .call(
            "we write there",
            Ghost(bot),
            "PUT",
            &format!("rooms/{}/send/m.room.message/d2", segment(&door)),
            message("x"),
        )
        .await;

    *server.kept.lock().unwrap() = json!({ "at": at, "first": first, "bare": bare });
    server.noted()
}

/// By the device the homeserver still knows what it has sent; without, it sends again.
pub async fn after_a_restart(server: &Server) -> Vec<String> {
    let kept = server.kept.lock().unwrap().clone();
    let send = |txn: &str| format!("{}/send/m.room.message/{txn}", kept["at"].as_str().unwrap());
    let first = server.call("after a restart", Who::Ghost("_desk_u1"), "PUT", &send("t1"), message("by u1")).await;
    server.note(&format!("the same event: {}", first.text("event_id") == kept["first"]));
    let bare = server.call("without device", Who::Bare("_desk_u1"), "PUT", &send("t2"), message("bare")).await;
    server.note(&format!("the same event: {}", bare.text("event_id") == kept["bare"]));
    server.noted()
}
