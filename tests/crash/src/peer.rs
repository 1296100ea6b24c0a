//! Another bridge in the place of ours: an echo by mautrix-python (`tests/crash/mautrix_echo.py`), and people who write to it.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use ticketroom_e2e::api::Api;
use ticketroom_e2e::ports;
use ticketroom_e2e::process::{Process, project};

use crate::oracle::{Book, Channel, From, Read};
use crate::parts::{self, Homeserver, REAL, STAND_IN};
use crate::proxy::Proxy;
use crate::traffic::Customer;
use crate::wait;
use crate::world::{HEALED, Hop, Options, make_folder, port_of};

/// What it puts before the words that it repeats.
const PREFIX: &str = "echo: ";
const NAME: &str = "mautrix";

pub struct Peer {
    pub homeserver: Homeserver,
    pub into_bridge: Proxy,
    pub into_homeserver: Proxy,
    process: Process,
    listens: Api,
    /// Whom it answers as.
    ghost: String,
    rooms: Vec<(Customer, String)>,
    book: Mutex<Book>,
    folder: PathBuf,
}

impl Peer {
    /// With as many rooms as `options` wants tickets, each with one who writes. `synchronous`: the framework answers a
    /// transaction when it has been handled, and not, as it does by itself, when that was begun.
    pub async fn start(options: &Options, synchronous: bool) -> Result<Self, String> {
        let python = parts::python(NAME);
        if !python.exists() {
            return Err(format!("{} is missing: run scripts/install {NAME}", python.display()));
        }
        let folder = make_folder();
        let port = ports::free();
        let into_bridge = Proxy::start(port, options.seed_of(Hop::IntoBridge)).await;
        let homeserver = Homeserver::start(options.real, &folder, into_bridge.port).await;
        let into_homeserver = Proxy::start(port_of(&homeserver.url()), options.seed_of(Hop::IntoHomeserver)).await;
        let tokens = if options.real { REAL } else { STAND_IN };
        let ghost = format!("@_desk_echo:{}", tokens.domain);
        let config = folder.join("echo.json");
        let content = json!({
            "homeserver": into_homeserver.url(), "domain": tokens.domain, "id": "ticketroom", "bot": "_desk_service",
            "as_token": tokens.as_token, "hs_token": tokens.hs_token, "ghost": ghost, "prefix": PREFIX, "port": port,
            "synchronous": synchronous,
            "database": format!("sqlite:{}", folder.join("echo.db").display()),
        });
        std::fs::write(&config, content.to_string()).expect("the configuration can be written");
        let program = project().join("tests/crash/mautrix_echo.py");
        let arguments = [program, config].map(|path| path.to_string_lossy().into_owned()).to_vec();
        let mut peer = Self {
            homeserver,
            into_bridge,
            into_homeserver,
            process: Process::new("echo", python, arguments, &folder),
            listens: Api::new(&format!("http://127.0.0.1:{port}"), String::new()),
            ghost,
            rooms: Vec::new(),
            book: Mutex::new(Book::new(&format!("{:x}x", options.seed))),
            folder,
        };
        peer.run();
        peer.until_ready().await?;
        for number in 0..options.tickets {
            let customer = Customer::register(&peer.homeserver, &format!("person{number}"), tokens.domain).await;
            let room = customer.chat_with(&peer.ghost).await;
            wait::until(HEALED, || async {
                let membership = customer.membership(&room, &peer.ghost).await?;
                if membership == "join" { Ok(()) } else { Err(membership) }
            })
            .await
            .map_err(|why| format!("the echo does not come into a room: {why}\n{}", peer.log_tail()))?;
            peer.rooms.push((customer, room));
        }
        Ok(peer)
    }

    /// Its name and version.
    pub fn name() -> String {
        format!("mautrix-python {}", parts::installed(NAME, "mautrix"))
    }

    pub fn run(&self) {
        self.process.start(&[]);
    }

    pub fn kill9(&self) {
        self.process.kill9();
    }

    /// It says so.
    pub async fn until_ready(&self) -> Result<(), String> {
        wait::until(HEALED, || async {
            let answer = self.listens.get("/_matrix/mau/ready").await?;
            if answer.status == 200 { Ok(()) } else { Err(format!("the echo is not ready ({})", answer.status)) }
        })
        .await
        .map_err(|why| format!("{why}\n{}", self.log_tail()))
    }

    pub fn rooms(&self) -> usize {
        self.rooms.len()
    }

    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub async fn write(&self, channel: Channel, words: &str) -> Result<(), String> {
        let (customer, room) = &self.rooms[channel.ticket];
        let (entry, text) = self.book().write(channel, words);
        let txn = self.book().id(entry).to_owned();
        customer.say(room, &txn, &text).await?;
        self.book().acknowledged(entry);
        Ok(())
    }

    /// The echoes of each room, as what they repeat.
    pub async fn read(&self) -> Result<Read, String> {
        let mut read = Read::new();
        for (ticket, (customer, room)) in self.rooms.iter().enumerate() {
            let events = customer.events(room).await?;
            let echoes =
                events.iter().filter(|event| event["sender"] == self.ghost && event["type"] == "m.room.message");
            let words = |event: &Value| {
                let body = event["content"]["body"].as_str().unwrap_or_default();
                body.strip_prefix(PREFIX).unwrap_or(body).to_owned()
            };
            read.insert(Channel { ticket, from: From::Matrix }, echoes.map(words).collect());
        }
        Ok(read)
    }

    pub fn log_tail(&self) -> String {
        self.process.log_tail(40)
    }

    pub fn clean_up(&self) {
        self.kill9();
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}
