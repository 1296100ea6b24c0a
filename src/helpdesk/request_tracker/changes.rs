//! The feed: all transactions of tickets, in order, each told once.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::RequestTracker;
use super::cursor::Cursor;
use super::marker::On;
use super::wire::{List, Transaction};
use crate::helpdesk::{Change, Changes};
use crate::model::{Failure, MessageId, TicketId};

const PAGE: usize = 100;
/// Rows that we may not see are cut from a page after it was filled: so many empty ones are walked over.
const EMPTY_PAGES: usize = 3;
/// How often it is looked behind an empty page when nothing happens.
const WALK_EVERY: Duration = Duration::from_secs(30);

/// When it was last looked behind a short page.
pub(super) struct Walk {
    last: Mutex<Option<Instant>>,
}

impl Walk {
    pub fn new() -> Self {
        Self { last: Mutex::new(None) }
    }

    fn is_due(&self) -> bool {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|at| at.elapsed() >= WALK_EVERY)
    }

    fn done(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

pub(super) async fn changes(rt: &RequestTracker, cursor: Option<&str>) -> Result<Changes, Failure> {
    let Some(cursor) = cursor else {
        let cursor = Cursor::begin(highest(rt).await?);
        return Ok(Changes { changes: Vec::new(), cursor: cursor.to_string(), more: false });
    };
    let mut cursor =
        Cursor::parse(cursor).ok_or_else(|| Failure::dead("the stored position in the feed is unreadable"))?;
    let query = format!("({}) AND ObjectType = 'RT::Ticket' AND {}", cursor.unseen(), TELLING);
    let (rows, more) = rows(rt, &query).await?;
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

/// Mails that were sent tell nothing, and a change of owner is told by `Set` already.
const TELLING: &str =
    "Type != 'EmailRecord' AND Type != 'CommentEmailRecord' AND Type != 'SetWatcher' AND Type != 'SystemError'";

async fn rows(rt: &RequestTracker, query: &str) -> Result<(Vec<Transaction>, bool), Failure> {
    let mut page = 1;
    loop {
        let rows = self::page(rt, query, page).await?;
        if rows.len() >= PAGE {
            return Ok((rows, true));
        }
        if !rows.is_empty() {
            // A short page may stand before a full one; the next call starts behind it.
            return Ok((rows, page > 1));
        }
        if page == 1 && !rt.walk.is_due() {
            return Ok((rows, false));
        }
        if page > EMPTY_PAGES {
            rt.walk.done();
            return Ok((rows, false));
        }
        page += 1;
    }
}

async fn page(rt: &RequestTracker, query: &str, page: usize) -> Result<Vec<Transaction>, Failure> {
    let page = page.to_string();
    let query = [
        ("query", query),
        ("orderby", "id"),
        ("per_page", "100"),
        ("page", page.as_str()),
        ("fields", "Type,ObjectId,Field,CustomFields"),
    ];
    let list: List<Transaction> = rt.client.get(&["transactions"], &query).await?.ok()?;
    Ok(list.into_iter().collect())
}

async fn highest(rt: &RequestTracker) -> Result<u64, Failure> {
    for page in 1..=10 {
        let page = page.to_string();
        let query = [
            ("query", "ObjectType = 'RT::Ticket' AND id > 0"),
            ("orderby", "id"),
            ("order", "DESC"),
            ("per_page", "100"),
            ("page", page.as_str()),
            ("fields", "Type"),
        ];
        let list: List<Transaction> = rt.client.get(&["transactions"], &query).await?.ok()?;
        if let Some(newest) = list.first() {
            return Ok(newest.id);
        }
    }
    Ok(0)
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
