//! Whether the seed's Scrip does its work. It cannot be read by REST, so that the newest messages have to tell: who their author
//! became, and who it was to be.

use serde_json::{Value, json};

use super::marker::{self, On};
use super::probe::{RUN_SEED, finding, untold, wrong};
use super::seed::{self, LOGIN};
use super::wire::{Attachment, List, Transaction};
use super::{RequestTracker, query};
use crate::helpdesk::Finding;
use crate::model::Failure;

const WHAT: &str = "messages appear under their author's name";
/// Newest messages of ours that are looked at.
const RECENT: &str = "20";

/// What the newest message shows that shows anything.
enum Trace {
    Worked(u64),
    /// With the time at which it was written.
    Failed(u64, String),
    None,
}

pub(super) async fn probe(rt: &RequestTracker) -> Finding {
    let looked = async {
        let found = seed::fields(&rt.client).await?;
        let Some(field) = seed::marker_field(&found) else { return Ok(None) };
        Ok::<_, Failure>(Some((field.updated.clone(), trace(rt).await?)))
    };
    match looked.await {
        Ok(None) => wrong(WHAT, &format!("names stand in front of messages instead: {RUN_SEED}")),
        Ok(Some((_, Trace::Worked(id)))) => finding(&format!("{WHAT} (the newest one, transaction {id}, does)"), None),
        // The seed touches the field each time it is run. Both are written in the same way, so that they sort as text.
        Ok(Some((seeded, Trace::Failed(id, written)))) if written > seeded => {
            wrong(WHAT, &format!("transaction {id} does not: the seed's Scrip is disabled, or was changed: {RUN_SEED}"))
        }
        Ok(Some((_, Trace::Failed(id, _)))) => untold(
            WHAT,
            &format!(
                "transaction {id} did not, and the seed was run since: ask again after the next message from Matrix"
            ),
        ),
        Ok(Some((_, Trace::None))) => untold(
            WHAT,
            "the seed's Scrip cannot be read from here, and there is no message yet that would tell: ask again after the \
             first one from Matrix",
        ),
        Err(failure) => wrong(WHAT, &failure.reason),
    }
}

async fn trace(rt: &RequestTracker) -> Result<Trace, Failure> {
    let recent = recent(rt).await?;
    let meant = meant(rt, &recent).await?;
    for message in recent {
        let is_ours = message.creator.as_ref().is_some_and(|creator| creator.name.eq_ignore_ascii_case(LOGIN));
        if !is_ours {
            if rt.signer.in_fields(On::Message(message.ticket), &message.fields).is_some() {
                return Ok(Trace::Worked(message.id));
            }
            continue;
        }
        let author = meant.iter().find(|(id, _)| *id == message.id);
        // Nobody can write in the name of an author whom Request Tracker does not know.
        if let Some((_, login)) = author
            && rt.people.knows(&rt.client, login).await?
        {
            return Ok(Trace::Failed(message.id, message.created));
        }
    }
    Ok(Trace::None)
}

/// The newest messages that we wrote, whoever became their author.
async fn recent(rt: &RequestTracker) -> Result<Vec<Transaction>, Failure> {
    let query = format!(
        "ObjectType = 'RT::Ticket' AND (Type = 'Correspond' OR Type = 'Comment') AND (Creator = {} OR CF.{{{}}} LIKE '$')",
        query::quoted(LOGIN),
        marker::FIELD
    );
    let query = [
        ("query", query.as_str()),
        ("orderby", "id"),
        ("order", "DESC"),
        ("per_page", RECENT),
        ("fields", "ObjectId,Creator,Created,CustomFields"),
        ("fields[Creator]", "id,Name"),
    ];
    Ok(rt.client.get(&["transactions"], &query).await?.ok::<List<Transaction>>()?.into_iter().collect())
}

/// Message and login of each author whom a message of ours names.
async fn meant(rt: &RequestTracker, messages: &[Transaction]) -> Result<Vec<(u64, String)>, Failure> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let mut filter: Vec<Value> =
        messages.iter().map(|message| json!({ "field": "TransactionId", "value": message.id })).collect();
    filter.push(json!({ "field": "ContentType", "operator": "STARTSWITH", "value": "text/" }));
    let query = [("fields", "Headers,TransactionId"), ("orderby", "id"), ("per_page", "100")];
    let parts: List<Attachment> = rt.client.search(&["attachments"], &query, &Value::Array(filter)).await?.ok()?;
    Ok(parts.into_iter().filter_map(|part| Some((part.transaction, marker::author(&part.headers)?))).collect())
}
