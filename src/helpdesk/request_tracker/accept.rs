//! Makes an agent or nobody the owner, without taking a ticket from somebody who was faster.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::Answer;
use super::wire::{Ticket, User};
use super::{RequestTracker, gone, people, ticket, words};
use crate::model::{Acceptance, Cancellation, Failure, Snapshot, is_login};

const NOBODY: &str = "Nobody";

pub(super) async fn accept(rt: &RequestTracker, id: u64, login: &str) -> Result<Acceptance, Failure> {
    let _one_at_a_time = rt.accepting.at(id).await;
    let new = named(rt, login).await?;
    for _ in 0..5 {
        let (owner, etag) = owner(rt, id).await?;
        if !is_nobody(&owner) {
            return outcome(rt, id, login, "").await;
        }
        let Some(answer) = change(rt, id, json!({ "Owner": new }), etag).await? else { continue };
        // A refusal is 200 as well: only reading back tells.
        return outcome(rt, id, login, &words::said(&answer.body)).await;
    }
    Err(Failure::retry("the ticket keeps changing"))
}

/// As Request Tracker finds this user, and nobody else: it takes a login of digits for the number of a user.
async fn named(rt: &RequestTracker, login: &str) -> Result<String, Failure> {
    if !login.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(login.to_owned());
    }
    match people::number_of(&rt.client, login).await? {
        Some(number) => Ok(number.to_string()),
        None => Err(Failure::dead("an agent's login is none of Request Tracker's; `ticketroom check` says whose")),
    }
}

/// Closes it for its customer, bound to what was read: who accepts it in the same moment has it.
pub(super) async fn cancel(rt: &RequestTracker, id: u64) -> Result<Cancellation, Failure> {
    let _one_at_a_time = rt.accepting.at(id).await;
    for _ in 0..5 {
        let (owner, etag) = owner(rt, id).await?;
        let before = snapshot(rt, id).await?;
        if before.status.closed {
            return Ok(Cancellation::Cancelled(before));
        }
        if let Some(owner) = before.owner.clone() {
            return Ok(Cancellation::OwnedBy(owner, before));
        }
        if !is_nobody(&owner) {
            continue;
        }
        let cancelled = json!({ "Status": rt.config.cancelled_status });
        let Some(answer) = change(rt, id, cancelled, etag).await? else { continue };
        let after = snapshot(rt, id).await?;
        if after.status.closed {
            return Ok(Cancellation::Cancelled(after));
        }
        return Err(Failure::dead(format!("Request Tracker did not do it: {}", words::said(&answer.body)))
            .because(words::why(&answer.body)));
    }
    Err(Failure::retry("the ticket keeps changing"))
}

/// Bound to what was read: who was given the ticket in the same moment keeps it.
pub(super) async fn release(rt: &RequestTracker, id: u64, login: &str) -> Result<Snapshot, Failure> {
    let _one_at_a_time = rt.accepting.at(id).await;
    for _ in 0..5 {
        let (owner, etag) = owner(rt, id).await?;
        if !is_login(&owner.name, login) {
            return snapshot(rt, id).await;
        }
        let Some(answer) = change(rt, id, json!({ "Owner": NOBODY }), etag).await? else { continue };
        let snapshot = snapshot(rt, id).await?;
        return match &snapshot.owner {
            Some(owner) if is_login(&owner.login, login) => {
                Err(Failure::dead(format!("Request Tracker did not release it: {}", words::said(&answer.body)))
                    .because(words::why(&answer.body)))
            }
            _ => Ok(snapshot),
        };
    }
    Err(Failure::retry("the ticket keeps changing"))
}

/// Bound to what was read. `None`: somebody was faster, and it has to be read again.
async fn change(rt: &RequestTracker, id: u64, change: Value, etag: Option<String>) -> Result<Option<Answer>, Failure> {
    let answer = rt.client.put(&["ticket", &id.to_string()], &change, etag.as_deref()).await;
    // Repeating is harmless, so that an uncertain end is looked at again at once or later.
    let answer = answer.map_err(|failure| Failure::retry(failure.reason))?;
    match answer.status {
        StatusCode::PRECONDITION_FAILED => Ok(None),
        status if status.is_success() => Ok(Some(answer)),
        _ => Err(answer.refusal()),
    }
}

async fn outcome(rt: &RequestTracker, id: u64, login: &str, said: &str) -> Result<Acceptance, Failure> {
    let snapshot = snapshot(rt, id).await?;
    Ok(match snapshot.owner.clone() {
        Some(owner) if is_login(&owner.login, login) => Acceptance::Accepted(snapshot),
        Some(owner) => Acceptance::OwnedBy(owner, snapshot),
        None => Acceptance::Denied(said.to_owned()),
    })
}

async fn snapshot(rt: &RequestTracker, id: u64) -> Result<Snapshot, Failure> {
    ticket::snapshot(rt, id).await?.ok_or_else(gone)
}

/// The owner and the state of the ticket that a change may be bound to.
async fn owner(rt: &RequestTracker, id: u64) -> Result<(User, Option<String>), Failure> {
    let answer = rt.client.get(&["ticket", &id.to_string()], &[("fields[Owner]", "id,Name")]).await?;
    if answer.is_missing() {
        return Err(gone());
    }
    let etag = answer.etag.clone();
    let ticket: Ticket = answer.ok()?;
    match ticket.owner {
        Some(owner) => Ok((owner, etag)),
        None => Err(Failure::retry("Request Tracker does not say who owns the ticket")),
    }
}

fn is_nobody(user: &User) -> bool {
    user.name == NOBODY
}
