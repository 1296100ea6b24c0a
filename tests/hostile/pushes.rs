//! What calls us: only the homeserver, by its token, and what it brings again is there once.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use serde::Deserialize;
use ticketroom::matrix::{Intake, router};
use tower_service::Service;

use crate::data::{read, same};
use crate::json::Taken;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    authorization: Vec<String>,
    query: Option<String>,
    status: u16,
}

pub async fn push(intake: Arc<dyn Intake>, authorization: &[&str], query: Option<&str>, body: String) -> u16 {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let mut request = Request::put(format!("/_matrix/app/v1/transactions/1{query}"));
    for value in authorization {
        request = request.header("authorization", *value);
    }
    let mut router = router(intake, "hs-token".into(), 32 * 1024 * 1024);
    router.call(request.body(Body::from(body)).unwrap()).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn only_the_whole_token_opens_and_nothing_is_taken_without_it() {
    let mut wrong = Vec::new();
    for case in read::<Case>("pushes").cases {
        let taken = Arc::new(Taken::default());
        let authorization: Vec<&str> = case.authorization.iter().map(String::as_str).collect();
        let body = r#"{"events":[{"event_id":"$e"}]}"#.to_owned();
        let status = push(Arc::clone(&taken) as Arc<dyn Intake>, &authorization, case.query.as_deref(), body).await;
        let count = taken.0.lock().unwrap().len();
        wrong.extend(same(&case.name, (status, count), (case.status, usize::from(case.status == 200))).err());
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// That a part of it is right must not show in the time that the answer takes: one comparison, of all of it.
#[test]
fn tokens_and_proofs_are_compared_in_constant_time() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (file, secret) in [
        ("net/bearer.rs", "token.as_bytes().ct_eq(secret.expose_secret().as_bytes())"),
        ("helpdesk/request_tracker/marker.rs", "genuine.as_bytes().ct_eq(proof.as_bytes())"),
    ] {
        let text = std::fs::read_to_string(source.join(file)).unwrap();
        assert!(text.contains(secret), "{file} compares otherwise");
        assert!(!text.contains("expose_secret() ==") && !text.contains("== genuine"), "{file}");
    }
}
