//! Looks behind transactions that we may not see, of which a page may have nothing left.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::RequestTracker;
use super::changes::{Order, PAGE, page};
use super::cursor::Cursor;
use super::telling::TELLING;
use super::wire::{List, Ticket, Transaction};
use crate::model::Failure;

/// How often it is looked behind an empty page when nothing happens.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Calls that one reading makes at most to get on behind what is hidden; the next one goes on where it ended.
const STEPS_MAX: usize = 20;
/// Pages that are looked at for the newest transaction when the feed begins.
const BEGIN_PAGES: usize = 3;

/// When it was last looked behind an empty page, with the result that nothing is there.
pub(super) struct LookedBehind {
    last: Mutex<Option<Instant>>,
}

impl LookedBehind {
    pub fn new() -> Self {
        Self { last: Mutex::new(None) }
    }

    pub fn is_due(&self) -> bool {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|at| at.elapsed() >= LOOK_EVERY)
    }

    fn done(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// The next rows that we may see, and whether there may be more. What is passed on the way is passed for good.
pub(super) async fn behind(
    rt: &RequestTracker,
    telling: &str,
    cursor: &mut Cursor,
) -> Result<(Vec<Transaction>, bool), Failure> {
    let Some(newest) = newest(rt, telling, cursor.max(), 1).await? else {
        rt.looked_behind.done();
        return Ok((Vec::new(), false));
    };
    for _ in 0..STEPS_MAX {
        // So many ids can't be more than one page.
        let (from, to) = (cursor.max(), cursor.max().saturating_add(PAGE as u64));
        let query = format!("id > {from} AND id < {} AND {telling}", to.saturating_add(1));
        let rows = page(rt, &query, Order::OldestFirst, 1).await?;
        if !rows.is_empty() {
            return Ok((rows, true));
        }
        if to >= newest {
            // It is gone again.
            rt.looked_behind.done();
            return Ok((Vec::new(), false));
        }
        cursor.pass(to);
    }
    Ok((Vec::new(), true))
}

/// The newest transaction behind `beyond` that we may see. Changes of custom fields are what is hidden most, so that it
/// is asked without them, too.
async fn newest(rt: &RequestTracker, telling: &str, beyond: u64, pages: usize) -> Result<Option<u64>, Failure> {
    for telling in [telling, &format!("{TELLING} AND Type != 'CustomField'")] {
        for number in 1..=pages {
            let query = format!("id > {beyond} AND {telling}");
            let rows = page(rt, &query, Order::NewestFirst, number).await?;
            if let Some(newest) = rows.first() {
                return Ok(Some(newest.id));
            }
        }
    }
    Ok(None)
}

/// Where the feed begins: whatever can be told until now is known. 0 only where there is nothing to tell.
pub(super) async fn begin(rt: &RequestTracker, telling: &str) -> Result<u64, Failure> {
    if let Some(newest) = newest(rt, telling, 0, BEGIN_PAGES).await? {
        return Ok(newest);
    }
    let query = [("query", "id > 0"), ("orderby", "id"), ("order", "DESC"), ("per_page", "100"), ("fields", "Subject")];
    let tickets: List<Ticket> = rt.client.get(&["tickets"], &query).await?.ok()?;
    let Some(ticket) = tickets.first() else { return Ok(0) };
    let query = format!("ObjectId = {} AND Type = 'Create'", ticket.id);
    let opened = page(rt, &query, Order::OldestFirst, 1).await?;
    opened.first().map(|opened| opened.id).ok_or_else(|| {
        Failure::retry(
            "Request Tracker shows none of its newest changes; `ticketroom check` tells which rights are missing",
        )
    })
}
