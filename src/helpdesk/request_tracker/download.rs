//! Fetches an attachment's content, which Request Tracker gives out as base64 within JSON, in pieces onto the disk.

use super::base64_field::Base64Field;
use super::{RequestTracker, number};
use crate::files::{NotCarried, Spooled, Spooling};
use crate::model::{Failure, MessageId, Refusal};
use crate::net;

/// The largest text part that is read as a message.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

pub(super) async fn file(
    rt: &RequestTracker,
    message: &MessageId,
    file: &str,
    mut into: Spooling,
) -> Result<Spooled, NotCarried> {
    let (Some(transaction), Some(id)) = (number(message.as_str()), number(file)) else {
        return Err(NotCarried::Refused(Refusal::Gone));
    };
    // The attachment's own id is enough for Request Tracker; that it belongs to this message is ours to know.
    let mut response = match rt.client.begin(&["attachment", &id.to_string()], into.max_bytes()).await? {
        Some(response) => response,
        None => return Err(NotCarried::Refused(Refusal::Gone)),
    };
    tracing::debug!(transaction, id, "fetching an attachment");
    let mut content = Base64Field::new("Content");
    while let Some(chunk) = net::next_chunk(&mut response).await.map_err(broken)? {
        into.write(&content.feed(&chunk).map_err(|_| unreadable())?).await?;
    }
    if !content.is_whole() {
        return Err(unreadable().into());
    }
    Ok(into.finish().await?)
}

/// A text part that was too large to come with its message; `None`: too large for a message altogether.
pub(super) async fn text(rt: &RequestTracker, id: u64) -> Result<Option<String>, Failure> {
    let max_bytes = u64::try_from(TEXT_BYTES_MAX).unwrap_or(u64::MAX);
    let Some(mut response) = rt.client.begin(&["attachment", &id.to_string()], max_bytes).await? else {
        return Ok(None);
    };
    let (mut content, mut bytes) = (Base64Field::new("Content"), Vec::new());
    while let Some(chunk) = net::next_chunk(&mut response).await.map_err(broken)? {
        bytes.extend(content.feed(&chunk).map_err(|_| unreadable())?);
        if bytes.len() > TEXT_BYTES_MAX {
            return Ok(None);
        }
    }
    if !content.is_whole() {
        return Err(unreadable());
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

fn broken(reason: String) -> Failure {
    Failure::retry(format!("Request Tracker's attachment broke off: {reason}"))
}

fn unreadable() -> Failure {
    Failure::retry("Request Tracker's attachment can't be read")
}
