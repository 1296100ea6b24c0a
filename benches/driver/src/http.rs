//! The driver's own HTTP: a plain client, a single connection, and free ports.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Context, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

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

/// The one connection that a homeserver has to an application service. A pool opens a second one now and then, and the
/// bridge would look for what it was not told (decision 19).
pub struct Connection {
    address: SocketAddr,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    pub const fn to(address: SocketAddr) -> Self {
        Self { address, open: None }
    }

    pub async fn put(&mut self, path: &str, token: &str, body: String) -> anyhow::Result<()> {
        let request = hyper::Request::put(path)
            .header("host", self.address.to_string())
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Full::from(body))?;
        let response = self.opened().await?.send_request(request).await?;
        let (status, body) = (response.status(), response.into_body().collect().await?.to_bytes());
        if !status.is_success() {
            bail!("{status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(())
    }

    async fn opened(&mut self) -> anyhow::Result<&mut SendRequest<Full<Bytes>>> {
        if let Some(open) = &mut self.open
            && open.ready().await.is_err()
        {
            bail!("{} has closed the connection", self.address);
        }
        if self.open.is_none() {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            let (open, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            self.open = Some(open);
        }
        self.open.as_mut().context("no connection")
    }
}
