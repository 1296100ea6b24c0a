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

use crate::delivery::Doorway;
use crate::net;
use crate::observe::metrics::REFUSED;

#[derive(Clone)]
struct Shared {
    doorway: Arc<Doorway>,
    token: Arc<SecretString>,
}

pub(super) fn router(doorway: Arc<Doorway>, token: SecretString) -> Router {
    let shared = Shared { doorway, token: Arc::new(token) };
    Router::new().route("/_ticketroom/v1/hint", post(hint)).with_state(shared)
}

/// 204: it will be asked. 503: this instance does not ask, for another one leads.
async fn hint(State(shared): State<Shared>, headers: HeaderMap) -> StatusCode {
    match net::bearer(&headers) {
        None => StatusCode::UNAUTHORIZED,
        Some(token) if net::is_secret(token, &shared.token) => {
            if shared.doorway.hint() {
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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, header};
    use tower_service::Service;

    use super::*;

    async fn status(method: &str, authorization: Option<&str>) -> u16 {
        let mut request = Request::builder().method(method).uri("/_ticketroom/v1/hint");
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        let mut router = router(Doorway::new(), SecretString::from("the-token-of-hints"));
        router.call(request.body(Body::from("{\"whatever\": [")).unwrap()).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn only_who_has_the_token_may_hint_and_is_told_where_nobody_looks() {
        assert_eq!(status("POST", None).await, 401);
        assert_eq!(status("POST", Some("Basic the-token-of-hints")).await, 401);
        assert_eq!(status("POST", Some("Bearer the-token-of-hint")).await, 403);
        assert_eq!(status("POST", Some("Bearer the-token-of-hintss")).await, 403);
        assert_eq!(status("POST", Some("Bearer the-token-of-hints")).await, 503, "nobody leads yet");
        assert_eq!(status("GET", Some("Bearer the-token-of-hints")).await, 405);
    }
}
