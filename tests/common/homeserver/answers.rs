//! The endpoints.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::world::{Refused, World, forbidden, not_found, refused};
use super::{AS_TOKEN, DOMAIN, PREFIX};

pub struct Call<'a> {
    pub method: &'a str,
    /// Decoded, from `_matrix` on.
    pub path: Vec<String>,
    pub query: HashMap<String, String>,
    pub token: &'a str,
    pub body: Value,
}

pub fn answer(world: &mut World, call: &Call<'_>) -> Result<Value, Refused> {
    let path: Vec<&str> = call.path.iter().skip(3).map(String::as_str).collect();
    match (call.method, path.as_slice()) {
        ("POST", ["register"]) => return register(world, call),
        ("POST", ["appservice", _, "ping"]) => return Ok(json!({ "duration_ms": 1 })),
        // Open to everybody.
        ("GET", ["profile", of]) => return profile(world, of),
        ("GET", ["directory", "room", alias]) => return directory(world, alias),
        _ => {}
    }
    let user = &sender(world, call)?;
    match (call.method, path.as_slice()) {
        ("PUT", ["devices", device]) => {
            let is_new = world.devices.insert((user.clone(), (*device).to_owned()));
            // As any answer, but for the status of what was made.
            if is_new { Err(refused(201, "", "")) } else { Ok(json!({})) }
        }
        ("PUT", ["profile", of, "displayname"]) if of == user => {
            let name = call.body["displayname"].as_str().map(str::to_owned);
            world.users.insert(user.clone(), name);
            Ok(json!({}))
        }
        ("POST", ["createRoom"]) => Ok(json!({ "room_id": world.create_room(user, &call.body)? })),
        ("PUT", ["directory", "room", alias]) if world.aliases.contains_key(*alias) => {
            Err(refused(409, "M_UNKNOWN", "Room alias already exists"))
        }
        ("PUT", ["directory", "room", alias]) => {
            let room = call.body["room_id"].as_str().unwrap_or_default().to_owned();
            world.aliases.insert((*alias).to_owned(), room);
            Ok(json!({}))
        }
        ("DELETE", ["directory", "room", alias]) => {
            world.aliases.remove(*alias);
            Ok(json!({}))
        }
        ("PUT", ["user", of, "rooms", room, "tags", tag]) if of == user => {
            world.tags.insert((user.clone(), (*room).to_owned(), (*tag).to_owned()));
            Ok(json!({}))
        }
        ("DELETE", ["user", of, "rooms", room, "tags", tag]) if of == user => {
            world.tags.remove(&(user.clone(), (*room).to_owned(), (*tag).to_owned()));
            Ok(json!({}))
        }
        ("GET", ["sync"]) => Ok(world.sync(user, &call.query)),
        (_, ["rooms", room, rest @ ..]) => in_room(world, call, user, room, rest),
        _ => Err(refused(404, "M_UNRECOGNIZED", "Unrecognized request")),
    }
}

fn profile(world: &World, user: &str) -> Result<Value, Refused> {
    world.must_be_reached(user)?;
    match world.users.get(user) {
        Some(Some(name)) => Ok(json!({ "displayname": name })),
        Some(None) => Ok(json!({})),
        None => Err(refused(404, "M_UNKNOWN", "Profile was not found")),
    }
}

fn directory(world: &World, alias: &str) -> Result<Value, Refused> {
    match world.aliases.get(alias) {
        Some(room) => Ok(json!({ "room_id": room, "servers": [DOMAIN] })),
        None => Err(not_found("no such alias")),
    }
}

fn in_room(world: &mut World, call: &Call<'_>, user: &str, room: &str, rest: &[&str]) -> Result<Value, Refused> {
    let body = || call.body.clone();
    match (call.method, rest) {
        ("PUT", ["send", kind, txn]) => {
            once(world, call, user, room, txn, |world| world.send(room, user, kind, body()))
        }
        ("PUT", ["redact", event, txn]) => once(world, call, user, room, txn, |world| world.redact(room, user, event)),
        ("PUT", ["state", kind]) => Ok(json!({ "event_id": world.set_state(room, user, kind, "", body())? })),
        ("PUT", ["state", kind, key]) => Ok(json!({ "event_id": world.set_state(room, user, kind, key, body())? })),
        ("GET", ["state", kind]) => state(world, call, user, room, kind, ""),
        ("GET", ["state", kind, key]) => state(world, call, user, room, kind, key),
        ("GET", ["event", event]) => world.event(room, user, event),
        ("GET", ["messages"]) => world.messages(room, user, &call.query),
        ("POST", ["invite"]) => {
            let whom = call.body["user_id"].as_str().unwrap_or_default();
            world.invite(room, user, whom).map(|()| json!({}))
        }
        ("POST", ["join"]) => world.join(room, user).map(|()| json!({ "room_id": room })),
        ("POST", ["kick"]) => {
            let whom = call.body["user_id"].as_str().unwrap_or_default();
            world.kick(room, user, whom).map(|()| json!({}))
        }
        ("POST", ["leave"]) => world.leave(room, user).map(|()| json!({})),
        ("POST", ["receipt", "m.read", event]) => {
            world.must_be_in(room, user)?;
            world.receipts.insert((room.to_owned(), user.to_owned()), (*event).to_owned());
            Ok(json!({}))
        }
        _ => Err(refused(404, "M_UNRECOGNIZED", "Unrecognized request")),
    }
}

fn state(world: &World, call: &Call<'_>, user: &str, room: &str, kind: &str, key: &str) -> Result<Value, Refused> {
    world.must_be_in(room, user)?;
    let event = world.state(room, kind, key).ok_or_else(|| not_found("Event not found."))?;
    let whole = call.query.get("format").is_some_and(|format| format == "event");
    Ok(if whole { event.clone() } else { event["content"].clone() })
}

/// By path as long as memory lasts, whichever user of the application service asks; by device for ever.
fn once(
    world: &mut World,
    call: &Call<'_>,
    user: &str,
    room: &str,
    txn: &str,
    work: impl FnOnce(&mut World) -> Result<String, Refused>,
) -> Result<Value, Refused> {
    let who = if call.token == AS_TOKEN { "appservice" } else { user };
    let path = format!("{who} {}", call.path.join("/"));
    if let Some(answer) = world.answers_by_path.get(&path) {
        return Ok(answer.clone());
    }
    let by_device =
        call.query.get("device_id").map(|device| (room.to_owned(), user.to_owned(), device.clone(), txn.to_owned()));
    let event = match by_device.as_ref().and_then(|key| world.events_by_txn.get(key)) {
        Some(event) => event.clone(),
        None => work(world)?,
    };
    if let Some(key) = by_device {
        world.events_by_txn.insert(key, event.clone());
    }
    let answer = json!({ "event_id": event });
    world.answers_by_path.insert(path, answer.clone());
    Ok(answer)
}

fn register(world: &mut World, call: &Call<'_>) -> Result<Value, Refused> {
    let user = format!("@{}:{DOMAIN}", call.body["username"].as_str().unwrap_or_default());
    let by_appservice = call.body["type"] == "m.login.application_service";
    if by_appservice && call.token != AS_TOKEN {
        return Err(refused(401, "M_MISSING_TOKEN", "No token"));
    }
    if by_appservice != user.starts_with(PREFIX) {
        let code = if by_appservice { "M_EXCLUSIVE" } else { "M_INVALID_USERNAME" };
        return Err(refused(400, code, "This user ID is reserved"));
    }
    if world.users.contains_key(&user) {
        return Err(refused(400, "M_USER_IN_USE", "User ID already taken."));
    }
    world.users.insert(user.clone(), None);
    Ok(json!({ "user_id": user, "access_token": format!("token of {user}") }))
}

/// Whom the call is made as.
fn sender(world: &World, call: &Call<'_>) -> Result<String, Refused> {
    if let Some(user) = call.token.strip_prefix("token of ") {
        return Ok(user.to_owned());
    }
    if call.token != AS_TOKEN {
        return Err(refused(401, "M_UNKNOWN_TOKEN", "Invalid access token passed."));
    }
    let Some(user) = call.query.get("user_id") else { return Err(forbidden("no user")) };
    if !user.starts_with(PREFIX) && !world.claimed.contains(user) {
        return Err(refused(403, "M_FORBIDDEN", "Application service cannot masquerade as this user"));
    }
    if !world.users.contains_key(user) {
        return Err(forbidden("Application service has not registered this user"));
    }
    match call.query.get("device_id") {
        Some(device) if !world.devices.contains(&(user.clone(), device.clone())) => {
            Err(refused(400, "M_UNKNOWN_DEVICE", "Application service trying to use a device that doesn't exist"))
        }
        _ => Ok(user.clone()),
    }
}
