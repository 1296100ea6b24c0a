//! A small helpdesk in memory, for fast tests and the benchmark.
//!
//! It behaves like a good real one: one feed in order, markers, an atomic change of owner. What it is told to do wrong
//! (`faults`) it does once, at the next write.

mod control;
mod controls;
mod faults;
mod files;
mod mail;
mod state;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use ruma::OwnedEventId;

pub use control::start as start_control;
pub use faults::Fault;
use faults::Faults;
pub use files::{Content, Stored};
pub use mail::Mail;
use state::State;

use super::{Capabilities, Changes, Feed, Finding, Helpdesk, NewFile, NewMessage, NewTicket};
use crate::files::{NotCarried, Spooled, Spooling};
use crate::model::{
    Acceptance, Article, Author, Cancellation, Desk, DeskId, Failure, HelpdeskMessage, MessageId, Refusal, Search,
    Snapshot, TicketId, Visibility, Why, is_login,
};

#[derive(Default)]
pub struct MemoryHelpdesk {
    state: Mutex<State>,
    faults: Faults,
    /// How often its changes were asked for.
    questions: AtomicUsize,
}

fn gone() -> Failure {
    Failure::dead("the ticket does not exist").because(Why::NoTicket)
}

impl MemoryHelpdesk {
    /// With the desks "General" (1) and "Pumps" (2), and the agents `anna` and `bert`.
    pub fn new() -> Self {
        let desk = Self::default();
        desk.add_desk("General");
        desk.add_desk("Pumps");
        desk.add_agent("anna", "Anna Agent");
        desk.add_agent("bert", "Bert Berger");
        desk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write<T>(&self, work: impl FnOnce(&mut State) -> Result<T, Failure> + Send) -> Result<T, Failure> {
        let after = self.faults.before_write().await?;
        let result = work(&mut self.state())?;
        self.faults.after_write(after).await?;
        Ok(result)
    }
}

#[async_trait]
impl Helpdesk for MemoryHelpdesk {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            writes_on_behalf: true,
            markers: true,
            feed: Feed::Monotonic,
            optimistic_lock: true,
            internal_notes: true,
            html: true,
            articles: true,
            blocks: true,
        }
    }

    async fn probe(&self) -> Vec<Finding> {
        vec![Finding { what: "the helpdesk in memory is there".to_owned(), ..Finding::default() }]
    }

    async fn desks(&self) -> Result<Vec<Desk>, Failure> {
        self.faults.before_read().await?;
        Ok(self.state().desks())
    }

    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Snapshot>, Failure> {
        self.faults.before_read().await?;
        Ok(self.state().ticket(ticket).cloned())
    }

    async fn find_ticket(&self, marker: &OwnedEventId) -> Result<Option<TicketId>, Failure> {
        self.faults.before_read().await?;
        Ok(self.state().ticket_by_marker(marker))
    }

    async fn create_ticket(&self, new: &NewTicket) -> Result<TicketId, Failure> {
        let files = stored(&new.files).await?;
        self.write(|state| {
            let customer = state.customer(&new.customer, &new.customer_name);
            let ticket = state.open(&new.desk, customer, &new.title, &new.body, Some(&new.marker))?;
            state.attach_to_first(&ticket, files);
            state.describe(&ticket, &new.particulars);
            Ok(ticket)
        })
        .await
    }

    async fn message(&self, ticket: &TicketId, message: &MessageId) -> Result<Option<HelpdeskMessage>, Failure> {
        self.faults.before_read().await?;
        let found = self.state().message(message).cloned().ok_or_else(gone)?;
        Ok(Some(found).filter(|message| message.ticket == *ticket))
    }

    async fn file(&self, message: &MessageId, file: &str, into: Spooling) -> Result<Spooled, NotCarried> {
        self.faults.before_read().await?;
        let stored = self.state().file(message, file);
        match stored {
            Some(stored) => stored.give(into).await,
            None => Err(NotCarried::Refused(Refusal::Gone)),
        }
    }

    async fn find_message(&self, ticket: &TicketId, marker: &OwnedEventId) -> Result<Option<MessageId>, Failure> {
        self.faults.before_read().await?;
        Ok(self.state().message_by_marker(ticket, marker))
    }

    async fn post(&self, new: &NewMessage) -> Result<Option<MessageId>, Failure> {
        let files = stored(&new.files).await?;
        self.write(|state| {
            let (author, is_agent) = match &new.author {
                Author::Agent { login, name } => (state.agent(login, name), true),
                Author::Customer { matrix, name } => (state.customer(matrix, name), false),
                Author::Bridge => (state.agent("ticketroom", "Ticketroom"), true),
            };
            let marker = Some(new.marker.clone());
            let message = state.write(&new.ticket, author, is_agent, new.visibility, new.body.clone(), marker)?;
            state.attach(&message, files);
            Ok(Some(message))
        })
        .await
    }

    async fn accept(&self, ticket: &TicketId, login: &str) -> Result<Acceptance, Failure> {
        self.write(|state| {
            let Some(agent) = state.agent_by_login(login) else {
                return Ok(Acceptance::Denied("the helpdesk does not know this agent".to_owned()));
            };
            let snapshot = state.ticket(ticket).ok_or_else(gone)?.clone();
            match snapshot.owner.clone() {
                Some(owner) if owner.id != agent.id => Ok(Acceptance::OwnedBy(owner, snapshot)),
                Some(_) => Ok(Acceptance::Accepted(snapshot)),
                None => state.change(ticket, |snapshot| snapshot.owner = Some(agent)).map(Acceptance::Accepted),
            }
        })
        .await
    }

    async fn release(&self, ticket: &TicketId, login: &str) -> Result<Snapshot, Failure> {
        let release = |snapshot: &mut Snapshot| {
            snapshot.owner = snapshot.owner.take().filter(|owner| !is_login(&owner.login, login));
        };
        self.write(|state| state.change(ticket, release)).await
    }

    async fn set_closed(&self, ticket: &TicketId, closed: bool) -> Result<Snapshot, Failure> {
        self.write(|state| state.set_closed(ticket, closed)).await
    }

    async fn cancel(&self, ticket: &TicketId) -> Result<Cancellation, Failure> {
        self.write(|state| {
            let snapshot = state.ticket(ticket).ok_or_else(gone)?.clone();
            match snapshot.owner.clone() {
                _ if snapshot.status.closed => Ok(Cancellation::Cancelled(snapshot)),
                Some(owner) => Ok(Cancellation::OwnedBy(owner, snapshot)),
                None => state.cancel(ticket).map(Cancellation::Cancelled),
            }
        })
        .await
    }

    async fn link_room(&self, ticket: &TicketId, url: &str) -> Result<(), Failure> {
        self.write(|state| state.link(ticket, url)).await
    }

    async fn attach_link(&self, ticket: &TicketId, url: &str) -> Result<(), Failure> {
        self.write(|state| state.refer(ticket, url)).await
    }

    async fn search(&self, search: &Search, _desk: Option<&DeskId>) -> Result<Vec<Article>, Failure> {
        self.faults.before_read().await?;
        Ok(self.state().search(search))
    }

    async fn changes(&self, cursor: Option<&str>) -> Result<Changes, Failure> {
        self.questions.fetch_add(1, Ordering::Relaxed);
        self.faults.before_read().await?;
        self.state().changes(cursor)
    }
}

async fn stored(new: &[NewFile]) -> Result<Vec<Stored>, Failure> {
    let mut stored = Vec::new();
    for file in new {
        stored.push(Stored::take(file).await?);
    }
    Ok(stored)
}

/// Words for `Visibility` in the controls.
const PUBLIC: Visibility = Visibility::Public;
const INTERNAL: Visibility = Visibility::Internal;
