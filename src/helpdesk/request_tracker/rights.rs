//! What tickets and articles tell of our rights to them. Nothing is written to find out, so that some stay untold.

use reqwest::StatusCode;
use serde_json::Value;

use super::RequestTracker;
use super::probe::{RUN_SEED, finding, untold, wrong};
use super::wire::{List, Transaction};
use crate::helpdesk::Finding;
use crate::model::Failure;

/// One of them is there where there are any, unless all of these were shredded.
const LIKELY_IDS: [&str; 6] = ["1", "2", "3", "10", "100", "1000"];

const READ: &str = "tickets can be read";
const NOTES_READ: &str = "notes can be read";

pub(super) async fn tickets(rt: &RequestTracker, findings: &mut Vec<Finding>) {
    match newest(rt, "id > 0").await {
        Ok(Some(ticket)) => {
            findings.push(finding(READ, None));
            findings.push(notes(rt).await);
            findings.push(linked(&ticket, "correspond", "messages can be written", "ReplyToTicket"));
            findings.push(linked(&ticket, "comment", "notes can be written", "CommentOnTicket"));
            findings.push(changes(rt).await);
        }
        Ok(None) => findings.push(none(rt).await),
        Err(failure) => findings.push(wrong(READ, &failure.reason)),
    }
    findings.push(untold(
        "tickets can be accepted and released, and their fields set",
        &format!(
            "Request Tracker tells nobody of the rights ReassignTicket, OwnTicket and ModifyCustomField before they are \
             used: {RUN_SEED} if you are not sure, it grants what is missing"
        ),
    ));
}

/// No ticket is shown to us.
async fn none(rt: &RequestTracker) -> Finding {
    match is_hidden(rt, "ticket").await {
        Ok(true) => wrong(
            READ,
            &format!(
                "there are tickets, and 'ticketroom' sees none; it needs the right ShowTicket: {RUN_SEED}. Only then its \
                 other rights to them can be told"
            ),
        ),
        Ok(false) => untold(
            "tickets can be read, written to and changed",
            "there is no ticket yet that would tell: ask again after the first",
        ),
        Err(failure) => wrong(READ, &failure.reason),
    }
}

/// Whether there is one that we may not see: those that are not there are missing, and not forbidden.
pub(super) async fn is_hidden(rt: &RequestTracker, kind: &str) -> Result<bool, Failure> {
    for id in LIKELY_IDS {
        if rt.client.get(&[kind, id], &[]).await?.status == StatusCode::FORBIDDEN {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Notes that we may not see are cut from a page after it was filled: where there are any, the newest leaves nothing of a page
/// for one. The first opening, which we may see, is on it where there are none.
async fn notes(rt: &RequestTracker) -> Finding {
    let looked = async {
        let Some(opening) = one(rt, "Type = 'Create'", "ASC").await? else { return Ok(None) };
        let newest = one(rt, &format!("(Type = 'Comment' OR id = {})", opening.id), "DESC").await?;
        Ok::<_, Failure>(Some(newest.map(|newest| newest.kind)))
    };
    match looked.await {
        Ok(Some(Some(kind))) if kind == "Comment" => finding(NOTES_READ, None),
        Ok(Some(None)) => {
            let mend = "there are some, and 'ticketroom' sees none; it needs the right ShowTicketComments";
            wrong(NOTES_READ, &format!("{mend}: {RUN_SEED}"))
        }
        Ok(_) => untold(NOTES_READ, "there is no note yet that would tell: ask again after the first"),
        Err(failure) => wrong(NOTES_READ, &failure.reason),
    }
}

async fn one(rt: &RequestTracker, which: &str, order: &str) -> Result<Option<Transaction>, Failure> {
    let query = format!("ObjectType = 'RT::Ticket' AND {which}");
    let query = [("query", query.as_str()), ("orderby", "id"), ("order", order), ("per_page", "1"), ("fields", "Type")];
    Ok(rt.client.get(&["transactions"], &query).await?.ok::<List<Transaction>>()?.first())
}

/// In lifecycles of others a ticket may have nothing that can be done to it.
async fn changes(rt: &RequestTracker) -> Finding {
    let what = "tickets can be closed and changed";
    match newest(rt, "Lifecycle = 'default'").await {
        Ok(Some(ticket)) => linked(&ticket, "lifecycle", what, "ModifyTicket"),
        Ok(None) => untold(
            what,
            "only a ticket with the lifecycle 'default' would tell of the right ModifyTicket, and there is none: see to \
             it that 'ticketroom' has it",
        ),
        Err(failure) => wrong(what, &failure.reason),
    }
}

/// The links of a ticket tell what we may do with it.
fn linked(ticket: &Value, link: &str, what: &str, right: &str) -> Finding {
    let mend = (!links_to(ticket, link)).then(|| format!("'ticketroom' needs the right {right}: {RUN_SEED}"));
    finding(what, mend)
}

async fn newest(rt: &RequestTracker, tickets: &str) -> Result<Option<Value>, Failure> {
    let query =
        [("query", tickets), ("orderby", "id"), ("order", "DESC"), ("per_page", "1"), ("fields", "_hyperlinks")];
    Ok(rt.client.get(&["tickets"], &query).await?.ok::<List<Value>>()?.first())
}

pub(super) fn links_to(body: &Value, name: &str) -> bool {
    let links = body.get("_hyperlinks").and_then(Value::as_array);
    links.is_some_and(|links| links.iter().any(|link| link.get("ref").and_then(Value::as_str) == Some(name)))
}
