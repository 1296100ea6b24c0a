//! What pretends to be the helpdesk and says that something changed: only its token has it asked, and nothing that a hint
//! holds counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::Request;
use secrecy::SecretString;
use serde::Deserialize;
use ticketroom::app::hints;
use tower_service::Service;

use crate::data::{read, same};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default = "post")]
    method: String,
    #[serde(default)]
    authorization: Vec<String>,
    #[serde(default)]
    query: String,
    #[serde(default)]
    body: String,
    #[serde(default = "once")]
    body_times: usize,
    /// False: another instance leads, and asks.
    #[serde(default = "leads")]
    leads: bool,
    status: u16,
}

fn post() -> String {
    "POST".to_owned()
}

fn once() -> usize {
    1
}

fn leads() -> bool {
    true
}

#[tokio::test]
async fn only_the_whole_token_has_the_helpdesk_asked_whatever_a_hint_holds() {
    let mut wrong = Vec::new();
    for case in read::<Case>("hints").cases {
        let asked = Arc::new(AtomicUsize::new(0));
        let ask = Arc::new({
            let (asked, leads) = (Arc::clone(&asked), case.leads);
            move || {
                asked.fetch_add(1, Ordering::SeqCst);
                leads
            }
        });
        let mut request = Request::builder().method(&*case.method).uri(format!("/_ticketroom/v1/hint{}", case.query));
        for value in &case.authorization {
            request = request.header("authorization", value);
        }
        let request = request.body(Body::from(case.body.repeat(case.body_times))).unwrap();
        let mut router = hints::router(ask, SecretString::from("the-token-of-hints"));
        let status = router.call(request).await.unwrap().status().as_u16();
        let asks = usize::from(matches!(case.status, 204 | 503));
        wrong.extend(same(&case.name, (status, asked.load(Ordering::SeqCst)), (case.status, asks)).err());
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
