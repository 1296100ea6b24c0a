//! The program as an administrator meets it: its three commands, their files, their exit status; and what `check` finds
//! at a homeserver that is right or wrong in each of the ways that happen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test may panic"
)]

#[path = "common/guarded.rs"]
mod guarded;

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    routing::{get, post},
};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, SqliteConnection};
use tempfile::TempDir;
use ticketroom::{
    check::{check, line},
    config::{self, Config, Wishes},
    helpdesk::{Helpdesk, memory::MemoryHelpdesk},
    model::{Effect, Side, TicketId},
    net,
    store::{self, NewInbox, NewOutbox, Step},
};

fn ticketroom(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ticketroom")).args(arguments).current_dir(folder).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const GENERATE: [&str; 7] = [
    "generate",
    "--domain",
    "example.org",
    "--homeserver",
    "http://127.0.0.1:8008",
    "--helpdesk-url",
    "https://rt.example.org",
];

#[test]
fn generate_writes_both_files_with_fresh_secrets_for_their_owner_alone() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&first, &second] {
        let output = ticketroom(&GENERATE, folder.path());
        assert!(output.status.success(), "{}", stderr(&output));
        for file in ["config.yaml", "registration.yaml"] {
            let mode = fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        assert!(stdout(&output).contains("ticketroom check -c"), "it says what comes next");
    }
    let read = |folder: &TempDir| fs::read_to_string(folder.path().join("registration.yaml")).unwrap();
    let tokens = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.contains("_token: ")).map(str::to_owned).collect()
    };
    let (a, b) = (tokens(&read(&first)), tokens(&read(&second)));
    assert_eq!((a.len(), b.len()), (2, 2));
    assert!(a.iter().all(|token| token.len() > 50 && !b.contains(token)));
    let config = fs::read_to_string(first.path().join("config.yaml")).unwrap();
    assert!(a.iter().all(|token| config.contains(token.split_once(": ").unwrap().1)), "config and registration agree");
}

#[test]
fn generate_never_overwrites_and_leaves_nothing_half_done() {
    for existing in ["config.yaml", "registration.yaml"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(existing), "mine").unwrap();
        let output = ticketroom(&GENERATE, folder.path());
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains(&format!("{existing} exists and is not overwritten → move it away")));
        assert_eq!(fs::read_to_string(folder.path().join(existing)).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn generate_refuses_wrong_wishes_and_says_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["generate", "--domain", "https://example.org", "--homeserver", "localhost", "--helpdesk-url", "rt/REST/2.0"];
    let output = ticketroom(&arguments, folder.path());
    assert_eq!(output.status.code(), Some(1));
    for option in ["--domain is an address", "--homeserver is no URL", "--helpdesk-url is no URL"] {
        assert!(stderr(&output).contains(option), "{}", stderr(&output));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_generated_pair_lacks_only_the_helpdesks_token() {
    let folder = tempfile::tempdir().unwrap();
    assert!(ticketroom(&GENERATE, folder.path()).status.success());
    for command in ["check", "run"] {
        let output = ticketroom(&[command], folder.path());
        assert_eq!(output.status.code(), Some(1));
        let said = stdout(&output) + &stderr(&output);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains("helpdesk.request_tracker.token: is still the sample's → "), "{said}");
    }
}

#[test]
fn an_address_elsewhere_makes_it_listen_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [&GENERATE[..], &["--appservice-address", "http://bridge.lan:4000"]].concat();
    assert!(ticketroom(&arguments, folder.path()).status.success());
    let config = fs::read_to_string(folder.path().join("config.yaml")).unwrap();
    for line in ["  address: \"http://bridge.lan:4000\"", "  hostname: \"0.0.0.0\"", "  port: 4000"] {
        assert!(config.lines().any(|it| it == line), "no line `{line}`");
    }
}

#[test]
fn a_missing_file_and_a_wrong_command_line_are_told_apart_by_the_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let missing = ticketroom(&["check", "-c", "gone.yaml"], folder.path());
    assert_eq!(missing.status.code(), Some(1));
    assert!(stdout(&missing).starts_with("WRONG gone.yaml:1: can't be read"), "{}", stdout(&missing));
    assert_eq!(ticketroom(&["chek"], folder.path()).status.code(), Some(2));
    assert_eq!(ticketroom(&["--version"], folder.path()).status.code(), Some(0));
}

// ---------------------------------------------------------------------------------------------------- check

/// A homeserver as far as `check` asks it, with its mistakes.
#[derive(Clone)]
struct Fake {
    as_token: String,
    /// What it calls us with.
    hs_token: String,
    sender: String,
    bot: StatusCode,
    bot_error: String,
    /// Where it believes us to be; `None`: it can't reach us.
    bridge: Option<SocketAddr>,
    /// It is repeating what waited.
    repeats: bool,
}

/// As Synapse does: the address is open to all, but not to a token that it does not know.
async fn versions(State(fake): State<Arc<Fake>>, headers: HeaderMap) -> (StatusCode, Json<Value>) {
    match headers.get("authorization") {
        Some(given) if given.to_str().unwrap() != format!("Bearer {}", fake.as_token) => {
            (StatusCode::UNAUTHORIZED, Json(json!({"errcode": "M_UNKNOWN_TOKEN"})))
        }
        _ => (StatusCode::OK, Json(json!({"versions": ["v1.1", "v1.7"]}))),
    }
}

async fn whoami(State(fake): State<Arc<Fake>>, headers: HeaderMap, uri: Uri) -> (StatusCode, Json<Value>) {
    if headers["authorization"].to_str().unwrap() != format!("Bearer {}", fake.as_token) {
        return (StatusCode::UNAUTHORIZED, Json(json!({"errcode": "M_UNKNOWN_TOKEN"})));
    }
    if uri.query().is_some() {
        return (fake.bot, Json(json!({"errcode": "M_FORBIDDEN", "error": fake.bot_error})));
    }
    (StatusCode::OK, Json(json!({"user_id": fake.sender})))
}

async fn ping(State(fake): State<Arc<Fake>>) -> (StatusCode, Json<Value>) {
    let Some(bridge) = fake.bridge else {
        return (StatusCode::BAD_GATEWAY, Json(json!({"errcode": "M_CONNECTION_FAILED"})));
    };
    let client = net::homeserver_client().unwrap();
    let url = format!("http://{bridge}/_matrix/app/v1/ping");
    match client.post(url).bearer_auth(&fake.hs_token).json(&json!({})).send().await {
        // Synapse 1.163.2: tests/homeserver_push.rs.
        Ok(answer) if answer.status().is_success() && fake.repeats => {
            let error = "AlreadyCalled: Tried to cancel an already-called event.";
            (StatusCode::BAD_GATEWAY, Json(json!({"errcode": "M_CONNECTION_FAILED", "error": error})))
        }
        Ok(answer) if answer.status().is_success() => (StatusCode::OK, Json(json!({"duration_ms": 1}))),
        Ok(_) => (StatusCode::BAD_GATEWAY, Json(json!({"errcode": "M_BAD_STATUS"}))),
        Err(_) => (StatusCode::BAD_GATEWAY, Json(json!({"errcode": "M_CONNECTION_FAILED"}))),
    }
}

struct Scene {
    folder: TempDir,
    config: Config,
    fake: Fake,
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// All is right, as the starting point of each mistake; the homeserver is not started yet.
fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let wishes = Wishes {
        domain: "example.org".to_owned(),
        homeserver: "http://127.0.0.1:1".to_owned(),
        helpdesk_url: "http://127.0.0.1:2".to_owned(),
        appservice_address: Some(format!("http://127.0.0.1:{port}")),
    };
    let tokens = ["as-token-0123456789".to_owned(), "hs-token-0123456789".to_owned()];
    let files = config::generate(&wishes, folder.path(), tokens).unwrap();
    let text = fs::read_to_string(&files.config).unwrap().replace("CHANGE_ME_RT_TOKEN", "1-14-abc");
    let config = config::parse("config.yaml", folder.path(), &text, &Default::default()).unwrap();
    let fake = Fake {
        as_token: "as-token-0123456789".to_owned(),
        hs_token: "hs-token-0123456789".to_owned(),
        sender: "@_desk_appservice:example.org".to_owned(),
        bot: StatusCode::OK,
        bot_error: String::new(),
        bridge: Some(([127, 0, 0, 1], port).into()),
        repeats: false,
    };
    Scene { folder, config, fake }
}

impl Scene {
    async fn lines(mut self) -> Vec<String> {
        let router = Router::new()
            .route("/_matrix/client/versions", get(versions))
            .route("/_matrix/client/v3/account/whoami", get(whoami))
            .route("/_matrix/client/v1/appservice/ticketroom/ping", post(ping))
            .with_state(Arc::new(self.fake.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        self.config.homeserver.address = address.parse().unwrap();
        let lines = self.lines_at_its_address().await;
        server.abort();
        lines
    }

    async fn lines_at_its_address(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let file = self.folder.path().join("config.yaml");
        let no_helpdesk = Err(anyhow::anyhow!("not part of this test"));
        check(&self.config, &file, async { Ok(()) }, no_helpdesk, |finding| lines.push(line(&finding))).await;
        assert!(lines.pop().unwrap().starts_with("WRONG helpdesk → not part of this test"));
        lines
    }
}

fn only_wrong(lines: &[String]) -> &str {
    let wrong: Vec<&String> = lines.iter().filter(|line| line.starts_with("WRONG")).collect();
    assert_eq!(wrong.len(), 1, "{lines:#?}");
    wrong[0]
}

#[tokio::test]
async fn where_all_is_right_every_line_says_so() {
    let lines = scene().lines().await;
    assert!(lines.iter().all(|line| line.starts_with("ok    ")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("homeserver reaches us at")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.ends_with("registration.yaml fits the configuration")), "{lines:#?}");
}

#[tokio::test]
async fn a_bot_that_is_not_made_yet_is_no_mistake() {
    let mut scene = scene();
    scene.fake.bot = StatusCode::FORBIDDEN;
    scene.fake.bot_error = "Application service has not registered this user (@_desk_bot:example.org)".to_owned();
    let lines = scene.lines().await;
    assert!(lines.iter().all(|line| line.starts_with("ok    ")), "{lines:#?}");
}

#[tokio::test]
async fn a_homeserver_that_is_delivering_what_waited_reaches_us() {
    let mut scene = scene();
    scene.fake.repeats = true;
    let lines = scene.lines().await;
    assert!(lines.iter().all(|line| line.starts_with("ok    ")), "{lines:#?}");
}

#[tokio::test]
async fn each_mistake_at_the_homeserver_is_one_line_with_its_mend() {
    type Spoil = fn(&mut Fake);
    let cases: [(Spoil, &str); 6] = [
        (
            |fake| fake.as_token = "another".to_owned(),
            "WRONG homeserver knows our as_token → it refuses it: name registration.yaml",
        ),
        (
            |fake| fake.sender = "@_desk_appservice:other.org".to_owned(),
            "it calls itself other.org: set homeserver.domain to that",
        ),
        (
            |fake| fake.sender = "@old:example.org".to_owned(),
            "WRONG homeserver knows our sender_localpart → it knows old",
        ),
        (|fake| fake.bot = StatusCode::FORBIDDEN, "it is outside of the registration's users"),
        (|fake| fake.hs_token = "another".to_owned(), "WRONG homeserver reaches us → it comes with another hs_token"),
        (|fake| fake.bridge = None, "WRONG homeserver reaches us → it gets no connection to http://127.0.0.1:"),
    ];
    for (spoil, expected) in cases {
        let mut scene = scene();
        spoil(&mut scene.fake);
        let lines = scene.lines().await;
        assert!(only_wrong(&lines).contains(expected), "expected `{expected}`:\n{lines:#?}");
        assert!(!lines.join("\n").contains("-token-0123456789"), "a token is shown:\n{lines:#?}");
    }
}

#[tokio::test]
async fn a_queue_that_the_helpdesk_does_not_show_is_named_with_whose_it_is() {
    let mut scene = scene();
    let file = scene.folder.path().join("config.yaml");
    let agents = "agents:\n  - { login: ada, matrix: '@ada:example.org', name: Ada, desks: [Pumps, '1', Pump] }\n";
    let blocks = "blocks:\n  - { name: Greeting, body: Hello, queues: [Seals] }\n";
    let text = fs::read_to_string(&file).unwrap().replace("CHANGE_ME_RT_TOKEN", "1-14-abc") + agents + blocks;
    scene.config = config::parse("config.yaml", scene.folder.path(), &text, &Default::default()).unwrap();
    scene.config.video.off_for.desks = vec!["General".to_owned(), "general".to_owned()];
    let helpdesk: Arc<dyn Helpdesk> = Arc::new(MemoryHelpdesk::new());
    let mut lines = Vec::new();
    check(&scene.config, &file, async { Ok(()) }, Ok(helpdesk), |finding| lines.push(line(&finding))).await;
    let lines: Vec<&String> = lines.iter().filter(|line| line.starts_with("WRONG queue")).collect();
    let expected = [
        "WRONG queue \"Pump\" of the agent \"ada\" → the helpdesk shows no queue of this name, so that the agent is not invited \
         to its room: set agents[0].desks to some of: General, Pumps",
        "WRONG queue \"Seals\" of the building block \"Greeting\"",
        "WRONG queue \"general\" of video.off_for",
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{lines:#?}");
    }
}

#[tokio::test]
async fn a_homeserver_that_is_down_is_said_to_be() {
    let mut scene = scene();
    scene.config.homeserver.address = format!("http://127.0.0.1:{}", free_port()).parse().unwrap();
    let lines = scene.lines_at_its_address().await;
    let expected = "WRONG homeserver answers → no connection (Connection refused (os error 111)): start the homeserver";
    assert!(only_wrong(&lines).starts_with(expected), "{lines:#?}");
}

#[tokio::test]
async fn a_running_bridge_is_asked_itself() {
    let scene = scene();
    let address = scene.fake.bridge.unwrap();
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let router = Router::new().route("/_matrix/app/v1/ping", post(|| async { Json(json!({})) }));
    let bridge = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let lines = scene.lines().await;
    bridge.abort();
    assert!(lines.iter().any(|line| line.contains("is in use: the bridge is taken to be running")), "{lines:#?}");
    assert!(lines.iter().all(|line| line.starts_with("ok    ")), "{lines:#?}");
}

#[tokio::test]
async fn a_registration_that_says_something_else_is_named_key_by_key() {
    let scene = scene();
    let file = scene.folder.path().join("registration.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("rate_limited: false", "rate_limited: true").replace("hs-token", "xx-token"))
        .unwrap();
    let lines = scene.lines().await;
    let expected = "it differs from the configuration in hs_token, rate_limited: correct it and restart the homeserver";
    assert!(only_wrong(&lines).ends_with(expected), "{lines:#?}");
}

/// A database with one dead letter, and a configuration that names it; the letter's number.
async fn with_a_dead_letter(folder: &Path) -> i64 {
    assert!(ticketroom(&GENERATE, folder).status.success());
    let file = folder.join("config.yaml");
    let text = fs::read_to_string(&file).unwrap().replace("CHANGE_ME_RT_TOKEN", "1-23-abcdef");
    fs::write(&file, text).unwrap();
    let opened = store::open(&format!("sqlite:{}", folder.join("ticketroom.db").display())).await.unwrap();
    let effect = Effect::Release { ticket: TicketId::new("7"), login: "ada".to_owned() };
    let row = NewOutbox {
        key: "key".to_owned(),
        lane: "t:7".to_owned(),
        side: Side::Helpdesk,
        holds: false,
        body: serde_json::to_string(&effect).unwrap(),
        attempting: false,
    };
    let planned = Step { outbox: vec![row], ..Step::default() };
    let applied = opened.backend.commit(opened.fence, 0, &[planned]).await.unwrap();
    let seq = applied[0].outbox[0].seq;
    let dead = Step { dead: vec![(seq, "it said no".to_owned())], ..Step::default() };
    opened.backend.commit(opened.fence, 0, &[dead]).await.unwrap();
    seq
}

#[tokio::test]
async fn dead_letters_are_listed_shown_tried_again_and_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let number = with_a_dead_letter(folder.path()).await.to_string();
    let run = |arguments: &[&str]| ticketroom(&[&["dead-letters"], arguments].concat(), folder.path());
    let listed = stdout(&run(&["list"]));
    assert_eq!(
        listed,
        format!("{number}  Thu, 01 Jan 1970 00:00:00 GMT  to the helpdesk  ticket 7  owner  it said no\n"),
        "{}",
        stderr(&run(&["list"]))
    );
    assert!(stdout(&run(&["show", &number])).contains("\"Release\""));
    assert_eq!(stdout(&run(&["retry", &number])), format!("{number} is tried again\n"));
    assert_eq!(stdout(&run(&["list"])), "There are no dead letters.\n");
    let gone = run(&["drop", &number]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(stderr(&gone).contains("there is no dead letter"), "{}", stderr(&gone));
}

#[test]
fn what_is_asked_where_there_is_no_database_makes_none() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    configured(folder.path());
    let config = folder.path().join("config.yaml");
    let config = config.to_str().unwrap();
    for arguments in [&["dead-letters", "list", "-c", config][..], &["code", "list", "-c", config]] {
        let refused = ticketroom(arguments, elsewhere.path());
        assert_eq!(refused.status.code(), Some(1));
        let said = stderr(&refused);
        assert!(said.contains("there is no database /") && said.contains("run this in the folder"), "{said}");
    }
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_bridge_whose_helpdesk_is_away_at_the_start_sends_the_homeserver_back() {
    let folder = tempfile::tempdir().unwrap();
    configured(folder.path());
    let [appservice, observe, tracker] = [free_port(), free_port(), free_port()];
    let mut bridge = guarded::command(env!("CARGO_BIN_EXE_ticketroom"))
        .args(["run"])
        .current_dir(folder.path())
        .env("TICKETROOM_APPSERVICE__PORT", appservice.to_string())
        .env("TICKETROOM_APPSERVICE__HS_TOKEN", "an-hs-token-of-this-test-alone-and-long")
        .env("TICKETROOM_OBSERVE__PORT", observe.to_string())
        .env("TICKETROOM_HELPDESK__REQUEST_TRACKER__URL", format!("http://127.0.0.1:{tracker}"))
        .spawn()
        .unwrap();
    let client = net::homeserver_client().unwrap();
    let transaction = client
        .put(format!("http://127.0.0.1:{appservice}/_matrix/app/v1/transactions/1"))
        .bearer_auth("an-hs-token-of-this-test-alone-and-long")
        .json(&json!({ "events": [] }));
    let answer = async {
        loop {
            // Refused until it listens; then without an answer until it has asked the helpdesk for a while.
            if let Ok(answer) = transaction.try_clone().unwrap().send().await {
                return answer;
            }
            assert_eq!(bridge.try_wait().unwrap(), None, "it ended");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let answered = tokio::time::timeout(std::time::Duration::from_secs(60), answer).await.expect("an answer in time");
    assert_eq!(answered.status(), StatusCode::SERVICE_UNAVAILABLE);
    let health = client.get(format!("http://127.0.0.1:{observe}/health/ready")).send().await.unwrap();
    assert_eq!(health.status(), StatusCode::SERVICE_UNAVAILABLE);
    let health: Value = health.json().await.unwrap();
    assert_eq!(health["status"], "not_ready");
    assert_eq!(health["components"]["helpdesk"]["reason"], "it does not tell its queues; see the log");
    guarded::kill(&mut bridge);
}

/// Its database is `ticketroom.db` there.
fn configured(folder: &Path) -> std::path::PathBuf {
    assert!(ticketroom(&GENERATE, folder).status.success());
    let file = folder.join("config.yaml");
    let text = fs::read_to_string(&file).unwrap().replace("CHANGE_ME_RT_TOKEN", "1-23-abcdef");
    fs::write(&file, text).unwrap();
    folder.join("ticketroom.db")
}

/// Writes some messages, of which all stand in the file afterwards.
async fn filled(uri: &str, from: usize) {
    let opened = store::open(uri).await.unwrap();
    let inbox = (from..from + 500)
        .map(|n| NewInbox { key: format!("${n}"), lane: format!("t:{}", n * 7919 % 1000), body: "It leaks".repeat(50) })
        .collect();
    opened.backend.commit(opened.fence, 0, &[Step { inbox, ..Step::default() }]).await.unwrap();
    drop(opened);
    let mut connection = SqliteConnection::connect(uri).await.unwrap();
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn restored_refuses_a_copy_that_is_of_two_moments() {
    let folder = tempfile::tempdir().unwrap();
    let database = configured(folder.path());
    let uri = format!("sqlite:{}", database.display());
    filled(&uri, 0).await;
    let earlier = fs::read(&database).unwrap();
    filled(&uri, 500).await;
    let marked = ticketroom(&["restored"], folder.path());
    assert!(stdout(&marked).contains("start the bridge now"), "{}", stderr(&marked));
    let later = fs::read(&database).unwrap();
    for torn in [
        [&earlier[..earlier.len() / 2], &later[earlier.len() / 2..]].concat(),
        earlier[..9000].to_vec(),
        b"no database".to_vec(),
    ] {
        fs::write(&database, torn).unwrap();
        let refused = ticketroom(&["restored"], folder.path());
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr(&refused).contains("is damaged"), "{}", stderr(&refused));
        assert!(stderr(&refused).contains("take another copy"), "{}", stderr(&refused));
    }
    // What the bridge left behind when it was killed belongs to the file that was there before, and spoils no copy.
    let other = tempfile::tempdir().unwrap();
    let replaced = other.path().join("ticketroom.db");
    fs::write(&replaced, &earlier).unwrap();
    let killed = store::open(&format!("sqlite:{}", replaced.display())).await.unwrap();
    let step = Step { cursors: vec![("feed", "1".to_owned())], ..Step::default() };
    killed.backend.commit(killed.fence, 0, &[step]).await.unwrap();
    let left_behind = fs::read(other.path().join("ticketroom.db-wal")).unwrap();
    let wal = folder.path().join("ticketroom.db-wal");
    fs::write(&database, &later).unwrap();
    fs::write(&wal, &left_behind).unwrap();
    let refused = ticketroom(&["restored"], folder.path());
    assert!(stderr(&refused).contains("is damaged"), "{}", stderr(&refused));
    assert!(fs::read(&wal).unwrap() == left_behind && fs::read(&database).unwrap() == later, "and nothing is touched");
    fs::remove_file(&wal).unwrap();
    let marked = ticketroom(&["restored"], folder.path());
    assert!(stdout(&marked).contains("start the bridge now"), "{}", stderr(&marked));
}

#[tokio::test]
async fn restored_marks_a_copy_that_is_there_and_makes_none() {
    let folder = tempfile::tempdir().unwrap();
    let database = configured(folder.path());
    let refused = ticketroom(&["restored"], folder.path());
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("put the copy there first"), "{}", stderr(&refused));
    assert!(!database.exists());
    let uri = format!("sqlite:{}", database.display());
    let opened = store::open(&uri).await.unwrap();
    let running = ticketroom(&["restored"], folder.path());
    assert!(stderr(&running).contains("another ticketroom is running"), "{}", stderr(&running));
    drop(opened);
    let marked = ticketroom(&["restored"], folder.path());
    assert!(stdout(&marked).contains("start the bridge now"), "{}", stderr(&marked));
    let opened = store::open(&uri).await.unwrap();
    assert!(opened.backend.cursor(store::RESTORED).await.unwrap().is_some_and(|mark| !mark.is_empty()));
}
