//! Lists: what matches, in the wanted order, one page of it.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::query::Query;
use super::rows;
use super::world::{ARTICLES, FIELDS, FIRST, HIDDEN, MARKER, Refused, World, refused};

pub fn list(world: &World, kind: &str, query: &HashMap<String, String>, filter: &Value) -> Result<Value, Refused> {
    let wanted = match query.get("query") {
        Some(text) => Query::parse(text).ok_or_else(|| refused(400, &format!("unreadable query: {text}")))?,
        None => Query::from_json(filter),
    };
    let newest_first = query.get("order").is_some_and(|order| order == "DESC");
    let number = |name: &str, otherwise: usize| query.get(name).and_then(|n| n.parse().ok()).unwrap_or(otherwise);
    let (per_page, page) = (number("per_page", 20), number("page", 1));
    let mut found: Vec<Value> = match kind {
        "tickets" => {
            let listed = world.tickets.values().filter(|row| row.status != "deleted");
            let fit = listed.filter(|row| wanted.holds(&|field| rows::look_ticket(row, field)));
            fit.map(|row| rows::ticket(world, row)).collect()
        }
        "transactions" => {
            let from = (wanted.at_least("id").max(FIRST) - FIRST) as usize;
            let fit = world
                .transactions
                .iter()
                .skip(from)
                .filter(|row| wanted.holds(&|field| rows::look_transaction(row, field)));
            fit.map(|row| rows::transaction(world, row)).collect()
        }
        "attachments" => {
            let fit = world
                .parts_from(wanted.at_least("TransactionId"))
                .filter(|row| wanted.holds(&|field| rows::look_attachment(row, field)));
            fit.map(|row| rows::attachment(row, false)).collect()
        }
        "users" => {
            let fit = world.users.iter().filter(|row| wanted.holds(&|field| rows::look_user(row, field)));
            fit.map(rows::user).collect()
        }
        "queues" => {
            let queue = |(at, name): (usize, &String)| json!({ "id": at + 1, "Name": name, "Disabled": 0, "Lifecycle": "default" });
            world.queues.iter().enumerate().map(queue).collect()
        }
        "customfields" => seeded()
            .into_iter()
            .filter(|row| wanted.holds(&|field| vec![row[field].as_str().unwrap_or_default().to_owned()]))
            .collect(),
        "articles" => (1..).zip(&world.articles).map(|(id, (name, queue))| rows::article(id, name, queue)).collect(),
        "classes" => vec![json!({ "id": 1, "Name": ARTICLES })],
        _ => return Err(refused(404, "Not Found")),
    };
    if newest_first {
        found.reverse();
    }
    let page = found.into_iter().skip((page - 1) * per_page).take(per_page);
    // What may not be seen is cut out when the page is full already.
    let is_hidden = |row: &Value| row["Type"] == "CustomField" && row["Field"] == HIDDEN;
    let mut items: Vec<Value> = page.filter(|row| !is_hidden(row)).collect();
    let wants = |name: &str| query.get("fields").is_some_and(|fields| fields.split(',').any(|field| field == name));
    if !wants("Content") {
        items.iter_mut().filter_map(Value::as_object_mut).for_each(|row| drop(row.remove("Content")));
    }
    Ok(json!({ "items": items, "count": items.len() }))
}

/// As our seed makes them.
fn seeded() -> Vec<Value> {
    let field = |id: &str, name: &str, kind: &str| json!({ "id": id, "Name": name, "LookupType": kind, "Description": "Ticketroom seed 1: for tests" });
    let mut all = vec![field("2", MARKER, "RT::Queue-RT::Ticket-RT::Transaction"), field("7", "Matrix ID", "RT::User")];
    all.extend(FIELDS.iter().map(|(name, id)| field(id, name, "RT::Queue-RT::Ticket")));
    all
}
