//! The helpdesks that the claims are made of, with what people do in them past the bridge.

use serde_json::{Value, json};
use ticketroom::helpdesk::Helpdesk;
use ticketroom::helpdesk::memory::MemoryHelpdesk;
use ticketroom::helpdesk::request_tracker::RequestTracker;
use ticketroom::model::{Article, MessageId, Shelf, TicketId};
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
    async fn anna_takes(&self, ticket: &TicketId);
    async fn anna_closes(&self, ticket: &TicketId);
}

pub struct Memory(MemoryHelpdesk);

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
        Self(helpdesk)
    }
}

#[async_trait::async_trait]
impl World for Memory {
    fn helpdesk(&self) -> &dyn Helpdesk {
        &self.0
    }

    async fn anna_opens(&self, title: &str, text: &str) -> TicketId {
        let carla = self.0.add_customer("carla@example.org", "Carla Customer", None);
        self.0.open_ticket("1", carla, title, text).unwrap()
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

    async fn anna_takes(&self, ticket: &TicketId) {
        self.0.take(ticket, "anna").unwrap();
    }

    async fn anna_closes(&self, ticket: &TicketId) {
        self.0.close(ticket).unwrap();
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

    async fn anna_takes(&self, ticket: &TicketId) {
        self.rt.call("ANNA", "PUT", &format!("ticket/{ticket}/take"), json!({})).await;
    }

    async fn anna_closes(&self, ticket: &TicketId) {
        self.rt.call("ANNA", "PUT", &format!("ticket/{ticket}"), json!({ "Status": "resolved" })).await;
    }
}
