//! One bridge between a homeserver and a helpdesk in memory, which can die at any moment and come back on its file.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ruma::OwnedUserId;
use secrecy::SecretString;
use serde_json::json;
use ticketroom::clock::{Clock, SystemClock};
use ticketroom::delivery::{Engine, Limits, Parts};
use ticketroom::helpdesk::Helpdesk;
use ticketroom::helpdesk::memory::MemoryHelpdesk;
use ticketroom::matrix::{self, Ghosts, HomeserverOptions, Intake, MatrixSide};
use ticketroom::model::{Agent, DeskId, Quotas, Settings, TicketId};
use ticketroom::observe::Readiness;
use ticketroom::store::{self, Backend};
use tokio::runtime::Runtime;

use crate::flaky::{Flaky, Troubles};
use crate::homeserver::{AS_TOKEN, DOMAIN, HS_TOKEN, Homeserver, until};

pub const BOT: &str = "@_desk_bot:hs.test";

/// The machine's clock, put forward.
#[derive(Default)]
pub struct ShiftedClock(AtomicI64);

impl Clock for ShiftedClock {
    fn now_ms(&self) -> i64 {
        SystemClock.now_ms() + self.0.load(Ordering::SeqCst)
    }

    fn jitter(&self) -> f64 {
        SystemClock.jitter()
    }
}

pub struct Lab {
    pub homeserver: Homeserver,
    pub helpdesk: Arc<MemoryHelpdesk>,
    /// Whom the bridge asks instead, if anybody.
    pub in_front: Option<Arc<dyn Helpdesk>>,
    pub troubles: Arc<Troubles>,
    pub limits: Limits,
    /// Whether desks have spaces, and agents' lists are tidied: off, so that most tests need not think of it.
    pub spaces: bool,
    pub quotas: Quotas,
    /// Logins and Matrix accounts (localparts) of the agents.
    pub agents: Vec<(&'static str, &'static str)>,
    clock: Arc<ShiftedClock>,
    folder: tempfile::TempDir,
    port: u16,
    running: Option<Runtime>,
    engine: Option<Arc<Engine>>,
}

pub fn user(localpart: &str) -> String {
    format!("@{localpart}:{DOMAIN}")
}

fn limits() -> Limits {
    Limits {
        matrix_parallel: 16,
        helpdesk_parallel: 16,
        give_up_after: Duration::from_secs(3600),
        poll_interval: Duration::from_millis(20),
        reconcile_interval: Duration::from_secs(600),
        retry_first: Duration::from_millis(10),
        retry_max: Duration::from_millis(200),
        tell_waiting_after: Duration::from_secs(60),
        keep_done: Duration::from_secs(24 * 3600),
    }
}

impl Lab {
    pub async fn start() -> Self {
        let mut lab = Self::prepare().await;
        lab.boot().await;
        lab
    }

    /// All but the bridge.
    pub async fn prepare() -> Self {
        // Shown only where a test fails.
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let _first = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let homeserver = Homeserver::start(port).await;
        homeserver.person("anna", "Anna Agent");
        homeserver.person("bert", "Bert Berger");
        Self {
            homeserver,
            helpdesk: Arc::new(MemoryHelpdesk::new()),
            in_front: None,
            troubles: Arc::new(Troubles::default()),
            limits: limits(),
            spaces: false,
            quotas: Quotas::default(),
            agents: vec![("anna", "anna"), ("bert", "bert")],
            clock: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
            port,
            running: None,
            engine: None,
        }
    }

    /// Starts the bridge on its file.
    pub async fn boot(&mut self) {
        assert!(self.running.is_none(), "it runs already");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let bridge = Bridge {
            spool: self.file("spool"),
            uri: format!("sqlite:{}", self.file("ticketroom.db").display()),
            port: self.port,
            homeserver: self.homeserver.url.clone(),
            helpdesk: self.in_front.clone().unwrap_or_else(|| Arc::clone(&self.helpdesk) as Arc<dyn Helpdesk>),
            troubles: Arc::clone(&self.troubles),
            limits: self.limits.clone(),
            settings: Settings { quotas: self.quotas, ..settings(self.spaces, &self.agents) },
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
        };
        self.engine = Some(runtime.spawn(bridge.run()).await.unwrap());
        self.running = Some(runtime);
        // The helpdesk is followed from the moment in which its feed was first asked.
        self.until_some("cursors WHERE name = 'helpdesk_feed'").await;
    }

    /// As the helpdesk does that tells of its changes.
    pub fn hint(&self) {
        assert!(self.engine().hint(), "it can be told");
    }

    /// As kill -9 does: whatever is under way ends where it stands.
    pub async fn kill(&mut self) {
        self.engine = None;
        let Some(runtime) = self.running.take() else { return };
        tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(20))).await.unwrap();
    }

    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("the bridge runs")
    }

    /// As SIGTERM does; returns when everything under way has ended.
    pub async fn shut_down(&self) {
        self.engine().shut_down().await;
    }

    pub async fn restart(&mut self) {
        self.kill().await;
        self.boot().await;
    }

    pub fn put_clock_forward(&self, by: Duration) {
        self.clock.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }

    /// A file in the bridge's folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// To the bridge's file, past the bridge.
    pub async fn other_connection(&self) -> sqlx::SqliteConnection {
        use sqlx::Connection;
        let uri = format!("sqlite:{}", self.file("ticketroom.db").display());
        sqlx::SqliteConnection::connect(&uri).await.unwrap()
    }

    /// What is in the bridge's file.
    pub async fn count(&self, what: &'static str) -> i64 {
        let mut connection = self.other_connection().await;
        let query = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {what}"));
        sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
    }

    /// Until the bridge's file has such a row.
    pub async fn until_some(&self, what: &'static str) {
        self.until_counted(what, |count| count > 0).await;
    }

    /// Until it has so many of them.
    pub async fn until_count(&self, what: &'static str, count: i64) {
        self.until_counted(what, |now| now == count).await;
    }

    async fn until_counted(&self, what: &'static str, is_enough: impl Fn(i64) -> bool) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        loop {
            let now = self.count(what).await;
            if is_enough(now) {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "waited too long for {what}: {now} of them");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Until nothing waits any more.
    pub async fn until_quiet(&self) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        loop {
            let waiting = self.count("inbox WHERE state = 0").await + self.count("outbox WHERE state < 2").await;
            if waiting == 0 && self.homeserver.nothing_to_push() {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "{waiting} rows still wait");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// A ticket that came by mail for a customer who has a Matrix account and is in its room.
    pub async fn ticket(&self, customer: &str, title: &str) -> (TicketId, String) {
        let matrix = self.homeserver.person(customer, customer);
        let person =
            self.helpdesk.add_customer(customer, customer, Some(OwnedUserId::try_from(matrix.clone()).unwrap()));
        let ticket = self.helpdesk.open_ticket("1", person, title, "It leaks").unwrap();
        let room = until(&format!("the room of {title}"), || {
            self.homeserver
                .room_of(&format!("ticket_{ticket}"))
                .filter(|room| self.homeserver.join(&matrix, room).is_ok())
        })
        .await;
        (ticket, room)
    }

    /// Who writes encrypted at the bot's door gets a room in which it can be read, and enters it; what is said there first
    /// becomes a ticket.
    pub async fn waiting_room(&self, customer: &str) -> String {
        let door = self.homeserver.chat_with(customer, BOT);
        self.until_said(&door, "Write here what it is about").await;
        let sealed = json!({ "algorithm": "m.megolm.v1.aes-sha2" });
        self.homeserver.send(customer, &door, "m.room.encrypted", sealed).unwrap();
        until("the waiting room", || {
            let rooms: Vec<String> = self.homeserver.world().rooms.keys().cloned().collect();
            rooms.into_iter().find(|room| *room != door && self.homeserver.join(customer, room).is_ok())
        })
        .await
    }

    /// In the thread of the ticket's offer.
    pub async fn write_in_thread(&self, agent: &str, title: &str, text: &str) {
        let desk = until("the desk's room", || self.homeserver.room_of("queue_1")).await;
        self.homeserver.join(&user(agent), &desk).unwrap();
        let card = until("the offer", || {
            let world = self.homeserver.world();
            let events = world.events_of(&desk);
            let is_offer = |body: &str| body.contains(title);
            let offer = events.iter().find(|event| event["content"]["body"].as_str().is_some_and(is_offer));
            offer.map(|event| event["event_id"].clone())
        })
        .await;
        let content = serde_json::json!({
            "msgtype": "m.text", "body": text, "m.relates_to": { "rel_type": "m.thread", "event_id": card },
        });
        self.homeserver.send(&user(agent), &desk, "m.room.message", content).unwrap();
    }

    pub async fn until_membership(&self, room: &str, who: &str, membership: &str) {
        until(&format!("{who} to be '{membership}' in {room}"), || {
            (self.homeserver.membership(room, &user(who)).as_deref() == Some(membership)).then_some(())
        })
        .await
    }

    pub async fn until_locked(&self, room: &str) {
        until(&format!("{room} to be locked"), || {
            (self.homeserver.state(room, "m.room.power_levels")["events_default"] == 100).then_some(())
        })
        .await
    }

    /// What a customer's messages became in the helpdesk, in its order.
    pub fn received(&self, ticket: &TicketId) -> Vec<String> {
        let messages = self.helpdesk.messages_of(ticket).into_iter();
        messages.filter(|message| !message.author_is_agent).map(|message| plain(&message.body)).collect()
    }

    /// What the helpdesk has of a ticket, and how it came there.
    pub async fn picture(&self, ticket: &TicketId) -> String {
        let mut lines: Vec<String> =
            self.helpdesk.messages_of(ticket).iter().map(|message| format!("{message:?}")).collect();
        const INBOX: &str =
            "SELECT 'inbox ' || seq || ' ' || key || ' ' || lane || ' state ' || state FROM inbox ORDER BY seq";
        const OUTBOX: &str = "SELECT 'outbox ' || seq || ' ' || key || ' ' || lane || ' to ' || side || ' state ' || state || \
             ' attempts ' || attempts || ' ' || note FROM outbox ORDER BY seq";
        let mut connection = self.other_connection().await;
        for rows in [INBOX, OUTBOX] {
            let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(&mut connection).await.unwrap();
            lines.extend(rows);
        }
        lines.join("\n")
    }

    pub async fn until_received(&self, ticket: &TicketId, text: &str) {
        until(&format!("{text} in the helpdesk"), || self.received(ticket).iter().any(|got| got == text).then_some(()))
            .await
    }

    /// What ghosts said in a room.
    pub fn heard(&self, room: &str) -> Vec<String> {
        let by_ghost = |(sender, text): (String, String)| sender.starts_with("@_desk_u").then_some(text);
        self.homeserver.messages(room).into_iter().filter_map(by_ghost).collect()
    }

    pub async fn until_heard(&self, room: &str, text: &str) {
        until(&format!("{text} in the room"), || self.heard(room).iter().any(|got| got == text).then_some(())).await
    }

    pub async fn until_said(&self, room: &str, part: &str) -> String {
        until(&format!("“{part}” in {room}"), || {
            self.homeserver.ours(room).into_iter().find(|text| text.contains(part))
        })
        .await
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Some(runtime) = self.running.take() {
            runtime.shutdown_background();
        }
    }
}

pub fn plain(body: &ticketroom::model::RichText) -> String {
    ticketroom::text::to_plain(body)
}

struct Bridge {
    spool: PathBuf,
    uri: String,
    port: u16,
    homeserver: url::Url,
    helpdesk: Arc<dyn Helpdesk>,
    troubles: Arc<Troubles>,
    limits: Limits,
    settings: Settings,
    clock: Arc<dyn Clock>,
}

impl Bridge {
    async fn run(self) -> Arc<Engine> {
        let opened = store::open(&self.uri).await.unwrap();
        let backend: Arc<dyn Backend> = Arc::new(Flaky { inner: opened.backend, troubles: self.troubles });
        let settings = Arc::new(self.settings);
        let options = HomeserverOptions {
            address: self.homeserver,
            as_token: SecretString::from(AS_TOKEN),
            request_timeout: Duration::from_secs(2),
        };
        let http = ticketroom::net::homeserver_client().unwrap();
        let homeserver = Arc::new(matrix::Homeserver::new(options, http));
        let engine = Engine::new(Parts {
            backend,
            fence: opened.fence,
            matrix: MatrixSide {
                ghosts: Ghosts::new(Arc::clone(&homeserver), settings.bot.clone()),
                homeserver,
                settings: Arc::clone(&settings),
                room_version: None,
                not_ours: matrix::NotOurs::default(),
            },
            helpdesk: self.helpdesk,
            settings,
            clock: self.clock,
            limits: self.limits,
            files: ticketroom::delivery::Files {
                rules: ticketroom::files::Rules::default(),
                spool: ticketroom::files::Spool::open(&self.spool).unwrap(),
                parallel: 2,
            },
            readiness: Readiness::default(),
            appservice_id: "ticketroom".to_owned(),
        })
        .await
        .unwrap();
        let intake: Arc<dyn Intake> = Arc::new(Arc::clone(&engine));
        let router = matrix::router(intake, SecretString::from(HS_TOKEN), 32 * 1024 * 1024);
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        let listener = loop {
            match tokio::net::TcpListener::bind(("127.0.0.1", self.port)).await {
                Ok(listener) => break listener,
                // Another test may have taken it, and keeps it for as long as it runs.
                Err(error) => assert!(tokio::time::Instant::now() < deadline, "port {}: {error}", self.port),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<matrix::Line>();
            axum::serve(listener, service).await.unwrap();
            drop(opened.lock);
        });
        engine.start().await.unwrap();
        engine
    }
}

fn settings(spaces: bool, agents: &[(&str, &str)]) -> Settings {
    let agent = |(login, matrix): &(&str, &str)| Agent {
        login: (*login).to_owned(),
        matrix: OwnedUserId::try_from(user(matrix)).unwrap(),
        name: if *login == "anna" { "Anna Agent" } else { "Bert Berger" }.to_owned(),
        desks: Vec::new(),
    };
    Settings {
        bot: OwnedUserId::try_from(BOT).unwrap(),
        server: DOMAIN.try_into().unwrap(),
        prefix: "_desk_".to_owned(),
        agents: agents.iter().map(agent).collect(),
        default_desk: DeskId::new("1"),
        templates: Vec::new(),
        quotas: Quotas::default(),
        video: Default::default(),
        give_up_after_s: 3600,
        library: ticketroom::model::Library { searches_blocks: true, ..Default::default() },
        texts: std::sync::Arc::new(ticketroom::texts::Texts::built_in("en")),
        spaces,
        low_priority: spaces,
    }
}
