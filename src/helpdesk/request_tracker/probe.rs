//! What is right and wrong with address, token, rights and fields: the lines of `ticketroom check`.

use serde_json::{Value, json};

use super::client::Client;
use super::seed::{self, FIELDS, SEED};
use super::wire::{List, Queue};
use super::{RequestTracker, rights};
use crate::helpdesk::Finding;
use crate::model::Failure;

pub(super) const RUN_SEED: &str =
    "run `rt-setup-database-5 --action insert --datafile helpdesk/request-tracker/seed.pl` on its server";

pub(super) async fn probe(rt: &RequestTracker) -> Vec<Finding> {
    let mut findings = Vec::new();
    let version = rt.client.get(&["rt"], &[]).await.and_then(|answer| answer.ok::<Value>());
    let version = match version {
        Ok(body) => body.get("Version").and_then(Value::as_str).unwrap_or_default().to_owned(),
        Err(failure) => {
            findings.push(wrong("Request Tracker answers and accepts the token", &failure.reason));
            return findings;
        }
    };
    findings.push(finding(
        "Request Tracker answers and accepts the token",
        (!version.starts_with("5.")).then(|| format!("version 5 is needed, this is '{version}'")),
    ));
    fields(rt, &mut findings).await;
    internal(rt, &mut findings).await;
    users(rt, &mut findings).await;
    super::agents::probe(rt, &mut findings).await;
    desks(rt, &mut findings).await;
    rights::tickets(rt, &mut findings).await;
    super::articles::probe(rt, &mut findings).await;
    findings
}

async fn fields(rt: &RequestTracker, findings: &mut Vec<Finding>) {
    let found = match seed::fields(&rt.client).await {
        Ok(found) => found,
        Err(failure) => return findings.push(wrong("custom fields can be read", &failure.reason)),
    };
    for (name, kind) in FIELDS {
        let what = format!("custom field \"{name}\" of {}", of(kind));
        let mend = match found.iter().find(|field| field.name == name && field.lookup_type == kind) {
            None => Some(format!("it is missing, or 'ticketroom' has no right SeeCustomField on it: {RUN_SEED}")),
            Some(field) if !field.description.starts_with(SEED) => Some(format!("it is from another seed: {RUN_SEED}")),
            Some(_) => None,
        };
        findings.push(finding(&what, mend));
    }
    findings.push(super::scrip::probe(rt).await);
}

/// A field that can't be seen would make every ticket public.
async fn internal(rt: &RequestTracker, findings: &mut Vec<Finding>) {
    let Some(internal) = &rt.config.internal else { return };
    let what = format!("internal tickets are known by the custom field \"{}\"", internal.field);
    let mend = match seed::fields_named(&rt.client, &internal.field).await {
        Ok(found) if found.iter().any(|field| field.lookup_type == "RT::Queue-RT::Ticket") => None,
        Ok(_) => Some("make such a field of tickets, and give 'ticketroom' the right SeeCustomField on it".to_owned()),
        Err(failure) => Some(failure.reason),
    };
    findings.push(finding(&what, mend));
}

fn of(kind: &str) -> &'static str {
    match kind {
        "RT::User" => "users",
        "RT::Queue-RT::Ticket" => "tickets",
        _ => "messages",
    }
}

/// Without AdminUsers a user's record holds names and addresses, and nothing of its making.
async fn users(rt: &RequestTracker, findings: &mut Vec<Finding>) {
    let answer = rt.client.get(&["user", "RT_System"], &[]).await.and_then(|answer| answer.ok::<Value>());
    let mend = match answer {
        Ok(user) if user.get("LastUpdated").is_some() => None,
        Ok(_) => Some(format!("'ticketroom' needs the right AdminUsers: {RUN_SEED}")),
        Err(failure) => Some(failure.reason),
    };
    findings.push(finding("users can be read and made", mend));
}

async fn desks(rt: &RequestTracker, findings: &mut Vec<Finding>) {
    let queues = match queues(&rt.client).await {
        Ok(queues) => queues,
        Err(failure) => return findings.push(wrong("queues can be read", &failure.reason)),
    };
    let open: Vec<_> = queues.iter().filter(|queue| !queue.disabled).collect();
    let mend = open.is_empty().then(|| format!("'ticketroom' sees none; it needs the right SeeQueue: {RUN_SEED}"));
    findings.push(finding("queues can be read", mend));
    for queue in open {
        let mend = match rt.client.get(&["queue", &queue.id.to_string()], &[]).await {
            Ok(answer) if answer.is_missing() => Some("it cannot be read".to_owned()),
            Ok(answer) if !rights::links_to(&answer.body, "create") => {
                Some(format!("'ticketroom' needs the right CreateTicket there: {RUN_SEED}"))
            }
            Ok(_) => None,
            Err(failure) => Some(failure.reason),
        };
        findings.push(finding(&format!("tickets can be opened in the queue \"{}\"", queue.name), mend));
    }
}

pub(super) async fn queues(client: &Client) -> Result<Vec<Queue>, Failure> {
    let filter = json!([{ "field": "id", "operator": ">", "value": 0 }]);
    let mut queues = Vec::new();
    for page in 1..=100 {
        let page = page.to_string();
        let query =
            [("fields", "id,Name,Disabled,Lifecycle"), ("orderby", "id"), ("per_page", "100"), ("page", page.as_str())];
        let list: List<Queue> = client.search(&["queues"], &query, &filter).await?.ok()?;
        let is_last = list.items.is_empty();
        queues.extend(list.into_iter().filter(|queue| queue.id > 0));
        if is_last || queues.len() % 100 != 0 {
            break;
        }
    }
    Ok(queues)
}

pub(super) fn finding(what: &str, mend: Option<String>) -> Finding {
    Finding { what: what.to_owned(), mend, untold: None }
}

pub(super) fn wrong(what: &str, mend: &str) -> Finding {
    finding(what, Some(mend.to_owned()))
}

pub(super) fn untold(what: &str, why: &str) -> Finding {
    Finding { what: what.to_owned(), mend: None, untold: Some(why.to_owned()) }
}
