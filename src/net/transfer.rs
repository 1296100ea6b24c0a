//! Large bodies: how long they may take, and their next piece.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Response;

/// What every transfer gets, however small.
const LEAST: Duration = Duration::from_secs(60);
/// Slower than this is as good as dead.
const BYTES_PER_SECOND_MIN: u64 = 64 * 1024;
/// Between two pieces.
const STALL: Duration = Duration::from_secs(60);

/// A limit for a transfer of so many bytes.
pub fn transfer_timeout(bytes: u64) -> Duration {
    LEAST + Duration::from_secs(bytes / BYTES_PER_SECOND_MIN)
}

/// Fails with why, in words without the address.
pub async fn next_chunk(response: &mut Response) -> Result<Option<Bytes>, String> {
    match tokio::time::timeout(STALL, response.chunk()).await {
        Ok(chunk) => chunk.map_err(super::why),
        Err(_) => Err("nothing came for a while".to_owned()),
    }
}
