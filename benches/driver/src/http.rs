//! The driver's own HTTP: one plain client, and free ports.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, bail};
use serde_json::Value;

#[allow(clippy::disallowed_methods, reason = "the bare client is what is compared with")]
pub fn client() -> reqwest::Client {
    let _installed_already = rustls::crypto::ring::default_provider().install_default();
    // Nothing but http on this machine: no certificates to be read.
    let client = reqwest::Client::builder().http1_only().no_proxy().tls_certs_only([]).pool_max_idle_per_host(64);
    client.build().expect("a client without certificates can always be built")
}

pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

pub async fn answer(request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
    let response = request.send().await?;
    let (status, body) = (response.status(), response.bytes().await?);
    if !status.is_success() {
        bail!("{status}: {}", String::from_utf8_lossy(&body));
    }
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&body).context("an answer is no JSON")
}

/// JSON as a body, without reqwest's own encoder in the way.
pub fn json(request: reqwest::RequestBuilder, body: &Value) -> reqwest::RequestBuilder {
    request.header("content-type", "application/json").body(body.to_string())
}
