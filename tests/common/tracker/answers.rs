//! The endpoints.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::forms::Upload;
use super::world::{Refused, World, refused};
use super::{rows, search};

pub struct Call<'a> {
    pub method: &'a str,
    /// Behind `/REST/2.0/`.
    pub path: Vec<&'a str>,
    pub query: HashMap<String, String>,
    pub token: String,
    pub if_match: String,
    pub body: Value,
    pub files: Vec<Upload>,
}

#[derive(Default)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub etag: Option<String>,
    pub location: Option<String>,
}

fn ok(body: Value) -> Result<Answer, Refused> {
    Ok(Answer { status: 200, body, ..Answer::default() })
}

fn gone() -> Refused {
    refused(404, "Not Found")
}

/// A ticket's state: each transaction changes it.
fn etag(world: &World, ticket: u64) -> String {
    let last = world.transactions.iter().rev().find(|one| one.ticket == ticket).map_or(0, |one| one.id);
    format!("\"{ticket}-{last}\"")
}

pub fn answer(world: &mut World, call: &Call<'_>) -> Result<Answer, Refused> {
    let by = world.who(&call.token)?;
    let number = |text: &str| text.parse::<u64>().map_err(|_| gone());
    let files = || {
        call.files
            .iter()
            .map(|file| Upload {
                name: file.name.clone(),
                media_type: file.media_type.clone(),
                bytes: file.bytes.clone(),
            })
            .collect()
    };
    match (call.method, call.path.as_slice()) {
        ("GET", ["rt"]) => ok(json!({ "Version": "5.0.3" })),
        ("POST", ["ticket"]) => {
            let id = world.open(by, &call.body, files())?;
            Ok(Answer { status: 201, body: json!({ "id": id.to_string(), "type": "ticket" }), ..Answer::default() })
        }
        ("GET", ["ticket", id]) => {
            let id = number(id)?;
            let ticket = world.tickets.get(&id).ok_or_else(gone)?;
            let mut body = rows::ticket(world, ticket);
            let logins = ticket.requestors.iter().filter_map(|id| world.user(*id));
            body["Requestor"] = logins.map(|user| json!({ "type": "user", "id": user.name })).collect();
            Ok(Answer { status: 200, body, etag: Some(etag(world, id)), location: None })
        }
        ("PUT", ["ticket", id]) => {
            let id = number(id)?;
            if !call.if_match.is_empty() && call.if_match != etag(world, id) {
                return Err(refused(412, "Precondition Failed"));
            }
            world.change(by, id, &call.body)?;
            ok(json!(["done"]))
        }
        ("PUT", ["ticket", id, "take"]) => {
            let login = world.user(by).map(|user| user.name.clone());
            world.change(by, number(id)?, &json!({ "Owner": login }))?;
            ok(json!(["done"]))
        }
        ("POST", ["ticket", id, verb @ ("correspond" | "comment")]) => {
            let kind = if *verb == "correspond" { "Correspond" } else { "Comment" };
            let made = world.write(by, number(id)?, kind, &call.body, files())?;
            let location = Some(format!("/REST/2.0/transaction/{made}"));
            Ok(Answer { status: 201, body: json!(["Correspondence added"]), etag: None, location })
        }
        ("GET", ["transaction", id, "attachments"]) => {
            let id = number(id)?;
            search::list(world, "attachments", &call.query, &json!([{ "field": "TransactionId", "value": id }]))
                .and_then(ok)
        }
        ("GET", ["attachment", id]) => {
            let id = number(id)?;
            let part =
                world.attachments.iter().find(|part| part.id == id).ok_or_else(|| refused(500, "no such part"))?;
            ok(rows::attachment(part, true))
        }
        ("GET", ["user", id]) => {
            let id = number(id)?;
            ok(rows::user(world.user(id).ok_or_else(gone)?))
        }
        ("POST", ["user"]) => {
            let text = |key: &str| call.body[key].as_str().unwrap_or_default();
            let id = world.add_user(text("Name"), text("RealName"))?;
            Ok(Answer { status: 201, body: json!({ "id": id }), ..Answer::default() })
        }
        (_, [kind]) => search::list(world, kind, &call.query, &call.body).and_then(ok),
        _ => Err(gone()),
    }
}
