//! What a configuration holds once it is known to be right.

use std::{path::PathBuf, sync::Arc, time::Duration};

use ruma::{OwnedServerName, OwnedUserId, RoomVersionId};
use secrecy::SecretString;
use url::Url;

use super::templates::Template;
use crate::{
    model::{self, Agent, BlockElement, Desk, DeskId, Library, LinkElement, Quotas, Settings, VideoSettings},
    texts::Texts,
};

#[derive(Clone, Debug)]
pub struct Config {
    /// `@<appservice.bot_username>:<homeserver.domain>`.
    pub bot: OwnedUserId,
    pub homeserver: Homeserver,
    pub appservice: Appservice,
    pub database: Database,
    pub helpdesk: Helpdesk,
    /// By which it tells us that something changed; `None`: it does not.
    pub hint_token: Option<SecretString>,
    pub agents: Vec<Agent>,
    /// Elements of the Text Assistant.
    pub links: Vec<LinkElement>,
    /// Building blocks.
    pub blocks: Vec<BlockElement>,
    pub templates: Vec<Template>,
    pub quotas: Quotas,
    pub video: VideoSettings,
    pub rooms: Rooms,
    pub delivery: Delivery,
    pub files: Files,
    /// All that is said in rooms and tickets.
    pub texts: Arc<Texts>,
    pub logging: Logging,
    pub observe: Observe,
}

#[derive(Clone, Debug)]
pub struct Homeserver {
    /// Where we reach its client-server API.
    pub address: Url,
    pub domain: OwnedServerName,
    /// `None`: the homeserver's own default.
    pub room_version: Option<RoomVersionId>,
}

#[derive(Clone, Debug)]
pub struct Appservice {
    /// Where the homeserver reaches us.
    pub address: Url,
    pub hostname: String,
    pub port: u16,
    pub id: String,
    pub as_token: SecretString,
    pub hs_token: SecretString,
    pub bot_username: String,
    pub sender_localpart: String,
    pub user_prefix: String,
    pub max_transaction_bytes: usize,
}

#[derive(Clone, Debug)]
pub struct Database {
    /// A secret, for it may hold a password.
    pub uri: SecretString,
}

#[derive(Clone, Debug)]
pub enum Helpdesk {
    RequestTracker(RequestTracker),
    /// For tests and the benchmark only.
    Memory {
        poll_interval_ms: u64,
        /// Where the benchmark's driver reaches the helpdesk, on this machine.
        control_port: Option<u16>,
    },
}

#[derive(Clone, Debug)]
pub struct RequestTracker {
    /// Where we reach it.
    pub url: Url,
    pub token: SecretString,
    /// Where people reach it, if elsewhere.
    pub web_url: Option<Url>,
    pub default_queue: String,
    /// What closing and reopening set.
    pub closed_status: String,
    /// What a customer's cancelling sets.
    pub cancelled_status: String,
    pub open_status: String,
    /// The custom field that makes a ticket internal, and the value with which it does.
    pub internal_field: Option<String>,
    pub internal_value: String,
    /// The classes of articles to link to, and of building blocks; `None`: they are not searched.
    pub article_class: Option<String>,
    pub block_class: Option<String>,
    /// Where customers read an article; `None`: Request Tracker's own page for them.
    pub article_url: Option<String>,
    pub poll_interval_ms: u64,
    pub request_timeout_s: u64,
}

/// How agents find their rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rooms {
    pub spaces: bool,
    pub low_priority: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub matrix_parallel: usize,
    pub helpdesk_parallel: usize,
    pub give_up_after_h: u64,
    pub reconcile_interval_s: u64,
    pub retry_first_ms: u64,
    pub retry_max_s: u64,
    pub tell_waiting_after_s: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    pub rules: crate::files::Rules,
    pub parallel: usize,
    /// `None`: below the system's folder for such things.
    pub spool_folder: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    pub level: tracing::Level,
    pub format: LogFormat,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observe {
    pub hostname: String,
    pub port: u16,
}

impl Config {
    /// What the rules need to know; `default_desk` is the id of `Helpdesk::default_desk`, and `desks` are all that there
    /// are, which the helpdesk tells.
    pub fn settings(&self, default_desk: DeskId, desks: &[Desk]) -> Settings {
        let template = |template: &Template| model::Template {
            name: template.name.clone(),
            desk: template.queue.as_deref().and_then(|queue| find_desk(desks, queue)).map(|desk| desk.id.clone()),
            subject: template.subject.clone(),
            priority: template.priority.clone(),
            block: template.block.clone(),
            video: template.video,
        };
        Settings {
            bot: self.bot.clone(),
            server: self.homeserver.domain.clone(),
            prefix: self.appservice.user_prefix.clone(),
            agents: self.agents.clone(),
            library: Library {
                links: self.links.clone(),
                blocks: self.blocks.clone(),
                // Whoever opens the helpdesk knows what it can.
                searches_articles: false,
                searches_blocks: false,
            },
            default_desk,
            templates: self.templates.iter().map(template).collect(),
            quotas: self.quotas,
            video: VideoSettings { key: self.appservice.as_token.clone(), ..self.video.clone() },
            give_up_after_s: self.delivery.give_up_after().as_secs(),
            texts: Arc::clone(&self.texts),
            spaces: self.rooms.spaces,
            low_priority: self.rooms.low_priority,
        }
    }
}

/// By name or id.
pub fn find_desk<'a>(desks: &'a [Desk], wanted: &str) -> Option<&'a Desk> {
    desks.iter().find(|desk| desk.name == wanted || desk.id.as_str() == wanted)
}

impl Helpdesk {
    /// The id or name of the desk in which customers' tickets are opened; `None`: the helpdesk's first.
    pub fn default_desk(&self) -> Option<&str> {
        match self {
            Self::RequestTracker(tracker) => Some(&tracker.default_queue),
            Self::Memory { .. } => None,
        }
    }

    pub fn poll_interval(&self) -> Duration {
        match self {
            Self::RequestTracker(tracker) => Duration::from_millis(tracker.poll_interval_ms),
            Self::Memory { poll_interval_ms, .. } => Duration::from_millis(*poll_interval_ms),
        }
    }
}

impl Delivery {
    pub fn give_up_after(&self) -> Duration {
        Duration::from_secs(self.give_up_after_h.saturating_mul(3600))
    }

    pub fn reconcile_interval(&self) -> Duration {
        Duration::from_secs(self.reconcile_interval_s)
    }

    pub fn retry_first(&self) -> Duration {
        Duration::from_millis(self.retry_first_ms)
    }

    pub fn tell_waiting_after(&self) -> Duration {
        Duration::from_secs(self.tell_waiting_after_s)
    }

    pub fn retry_max(&self) -> Duration {
        Duration::from_secs(self.retry_max_s)
    }
}
