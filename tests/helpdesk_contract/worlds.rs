//! The helpdesks that the claims are made of, with what people do in them past the bridge.

use serde_json::{Value, json};
use ticketroom::helpdesk::Helpdesk;
use ticketroom::helpdesk::memory::{Mail, MemoryHelpdesk};
use ticketroom::helpdesk::request_tracker::RequestTracker;
use ticketroom::model::{Article, MessageId, Person, Shelf, TicketId};
use ticketroom::text::from_markdown;

use crate::common::request_tracker::RealRequestTracker;

#[async_trait::async_trait]
pub trait World: Sync {
    fn helpdesk(&self) -> &dyn Helpdesk;

    /// Done by the agent anna in the helpdesk itself.
    async fn anna_opens(&self, title: &str, text: &str) -> TicketId;
    async fn anna_replies(&self, ticket: &TicketId, text: &str);
    async fn anna_notes(&self, ticket: &TicketId, text: &str);
    /// By a mail that answers a message of the ticket.
    async fn anna_answers(&self, ticket: &TicketId, message: &MessageId, text: &str);
    /// A mail of anna's or carla's with an id, answering others; the ticket that it went into.
    async fn mail(&self, who: &str, ticket: Option<&TicketId>, id: &str, answers: &[&str], text: &str) -> TicketId;
    /// Pages of elsewhere that the ticket refers to.
    async fn links(&self, ticket: &TicketId) -> Vec<String>;
    async fn anna_takes(&self, ticket: &TicketId);
    async fn anna_closes(&self, ticket: &TicketId);
    async fn anna_merges(&self, ticket: &TicketId, into: &TicketId);
    async fn anna_makes_internal(&self, ticket: &TicketId, internal: bool);
}

pub struct Memory(MemoryHelpdesk, Person);

impl Memory {
    pub async fn start() -> Self {
        let helpdesk = MemoryHelpdesk::new();
        // As scripts/rt-demo-seed.pl has them.
        for (shelf, title, text, language, desk) in [
            (Shelf::Links, "How to change the seal", "Turn the water off, then take the old seal out.", None, None),
            (Shelf::Links, "How to bleed a pump", "Open the screw at the top until water comes.", None, None),
            (Shelf::Blocks, "Greeting", "Hello {{customer.name}}, **{{agent.first_name}}**", Some("en"), None),
            (Shelf::Blocks, "Greeting", "Guten Tag {{customer.name}}, **{{agent.first_name}}**", Some("de"), None),
            (Shelf::Blocks, "Pump recall", "Your pump {{device.serial}} is recalled.", None, Some("Pumps")),
        ] {
            let article = Article {
                title: title.to_owned(),
                url: format!("https://helpdesk.test/articles/{}", title.len()),
                body: from_markdown(text),
                desks: desk.into_iter().map(str::to_owned).collect(),
                language: language.map(str::to_owned),
            };
            helpdesk.add_article(shelf, article);
        }
        let carla = helpdesk.add_customer("carla@example.org", "Carla Customer", None);
        Self(helpdesk, carla)
    }
}

#[async_trait::async_trait]
impl World for Memory {
    fn helpdesk(&self) -> &dyn Helpdesk {
        &self.0
    }

    async fn anna_opens(&self, title: &str, text: &str) -> TicketId {
        self.0.open_ticket("1", self.1.clone(), title, text).unwrap()
    }

    async fn anna_replies(&self, ticket: &TicketId, text: &str) {
        self.0.reply_as_agent(ticket, "anna", text).unwrap();
    }

    async fn anna_notes(&self, ticket: &TicketId, text: &str) {
        self.0.note_as_agent(ticket, "anna", text).unwrap();
    }

    async fn anna_answers(&self, ticket: &TicketId, message: &MessageId, text: &str) {
        self.0.answer_as_agent(ticket, "anna", text, message).unwrap();
    }

    async fn mail(&self, who: &str, ticket: Option<&TicketId>, id: &str, answers: &[&str], text: &str) -> TicketId {
        let by_agent = who == "anna";
        let from = match by_agent {
            true => self.0.add_agent("anna", "Anna Agent"),
            false => self.1.clone(),
        };
        let mail = Mail { from, by_agent, ticket, id, answers, subject: id, text };
        self.0.mail(&mail).unwrap()
    }

    async fn links(&self, ticket: &TicketId) -> Vec<String> {
        self.0.links_of(ticket)
    }

    async fn anna_takes(&self, ticket: &TicketId) {
        self.0.take(ticket, "anna").unwrap();
    }

    async fn anna_closes(&self, ticket: &TicketId) {
        self.0.close(ticket).unwrap();
    }

    async fn anna_merges(&self, ticket: &TicketId, into: &TicketId) {
        self.0.merge(ticket, into).unwrap();
    }

    async fn anna_makes_internal(&self, ticket: &TicketId, internal: bool) {
        self.0.change(ticket, |snapshot| snapshot.internal = internal).unwrap();
    }
}

pub struct Real {
    pub rt: RealRequestTracker,
    pub adapter: RequestTracker,
}

impl Real {
    pub async fn start() -> Self {
        let rt = RealRequestTracker::start().await;
        let adapter = rt.adapter();
        Self { rt, adapter }
    }

    /// The first message of a ticket, by its number.
    async fn opening_of(&self, ticket: &TicketId) -> String {
        let history = self.rt.call("ANNA", "GET", &format!("ticket/{ticket}/history?fields=Type"), Value::Null).await;
        let mut all = history["items"].as_array().unwrap().iter();
        let first = all.find(|one| one["Type"] == "Create").expect("it was made");
        first["id"].as_str().map_or_else(|| first["id"].to_string(), str::to_owned)
    }
}

#[async_trait::async_trait]
impl World for Real {
    fn helpdesk(&self) -> &dyn Helpdesk {
        &self.adapter
    }

    async fn anna_opens(&self, title: &str, text: &str) -> TicketId {
        let ticket = json!({
            "Queue": "General", "Subject": title, "Requestor": ["carla@example.org"],
            "Content": text, "ContentType": "text/plain",
        });
        let made = self.rt.call("ANNA", "POST", "ticket", ticket).await;
        TicketId::new(made["id"].as_str().unwrap())
    }

    async fn anna_replies(&self, ticket: &TicketId, text: &str) {
        let message = json!({ "Content": text, "ContentType": "text/plain" });
        self.rt.call("ANNA", "POST", &format!("ticket/{ticket}/correspond"), message).await;
    }

    async fn anna_notes(&self, ticket: &TicketId, text: &str) {
        let message = json!({ "Content": text, "ContentType": "text/plain" });
        self.rt.call("ANNA", "POST", &format!("ticket/{ticket}/comment"), message).await;
    }

    async fn anna_answers(&self, ticket: &TicketId, message: &MessageId, text: &str) {
        let message = if message.is_opening() { self.opening_of(ticket).await } else { message.to_string() };
        let path = format!("transaction/{message}/attachments?fields=Headers");
        let parts = self.rt.call("ANNA", "GET", &path, Value::Null).await;
        let headers = parts["items"][0]["Headers"].as_str().unwrap();
        let id = headers
            .lines()
            .find_map(|line| line.strip_prefix("RT-Message-ID: "))
            .unwrap_or_else(|| panic!("no id in {headers}"));
        // As the mails about it bear it: made by the fourth Scrip, as its first one.
        let sent = id.replace("-0-0@", "-4-1@");
        let mail = format!(
            "From: anna@desk.example.org\nTo: rt@example.org\nSubject: Re: [ticketroom #{ticket}] It leaks\n\
             Message-ID: <{message}.answer@anna.example.org>\nIn-Reply-To: {sent}\n\
             References: <RT-Ticket-{ticket}@ticketroom.test>\n {sent}\n\n{text}\n"
        );
        self.rt.mail(&mail).await;
    }

    async fn mail(&self, who: &str, ticket: Option<&TicketId>, id: &str, answers: &[&str], text: &str) -> TicketId {
        let from = if who == "anna" { "anna@desk.example.org" } else { "carla@example.org" };
        let subject = ticket.map_or_else(|| id.to_owned(), |ticket| format!("Re: [ticketroom #{ticket}] x"));
        let mut headers = format!("From: {from}\nTo: rt@example.org\nSubject: {subject}\nMessage-ID: <{id}>\n");
        if let [answered, ..] = answers {
            // As mail programs write it: the oldest first.
            let past: Vec<String> = answers.iter().rev().map(|id| format!("<{id}>")).collect();
            headers += &format!("In-Reply-To: <{answered}>\nReferences: {}\n", past.join("\n "));
        }
        self.rt.mail(&format!("{headers}\n{text}\n")).await;
        if let Some(ticket) = ticket {
            return ticket.clone();
        }
        let query = format!("tickets?query=Subject%3D'{id}'");
        let found = self.rt.call("ANNA", "GET", &query, Value::Null).await;
        let made = &found["items"][0]["id"];
        TicketId::new(made.as_str().map_or_else(|| made.to_string(), str::to_owned))
    }

    async fn links(&self, ticket: &TicketId) -> Vec<String> {
        let read = self.rt.call("ANNA", "GET", &format!("ticket/{ticket}"), Value::Null).await;
        let links = read["_hyperlinks"].as_array().unwrap().iter().filter(|link| link["ref"] == "refers-to");
        links.map(|link| link["_url"].as_str().unwrap().to_owned()).collect()
    }

    async fn anna_takes(&self, ticket: &TicketId) {
        self.rt.call("ANNA", "PUT", &format!("ticket/{ticket}/take"), json!({})).await;
    }

    async fn anna_closes(&self, ticket: &TicketId) {
        self.rt.call("ANNA", "PUT", &format!("ticket/{ticket}"), json!({ "Status": "resolved" })).await;
    }

    async fn anna_merges(&self, ticket: &TicketId, into: &TicketId) {
        let said =
            self.rt.call("ANNA", "PUT", &format!("ticket/{ticket}"), json!({ "MergeInto": into.as_str() })).await;
        assert!(said.to_string().contains("Merge Successful"), "{said}");
    }

    async fn anna_makes_internal(&self, ticket: &TicketId, internal: bool) {
        let value = if internal { "yes" } else { "no" };
        let change = json!({ "CustomFields": { "Internal": value } });
        self.rt.call("ANNA", "PUT", &format!("ticket/{ticket}"), change).await;
    }
}
