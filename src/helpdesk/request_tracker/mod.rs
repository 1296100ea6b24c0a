//! Request Tracker 5 by its REST 2.0 interface.
//!
//! A seed of ours (`helpdesk/request-tracker/seed.pl`) prepares it: with it, messages stand in Request Tracker under
//! the name of the person who wrote them, and a marker tells which Matrix event each was made from.

mod accept;
mod agents;
mod answers;
mod articles;
mod attached;
mod base64_field;
mod body;
mod cache;
mod changes;
mod client;
mod config;
mod create;
mod cursor;
mod download;
mod embedded;
mod find;
pub mod foreign;
mod hidden;
mod link;
mod mails;
mod marker;
mod message;
mod named;
mod parts;
mod people;
mod post;
mod probe;
mod query;
mod rights;
mod scrip;
mod seed;
mod telling;
mod ticket;
mod turns;
mod update;
mod wire;
mod within;
mod words;

use std::time::Duration;

use async_trait::async_trait;
use ruma::OwnedEventId;

pub use config::{Config, Internal};

use super::{Capabilities, Changes, Feed, Finding, Helpdesk, NewMessage, NewTicket};
use crate::files::{NotCarried, Spooled, Spooling};
use crate::model::{
    Acceptance, Article, Cancellation, Desk, DeskId, Failure, HelpdeskMessage, MessageId, Person, Search, Snapshot,
    TicketId, Why,
};

/// One Request Tracker, as the user `ticketroom`.
pub struct RequestTracker {
    client: client::Client,
    config: Config,
    signer: marker::Signer,
    people: people::People,
    seed: seed::Seed,
    /// Whether a status of a lifecycle is a closed one.
    closed: cache::Cache<(String, String), bool>,
    /// First messages, which never change.
    first_messages: cache::Cache<u64, ticket::First>,
    /// Ids of the classes of articles, by name.
    classes: cache::Cache<String, u64>,
    /// What the feed is asked for.
    telling: cache::Cache<(), String>,
    looked_behind: hidden::LookedBehind,
    /// Request Tracker checks `If-Match` and then writes: our own two attempts must not meet in between.
    accepting: turns::Turns,
}

/// `http` must not follow redirects and should give up connecting after a few seconds.
pub fn open(config: Config, http: reqwest::Client) -> Result<RequestTracker, Failure> {
    let mut base = config.url.clone();
    base.set_query(None);
    base.set_fragment(None);
    base.path_segments_mut()
        .map_err(|()| Failure::dead("helpdesk.request_tracker.url is not an address of a web server"))?
        .pop_if_empty()
        .extend(["REST", "2.0"]);
    let limits = client::Limits {
        timeout: Duration::from_secs(config.request_timeout_s.max(1)),
        max_answer_bytes: config.max_answer_bytes,
        max_parallel: config.max_parallel_requests,
        claim: config.claim.clone(),
    };
    Ok(RequestTracker {
        client: client::Client::new(http, base, config.token.clone(), &limits),
        signer: marker::Signer::new(&config.token),
        people: people::People::new(people::Names {
            unnamed: config.texts.words().unnamed(),
            agents: config.agents.clone(),
        }),
        seed: seed::Seed::new(),
        closed: cache::Cache::new(1_000, Duration::from_secs(600)),
        first_messages: cache::Cache::new(500, Duration::from_secs(86_400)),
        classes: cache::Cache::new(10, Duration::from_secs(600)),
        telling: cache::Cache::new(1, Duration::from_secs(600)),
        looked_behind: hidden::LookedBehind::new(),
        accepting: turns::Turns::default(),
        config,
    })
}

/// Request Tracker's ids are numbers; anything else can't be one of its tickets.
fn number(id: &str) -> Option<u64> {
    id.parse().ok().filter(|number| *number > 0)
}

impl RequestTracker {
    /// Above what somebody wrote, where Request Tracker does not let us write in their name.
    fn wrote(&self, name: &str) -> String {
        self.config.texts.words().wrote(crate::text::clean_name(name))
    }

    fn person(&self, user: &wire::User) -> Person {
        self.people.person(user)
    }
}

/// There is no such ticket.
fn gone() -> Failure {
    Failure::dead("the ticket does not exist, or we may not see it").because(Why::NoTicket)
}

fn ticket_number(ticket: &TicketId) -> Result<u64, Failure> {
    number(ticket.as_str()).ok_or_else(|| Failure::dead("this is not a ticket's number"))
}

#[async_trait]
impl Helpdesk for RequestTracker {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            writes_on_behalf: self.seed.on_behalf(),
            markers: true,
            feed: Feed::Monotonic,
            optimistic_lock: true,
            internal_notes: true,
            html: true,
            articles: self.config.article_class.is_some(),
            blocks: self.config.block_class.is_some(),
        }
    }

    async fn probe(&self) -> Vec<Finding> {
        probe::probe(self).await
    }

    async fn desks(&self) -> Result<Vec<Desk>, Failure> {
        let queues = probe::queues(&self.client).await?;
        let open = queues.into_iter().filter(|queue| !queue.disabled);
        Ok(open
            .map(|queue| Desk { id: DeskId::new(queue.id.to_string()), name: words::line(&queue.name, 100) })
            .collect())
    }

    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Snapshot>, Failure> {
        match number(ticket.as_str()) {
            Some(ticket) => ticket::snapshot(self, ticket).await,
            None => Ok(None),
        }
    }

    async fn find_ticket(&self, marker: &OwnedEventId) -> Result<Option<TicketId>, Failure> {
        find::ticket(self, marker).await
    }

    async fn create_ticket(&self, new: &NewTicket) -> Result<TicketId, Failure> {
        create::create(self, new).await
    }

    async fn message(&self, ticket: &TicketId, message: &MessageId) -> Result<Option<HelpdeskMessage>, Failure> {
        match (number(ticket.as_str()), number(message.as_str())) {
            (Some(ticket), Some(message)) => message::message(self, ticket, message).await,
            _ => Err(gone()),
        }
    }

    async fn file(&self, message: &MessageId, file: &str, into: Spooling) -> Result<Spooled, NotCarried> {
        download::file(self, message, file, into).await
    }

    async fn find_message(&self, ticket: &TicketId, marker: &OwnedEventId) -> Result<Option<MessageId>, Failure> {
        find::message(self, ticket_number(ticket)?, marker).await
    }

    async fn post(&self, new: &NewMessage) -> Result<Option<MessageId>, Failure> {
        post::post(self, new).await
    }

    async fn accept(&self, ticket: &TicketId, login: &str) -> Result<Acceptance, Failure> {
        accept::accept(self, ticket_number(ticket)?, login).await
    }

    async fn release(&self, ticket: &TicketId, login: &str) -> Result<Snapshot, Failure> {
        accept::release(self, ticket_number(ticket)?, login).await
    }

    async fn set_closed(&self, ticket: &TicketId, closed: bool) -> Result<Snapshot, Failure> {
        update::set_closed(self, ticket_number(ticket)?, closed).await
    }

    async fn cancel(&self, ticket: &TicketId) -> Result<Cancellation, Failure> {
        accept::cancel(self, ticket_number(ticket)?).await
    }

    async fn link_room(&self, ticket: &TicketId, url: &str) -> Result<(), Failure> {
        update::link_room(self, ticket_number(ticket)?, url).await
    }

    async fn attach_link(&self, ticket: &TicketId, url: &str) -> Result<(), Failure> {
        link::attach(self, ticket_number(ticket)?, url).await
    }

    async fn search(&self, search: &Search, _desk: Option<&DeskId>) -> Result<Vec<Article>, Failure> {
        articles::search(self, search).await
    }

    async fn changes(&self, cursor: Option<&str>) -> Result<Changes, Failure> {
        changes::changes(self, cursor).await
    }
}
