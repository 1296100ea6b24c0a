//! The helpdesk in memory behind a bad line: calls and answers get lost, come late, or are refused for a while.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use ruma::OwnedEventId;
use ticketroom::files::{NotCarried, Spooled, Spooling};
use ticketroom::helpdesk::memory::MemoryHelpdesk;
use ticketroom::helpdesk::{Capabilities, Changes, Finding, Helpdesk, NewMessage, NewTicket};
use ticketroom::model::{
    Acceptance, Article, Cancellation, Desk, DeskId, Failure, HelpdeskMessage, MessageId, Next, Search, Snapshot,
    TicketId,
};

use super::sim::Sim;
use super::wire::Wire;

const TIMEOUT_MS: u64 = 10_000;
/// Whatever arrives after the caller gave up does so within this time; `Engine::uncertain_wait` is longer.
pub const LATE_MS: u64 = 1_500;
pub const SIDE: &str = "helpdesk";

pub struct Line {
    pub sim: Arc<Sim>,
    pub wire: Arc<Wire>,
    pub helpdesk: Arc<MemoryHelpdesk>,
    pub down: AtomicBool,
}

/// Calls of the helpdesk in memory never wait.
fn now<T>(call: impl Future<Output = T>) -> T {
    call.now_or_never().expect("no call waits")
}

impl Line {
    async fn call<T: Send + 'static>(
        &self,
        what: &str,
        writes: bool,
        work: impl FnOnce(&MemoryHelpdesk) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let sim = &self.sim;
        sim.check_pause(SIDE, what);
        sim.point().await;
        sim.note(|| format!("helpdesk < {what}"));
        let result = self.carried(what, writes, work).await;
        sim.note(|| match &result {
            Ok(_) => format!("helpdesk > {what}"),
            Err(failure) => format!("helpdesk > {what}: {:?} {}", failure.next, failure.reason),
        });
        sim.point().await;
        result
    }

    async fn carried<T: Send + 'static>(
        &self,
        what: &str,
        writes: bool,
        work: impl FnOnce(&MemoryHelpdesk) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let sim = &self.sim;
        let lost = |why: &str| if writes { Failure::uncertain(why) } else { Failure::retry(why) };
        if self.down.load(Ordering::SeqCst) {
            sim.pause(1, 3).await;
            return Err(Failure::retry("the helpdesk cannot be reached"));
        }
        let (slot, helpdesk) = (Arc::new(Mutex::new(None)), Arc::clone(&self.helpdesk));
        let result = Arc::clone(&slot);
        let (done, sim_of) = (what.to_owned(), Arc::clone(sim));
        let call = self.wire.depart(move || {
            sim_of.note(|| format!("helpdesk: {done}"));
            *result.lock().unwrap() = Some(work(&helpdesk));
        });
        let rate = sim.rates().helpdesk;
        if sim.chance(rate) {
            return Err(self.spoil(call, writes, lost).await);
        }
        sim.pause(1, 15).await;
        self.wire.arrive(call);
        sim.pause(1, 15).await;
        if sim.chance(rate) {
            sim.strike("helpdesk: saved, then 500");
            return Err(lost("the helpdesk failed (500)"));
        }
        let result = slot.lock().unwrap().take();
        result.expect("it arrived")
    }

    async fn spoil(&self, call: u64, writes: bool, lost: impl Fn(&str) -> Failure) -> Failure {
        let sim = &self.sim;
        let give_up = tokio::time::sleep(Duration::from_millis(TIMEOUT_MS));
        match sim.between(0, 4) {
            0 => {
                self.wire.lose(call);
                sim.strike("helpdesk: no connection");
                Failure::retry("the helpdesk cannot be reached")
            }
            1 => {
                self.wire.lose(call);
                sim.strike("helpdesk: 429");
                sim.pause(1, 5).await;
                let seconds = sim.between(0, 5);
                let after = (seconds > 0).then(|| Duration::from_secs(seconds));
                sim.ask_pause(SIDE, seconds * 1000);
                let failure = Failure::retry("the helpdesk asks to be called less (429)");
                Failure { next: Next::Retry { after }, ..failure }
            }
            2 => {
                self.wire.lose(call);
                sim.strike("helpdesk: never arrived, no answer");
                give_up.await;
                lost("the helpdesk did not answer in time")
            }
            3 if writes => {
                sim.strike("helpdesk: saved after our timeout");
                give_up.await;
                self.wire.delay(call, sim.now_ms() + sim.between(0, LATE_MS) as i64);
                lost("the helpdesk did not answer in time")
            }
            _ => {
                sim.strike("helpdesk: saved, no answer");
                sim.pause(1, 15).await;
                self.wire.arrive(call);
                give_up.await;
                lost("the helpdesk did not answer in time")
            }
        }
    }
}

#[async_trait]
impl Helpdesk for Line {
    fn capabilities(&self) -> Capabilities {
        self.helpdesk.capabilities()
    }

    async fn probe(&self) -> Vec<Finding> {
        self.helpdesk.probe().await
    }

    async fn desks(&self) -> Result<Vec<Desk>, Failure> {
        self.call("desks", false, |it| now(it.desks())).await
    }

    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Snapshot>, Failure> {
        let ticket = ticket.clone();
        self.call(&format!("ticket {ticket}"), false, move |it| now(it.ticket(&ticket))).await
    }

    async fn find_ticket(&self, marker: &OwnedEventId) -> Result<Option<TicketId>, Failure> {
        let marker = marker.clone();
        self.call("find ticket", false, move |it| now(it.find_ticket(&marker))).await
    }

    async fn create_ticket(&self, new: &NewTicket) -> Result<TicketId, Failure> {
        let new = new.clone();
        self.call("create ticket", true, move |it| now(it.create_ticket(&new))).await
    }

    async fn message(&self, ticket: &TicketId, message: &MessageId) -> Result<Option<HelpdeskMessage>, Failure> {
        let (ticket, message) = (ticket.clone(), message.clone());
        self.call(&format!("message {message}"), false, move |it| now(it.message(&ticket, &message))).await
    }

    async fn file(&self, message: &MessageId, file: &str, into: Spooling) -> Result<Spooled, NotCarried> {
        self.helpdesk.file(message, file, into).await
    }

    async fn find_message(&self, ticket: &TicketId, marker: &OwnedEventId) -> Result<Option<MessageId>, Failure> {
        let (ticket, marker) = (ticket.clone(), marker.clone());
        self.call(&format!("find message in {ticket}"), false, move |it| now(it.find_message(&ticket, &marker))).await
    }

    async fn post(&self, new: &NewMessage) -> Result<Option<MessageId>, Failure> {
        let new = new.clone();
        self.call(&format!("post {} {}", new.ticket, new.marker), true, move |it| now(it.post(&new))).await
    }

    async fn accept(&self, ticket: &TicketId, login: &str) -> Result<Acceptance, Failure> {
        let (ticket, login) = (ticket.clone(), login.to_owned());
        self.call(&format!("accept {ticket}"), true, move |it| now(it.accept(&ticket, &login))).await
    }

    async fn release(&self, ticket: &TicketId, login: &str) -> Result<Snapshot, Failure> {
        let (ticket, login) = (ticket.clone(), login.to_owned());
        self.call(&format!("release {ticket}"), true, move |it| now(it.release(&ticket, &login))).await
    }

    async fn set_closed(&self, ticket: &TicketId, closed: bool) -> Result<Snapshot, Failure> {
        let ticket = ticket.clone();
        self.call(&format!("close {ticket}"), true, move |it| now(it.set_closed(&ticket, closed))).await
    }

    async fn cancel(&self, ticket: &TicketId) -> Result<Cancellation, Failure> {
        let ticket = ticket.clone();
        self.call(&format!("cancel {ticket}"), true, move |it| now(it.cancel(&ticket))).await
    }

    async fn link_room(&self, ticket: &TicketId, url: &str) -> Result<(), Failure> {
        let (ticket, url) = (ticket.clone(), url.to_owned());
        self.call(&format!("link {ticket}"), true, move |it| now(it.link_room(&ticket, &url))).await
    }

    async fn attach_link(&self, ticket: &TicketId, url: &str) -> Result<(), Failure> {
        let (ticket, url) = (ticket.clone(), url.to_owned());
        self.call(&format!("attach {ticket}"), true, move |it| now(it.attach_link(&ticket, &url))).await
    }

    async fn search(&self, search: &Search, desk: Option<&DeskId>) -> Result<Vec<Article>, Failure> {
        self.helpdesk.search(search, desk).await
    }

    async fn changes(&self, cursor: Option<&str>) -> Result<Changes, Failure> {
        // Now and then it tells again what it told already.
        let again = self.sim.chance(0.1) && self.sim.rates().helpdesk > 0.0;
        let back = if again { self.sim.between(1, 4) as usize } else { 0 };
        let cursor = cursor.map(|cursor| match cursor.parse::<usize>() {
            Ok(at) => at.saturating_sub(back).to_string(),
            Err(_) => cursor.to_owned(),
        });
        self.call("changes", false, move |it| now(it.changes(cursor.as_deref()))).await
    }
}
