//! How the rows of each kind look in answers and to searches.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::world::{Attachment, Fields, Ticket, Transaction, User, World};

fn custom(fields: &Fields) -> Value {
    fields.iter().map(|(name, value)| json!({ "name": name, "values": [value] })).collect()
}

fn custom_named(fields: &Fields, field: &str) -> Vec<String> {
    let name = field.strip_prefix("CF.{").and_then(|name| name.strip_suffix('}'));
    name.and_then(|name| fields.get(name)).cloned().into_iter().collect()
}

pub fn user(user: &User) -> Value {
    json!({ "id": user.id, "Name": user.name, "RealName": user.real_name, "Privileged": u8::from(user.privileged), "CustomFields": [] })
}

pub fn article(id: u64, name: &str, queue: &str) -> Value {
    let fields = [("Content", format!("The text of {name}")), ("Queues", queue.to_owned())];
    json!({ "id": id, "Name": name, "CustomFields": custom(&fields.map(|(name, value)| (name.to_owned(), value)).into()) })
}

pub fn look_user(user: &User, field: &str) -> Vec<String> {
    match field {
        "id" => vec![user.id.to_string()],
        "Name" => vec![user.name.clone()],
        _ => Vec::new(),
    }
}

pub fn ticket(world: &World, ticket: &Ticket) -> Value {
    let person = |id: u64| world.user(id).map(user).unwrap_or_default();
    let queue = world.queues.get(ticket.queue as usize - 1).map_or("", String::as_str);
    json!({
        "id": ticket.id, "Subject": ticket.subject, "Status": ticket.status, "Priority": "0",
        "Queue": { "id": ticket.queue, "Name": queue, "Lifecycle": "default" },
        "Owner": person(ticket.owner), "Creator": person(ticket.creator),
        "Requestor": ticket.requestors.iter().map(|id| person(*id)).collect::<Vec<_>>(),
        "CustomFields": custom(&ticket.fields),
        "_hyperlinks": ticket.links.iter().map(|url| json!({ "ref": "refers-to", "_url": url })).collect::<Vec<_>>(),
    })
}

pub fn look_ticket(ticket: &Ticket, field: &str) -> Vec<String> {
    match field {
        "id" => vec![ticket.id.to_string()],
        "Status" => {
            let inactive = ["resolved", "rejected", "deleted"].contains(&ticket.status.as_str());
            vec![ticket.status.clone(), if inactive { "__Inactive__" } else { "__Active__" }.to_owned()]
        }
        _ => custom_named(&ticket.fields, field),
    }
}

pub fn transaction(world: &World, one: &Transaction) -> Value {
    json!({
        "id": one.id, "Type": one.kind, "Field": one.field, "ObjectType": "RT::Ticket", "ObjectId": one.ticket,
        "Creator": world.user(one.creator).map(user).unwrap_or_default(), "Created": "2026-01-01T00:00:00Z",
        "CustomFields": custom(&one.fields),
    })
}

pub fn look_transaction(one: &Transaction, field: &str) -> Vec<String> {
    match field {
        "id" => vec![one.id.to_string()],
        "ObjectType" => vec!["RT::Ticket".to_owned()],
        "ObjectId" => vec![one.ticket.to_string()],
        "Type" => vec![one.kind.to_owned()],
        "Field" => vec![one.field.to_owned()],
        _ => custom_named(&one.fields, field),
    }
}

/// `whole`: with its content as the one asked for alone, which is base64.
pub fn attachment(part: &Attachment, whole: bool) -> Value {
    let content =
        if whole { STANDARD.encode(&part.content) } else { String::from_utf8_lossy(&part.content).into_owned() };
    json!({
        "id": part.id, "TransactionId": part.transaction, "ContentType": part.content_type, "Filename": part.filename,
        "ContentLength": part.content.len(), "Headers": part.headers, "Content": content,
    })
}

pub fn look_attachment(part: &Attachment, field: &str) -> Vec<String> {
    match field {
        "id" => vec![part.id.to_string()],
        "TransactionId" => vec![part.transaction.to_string()],
        "ContentType" => vec![part.content_type.clone()],
        _ => Vec::new(),
    }
}
