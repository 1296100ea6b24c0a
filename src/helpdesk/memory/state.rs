//! What the helpdesk in memory holds; every look-up costs the same however much that is.

use std::collections::HashMap;

use ruma::{EventId, OwnedEventId, OwnedUserId, UserId};

use super::Stored;
use super::mail::Known;
use crate::helpdesk::{Change, Changes};
use crate::model::{
    Answers, Article, Desk, DeskId, Failure, File, HelpdeskMessage, MessageId, Particulars, Person, PersonId, RichText,
    Search, Shelf, Snapshot, Status, Successor, TicketId, Visibility,
};

/// As Request Tracker: bytes of an address.
const LINK_MAX_BYTES: usize = 240;
/// Changes that one call tells.
const PAGE: usize = 500;

#[derive(Default)]
pub(super) struct State {
    desks: Vec<Desk>,
    people: u64,
    agents: HashMap<String, Person>,
    customers: HashMap<OwnedUserId, Person>,
    /// Ticket `n` stands at `n - 1`.
    tickets: Vec<Snapshot>,
    rooms: HashMap<TicketId, String>,
    links: HashMap<TicketId, Vec<String>>,
    /// Message `n` stands at `n - 1`.
    messages: Vec<HelpdeskMessage>,
    feed: Vec<Change>,
    /// By their message.
    files: HashMap<String, Vec<Stored>>,
    tickets_by_marker: HashMap<OwnedEventId, TicketId>,
    messages_by_marker: HashMap<(TicketId, OwnedEventId), MessageId>,
    articles: Vec<(Shelf, Article)>,
    /// Few: nobody looks them up but tests.
    pub mails: Vec<Known>,
}

impl State {
    pub fn desks(&self) -> Vec<Desk> {
        self.desks.clone()
    }

    pub fn add_desk(&mut self, name: &str) {
        let id = DeskId::new((self.desks.len() + 1).to_string());
        self.desks.push(Desk { id, name: name.to_owned() });
    }

    pub fn agent(&mut self, login: &str, name: &str) -> Person {
        if let Some(agent) = self.agents.get(login) {
            return agent.clone();
        }
        let agent = self.person(login, name, None);
        self.agents.insert(login.to_owned(), agent.clone());
        agent
    }

    pub fn rename_agent(&mut self, login: &str, name: &str) {
        if let Some(agent) = self.agents.get_mut(login) {
            name.clone_into(&mut agent.name);
        }
    }

    pub fn agent_by_login(&self, login: &str) -> Option<Person> {
        self.agents.get(login).cloned()
    }

    pub fn customer(&mut self, matrix: &UserId, name: &str) -> Person {
        if let Some(customer) = self.customers.get(matrix) {
            return customer.clone();
        }
        let customer = self.person(matrix.as_str(), name, Some(matrix.to_owned()));
        self.customers.insert(matrix.to_owned(), customer.clone());
        customer
    }

    /// A person who is only known to the helpdesk.
    pub fn person(&mut self, login: &str, name: &str, matrix: Option<OwnedUserId>) -> Person {
        self.people += 1;
        let id = PersonId::new(self.people.to_string());
        Person { id, login: login.to_owned(), name: name.to_owned(), matrix }
    }

    pub fn open(
        &mut self,
        desk: &DeskId,
        customer: Person,
        title: &str,
        body: &RichText,
        marker: Option<&EventId>,
    ) -> Result<TicketId, Failure> {
        let desk = self.desks.iter().find(|d| d.id == *desk).ok_or_else(|| Failure::dead("the desk does not exist"))?;
        let number = (self.tickets.len() + 1).to_string();
        let id = TicketId::new(&number);
        let snapshot = Snapshot {
            id: id.clone(),
            url: format!("https://helpdesk.test/{number}"),
            number,
            title: title.to_owned(),
            desk: desk.id.clone(),
            desk_name: desk.name.clone(),
            status: Status { closed: false, label: "new".to_owned() },
            owner: None,
            priority: Some("Low".to_owned()),
            device: None,
            template: None,
            customers: vec![customer.clone()],
            description: body.clone(),
            lacks: None,
            files: Vec::new(),
            author: Some(customer),
            marker: marker.map(ToOwned::to_owned),
            internal: false,
            merged_into: None,
        };
        self.tickets.push(snapshot);
        if let Some(marker) = marker {
            self.tickets_by_marker.entry(marker.to_owned()).or_insert_with(|| id.clone());
        }
        self.tell_changed(&id);
        Ok(id)
    }

    pub fn ticket(&self, id: &TicketId) -> Option<&Snapshot> {
        self.tickets.get(position(id.as_str())?)
    }

    pub fn ticket_by_marker(&self, marker: &EventId) -> Option<TicketId> {
        self.tickets_by_marker.get(marker).cloned()
    }

    /// Tells it only if something is different afterwards.
    pub fn change(&mut self, id: &TicketId, change: impl FnOnce(&mut Snapshot)) -> Result<Snapshot, Failure> {
        let ticket = position(id.as_str()).and_then(|at| self.tickets.get_mut(at));
        let ticket = ticket.ok_or_else(super::gone)?;
        let before = ticket.clone();
        change(ticket);
        let after = ticket.clone();
        if after != before {
            self.tell_changed(id);
        }
        Ok(after)
    }

    pub fn set_closed(&mut self, id: &TicketId, closed: bool) -> Result<Snapshot, Failure> {
        self.change(id, |ticket| {
            if ticket.status.closed != closed {
                ticket.status = Status { closed, label: if closed { "resolved" } else { "open" }.to_owned() };
            }
        })
    }

    pub fn merge(&mut self, id: &TicketId, into: &TicketId) -> Result<(), Failure> {
        let other = self.ticket(into).ok_or_else(super::gone)?;
        let successor = Successor { id: other.id.clone(), number: other.number.clone(), internal: other.internal };
        let mut customers = Vec::new();
        self.change(id, |ticket| {
            ticket.status = Status { closed: true, label: format!("merged into #{}", successor.number) };
            customers.clone_from(&ticket.customers);
            ticket.merged_into = Some(successor);
        })?;
        self.change(into, |ticket| {
            customers.retain(|customer| ticket.customers.iter().all(|other| other.id != customer.id));
            ticket.customers.append(&mut customers);
        })?;
        Ok(())
    }

    /// The ticket that goes on in this one's place, if any; itself otherwise.
    fn effective(&self, id: &TicketId) -> TicketId {
        let mut id = id.clone();
        // As many steps as there are tickets: merged in a circle they would have no end.
        for _ in 0..self.tickets.len() {
            match self.ticket(&id).and_then(|ticket| ticket.merged_into.as_ref()) {
                Some(into) => id = into.id.clone(),
                None => break,
            }
        }
        id
    }

    pub fn cancel(&mut self, id: &TicketId) -> Result<Snapshot, Failure> {
        self.change(id, |ticket| ticket.status = Status { closed: true, label: "rejected".to_owned() })
    }

    /// What a ticket that was just opened bears beside its words.
    pub fn describe(&mut self, id: &TicketId, particulars: &Particulars) {
        let Some(ticket) = position(id.as_str()).and_then(|at| self.tickets.get_mut(at)) else { return };
        ticket.device.clone_from(&particulars.device);
        ticket.template.clone_from(&particulars.template);
        if particulars.priority.is_some() {
            ticket.priority.clone_from(&particulars.priority);
        }
    }

    pub fn link(&mut self, id: &TicketId, url: &str) -> Result<(), Failure> {
        self.ticket(id).ok_or_else(super::gone)?;
        self.rooms.insert(id.clone(), url.to_owned());
        Ok(())
    }

    pub fn refer(&mut self, id: &TicketId, url: &str) -> Result<(), Failure> {
        self.ticket(id).ok_or_else(super::gone)?;
        if url.len() > LINK_MAX_BYTES {
            return Err(Failure::dead(format!("a link has at most {LINK_MAX_BYTES} bytes")));
        }
        let links = self.links.entry(id.clone()).or_default();
        if !links.iter().any(|link| link == url) {
            links.push(url.to_owned());
        }
        Ok(())
    }

    pub fn links(&self, id: &TicketId) -> Vec<String> {
        self.links.get(id).cloned().unwrap_or_default()
    }

    pub fn room(&self, id: &TicketId) -> Option<String> {
        self.rooms.get(id).cloned()
    }

    pub fn write(
        &mut self,
        ticket: &TicketId,
        author: Person,
        author_is_agent: bool,
        visibility: Visibility,
        body: RichText,
        marker: Option<OwnedEventId>,
    ) -> Result<MessageId, Failure> {
        self.ticket(ticket).ok_or_else(super::gone)?;
        let id = MessageId::new((self.messages.len() + 1).to_string());
        if let Some(marker) = &marker {
            self.messages_by_marker.entry((ticket.clone(), marker.clone())).or_insert_with(|| id.clone());
        }
        let effective = self.effective(ticket);
        // A marker counts on the ticket that it was made for.
        let marker = marker.filter(|_| effective == *ticket);
        let message = HelpdeskMessage {
            id: id.clone(),
            ticket: effective.clone(),
            author,
            author_is_agent,
            visibility,
            body,
            lacks: None,
            files: Vec::new(),
            marker: marker.clone(),
            answers: None,
        };
        self.feed.push(Change {
            id: (self.feed.len() + 1).to_string(),
            ticket: effective,
            message: Some(id.clone()),
            content: marker.is_none().then(|| message.clone()),
            ticket_changed: false,
            marker,
        });
        self.messages.push(message);
        Ok(id)
    }

    /// Before anybody can have read it.
    pub fn attach(&mut self, id: &MessageId, files: Vec<Stored>) {
        if files.is_empty() {
            return;
        }
        let Some(message) = position(id.as_str()).and_then(|at| self.messages.get_mut(at)) else { return };
        message.files = described(id, &files);
        if let Some(last) = self.feed.last_mut().filter(|change| change.message.as_ref() == Some(id)) {
            last.content = last.content.as_ref().map(|_| message.clone());
        }
        self.files.insert(id.as_str().to_owned(), files);
    }

    /// The first message of a ticket is no message of its own here: its files go by the ticket's name.
    pub fn attach_to_first(&mut self, ticket: &TicketId, files: Vec<Stored>) {
        let message = MessageId::new(format!("first-{ticket}"));
        if let Some(snapshot) = position(ticket.as_str()).and_then(|at| self.tickets.get_mut(at)) {
            snapshot.files = described(&message, &files);
        }
        if !files.is_empty() {
            self.files.insert(message.as_str().to_owned(), files);
        }
    }

    pub fn files(&self, message: &MessageId) -> Vec<Stored> {
        self.files.get(message.as_str()).cloned().unwrap_or_default()
    }

    pub fn file(&self, message: &MessageId, file: &str) -> Option<Stored> {
        self.files.get(message.as_str())?.get(file.parse::<usize>().ok()?).cloned()
    }

    /// Before anybody can have read it.
    pub fn set_answers(&mut self, id: &MessageId, answers: Option<Answers>) {
        let Some(message) = position(id.as_str()).and_then(|at| self.messages.get_mut(at)) else { return };
        message.answers = answers;
        if let Some(last) = self.feed.last_mut().filter(|change| change.message.as_ref() == Some(id)) {
            last.content = last.content.as_ref().map(|_| message.clone());
        }
    }

    pub fn message(&self, id: &MessageId) -> Option<&HelpdeskMessage> {
        self.messages.get(position(id.as_str())?)
    }

    pub fn message_by_marker(&self, ticket: &TicketId, marker: &EventId) -> Option<MessageId> {
        self.messages_by_marker.get(&(ticket.clone(), marker.to_owned())).cloned()
    }

    pub fn messages(&self) -> &[HelpdeskMessage] {
        &self.messages
    }

    pub fn changes(&self, cursor: Option<&str>) -> Result<Changes, Failure> {
        let from = match cursor {
            None => self.feed.len(),
            Some(cursor) => cursor.parse().map_err(|_| Failure::dead("the position in the feed is unreadable"))?,
        };
        let rest = self.feed.get(from..).unwrap_or_default();
        let page = rest.get(..PAGE).unwrap_or(rest);
        Ok(Changes { changes: page.to_vec(), cursor: (from + page.len()).to_string(), more: page.len() < rest.len() })
    }

    pub fn add_article(&mut self, shelf: Shelf, article: Article) {
        self.articles.push((shelf, article));
    }

    pub fn search(&self, search: &Search) -> Vec<Article> {
        let wanted: Vec<String> = search.words.split_whitespace().map(str::to_lowercase).collect();
        let fits = |article: &Article| {
            let text = format!("{} {}", article.title, crate::text::to_plain(&article.body)).to_lowercase();
            wanted.iter().all(|word| text.contains(word.as_str()))
        };
        let shelf = self.articles.iter().filter(|(shelf, _)| *shelf == search.shelf);
        shelf.map(|(_, article)| article).filter(|article| fits(article)).cloned().collect()
    }

    pub fn ticket_count(&self) -> usize {
        self.tickets.len()
    }

    pub fn forget_last_change(&mut self) {
        self.feed.pop();
    }

    fn tell_changed(&mut self, ticket: &TicketId) {
        self.feed.push(Change {
            id: (self.feed.len() + 1).to_string(),
            ticket: ticket.clone(),
            message: None,
            content: None,
            ticket_changed: true,
            marker: None,
        });
    }
}

fn described(message: &MessageId, files: &[Stored]) -> Vec<File> {
    files.iter().enumerate().map(|(index, file)| file.described(message, index)).collect()
}

fn position(id: &str) -> Option<usize> {
    id.parse::<usize>().ok()?.checked_sub(1)
}
