//! How requests get to the homeserver: by HTTP. A simulation puts itself in its place.

use async_trait::async_trait;

use super::call_error::CallError;
use crate::net;

#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends it as it is, within the request's own time limit; the answer may be a refusal.
    async fn send(&self, request: reqwest::Request) -> Result<reqwest::Response, CallError>;
}

#[async_trait]
impl Transport for reqwest::Client {
    async fn send(&self, request: reqwest::Request) -> Result<reqwest::Response, CallError> {
        self.execute(request).await.map_err(|error| match net::never_left(&error) {
            true => CallError::Unreachable(net::why(error)),
            false => CallError::NoAnswer(net::why(error)),
        })
    }
}
