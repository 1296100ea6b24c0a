//! What the helpdesk holds, and what each write does to it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::forms::Upload;
use super::{ANNA_TOKEN, BRIDGE_TOKEN};

pub struct Refused {
    pub status: u16,
    pub why: String,
}

pub fn refused(status: u16, why: &str) -> Refused {
    Refused { status, why: why.to_owned() }
}

#[derive(Clone, Debug)]
pub struct User {
    pub id: u64,
    pub name: String,
    pub real_name: String,
    pub privileged: bool,
}

pub type Fields = BTreeMap<String, String>;

#[derive(Clone, Debug)]
pub struct Ticket {
    pub id: u64,
    pub subject: String,
    pub status: String,
    pub queue: u64,
    pub owner: u64,
    pub creator: u64,
    pub requestors: Vec<u64>,
    pub fields: Fields,
    pub links: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Transaction {
    pub id: u64,
    pub ticket: u64,
    pub kind: &'static str,
    pub field: &'static str,
    pub creator: u64,
    pub fields: Fields,
}

#[derive(Clone, Debug)]
pub struct Attachment {
    pub id: u64,
    pub transaction: u64,
    pub content_type: String,
    pub filename: String,
    pub headers: String,
    pub content: Vec<u8>,
}

/// Number of the first transaction.
pub const FIRST: u64 = 100;
pub const NOBODY: u64 = 6;
const BRIDGE: u64 = 10;
const ANNA: u64 = 11;
/// The only class of articles.
pub const ARTICLES: &str = "Building blocks";
/// Number of the custom field that the bridge may not see.
pub const HIDDEN: &str = "9";
/// Custom fields of tickets, with their numbers.
pub const FIELDS: [(&str, &str); 4] = [(MARKER, "3"), ("Matrix Room", "4"), ("Device", "5"), ("Template", "6")];
pub const MARKER: &str = "Matrix Event ID";

#[derive(Default)]
pub struct World {
    pub queues: Vec<String>,
    pub users: Vec<User>,
    pub tickets: BTreeMap<u64, Ticket>,
    pub transactions: Vec<Transaction>,
    pub attachments: Vec<Attachment>,
    /// Name and queue of each; of one class.
    pub articles: Vec<(String, String)>,
}

impl World {
    pub fn new() -> Self {
        let user = |id, name: &str, real_name: &str, privileged| User {
            id,
            name: name.to_owned(),
            real_name: real_name.to_owned(),
            privileged,
        };
        let users = vec![
            user(NOBODY, "Nobody", "Nobody in particular", true),
            user(BRIDGE, "ticketroom", "Ticketroom", true),
            user(ANNA, "anna", "Anna Agent", true),
            user(12, "bert", "Bert Berger", true),
            user(13, "carla@example.org", "Carla Customer", false),
        ];
        let queues = ["General", "Pumps"].map(str::to_owned).to_vec();
        Self { queues, users, ..Self::default() }
    }

    pub fn who(&self, token: &str) -> Result<u64, Refused> {
        match token {
            BRIDGE_TOKEN => Ok(BRIDGE),
            ANNA_TOKEN => Ok(ANNA),
            _ => Err(refused(401, "Unauthorized")),
        }
    }

    pub fn user(&self, id: u64) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub fn user_named(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name.eq_ignore_ascii_case(name))
    }

    /// By number or name.
    fn watcher(&self, name: &str) -> Option<&User> {
        name.parse().map_or_else(|_| self.user_named(name), |id| self.user(id))
    }

    pub fn add_user(&mut self, name: &str, real_name: &str) -> Result<u64, Refused> {
        if name.is_empty() || self.user_named(name).is_some() {
            return Err(refused(400, "Name in use"));
        }
        let id = self.users.iter().map(|user| user.id).max().unwrap_or(0) + 1;
        self.users.push(User { id, name: name.to_owned(), real_name: real_name.to_owned(), privileged: false });
        Ok(id)
    }

    pub fn add_queue(&mut self, name: &str) {
        self.queues.push(name.to_owned());
    }

    /// What was written behind the opening, oldest first: login, words or the names of files, and of which kind it is.
    pub fn messages(&self, ticket: u64) -> Vec<(String, String, &'static str)> {
        let written = |one: &&Transaction| one.ticket == ticket && ["Correspond", "Comment"].contains(&one.kind);
        let words = |one: &Transaction| {
            let text = self
                .parts_from(one.id)
                .take_while(|part| part.transaction == one.id)
                .filter(|part| part.content_type.starts_with("text/") && part.filename.is_empty());
            let html = text.map(|part| String::from_utf8_lossy(&part.content).into_owned()).collect::<String>();
            (self.user(one.creator).map(|user| user.name.clone()).unwrap_or_default(), html, one.kind)
        };
        self.transactions.iter().filter(written).map(words).collect()
    }

    /// The files of a ticket, oldest first: name and content.
    pub fn files(&self, ticket: u64) -> Vec<(String, Vec<u8>)> {
        let of_ticket = self.transactions.iter().filter(|one| one.ticket == ticket);
        let parts = of_ticket.flat_map(|one| self.parts_from(one.id).take_while(|part| part.transaction == one.id));
        let files = parts.filter(|part| !part.filename.is_empty());
        files.map(|part| (part.filename.clone(), part.content.clone())).collect()
    }

    /// Those of this transaction and of later ones.
    pub fn parts_from(&self, transaction: u64) -> impl Iterator<Item = &Attachment> {
        self.attachments[self.attachments.partition_point(|part| part.transaction < transaction)..].iter()
    }

    /// A change of a custom field that the bridge may not see.
    pub fn change_hidden(&mut self, ticket: u64) {
        self.transact(ticket, "CustomField", HIDDEN, ANNA);
    }

    pub fn transact(&mut self, ticket: u64, kind: &'static str, field: &'static str, creator: u64) -> u64 {
        let id = self.transactions.len() as u64 + FIRST;
        self.transactions.push(Transaction { id, ticket, kind, field, creator, fields: Fields::new() });
        id
    }

    pub fn open(&mut self, by: u64, new: &Value, files: Vec<Upload>) -> Result<u64, Refused> {
        let text = |key: &str| new[key].as_str().unwrap_or_default().to_owned();
        let named = |(at, name): (usize, &String)| {
            (text("Queue") == *name || text("Queue") == (at + 1).to_string()).then_some(at as u64 + 1)
        };
        let queue =
            self.queues.iter().enumerate().find_map(named).ok_or_else(|| refused(400, "Could not load queue"))?;
        let names: Vec<&str> = match &new["Requestor"] {
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            other => other.as_str().into_iter().collect(),
        };
        let requestors = names.iter().filter_map(|name| self.watcher(name)).map(|user| user.id).collect();
        let id = self.tickets.len() as u64 + 1;
        let mut ticket = Ticket {
            id,
            subject: text("Subject"),
            status: "new".to_owned(),
            queue,
            owner: NOBODY,
            creator: by,
            requestors,
            fields: fields(&new["CustomFields"]),
            links: Vec::new(),
        };
        let transaction = self.transact(id, "Create", "", by);
        if let Some(author) = self.attach(transaction, new, files) {
            ticket.creator = author;
        }
        self.tickets.insert(id, ticket);
        Ok(id)
    }

    pub fn write(
        &mut self,
        by: u64,
        ticket: u64,
        kind: &'static str,
        new: &Value,
        files: Vec<Upload>,
    ) -> Result<u64, Refused> {
        if !self.tickets.contains_key(&ticket) {
            return Err(refused(404, "Not Found"));
        }
        let id = self.transact(ticket, kind, "", by);
        self.attach(id, new, files);
        Ok(id)
    }

    /// The parts of a message; and what our Scrip makes of the parameters of its content type: its author.
    fn attach(&mut self, transaction: u64, new: &Value, files: Vec<Upload>) -> Option<u64> {
        let content_type = new["ContentType"].as_str().unwrap_or("text/plain").to_owned();
        let content = new["Content"].as_str().unwrap_or_default().to_owned();
        let headers = format!("Content-Type: {content_type}");
        let plain = content_type.split(';').next().unwrap_or_default().to_owned();
        if !files.is_empty() {
            self.add_part(transaction, "multipart/mixed", "", "Content-Type: multipart/mixed", Vec::new());
        }
        if !content.is_empty() {
            self.add_part(transaction, &plain, "", &headers, content.into_bytes());
        }
        for file in files {
            self.add_part(transaction, &file.media_type, &file.name, "Content-Disposition: attachment", file.bytes);
        }
        let parameter = |name: &str| {
            let (_, rest) = content_type.split_once(&format!("{name}="))?;
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(rest.len());
            Some(rest[..end].to_owned())
        };
        let decoded = |text: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        let author = parameter("x-ticketroom-author").and_then(|login| decoded(&login));
        let author = author.and_then(|login| self.user_named(&login)).map(|user| user.id);
        let marker = parameter("x-ticketroom-marker");
        let marker = marker.as_ref().and_then(|marker| marker.split_once('.'));
        let last = self.transactions.last_mut()?;
        if let Some((event, proof)) = marker {
            last.fields.insert(MARKER.to_owned(), format!("{} {proof}", decoded(event)?));
        }
        last.creator = author.unwrap_or(last.creator);
        author
    }

    fn add_part(&mut self, transaction: u64, content_type: &str, filename: &str, headers: &str, content: Vec<u8>) {
        self.attachments.push(Attachment {
            id: self.attachments.len() as u64 + 1000,
            transaction,
            content_type: content_type.to_owned(),
            filename: filename.to_owned(),
            headers: headers.to_owned(),
            content,
        });
    }

    /// A change of a ticket; what Request Tracker says about it.
    pub fn change(&mut self, by: u64, id: u64, change: &Value) -> Result<(), Refused> {
        let owner = change["Owner"].as_str().map(|name| self.user_named(name).map(|user| user.id));
        let ticket = self.tickets.get_mut(&id).ok_or_else(|| refused(404, "Not Found"))?;
        let mut told = Vec::new();
        if let Some(Some(owner)) = owner
            && ticket.owner != owner
        {
            ticket.owner = owner;
            told.push(("Set", "Owner"));
        }
        if let Some(status) = change["Status"].as_str()
            && ticket.status != status
        {
            ticket.status = status.to_owned();
            told.push(("Status", "Status"));
        }
        for (name, value) in fields(&change["CustomFields"]) {
            let number = FIELDS.iter().find(|(field, _)| *field == name).map_or("", |(_, number)| *number);
            if ticket.fields.insert(name, value.clone()) != Some(value) {
                told.push(("CustomField", number));
            }
        }
        for url in change["AddRefersTo"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            ticket.links.push(url.to_owned());
            told.push(("AddLink", "RefersTo"));
        }
        for (kind, field) in told {
            self.transact(id, kind, field, by);
        }
        Ok(())
    }
}

fn fields(named: &Value) -> Fields {
    let pair = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    named.as_object().into_iter().flatten().filter_map(pair).collect()
}
