//! Pages of elsewhere that a ticket refers to.

use serde::Deserialize;
use serde_json::json;

use super::{RequestTracker, gone, words};
use crate::model::{Failure, Why};

/// Bytes of an address that its database keeps (`Links.Target`): the rest it would cut off without a word.
const MAX_BYTES: usize = 240;

#[derive(Deserialize)]
struct Linked {
    #[serde(default, rename = "_hyperlinks")]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default, rename = "ref")]
    relation: String,
    #[serde(default, rename = "_url")]
    url: String,
}

pub(super) async fn attach(rt: &RequestTracker, id: u64, url: &str) -> Result<(), Failure> {
    if url.len() > MAX_BYTES {
        let reason = format!("the address has {} bytes, and a link of a ticket keeps {MAX_BYTES}", url.len());
        return Err(Failure::dead(reason).because(Why::Setup));
    }
    // Request Tracker would say that it is there already; it is asked before, so that nothing is written twice.
    if is_linked(rt, id, url).await? {
        return Ok(());
    }
    let answer = rt.client.put(&["ticket", &id.to_string()], &json!({ "AddRefersTo": [url] }), None).await;
    let answer = answer.map_err(|failure| Failure::retry(failure.reason))?;
    if !answer.status.is_success() {
        return Err(answer.refusal());
    }
    if is_linked(rt, id, url).await? {
        return Ok(());
    }
    // A refusal comes as 200 and a text.
    Err(Failure::dead(format!("Request Tracker did not link it: {}", words::said(&answer.body)))
        .because(words::why(&answer.body)))
}

async fn is_linked(rt: &RequestTracker, id: u64, url: &str) -> Result<bool, Failure> {
    let answer = rt.client.get(&["ticket", &id.to_string()], &[]).await?;
    if answer.is_missing() {
        return Err(gone());
    }
    let ticket: Linked = answer.ok()?;
    Ok(ticket.links.iter().any(|link| link.relation == "refers-to" && link.url == url))
}
