//! `POST /_ticketroom/v1/hint`: the helpdesk says that something changed, so that it is asked now instead of when it is its turn.
//!
//! A hint says nothing else: its body is not read, and what changed is looked for as always. So one that is lost, comes
//! twice, late or in another order, or is played again by somebody who overheard it, costs at most one look.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use secrecy::SecretString;

use crate::net;
use crate::observe::metrics::REFUSED;

/// Has the helpdesk asked; false: this instance does not ask.
pub type Ask = Arc<dyn Fn() -> bool + Send + Sync>;

#[derive(Clone)]
struct Shared {
    ask: Ask,
    token: Arc<SecretString>,
}

pub fn router(ask: Ask, token: SecretString) -> Router {
    let shared = Shared { ask, token: Arc::new(token) };
    Router::new().route("/_ticketroom/v1/hint", post(hint)).with_state(shared)
}

/// 204: it will be asked. 503: this instance does not ask, for another one leads.
async fn hint(State(shared): State<Shared>, headers: HeaderMap) -> StatusCode {
    match net::bearer(&headers) {
        None => StatusCode::UNAUTHORIZED,
        Some(token) if net::is_secret(token, &shared.token) => {
            if (shared.ask)() {
                StatusCode::NO_CONTENT
            } else {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
        Some(_) => {
            tracing::warn!(
                "a hint with a wrong token was refused; if it was your helpdesk, it has another helpdesk.hint_token"
            );
            metrics::counter!(REFUSED).increment(1);
            StatusCode::FORBIDDEN
        }
    }
}
