//! Lists: what matches, in the wanted order, one page of it.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::query::Query;
use super::rows;
use super::world::{FIRST, Refused, World, refused};

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
            let fit = world.tickets.values().filter(|row| wanted.holds(&|field| rows::look_ticket(row, field)));
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
            .filter(|row| wanted.holds(&|_| vec![row["Name"].as_str().unwrap_or_default().to_owned()]))
            .collect(),
        "articles" | "classes" => Vec::new(),
        _ => return Err(refused(404, "Not Found")),
    };
    if newest_first {
        found.reverse();
    }
    let items: Vec<Value> = found.into_iter().skip((page - 1) * per_page).take(per_page).collect();
    Ok(json!({ "items": items, "count": items.len() }))
}

/// As our seed makes them.
fn seeded() -> Vec<Value> {
    let field = |name: &str, kind: &str| json!({ "id": 1, "Name": name, "LookupType": kind, "Description": "Ticketroom seed 1: for tests" });
    vec![
        field("Matrix Event ID", "RT::Queue-RT::Ticket-RT::Transaction"),
        field("Matrix Event ID", "RT::Queue-RT::Ticket"),
        field("Matrix Room", "RT::Queue-RT::Ticket"),
        field("Matrix ID", "RT::User"),
        field("Device", "RT::Queue-RT::Ticket"),
        field("Template", "RT::Queue-RT::Ticket"),
    ]
}
