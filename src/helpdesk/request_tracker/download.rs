//! Fetches an attachment's content, which Request Tracker gives out as base64 within JSON, in pieces onto the disk.

use serde_json::json;

use super::base64_field::Base64Field;
use super::wire::{Attachment, List};
use super::{RequestTracker, embedded, number};
use crate::files::{NotCarried, Spooled, Spooling};
use crate::model::{Failure, MessageId, Refusal};
use crate::net;

/// The largest text in which a picture of its own is looked for.
const HTML_BYTES_MAX: usize = 16 * 1024 * 1024;

pub(super) async fn file(
    rt: &RequestTracker,
    message: &MessageId,
    file: &str,
    mut into: Spooling,
) -> Result<Spooled, NotCarried> {
    if let Some((part, at)) = embedded::place(file) {
        return within(rt, part, at, into).await;
    }
    let (Some(transaction), Some(id)) = (number(message.as_str()), number(file)) else {
        return Err(NotCarried::Refused(Refusal::Gone));
    };
    let mut response = match rt.client.begin(&["attachment", &id.to_string()], into.max_bytes()).await {
        Ok(Some(response)) => response,
        Ok(None) => return Err(NotCarried::Refused(Refusal::Gone)),
        // Asked for one that is not there, Request Tracker fails with 500.
        Err(_) if described(rt, transaction, id).await?.is_none() => return Err(NotCarried::Refused(Refusal::Gone)),
        Err(failure) => return Err(failure.into()),
    };
    let mut content = Base64Field::new("Content");
    while let Some(chunk) = net::next_chunk(&mut response).await.map_err(broken)? {
        into.write(&content.feed(&chunk).map_err(|_| unreadable())?).await?;
    }
    if content.is_whole() {
        return Ok(into.finish().await?);
    }
    // Of an empty file there is no content to be given out.
    Err(match described(rt, transaction, id).await? {
        Some(part) if part.length == 0 => NotCarried::Refused(Refusal::Empty),
        _ => unreadable().into(),
    })
}

async fn described(rt: &RequestTracker, transaction: u64, id: u64) -> Result<Option<Attachment>, Failure> {
    let filter = json!([{ "field": "TransactionId", "value": transaction }]);
    let query = [("fields", "TransactionId,ContentLength"), ("orderby", "id"), ("per_page", "100")];
    let found: List<Attachment> = rt.client.search(&["attachments"], &query, &filter).await?.ok()?;
    Ok(found.into_iter().find(|part| part.id == id))
}

/// A picture within the text of a message.
async fn within(rt: &RequestTracker, part: u64, at: usize, mut into: Spooling) -> Result<Spooled, NotCarried> {
    let Some((html, _)) = start(rt, part, HTML_BYTES_MAX).await? else {
        return Err(NotCarried::Refused(Refusal::Gone));
    };
    let content = embedded::content(&html, at).ok_or(NotCarried::Refused(Refusal::Gone))?;
    into.write(&content).await?;
    Ok(into.finish().await?)
}

/// A text part that was too large to come with its message, and whether this is only its start.
pub(super) async fn text(rt: &RequestTracker, part: &Attachment, bytes_max: usize) -> Result<(String, bool), Failure> {
    if part.length == 0 {
        // Of what is empty there is no content to be given out.
        return Ok((String::new(), false));
    }
    start(rt, part.id, bytes_max).await?.ok_or_else(unreadable)
}

async fn start(rt: &RequestTracker, id: u64, bytes_max: usize) -> Result<Option<(String, bool)>, Failure> {
    let max_bytes = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    let Some(mut response) = rt.client.begin(&["attachment", &id.to_string()], max_bytes).await? else {
        return Ok(None);
    };
    let (mut content, mut bytes) = (Base64Field::new("Content"), Vec::new());
    while let Some(chunk) = net::next_chunk(&mut response).await.map_err(broken)? {
        bytes.extend(content.feed(&chunk).map_err(|_| unreadable())?);
        if bytes.len() > bytes_max {
            bytes.truncate(bytes_max);
            // The cut may fall into the middle of a letter.
            let start = String::from_utf8_lossy(&bytes).trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned();
            return Ok(Some((start, true)));
        }
    }
    if !content.is_whole() {
        return Err(unreadable());
    }
    Ok(Some((String::from_utf8_lossy(&bytes).into_owned(), false)))
}

fn broken(reason: String) -> Failure {
    Failure::retry(format!("Request Tracker's attachment broke off: {reason}"))
}

fn unreadable() -> Failure {
    Failure::retry("Request Tracker's attachment can't be read")
}
