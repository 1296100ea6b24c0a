//! Closes and reopens a ticket, and writes its room's address into it.

use serde_json::json;

use super::wire::{CustomField, Ticket};
use super::{RequestTracker, gone, probe, ticket, words};
use crate::model::{Failure, Snapshot};

const ROOM: &str = "Matrix Room";

pub(super) async fn set_closed(rt: &RequestTracker, id: u64, closed: bool) -> Result<Snapshot, Failure> {
    let before = ticket::snapshot(rt, id).await?.ok_or_else(gone)?;
    if before.status.closed == closed {
        return Ok(before);
    }
    let status = if closed { &rt.config.closed_status } else { &rt.config.open_status };
    let answer = rt.client.put(&["ticket", &id.to_string()], &json!({ "Status": status }), None).await;
    let answer = answer.map_err(|failure| Failure::retry(failure.reason))?;
    if !answer.status.is_success() {
        return Err(answer.refusal());
    }
    let after = ticket::snapshot(rt, id).await?.ok_or_else(gone)?;
    if after.status.closed == closed {
        return Ok(after);
    }
    Err(Failure::dead(format!("Request Tracker did not do it: {}", words::said(&answer.body)))
        .because(words::why(&answer.body)))
}

pub(super) async fn link_room(rt: &RequestTracker, id: u64, url: &str) -> Result<(), Failure> {
    if room(rt, id).await?.as_deref() == Some(url) {
        return Ok(());
    }
    let change = json!({ "CustomFields": { ROOM: url } });
    let answer = rt.client.put(&["ticket", &id.to_string()], &change, None).await;
    let answer = answer.map_err(|failure| Failure::retry(failure.reason))?;
    if !answer.status.is_success() {
        return Err(answer.refusal());
    }
    if room(rt, id).await?.as_deref() == Some(url) {
        return Ok(());
    }
    // Without the field or the right to it the answer is 200 and empty.
    Err(Failure::dead(format!(
        "the field \"{ROOM}\" could not be set: `ticketroom check` tells whether it is there; if it is, 'ticketroom' lacks \
         the right ModifyCustomField on it: {}",
        probe::RUN_SEED
    )))
}

async fn room(rt: &RequestTracker, id: u64) -> Result<Option<String>, Failure> {
    let answer = rt.client.get(&["ticket", &id.to_string()], &[]).await?;
    if answer.is_missing() {
        return Err(gone());
    }
    let ticket: Ticket = answer.ok()?;
    let field = ticket.fields.into_iter().find(|field: &CustomField| field.name == ROOM);
    Ok(field.and_then(|field| field.values.into_iter().next()))
}
