//! Reads one message: who wrote it, who may see it, its text and its files.

use serde_json::json;

use super::client::is_too_large;
use super::marker::On;
use super::wire::{Attachment, List, Transaction};
use super::{RequestTracker, answers, attached, body, download, marker};
use crate::model::{Failure, File, HelpdeskMessage, MessageId, RichText, TicketId, Visibility};

/// The text of a message and what came with it.
#[derive(Default)]
pub(super) struct Content {
    pub body: RichText,
    pub files: Vec<File>,
    /// The headers of all its text parts: one of them bears the marker.
    pub headers: String,
}

pub(super) async fn message(rt: &RequestTracker, ticket: u64, id: u64) -> Result<Option<HelpdeskMessage>, Failure> {
    let Some(transaction) = transaction(rt, id).await?.filter(|t| t.ticket == ticket) else {
        return Ok(None);
    };
    let visibility = match transaction.kind.as_str() {
        "Correspond" | "Create" => Visibility::Public,
        "Comment" => Visibility::Internal,
        _ => return Ok(None),
    };
    let Some(creator) = &transaction.creator else {
        return Ok(None);
    };
    let content = read_body(rt, id).await?;
    if content.body.is_empty() && content.files.is_empty() {
        // Nothing to show: what a server that was killed while saving leaves behind.
        return Ok(None);
    }
    let known = rt.people.by_id(&rt.client, creator.id).await?;
    let on = On::Message(ticket);
    let marker = rt.signer.in_fields(on, &transaction.fields).or_else(|| rt.signer.in_headers(on, &content.headers));
    // What we wrote ourselves is in the room already.
    let answers = if marker.is_none() { answers::answers(rt, &transaction, &content.headers).await? } else { None };
    Ok(Some(HelpdeskMessage {
        id: MessageId::new(id.to_string()),
        ticket: TicketId::new(ticket.to_string()),
        author: known.person,
        author_is_agent: known.is_agent,
        visibility,
        body: content.body,
        files: content.files,
        marker,
        answers,
    }))
}

/// By a search: asking for a transaction that is not there makes Request Tracker fail with 500.
pub(super) async fn transaction(rt: &RequestTracker, id: u64) -> Result<Option<Transaction>, Failure> {
    let query = format!("ObjectType = 'RT::Ticket' AND id = {id}");
    let query = [
        ("query", query.as_str()),
        ("per_page", "1"),
        ("fields", "Type,ObjectType,ObjectId,Creator,CustomFields"),
        ("fields[Creator]", "id,Name"),
    ];
    let found: List<Transaction> = rt.client.get(&["transactions"], &query).await?.ok()?;
    Ok(found.first().filter(|found| found.id == id && found.object_type == "RT::Ticket"))
}

pub(super) async fn read_body(rt: &RequestTracker, transaction: u64) -> Result<Content, Failure> {
    let (parts, too_large) = match text_parts(rt, transaction).await {
        Err(failure) if is_too_large(&failure) => (all_parts(rt, transaction).await?, true),
        parts => (parts?, false),
    };
    let several = parts.iter().any(|part| part.content_type.starts_with("multipart/") && !is_alternative(part));
    let files = if several || parts.is_empty() {
        attached::files(transaction, &all_parts(rt, transaction).await?)
    } else {
        Vec::new()
    };
    let headers = parts.iter().map(|part| part.headers.as_str()).collect::<Vec<_>>().join("\n");
    let Some(chosen) = choose(&parts).and_then(|index| parts.get(index)) else {
        return Ok(Content { files, headers, ..Content::default() });
    };
    let is_html = chosen.content_type.starts_with("text/html");
    let content = match (&chosen.content, too_large) {
        // The list was asked for without any content.
        (_, true) => download::text(rt, chosen.id).await?.unwrap_or_default(),
        (content, false) => content.clone(),
    };
    // A marker that somebody forged only spares their own words the cutting.
    let body = body::read(&content, is_html, chosen.headers.contains(marker::PARAMETER));
    Ok(Content { body, files, headers })
}

/// Parts that are text, with their text: for a plain message the one call that is needed.
async fn text_parts(rt: &RequestTracker, transaction: u64) -> Result<Vec<Attachment>, Failure> {
    let filter = json!([
        { "field": "TransactionId", "value": transaction },
        { "field": "ContentType", "operator": "STARTSWITH", "value": "text/" },
        { "field": "ContentType", "operator": "STARTSWITH", "value": "multipart/" },
    ]);
    let query =
        [("fields", "ContentType,Filename,Headers,TransactionId,Content"), ("orderby", "id"), ("per_page", "20")];
    let found: List<Attachment> = rt.client.search(&["attachments"], &query, &filter).await?.ok()?;
    Ok(found.into_iter().filter(|part| part.transaction == transaction).collect())
}

/// All parts without content; the headers are enough for a text that is too large to be a message.
async fn all_parts(rt: &RequestTracker, transaction: u64) -> Result<Vec<Attachment>, Failure> {
    let id = transaction.to_string();
    let query = [("fields", "ContentType,ContentLength,Filename,Headers"), ("orderby", "id"), ("per_page", "100")];
    let found: List<Attachment> = rt.client.get(&["transaction", &id, "attachments"], &query).await?.ok()?;
    Ok(found.into_iter().collect())
}

/// The part that is the message: the first inline text, in HTML where the sender offered both.
fn choose(parts: &[Attachment]) -> Option<usize> {
    let inline =
        |part: &Attachment| part.filename.is_empty() && !part.headers.contains("Content-Disposition: attachment");
    let first = |kind: &str| parts.iter().position(|part| part.content_type.starts_with(kind) && inline(part));
    let html = first("text/html").filter(|_| parts.iter().any(is_alternative));
    html.or_else(|| first("text/"))
}

fn is_alternative(part: &Attachment) -> bool {
    part.content_type.starts_with("multipart/alternative")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(content_type: &str, filename: &str) -> Attachment {
        serde_json::from_value(json!({ "ContentType": content_type, "Filename": filename })).unwrap()
    }

    #[test]
    fn the_message_is_the_first_inline_text_and_html_where_both_are_offered() {
        for (parts, chosen) in [
            (vec![part("text/plain", "")], Some(0)),
            (vec![part("multipart/alternative", ""), part("text/plain", ""), part("text/html", "")], Some(2)),
            (vec![part("multipart/mixed", ""), part("text/plain", ""), part("text/html", "")], Some(1)),
            (vec![part("multipart/mixed", ""), part("text/plain", "log.txt"), part("text/plain", "")], Some(2)),
            (vec![part("multipart/mixed", ""), part("text/html", "page.html")], None),
            (vec![], None),
        ] {
            assert_eq!(choose(&parts), chosen, "{parts:?}");
        }
    }
}
