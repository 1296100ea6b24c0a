//! What tests and the benchmark do to the helpdesk in memory from its own side, as its agents and mail gateway would.

use std::sync::atomic::Ordering;

use ruma::{OwnedUserId, UserId};

use super::{Fault, INTERNAL, MemoryHelpdesk, PUBLIC, Stored};
use crate::model::{
    Answers, Article, DeskId, Failure, HelpdeskMessage, MessageId, Person, RichText, Shelf, Snapshot, TicketId,
};

impl MemoryHelpdesk {
    pub fn add_desk(&self, name: &str) {
        self.state().add_desk(name);
    }

    pub fn add_agent(&self, login: &str, name: &str) -> Person {
        self.state().agent(login, name)
    }

    /// Called otherwise from now on.
    pub fn rename_agent(&self, login: &str, name: &str) {
        self.state().rename_agent(login, name);
    }

    /// A customer: with `matrix`, one whose record names that account.
    pub fn add_customer(&self, login: &str, name: &str, matrix: Option<OwnedUserId>) -> Person {
        let mut state = self.state();
        match matrix {
            Some(matrix) => state.customer(&matrix, name),
            None => state.person(login, name, None),
        }
    }

    /// Something of the knowledge base.
    pub fn add_article(&self, shelf: Shelf, article: Article) {
        self.state().add_article(shelf, article);
    }

    /// A ticket that came by mail or was opened by an agent.
    pub fn open_ticket(&self, desk: &str, customer: Person, title: &str, body: &str) -> Result<TicketId, Failure> {
        self.state().open(&DeskId::new(desk), customer, title, &RichText::plain(body), None)
    }

    /// The same, internal from the start.
    pub fn open_internal_ticket(
        &self,
        desk: &str,
        customer: Person,
        title: &str,
        body: &str,
    ) -> Result<TicketId, Failure> {
        let mut state = self.state();
        let ticket = state.open(&DeskId::new(desk), customer, title, &RichText::plain(body), None)?;
        state.change(&ticket, |snapshot| snapshot.internal = true)?;
        Ok(ticket)
    }

    /// A ticket that was there before anybody looked: no change tells of it.
    pub fn stock_ticket(&self, customer: &UserId, title: &str) -> Result<TicketId, Failure> {
        let mut state = self.state();
        let customer = state.customer(customer, customer.localpart());
        let desk = state.desks().into_iter().next().ok_or_else(|| Failure::dead("there is no desk"))?;
        let ticket = state.open(&desk.id, customer, title, &RichText::plain(title), None)?;
        state.forget_last_change();
        Ok(ticket)
    }

    pub fn ticket_count(&self) -> usize {
        self.state().ticket_count()
    }

    pub fn reply_as_agent(&self, ticket: &TicketId, login: &str, text: &str) -> Result<MessageId, Failure> {
        let mut state = self.state();
        let agent = state.agent(login, login);
        state.write(ticket, agent, true, PUBLIC, RichText::plain(text), None)
    }

    pub fn reply_with_files(
        &self,
        ticket: &TicketId,
        login: &str,
        text: &str,
        files: Vec<Stored>,
    ) -> Result<MessageId, Failure> {
        let mut state = self.state();
        let agent = state.agent(login, login);
        let message = state.write(ticket, agent, true, PUBLIC, RichText::plain(text), None)?;
        state.attach(&message, files);
        Ok(message)
    }

    pub fn file_names(&self) -> Vec<String> {
        self.state().messages().iter().flat_map(|message| &message.files).map(|file| file.name.clone()).collect()
    }

    /// What a message's files hold, in order.
    pub fn files_of(&self, message: &MessageId) -> Vec<Stored> {
        self.state().files(message)
    }

    /// As a mail that answers another message of the ticket.
    pub fn answer_as_agent(
        &self,
        ticket: &TicketId,
        login: &str,
        text: &str,
        answered: &MessageId,
    ) -> Result<MessageId, Failure> {
        let mut state = self.state();
        let agent = state.agent(login, login);
        let answers = match answered.is_opening() {
            true => Some(Answers { message: answered.clone(), visibility: PUBLIC, marker: None }),
            false => state.message(answered).map(|message| Answers {
                message: message.id.clone(),
                visibility: message.visibility,
                marker: message.marker.clone(),
            }),
        };
        let message = state.write(ticket, agent, true, PUBLIC, RichText::plain(text), None)?;
        state.set_answers(&message, answers);
        Ok(message)
    }

    pub fn note_as_agent(&self, ticket: &TicketId, login: &str, text: &str) -> Result<MessageId, Failure> {
        let mut state = self.state();
        let agent = state.agent(login, login);
        state.write(ticket, agent, true, INTERNAL, RichText::plain(text), None)
    }

    pub fn reply_as_customer(&self, ticket: &TicketId, customer: Person, text: &str) -> Result<MessageId, Failure> {
        self.state().write(ticket, customer, false, PUBLIC, RichText::plain(text), None)
    }

    /// Takes it, even from somebody else, as an agent may in the helpdesk's own pages.
    pub fn take(&self, ticket: &TicketId, login: &str) -> Result<Snapshot, Failure> {
        let mut state = self.state();
        let agent = state.agent(login, login);
        state.change(ticket, |snapshot| snapshot.owner = Some(agent))
    }

    pub fn close(&self, ticket: &TicketId) -> Result<Snapshot, Failure> {
        self.state().set_closed(ticket, true)
    }

    pub fn reopen(&self, ticket: &TicketId) -> Result<Snapshot, Failure> {
        self.state().set_closed(ticket, false)
    }

    /// Two tickets become one: what is written to the first from now on stands in the second.
    pub fn merge(&self, ticket: &TicketId, into: &TicketId) -> Result<(), Failure> {
        self.state().merge(ticket, into)
    }

    /// Any other change: title, priority, desk, customers.
    pub fn change(&self, ticket: &TicketId, change: impl FnOnce(&mut Snapshot)) -> Result<Snapshot, Failure> {
        self.state().change(ticket, change)
    }

    pub fn snapshot(&self, ticket: &TicketId) -> Option<Snapshot> {
        self.state().ticket(ticket).cloned()
    }

    /// All messages of a ticket in order; it looks at every message, so it is for checking at the end.
    pub fn messages_of(&self, ticket: &TicketId) -> Vec<HelpdeskMessage> {
        self.state().messages().iter().filter(|message| message.ticket == *ticket).cloned().collect()
    }

    pub fn questions(&self) -> usize {
        self.questions.load(Ordering::Relaxed)
    }

    pub fn message_count(&self) -> usize {
        self.state().messages().len()
    }

    pub fn room_of(&self, ticket: &TicketId) -> Option<String> {
        self.state().room(ticket)
    }

    pub fn links_of(&self, ticket: &TicketId) -> Vec<String> {
        self.state().links(ticket)
    }

    /// The next `times` writes end so.
    pub fn fail_next(&self, fault: Fault, times: usize) {
        self.faults.push(fault, times);
    }

    /// Faults that no write has met yet.
    pub fn faults_left(&self) -> usize {
        self.faults.left()
    }

    /// From now on all writes go well.
    pub fn forget_faults(&self) {
        self.faults.forget();
    }

    /// While it is down every call fails at once, and nothing happens.
    pub fn set_down(&self, down: bool) {
        self.faults.set_down(down);
    }

    /// While it hangs every call waits; then they all go on.
    pub fn set_hanging(&self, hangs: bool) {
        self.faults.set_hanging(hangs);
    }
}
