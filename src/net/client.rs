//! Builds the HTTP clients.
//!
//! Proxies are those of the environment (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`), as administrators expect it.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect, retry};

/// By which homeserver and helpdesk know us in their logs.
pub const USER_AGENT: &str = concat!("Ticketroom/", env!("CARGO_PKG_VERSION"));
/// Who does not accept a connection within this time is down; waiting longer only holds a place.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Synapse makes a room in 1–3 s when busy; after a minute nobody waits for an answer any more.
pub const HOMESERVER_TIMEOUT: Duration = Duration::from_secs(60);
/// As many as requests are allowed at once by default (`delivery.matrix_parallel`): none of them connects anew.
pub const HOMESERVER_IDLE_CONNECTIONS: usize = 32;
/// Shorter than the 5 s (Starlet) to 75 s (nginx) after which servers hang up: who is later writes into a closed connection.
const HELPDESK_IDLE_TIMEOUT: Duration = Duration::from_secs(4);
const HOMESERVER_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// What the configuration says of the helpdesk's side.
#[derive(Clone, Copy, Debug)]
pub struct HelpdeskLimits {
    pub timeout: Duration,
    pub parallel: usize,
}

/// Gives rustls its one cryptography. Without it the first https address panics; more calls do no harm.
pub fn install_crypto_provider() {
    // An error means that somebody installed one before us, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// For the homeserver: HTTP/1.1, because Synapse speaks nothing else and the question costs a round trip with TLS.
pub fn homeserver_client() -> Result<Client, reqwest::Error> {
    build(|| {
        base()
            .http1_only()
            .timeout(HOMESERVER_TIMEOUT)
            .pool_max_idle_per_host(HOMESERVER_IDLE_CONNECTIONS)
            .pool_idle_timeout(HOMESERVER_IDLE_TIMEOUT)
    })
}

pub fn helpdesk_client(limits: HelpdeskLimits) -> Result<Client, reqwest::Error> {
    build(|| {
        base().timeout(limits.timeout).pool_max_idle_per_host(limits.parallel).pool_idle_timeout(HELPDESK_IDLE_TIMEOUT)
    })
}

/// A machine without any certificates (a bare container) can still do http; there, https fails as untrusted.
fn build(make: impl Fn() -> ClientBuilder) -> Result<Client, reqwest::Error> {
    make().build().or_else(|_| make().tls_certs_only([]).build())
}

#[allow(clippy::disallowed_methods, reason = "this is the one home")]
fn base() -> ClientBuilder {
    install_crypto_provider();
    Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        // A token must not follow an answer to another host, and a POST must not become a GET.
        .redirect(redirect::Policy::none())
        // Repetitions are the outbox's: what is repeated behind its back may happen twice.
        .retry(retry::never())
        .referer(false)
}
