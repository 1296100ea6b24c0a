//! Looks up what we may have written before: by the custom field, and by the message's own header.

use ruma::EventId;
use serde_json::{Value, json};

use super::marker::{self, On};
use super::wire::{Attachment, List, Ticket, Transaction};
use super::{RequestTracker, query};
use crate::model::{Failure, MessageId, TicketId};

/// Latest messages of the ticket that are looked through for the header.
const RECENT: &str = "20";

pub(super) async fn ticket(rt: &RequestTracker, event: &EventId) -> Result<Option<TicketId>, Failure> {
    let value = rt.signer.field(On::Ticket, event);
    let query = query::field_is(marker::FIELD, &value);
    let query = [("query", query.as_str()), ("orderby", "id"), ("per_page", "20"), ("fields", "CustomFields")];
    let found: List<Ticket> = rt.client.get(&["tickets"], &query).await?.ok()?;
    // The database compares without case; two events may differ in nothing else.
    let mut ours = found.into_iter().filter(|t| rt.signer.in_fields(On::Ticket, &t.fields).as_deref() == Some(event));
    Ok(ours.next().map(|ticket| TicketId::new(ticket.id.to_string())))
}

pub(super) async fn message(rt: &RequestTracker, ticket: u64, event: &EventId) -> Result<Option<MessageId>, Failure> {
    if let Some(id) = by_field(rt, ticket, event).await? {
        return Ok(Some(id));
    }
    by_header(rt, ticket, event).await
}

async fn by_field(rt: &RequestTracker, ticket: u64, event: &EventId) -> Result<Option<MessageId>, Failure> {
    let on = On::Message(ticket);
    let value = rt.signer.field(on, event);
    let query = format!("ObjectType = 'RT::Ticket' AND {}", query::field_is(marker::FIELD, &value));
    let query = [("query", query.as_str()), ("orderby", "id"), ("per_page", "20"), ("fields", "ObjectId,CustomFields")];
    let found: List<Transaction> = rt.client.get(&["transactions"], &query).await?.ok()?;
    let mut ours = found.into_iter().filter(|t| rt.signer.in_fields(on, &t.fields).as_deref() == Some(event));
    Ok(ours.next().map(|transaction| MessageId::new(transaction.id.to_string())))
}

/// Request Tracker may have been stopped after it saved the message and before the custom field.
async fn by_header(rt: &RequestTracker, ticket: u64, event: &EventId) -> Result<Option<MessageId>, Failure> {
    let query =
        format!("ObjectType = 'RT::Ticket' AND ObjectId = {ticket} AND (Type = 'Correspond' OR Type = 'Comment')");
    let query = [
        ("query", query.as_str()),
        ("orderby", "id"),
        ("order", "DESC"),
        ("per_page", RECENT),
        ("fields", "CustomFields"),
    ];
    let recent: List<Transaction> = rt.client.get(&["transactions"], &query).await?.ok()?;
    let bare = recent.into_iter().filter(|t| !t.fields.iter().any(|f| f.name == marker::FIELD && !f.values.is_empty()));
    let mut filter: Vec<Value> = bare.map(|t| json!({ "field": "TransactionId", "value": t.id })).collect();
    if filter.is_empty() {
        return Ok(None);
    }
    for kind in ["text/", "multipart/"] {
        filter.push(json!({ "field": "ContentType", "operator": "STARTSWITH", "value": kind }));
    }
    // The newest first: mails with many parts fill a page.
    let query = [("fields", "Headers,TransactionId"), ("orderby", "id"), ("order", "DESC"), ("per_page", "100")];
    let parts: List<Attachment> = rt.client.search(&["attachments"], &query, &Value::Array(filter)).await?.ok()?;
    let on = On::Message(ticket);
    let mut ours = parts.into_iter().filter(|p| rt.signer.in_headers(on, &p.headers).as_deref() == Some(event));
    Ok(ours.next().map(|part| MessageId::new(part.transaction.to_string())))
}
