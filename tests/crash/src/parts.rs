//! The two sides that the bridge stands between: real ones, or stand-ins that are quick enough for hundreds of deaths.

use serde_json::json;
use std::path::{Path, PathBuf};

use ticketroom_e2e::api::Api;
use ticketroom_e2e::process::project;
use ticketroom_e2e::synapse::Synapse;

use crate::{homeserver, tracker};

pub enum Homeserver {
    StandIn(homeserver::Homeserver),
    Real(Box<Synapse>),
}

pub enum Helpdesk {
    StandIn(tracker::Tracker),
    Real(Box<ticketroom_e2e::tracker::Tracker>),
}

/// What was written into a ticket.
pub struct Message {
    /// Of who wrote it.
    pub login: String,
    /// Its words, or the name of its file.
    pub text: String,
    /// For agents alone.
    pub internal: bool,
}

/// What the bridge and the homeserver know each other by.
pub struct Tokens {
    pub domain: &'static str,
    pub as_token: &'static str,
    pub hs_token: &'static str,
}

pub const STAND_IN: Tokens =
    Tokens { domain: homeserver::DOMAIN, as_token: homeserver::AS_TOKEN, hs_token: homeserver::HS_TOKEN };
pub const REAL: Tokens = Tokens {
    domain: ticketroom_e2e::synapse::DOMAIN,
    as_token: ticketroom_e2e::bridge::AS_TOKEN,
    hs_token: ticketroom_e2e::bridge::HS_TOKEN,
};

impl Homeserver {
    /// `appservice_port`: where its transactions go.
    pub async fn start(real: bool, folder: &Path, appservice_port: u16) -> Self {
        if !real {
            return Self::StandIn(homeserver::Homeserver::start(appservice_port).await);
        }
        let registration = folder.join("registration.yaml");
        let content = json!({
            "id": "ticketroom", "url": format!("http://127.0.0.1:{appservice_port}"),
            "as_token": REAL.as_token, "hs_token": REAL.hs_token,
            "sender_localpart": "_desk_service", "rate_limited": false, "io.element.msc4190": true,
            "namespaces": {
                "users": [{"exclusive": true, "regex": format!("^@_desk_.*:{}$", REAL.domain)}],
                "aliases": [{"exclusive": true, "regex": format!("^#_desk_.*:{}$", REAL.domain)}],
                "rooms": [],
            },
        });
        std::fs::write(&registration, content.to_string()).expect("the registration can be written");
        let synapse = Synapse::new(folder, &registration, &ticketroom_e2e::Options::default());
        synapse.start().await;
        Self::Real(Box::new(synapse))
    }

    pub fn url(&self) -> String {
        match self {
            Self::StandIn(homeserver) => homeserver.url.as_str().trim_end_matches('/').to_owned(),
            Self::Real(synapse) => synapse.url.clone(),
        }
    }

    /// As after kill -9: what it held in memory alone is gone.
    pub fn kill9(&self) {
        match self {
            Self::StandIn(homeserver) => {
                homeserver.set_down(true);
                homeserver.lose_memory();
            }
            Self::Real(synapse) => synapse.kill9(),
        }
    }

    pub async fn start_again(&self) {
        match self {
            Self::StandIn(homeserver) => homeserver.set_down(false),
            Self::Real(synapse) => synapse.start().await,
        }
    }

    /// How many messages the bridge's users have written there.
    pub fn carried(&self) -> usize {
        let Self::StandIn(homeserver) = self else { panic!("only the stand-in counts what comes") };
        let world = homeserver.world();
        let is_carried = |event: &&serde_json::Value| {
            let sender = event["sender"].as_str().unwrap_or_default();
            event["type"] == "m.room.message" && sender.starts_with("@_desk_") && !sender.starts_with("@_desk_bot:")
        };
        world.stream.iter().filter(is_carried).count()
    }

    /// Its name and version.
    pub async fn version(&self) -> String {
        let Self::Real(synapse) = self else { return "the stand-in for Synapse (tests/common/homeserver)".to_owned() };
        let answer = Api::new(&synapse.url, String::new()).get("/_matrix/federation/v1/version").await;
        match answer.ok().and_then(|answer| answer.body["server"]["version"].as_str().map(str::to_owned)) {
            Some(version) => format!("Synapse {version}"),
            None => format!("Synapse {}", installed("synapse", "matrix-synapse")),
        }
    }
}

impl Helpdesk {
    pub async fn start(real: bool, folder: &Path) -> Self {
        if !real {
            return Self::StandIn(tracker::Tracker::start().await);
        }
        let tracker = ticketroom_e2e::tracker::Tracker::new(folder);
        tracker.start().await;
        Self::Real(Box::new(tracker))
    }

    pub fn url(&self) -> String {
        match self {
            Self::StandIn(tracker) => tracker.url.as_str().trim_end_matches('/').to_owned(),
            Self::Real(tracker) => tracker.url.clone(),
        }
    }

    /// `BRIDGE` or `ANNA`.
    pub fn token(&self, who: &str) -> String {
        match self {
            Self::StandIn(_) if who == "BRIDGE" => tracker::BRIDGE_TOKEN.to_owned(),
            Self::StandIn(_) => tracker::ANNA_TOKEN.to_owned(),
            Self::Real(tracker) => tracker.token(who),
        }
    }

    /// From now on it says to the bridge at this address that something changed.
    pub fn give_hints(&self, bridge: &str, token: &str) {
        match self {
            Self::StandIn(tracker) => tracker.give_hints(bridge, token),
            Self::Real(tracker) => tracker.give_hints(bridge, token),
        }
    }

    pub fn kill9(&self) {
        match self {
            Self::StandIn(tracker) => tracker.set_down(true),
            Self::Real(tracker) => tracker.kill9(),
        }
    }

    pub async fn start_again(&self) {
        match self {
            Self::StandIn(tracker) => tracker.set_down(false),
            Self::Real(tracker) => tracker.start().await,
        }
    }

    pub fn ticket_by_subject(&self, subject: &str) -> Result<u64, String> {
        match self {
            Self::StandIn(tracker) => {
                let world = tracker.world();
                let found: Vec<u64> =
                    world.tickets.values().filter(|ticket| ticket.subject == subject).map(|ticket| ticket.id).collect();
                match found.as_slice() {
                    [one] => Ok(*one),
                    other => Err(format!("{} tickets '{subject}'", other.len())),
                }
            }
            Self::Real(tracker) => tracker.ticket_by_subject(subject),
        }
    }

    pub fn tickets(&self) -> usize {
        match self {
            Self::StandIn(tracker) => tracker.world().tickets.len(),
            Self::Real(tracker) => tracker.tickets().len(),
        }
    }

    /// What stands in a ticket behind its opening, oldest first.
    pub fn messages(&self, ticket: u64) -> Vec<Message> {
        let message = |login, html: &str, kind: &str| Message { login, text: plain(html), internal: kind == "Comment" };
        match self {
            Self::StandIn(tracker) => {
                let messages = tracker.world().messages(ticket).into_iter();
                messages.map(|(login, html, kind)| message(login, &html, kind)).collect()
            }
            Self::Real(tracker) => {
                let words = tracker.words(ticket).into_iter().filter(|entry| entry.kind != "Create");
                words.map(|entry| message(entry.login, &entry.body, &entry.kind)).collect()
            }
        }
    }

    /// How many messages customers have written there.
    pub fn carried(&self) -> usize {
        let Self::StandIn(tracker) = self else { panic!("only the stand-in counts what comes") };
        let world = tracker.world();
        let is_carried = |one: &&tracker::Transaction| {
            one.kind == "Correspond" && world.user(one.creator).is_some_and(|user| user.name.starts_with('@'))
        };
        world.transactions.iter().filter(is_carried).count()
    }

    /// The files of a ticket, oldest first: name and content.
    pub fn files(&self, ticket: u64) -> Vec<(String, Vec<u8>)> {
        match self {
            Self::StandIn(tracker) => tracker.world().files(ticket),
            Self::Real(tracker) => {
                tracker.files(ticket).into_iter().map(|(name, _, content)| (name, content)).collect()
            }
        }
    }

    /// Addresses of elsewhere that a ticket refers to.
    pub fn links(&self, ticket: u64) -> Vec<String> {
        match self {
            Self::StandIn(tracker) => tracker.world().tickets[&ticket].links.clone(),
            Self::Real(tracker) => tracker.links(ticket),
        }
    }

    /// An account for this Matrix user, as an agent would make it who opens a ticket for them.
    pub fn add_user(&self, name: &str) {
        match self {
            Self::StandIn(tracker) => drop(tracker.world().add_user(name, "Somebody")),
            Self::Real(_) => panic!("the sweep over all points runs on the stand-ins"),
        }
    }

    /// Another desk, which is there from the next start of the bridge on.
    pub fn add_desk(&self, name: &str) {
        match self {
            Self::StandIn(tracker) => tracker.world().add_queue(name),
            Self::Real(_) => panic!("the sweep over all points runs on the stand-ins"),
        }
    }
}

/// The Python of what `scripts/install` put there under this name.
pub fn python(name: &str) -> PathBuf {
    let cache = std::env::var_os("TICKETROOM_CACHE").map_or_else(|| project().join("target/real"), PathBuf::from);
    cache.join(name).join("bin/python")
}

/// The version of a package that is installed there.
pub fn installed(name: &str, package: &str) -> String {
    let question = format!("from importlib.metadata import version; print(version('{package}'))");
    let asked = std::process::Command::new(python(name)).args(["-c", &question]).output();
    asked.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// The words of HTML, and where its links lead.
pub fn plain(html: &str) -> String {
    let mut text = String::new();
    let (mut in_tag, mut link) = (false, None);
    for (at, letter) in html.char_indices() {
        match letter {
            '<' => {
                in_tag = true;
                let tag = &html[at..];
                if let Some(rest) = tag.strip_prefix("<a href=\"") {
                    link = rest.split('"').next();
                } else if tag.starts_with("</a>")
                    && let Some(address) = link.take()
                {
                    text.push_str(&format!(" ({address})"));
                } else if tag.starts_with("<p") || tag.starts_with("<br") {
                    // On a line of its own.
                    text.push('\n');
                }
            }
            '>' if in_tag => in_tag = false,
            other if !in_tag => text.push(other),
            _ => {}
        }
    }
    for (name, sign) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")]
    {
        text = text.replace(name, sign);
    }
    // What stands for the words of a message that is only a file.
    text.trim().trim_start_matches("📎 ").to_owned()
}
