//! One run's world: both sides, the database, the bridge, the proxies between them, some tickets, and the oracle's book.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use ticketroom_e2e::postgres::Postgres;

use crate::bridge::{self, Bridge, Settings};
use crate::disk::Disk;
use crate::line::Line;
use crate::oracle::{Book, Channel, From};
use crate::parts::{Helpdesk, Homeserver, REAL, STAND_IN, Tokens};
use crate::proxy::Proxy;
use crate::traffic::{Agent, Customer};
use crate::wait;

/// The login of the agent who works in Matrix.
pub const BERT: &str = "bert";
/// And of the one who works in the helpdesk.
pub const ANNA: &str = "anna";
const HINT_TOKEN: &str = "hint-token-of-the-crash-tests-0123456789";

/// How long it may take until all is well again.
pub const HEALED: Duration = Duration::from_secs(60);

pub struct Options {
    /// The real Synapse and the real Request Tracker.
    pub real: bool,
    pub postgres: bool,
    pub tickets: usize,
    pub seed: u64,
    /// The database and the files under way stand on a disk of their own.
    pub has_disk: bool,
    /// Over the bridge's configuration.
    pub tuning: Value,
}

/// Where a proxy stands.
#[derive(Clone, Copy)]
pub(crate) enum Hop {
    IntoBridge,
    IntoHomeserver,
    IntoHelpdesk,
    Hints,
}

impl Options {
    /// Each proxy has its own faults, whatever ports it stands between.
    pub(crate) fn seed_of(&self, hop: Hop) -> u64 {
        self.seed.wrapping_mul(4).wrapping_add(hop as u64)
    }
}

/// A ticket, and who writes in it.
#[derive(Clone)]
pub struct Ticket {
    pub number: u64,
    pub subject: String,
    pub room: String,
    pub customer: Customer,
}

pub struct World {
    pub homeserver: Homeserver,
    pub helpdesk: Helpdesk,
    pub postgres: Option<Postgres>,
    /// Bridge → PostgreSQL.
    pub to_database: Option<Line>,
    pub bridge: Bridge,
    /// Homeserver → bridge, bridge → homeserver, bridge → helpdesk.
    pub into_bridge: Proxy,
    pub into_homeserver: Proxy,
    pub into_helpdesk: Proxy,
    /// Helpdesk → bridge.
    pub hints: Proxy,
    pub agent: Agent,
    /// An agent with a Matrix account.
    pub bert: Customer,
    tickets: Mutex<Vec<Ticket>>,
    book: Mutex<Book>,
    pub seed: u64,
    program: PathBuf,
    database: String,
    tuning: Value,
    tokens: Tokens,
    data: PathBuf,
    disk: Option<Disk>,
    folder: PathBuf,
    people: AtomicUsize,
    /// What the bridge says itself may stand there twice since its database was an older copy (docs/promise.md).
    pub may_repeat_notices: AtomicBool,
    /// What was read of files, by their addresses: it never changes.
    pub(crate) downloaded: tokio::sync::Mutex<HashMap<String, Vec<u8>>>,
}

impl World {
    pub async fn start(options: &Options) -> Result<Self, String> {
        Self::start_with(bridge::program(), options).await
    }

    /// The same with another version of the bridge.
    pub async fn start_with(program: PathBuf, options: &Options) -> Result<Self, String> {
        let folder = make_folder();
        let data = folder.join("data");
        std::fs::create_dir_all(&data).expect("a folder for the data");
        let disk = options.has_disk.then(|| Disk::mount(&data)).transpose()?;
        let bridge = Bridge::new(program.clone(), &folder);
        let into_bridge = Proxy::start(bridge.port, options.seed_of(Hop::IntoBridge)).await;
        let postgres = options.postgres.then(|| Postgres::new(&folder));
        let (homeserver, helpdesk, ()) = tokio::join!(
            Homeserver::start(options.real, &folder, into_bridge.port),
            Helpdesk::start(options.real, &folder),
            async {
                if let Some(postgres) = &postgres {
                    postgres.start().await;
                }
            }
        );
        let into_homeserver = Proxy::start(port_of(&homeserver.url()), options.seed_of(Hop::IntoHomeserver)).await;
        let into_helpdesk = Proxy::start(port_of(&helpdesk.url()), options.seed_of(Hop::IntoHelpdesk)).await;
        let hints = Proxy::start(bridge.port, options.seed_of(Hop::Hints)).await;
        helpdesk.give_hints(&hints.url(), HINT_TOKEN);
        let tokens = if options.real { REAL } else { STAND_IN };
        let (to_database, database) = match &postgres {
            Some(postgres) => {
                let (line, uri) = Line::to_database(&postgres.uri()).await;
                (Some(line), uri)
            }
            None => (None, format!("sqlite:{}", data.join("ticketroom.db").display())),
        };
        bridge.configure(&Settings {
            homeserver: &into_homeserver.url(),
            domain: tokens.domain,
            as_token: tokens.as_token,
            hs_token: tokens.hs_token,
            tracker: &into_helpdesk.url(),
            tracker_token: &helpdesk.token("BRIDGE"),
            database: &database,
            hint_token: HINT_TOKEN,
            tuning: &deeply_merged(&json!({"files": {"spool_folder": data.join("spool")}}), &options.tuning),
        });
        let agent = Agent::new(&helpdesk.url(), &helpdesk.token("ANNA"));
        let bert = Customer::register(&homeserver, BERT, tokens.domain).await;
        let world = Self {
            homeserver,
            helpdesk,
            postgres,
            to_database,
            bridge,
            into_bridge,
            into_homeserver,
            into_helpdesk,
            hints,
            agent,
            bert,
            tickets: Mutex::default(),
            book: Mutex::new(Book::new(&format!("{:x}x", options.seed))),
            seed: options.seed,
            program,
            database,
            tuning: options.tuning.clone(),
            tokens,
            data,
            disk,
            folder,
            people: AtomicUsize::new(0),
            may_repeat_notices: AtomicBool::new(false),
            downloaded: tokio::sync::Mutex::default(),
        };
        world.bridge.start();
        world.bridge.until_ready(HEALED).await?;
        world.enter_desk("1").await?;
        for _ in 0..options.tickets {
            world.open_from_matrix().await?;
        }
        world.bridge.until_quiet(HEALED).await?;
        Ok(world)
    }

    /// Another instance on the same database; not started yet.
    pub fn another_bridge(&self, name: &str) -> Bridge {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder).expect("a folder for the instance");
        let bridge = Bridge::new(self.program.clone(), &folder);
        bridge.configure(&Settings {
            homeserver: &self.into_homeserver.url(),
            domain: self.tokens.domain,
            as_token: self.tokens.as_token,
            hs_token: self.tokens.hs_token,
            tracker: &self.into_helpdesk.url(),
            tracker_token: &self.helpdesk.token("BRIDGE"),
            database: &self.database,
            hint_token: HINT_TOKEN,
            tuning: &deeply_merged(&json!({"files": {"spool_folder": folder.join("spool")}}), &self.tuning),
        });
        bridge
    }

    pub fn bot(&self) -> String {
        format!("@_desk_bot:{}", self.tokens.domain)
    }

    pub fn alias(&self, name: &str) -> String {
        format!("#_desk_{name}:{}", self.tokens.domain)
    }

    async fn enter_desk(&self, queue: &str) -> Result<(), String> {
        wait::until(HEALED, || async {
            let room = self.bert.room_of_alias(&self.alias(&format!("queue_{queue}"))).await?;
            self.bert.try_join(&room).await
        })
        .await
        .map_err(|why| format!("the desk's room cannot be entered: {why}"))
    }

    pub async fn desk_room(&self) -> Result<String, String> {
        self.bert.room_of_alias(&self.alias("queue_1")).await
    }

    pub fn tickets(&self) -> Vec<Ticket> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub async fn new_person(&self) -> Customer {
        let number = self.people.fetch_add(1, Ordering::SeqCst);
        Customer::register(&self.homeserver, &format!("person{number}"), self.tokens.domain).await
    }

    /// Somebody new writes to the bot; what came of it is for `entered`.
    pub async fn knock(&self) -> Result<(Customer, String), String> {
        let customer = self.new_person().await;
        let subject = format!("Ticket of {} in {:x}", customer.id.split(':').next().unwrap_or_default(), self.seed);
        let door = customer.chat_with(&self.bot()).await;
        customer.say(&door, "opening", &subject).await?;
        Ok((customer, subject))
    }

    /// The ticket with this subject has a room, and its customer is in it: it takes part in the run.
    pub async fn entered(&self, customer: Customer, subject: &str, patience: Duration) -> Result<usize, String> {
        let number = wait::until(patience, || async { self.helpdesk.ticket_by_subject(subject) }).await?;
        let room = wait::until(patience, || async {
            let room = customer.room_of_alias(&self.alias(&format!("ticket_{number}"))).await?;
            customer.try_join(&room).await.map(|()| room)
        })
        .await
        .map_err(|why| format!("the room of ticket {number} cannot be entered: {why}"))?;
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.push(Ticket { number, subject: subject.to_owned(), room, customer });
        Ok(tickets.len() - 1)
    }

    pub async fn open_from_matrix(&self) -> Result<usize, String> {
        let (customer, subject) = self.knock().await?;
        self.entered(customer, &subject, HEALED).await
    }

    /// A fresh message passes in each ticket, both ways.
    pub async fn passes_a_fresh_message(&self) -> Result<(), String> {
        for ticket in 0..self.tickets().len() {
            for from in From::BOTH {
                self.write(Channel { ticket, from }, "a fresh message").await?;
            }
        }
        let (verdict, _) = self.healed().await?;
        if verdict.is_clean() { Ok(()) } else { Err(verdict.to_string()) }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn disk(&self) -> Option<&Disk> {
        self.disk.as_ref()
    }

    /// The database, where it is a file.
    pub fn sqlite(&self) -> Option<PathBuf> {
        self.database.starts_with("sqlite:").then(|| self.data.join("ticketroom.db"))
    }

    /// Where all went well nobody needs what was written.
    pub fn clean_up(&self) {
        self.bridge.kill9();
        if let Some(disk) = &self.disk {
            disk.unmount();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub fn deeply_merged(base: &Value, over: &Value) -> Value {
    let mut base = base.clone();
    bridge::merge(&mut base, over);
    base
}

/// The port of a server of this machine.
pub(crate) fn port_of(url: &str) -> u16 {
    url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

/// Below /tmp, where PostgreSQL's own user can enter it.
pub(crate) fn make_folder() -> PathBuf {
    static WORLDS: AtomicUsize = AtomicUsize::new(0);
    let number = WORLDS.fetch_add(1, Ordering::SeqCst);
    let folder = Path::new("/tmp").join(format!("ticketroom-crash-{}-{number}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the run");
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o711)).expect("its rights can be set");
    folder
}
