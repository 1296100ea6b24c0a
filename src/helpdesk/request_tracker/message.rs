//! Reads one message: who wrote it, who may see it, its text and its files.

use serde_json::json;

use super::client::is_too_large;
use super::marker::On;
use super::named::is_mail;
use super::wire::{Attachment, List, Transaction};
use super::within::Pictures;
use super::{RequestTracker, answers, attached, body, download, embedded, marker, parts};
use crate::model::{Failure, File, HelpdeskMessage, Lack, MessageId, RichText, TicketId, Visibility};
use crate::text::{self, Origin};

/// So many parts of a mail are read as its words.
const WORDS_MAX: usize = 20;

/// Of a message, in one answer of Request Tracker's.
const PARTS_MAX: usize = 100;

/// The text of a message and what came with it.
#[derive(Default)]
pub(super) struct Content {
    pub body: RichText,
    pub lacks: Option<Lack>,
    pub files: Vec<File>,
    /// The headers of all its text parts: one of them bears the marker.
    pub headers: String,
}

pub(super) async fn message(rt: &RequestTracker, ticket: u64, id: u64) -> Result<Option<HelpdeskMessage>, Failure> {
    // The feed told of it: who took it away, or our right to see it, has hidden it since.
    let transaction = transaction(rt, id).await?.ok_or_else(super::gone)?;
    if transaction.ticket != ticket {
        return Ok(None);
    }
    let visibility = match transaction.kind.as_str() {
        "Correspond" | "Create" => Visibility::Public,
        "Comment" => Visibility::Internal,
        _ => return Ok(None),
    };
    let Some(creator) = &transaction.creator else {
        return Ok(None);
    };
    let content = read_body(rt, id).await?;
    if content.body.is_empty() && content.files.is_empty() && content.lacks.is_none() {
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
        lacks: content.lacks,
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
    let (listed, too_large) = match text_parts(rt, transaction).await {
        Err(failure) if is_too_large(&failure) => (all_parts(rt, transaction).await?, true),
        listed => (listed?, false),
    };
    let is_one = !listed.is_empty() && !parts::are_several(&listed);
    let fetched = if is_one || too_large { Vec::new() } else { all_parts(rt, transaction).await? };
    let all = if is_one || too_large { &listed } else { &fetched };
    let mut content = Content {
        files: if is_one { Vec::new() } else { attached::files(transaction, all) },
        headers: listed.iter().map(|part| part.headers.as_str()).collect::<Vec<_>>().join("\n"),
        ..Content::default()
    };
    let origin = if is_mail(&content.headers) { Origin::Mail } else { Origin::Page };
    let words = parts::words(all);
    let mut pictures = Pictures::of(all);
    let (mut is_cut, mut shows) = (words.len() > WORDS_MAX, false);
    for part in words.into_iter().take(WORDS_MAX) {
        let text = match listed.iter().find(|with| with.id == part.id && !too_large) {
            Some(with) => with.content.clone(),
            // The list was asked for without any content.
            None => {
                let (text, is_start) = download::text(rt, part, text::READ_BYTES_MAX).await?;
                is_cut |= is_start;
                text
            }
        };
        is_cut |= text.len() > text::READ_BYTES_MAX;
        // A marker that somebody forged only spares their own words the cutting.
        let is_ours = part.headers.contains(marker::PARAMETER);
        let is_html = parts::is_html(part);
        if is_html && !is_ours {
            let embedded = embedded::files(transaction, part.id, &text);
            pictures.add(&embedded);
            pictures.look(&embedded::as_parts(part.id, &text), origin);
            content.files.extend(embedded);
        }
        shows |= is_html && body::shows(&text);
        body::append(&mut content.body, body::read(&text, is_html, (!is_ours).then_some(origin)));
    }
    if !is_cut {
        content.files.retain(|file| !pictures.is_foreign(file));
    }
    // Request Tracker gives so many parts and no more.
    let is_full = all.len() >= PARTS_MAX || content.files.len() > attached::MAX_FILES;
    content.files.truncate(attached::MAX_FILES);
    if is_cut || is_full {
        content.lacks = Some(Lack::Rest);
    } else if shows && content.body.is_empty() && content.files.is_empty() {
        content.lacks = Some(Lack::Picture);
    }
    Ok(content)
}

/// Parts that are text, with their text: for a plain message the one call that is needed.
async fn text_parts(rt: &RequestTracker, transaction: u64) -> Result<Vec<Attachment>, Failure> {
    let filter = json!([
        { "field": "TransactionId", "value": transaction },
        { "field": "ContentType", "operator": "STARTSWITH", "value": "text/" },
        { "field": "ContentType", "operator": "STARTSWITH", "value": "multipart/" },
    ]);
    let most = PARTS_MAX.to_string();
    let query = [
        ("fields", "ContentType,Filename,Headers,TransactionId,Content"),
        ("orderby", "id"),
        ("per_page", most.as_str()),
    ];
    let found: List<Attachment> = rt.client.search(&["attachments"], &query, &filter).await?.ok()?;
    Ok(found.into_iter().filter(|part| part.transaction == transaction).collect())
}

/// All parts without content; the headers are enough for a text that is too large to be a message.
async fn all_parts(rt: &RequestTracker, transaction: u64) -> Result<Vec<Attachment>, Failure> {
    let id = transaction.to_string();
    let most = PARTS_MAX.to_string();
    let query =
        [("fields", "ContentType,ContentLength,Filename,Headers"), ("orderby", "id"), ("per_page", most.as_str())];
    let found: List<Attachment> = rt.client.get(&["transaction", &id, "attachments"], &query).await?.ok()?;
    Ok(found.into_iter().collect())
}
