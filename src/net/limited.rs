//! Reads an answer, but no more of it than is sane.

use reqwest::Response;

/// No JSON answer of a homeserver or helpdesk that we ask for is larger.
pub const ANSWER_MAX_BYTES: usize = 16 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum TooLarge {
    #[error("the answer is larger than {0} bytes")]
    Larger(usize),
    #[error("the answer broke off")]
    Broken(#[from] reqwest::Error),
}

pub async fn read_limited(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, TooLarge> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    if announced > max_bytes {
        return Err(TooLarge::Larger(max_bytes));
    }
    let mut body = Vec::with_capacity(announced);
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > max_bytes {
            return Err(TooLarge::Larger(max_bytes));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
