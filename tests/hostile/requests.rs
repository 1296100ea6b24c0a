//! Where we call: the homeserver and the helpdesk of the configuration, and nobody whom they or an event name.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use ruma::{MxcUri, user_id};
use secrecy::SecretString;
use serde::Deserialize;
use ticketroom::files::Spool;
use ticketroom::helpdesk::Helpdesk;
use ticketroom::helpdesk::request_tracker::{Config, open};
use ticketroom::matrix::{Homeserver, HomeserverOptions};
use ticketroom::model::TicketId;
use ticketroom::net::{HelpdeskLimits, helpdesk_client, homeserver_client};
use tokio::net::TcpListener;

use crate::data::{read, same};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// homeserver or helpdesk
    side: String,
    status: u16,
    /// Where the answer sends us; `{port}` is a port on which somebody counts who comes.
    location: String,
    /// A file whose server is somebody else's business than ours.
    #[serde(default)]
    file: Option<String>,
}

/// Counts who connects.
async fn trap() -> (u16, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    // Of both protocols, where the machine has both.
    let listener = match TcpListener::bind("[::]:0").await {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind("0.0.0.0:0").await.unwrap(),
    };
    let port = listener.local_addr().unwrap().port();
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, count)
}

/// Answers everything with a way elsewhere, and notes what was asked for.
async fn misleading(status: u16, location: String) -> (url::Url, Arc<std::sync::Mutex<Vec<String>>>) {
    let asked: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    let app = Router::new().fallback(move |uri: axum::http::Uri| {
        noted.lock().unwrap().push(uri.path().to_owned());
        let location = location.clone();
        async move { (StatusCode::from_u16(status).unwrap(), [(header::LOCATION, location)], "{}").into_response() }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, asked)
}

async fn call(case: &Case, url: url::Url) -> bool {
    if case.side == "helpdesk" {
        let limits = HelpdeskLimits { timeout: Duration::from_secs(5), parallel: 2 };
        let config = Config::new(url, SecretString::from("1-14-secret"));
        let helpdesk = open(config, helpdesk_client(limits).unwrap()).unwrap();
        return helpdesk.ticket(&TicketId::new("7")).await.is_ok();
    }
    let options = HomeserverOptions {
        address: url,
        as_token: SecretString::from("as-token"),
        request_timeout: Duration::from_secs(5),
    };
    let homeserver = Homeserver::new(options, homeserver_client().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let into = Spool::open(folder.path()).unwrap().begin(1000).await.unwrap();
    let file = case.file.as_deref().unwrap_or("mxc://elsewhere.test/x");
    homeserver.download(user_id!("@_desk_bot:here"), <&MxcUri>::from(file), into).await.is_ok()
}

#[tokio::test]
async fn nobody_is_called_because_an_answer_or_an_event_names_them() {
    let (port, count) = trap().await;
    let mut wrong = Vec::new();
    for case in read::<Case>("requests").cases {
        let location = case.location.replace("{port}", &port.to_string());
        let (url, asked) = misleading(case.status, location).await;
        let case = Case { file: case.file.map(|file| file.replace("{port}", &port.to_string())), ..case };
        let succeeded = call(&case, url).await;
        let what = format!("{} {} {} {:?}", case.side, case.status, case.location, case.file);
        wrong.extend(same(&what, (succeeded, count.load(Ordering::SeqCst)), (case.status == 200, 0)).err());
        let asked = asked.lock().unwrap().clone();
        let home = if case.side == "helpdesk" { "/REST/2.0/" } else { "/_matrix/client/v1/media/download/" };
        let is_home = asked.len() == 1 && asked.iter().all(|path| path.starts_with(home));
        wrong.extend(same(&format!("{what}: {asked:?}"), is_home, true).err());
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
