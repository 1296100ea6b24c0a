//! Writes a message in the name of its author, without reopening a closed ticket.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::Answer;
use super::marker::{self, On};
use super::{RequestTracker, body, gone, message, number, ticket, ticket_number, words};
use crate::helpdesk::NewMessage;
use crate::model::{Author, Failure, MessageId, Visibility};

pub(super) async fn post(rt: &RequestTracker, new: &NewMessage) -> Result<Option<MessageId>, Failure> {
    let id = ticket_number(&new.ticket)?;
    let on_behalf = rt.seed.check(&rt.client).await?;
    let (login, name) = match &new.author {
        Author::Agent { login, name } => {
            let is_known = rt.people.knows(&rt.client, login).await?;
            (is_known.then(|| login.clone()), Some(name.as_str()))
        }
        Author::Customer { matrix, name } => {
            (Some(rt.people.customer(&rt.client, matrix, name).await?.login), Some(name.as_str()))
        }
        Author::Bridge => (None, None),
    };
    let in_front = name.filter(|_| !on_behalf || login.is_none());
    let html = body::with_files(&new.body, &new.files, in_front.map(|name| rt.wrote(name)));
    if html.is_empty() {
        return Err(Failure::dead("there is nothing to write"));
    }
    let mut content_type = format!("text/html; x-ticketroom-marker={}", rt.signer.header(On::Message(id), &new.marker));
    if let Some(login) = &login {
        content_type.push_str(&format!("; x-ticketroom-author={}", marker::parameter(login)));
    }
    let mut call = json!({ "Content": html, "ContentType": content_type });
    if !on_behalf {
        without_scrip(rt, id, new, &mut call).await?;
    }
    let verb = if new.visibility == Visibility::Public { "correspond" } else { "comment" };
    let answer = rt.client.post_files(&["ticket", &id.to_string(), verb], &call, &new.files).await?;
    if !answer.status.is_success() {
        return Err(refused(rt, id, &answer).await);
    }
    let made = answer.location.as_deref().and_then(|path| path.rsplit('/').next()).and_then(number);
    let Some(made) = made else {
        return Err(Failure::uncertain("Request Tracker did not say which message it made"));
    };
    if let Some(login) = login.filter(|_| on_behalf && !rt.seed.is_proven()) {
        // What is lost here is only the proof: the message is written.
        if let Ok(Some(read)) = message::transaction(rt, made).await {
            rt.seed.proven(read.creator.is_some_and(|creator| creator.name.eq_ignore_ascii_case(&login)));
        }
    }
    Ok(Some(MessageId::new(made.to_string())))
}

/// On a server without our Scrip the call itself sets the marker and puts the status back after Request Tracker reopened.
async fn without_scrip(rt: &RequestTracker, id: u64, new: &NewMessage, call: &mut Value) -> Result<(), Failure> {
    let Some(call) = call.as_object_mut() else {
        return Ok(());
    };
    let value = rt.signer.field(On::Message(id), &new.marker);
    call.insert("TxnCustomFields".to_owned(), json!({ marker::FIELD: value }));
    if new.visibility == Visibility::Public
        && let Some(ticket) = ticket::snapshot(rt, id).await?
        && ticket.status.closed
        && ticket.merged_into.is_none()
    {
        call.insert("Status".to_owned(), ticket.status.label.into());
    }
    Ok(())
}

async fn refused(rt: &RequestTracker, id: u64, answer: &Answer) -> Failure {
    if answer.status == StatusCode::NOT_FOUND {
        return gone();
    }
    // Request Tracker says the same for a ticket that is gone and for a message that it failed to save.
    if words::said(&answer.body).contains("could not be recorded") {
        return match ticket::snapshot(rt, id).await {
            Ok(None) => gone(),
            _ => Failure::uncertain("Request Tracker could not save the message"),
        };
    }
    answer.refusal()
}
