//! The feed: all transactions of tickets, in order, each told once.

use super::RequestTracker;
use super::cursor::Cursor;
use super::marker::On;
use super::wire::{List, Transaction};
use super::{hidden, telling};
use crate::helpdesk::{Change, Changes};
use crate::model::{Failure, MessageId, TicketId};

/// The most that Request Tracker gives at once.
pub(super) const PAGE: usize = 100;

pub(super) async fn changes(rt: &RequestTracker, cursor: Option<&str>) -> Result<Changes, Failure> {
    let telling = telling::telling(rt).await?;
    let Some(cursor) = cursor else {
        let cursor = Cursor::begin(hidden::begin(rt, &telling).await?);
        return Ok(Changes { changes: Vec::new(), cursor: cursor.to_string(), more: false });
    };
    let mut cursor =
        Cursor::parse(cursor).ok_or_else(|| Failure::dead("the stored position in the feed is unreadable"))?;
    let before = cursor.max();
    let mut rows = page(rt, &format!("({}) AND {telling}", cursor.unseen()), Order::OldestFirst, 1).await?;
    // Where ids were passed over, rows may have been cut from the page after it was filled.
    let span = rows.last().map_or(0, |row| row.id.saturating_sub(before));
    let mut more = rows.len() >= PAGE || span >= PAGE as u64;
    if rows.is_empty() && rt.looked_behind.is_due() {
        (rows, more) = hidden::behind(rt, &telling, &mut cursor).await?;
    }
    let mut changes = Vec::new();
    for row in rows {
        if row.id == 0 || cursor.has_seen(row.id) {
            continue;
        }
        cursor.see(row.id);
        changes.extend(change(rt, &row));
    }
    Ok(Changes { changes, cursor: cursor.to_string(), more })
}

#[derive(Clone, Copy)]
pub(super) enum Order {
    OldestFirst,
    NewestFirst,
}

/// Transactions of tickets that fit and that we may see; the others were cut out after the page was filled.
pub(super) async fn page(
    rt: &RequestTracker,
    query: &str,
    order: Order,
    page: usize,
) -> Result<Vec<Transaction>, Failure> {
    // Said in this way, Request Tracker looks at the rights to tickets before it fills the page.
    let query = format!("ObjectType = 'RT::Ticket' AND {query}");
    let (per_page, page) = (PAGE.to_string(), page.to_string());
    let query = [
        ("query", query.as_str()),
        ("orderby", "id"),
        ("order", if matches!(order, Order::NewestFirst) { "DESC" } else { "ASC" }),
        ("per_page", per_page.as_str()),
        ("page", page.as_str()),
        ("fields", "Type,ObjectId,Field,CustomFields"),
    ];
    let list: List<Transaction> = rt.client.get(&["transactions"], &query).await?.ok()?;
    Ok(list.into_iter().collect())
}

fn change(rt: &RequestTracker, row: &Transaction) -> Option<Change> {
    let is_message = matches!(row.kind.as_str(), "Correspond" | "Comment");
    // When somebody was last told is no news to anybody.
    if row.ticket == 0 || (row.kind == "Set" && matches!(row.field.as_str(), "Told" | "TimeWorked" | "TimeLeft")) {
        return None;
    }
    Some(Change {
        id: format!("rt-{}", row.id),
        ticket: TicketId::new(row.ticket.to_string()),
        message: is_message.then(|| MessageId::new(row.id.to_string())),
        content: None,
        ticket_changed: !is_message,
        marker: rt.signer.in_fields(On::Message(row.ticket), &row.fields),
    })
}
