//! What stands on both sides at the end: messages, what their files hold, and what the bridge said itself.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::files::{described, with_files};
use crate::notices::{LOGIN, SAID_TWICE};
use crate::oracle::{Channel, From, Read, Verdict};
use crate::parts::{Message, plain};
use crate::sessions::{self, Said};
use crate::traffic::Customer;
use crate::wait;
use crate::world::{BERT, HEALED, Ticket, World};

impl World {
    /// What stands on the other side of each channel.
    pub async fn read(&self) -> Result<Read, String> {
        let mut read = Read::new();
        let desk = self.desk_room().await?;
        let in_desk = self.bert.events(&desk).await?;
        read.oddities.look_at_room("the desk's room", &self.bot(), &in_desk, &self.book());
        for (at, ticket) in self.tickets().iter().enumerate() {
            let said = self.read_room(at, ticket, &mut read).await?;
            self.read_ticket(at, ticket, &said, &mut read);
        }
        Ok(read)
    }

    fn read_ticket(&self, at: usize, ticket: &Ticket, said: &Said, read: &mut Read) {
        let (messages, files) = (self.helpdesk.messages(ticket.number), self.helpdesk.files(ticket.number));
        let book = self.book();
        read.oddities.look_at_ticket(at, &messages, &book);
        if let Err(why) = self.helpdesk.ticket_by_subject(&ticket.subject) {
            read.oddities.doubled.push(format!("ticket {at}: {why}"));
        }
        // Everybody who bears a Matrix id wrote there; a draft becomes its agent's.
        let by = |whose: fn(&str) -> bool| -> Vec<String> {
            let theirs = messages.iter().filter(|message| whose(&message.login));
            theirs.map(|message| as_written(message, &ticket.customer.id)).collect()
        };
        let carried = files.into_iter().filter(|(name, _)| !book.is_from_helpdesk(name));
        let from_matrix = with_files(by(|login| login.starts_with('@')), carried.collect());
        read.insert(Channel { ticket: at, from: From::Matrix }, from_matrix);
        let (comments, drafts) = by(|login| login == BERT).into_iter().partition(|text| sessions::is_comment(text));
        read.insert(Channel { ticket: at, from: From::DraftInHelpdesk }, squeezed(drafts));
        sessions::insert(at, said, &self.helpdesk.links(ticket.number), &comments, &book, read);
    }

    async fn read_room(&self, at: usize, ticket: &Ticket, read: &mut Read) -> Result<Said, String> {
        let events = ticket.customer.events(&ticket.room).await?;
        let bot = self.bot();
        let mut texts = Vec::new();
        for event in events.iter().filter(|event| event["type"] == "m.room.message") {
            let sender = event["sender"].as_str().unwrap_or_default();
            let text = event["content"]["body"].as_str().unwrap_or_default();
            // What the bot carries in somebody's place is words that should have come under their name.
            let is_carried = sender != bot || self.book().id_in(text).is_some();
            if sender.starts_with("@_desk_") && is_carried {
                let whole = self.whole(&ticket.customer, event, text).await?;
                read.speakers.note(self.book().is_draft(text), sender);
                texts.push(as_shown(whole, text, event["content"]["formatted_body"].as_str()));
            }
        }
        let book = self.book();
        read.oddities.look_at_room(&format!("ticket {at}"), &bot, &events, &book);
        let (drafts, replies) = texts.into_iter().partition(|text| book.is_draft(text));
        read.insert(Channel { ticket: at, from: From::Draft }, squeezed(drafts));
        read.insert(Channel { ticket: at, from: From::Helpdesk }, replies);
        let by_bot = events.iter().filter(|event| event["sender"] == bot.as_str() && event["type"] == "m.room.message");
        Ok(Said::of(by_bot.filter_map(|event| event["content"]["body"].as_str())))
    }

    /// The words of a message, or its file with what it holds.
    async fn whole(&self, reader: &Customer, event: &Value, text: &str) -> Result<String, String> {
        let Some(uri) = event["content"]["url"].as_str() else { return Ok(text.to_owned()) };
        let mut downloaded = self.downloaded.lock().await;
        if !downloaded.contains_key(uri) {
            downloaded.insert(uri.to_owned(), reader.download(uri).await?);
        }
        Ok(described(text, &downloaded[uri]))
    }

    /// What the bridge itself has written into a ticket: of what it could not deliver.
    pub fn reports(&self, ticket: u64) -> usize {
        self.helpdesk.messages(ticket).iter().filter(|message| message.login == LOGIN).count()
    }

    /// Waits until nothing is missing any more.
    pub async fn until_whole(&self, patience: Duration) -> Result<(), String> {
        self.until_arrived(patience, |_| true).await
    }

    /// The same, of what people wrote on both sides: drafts and sessions go on, each waiting for the one before.
    pub async fn until_plain_whole(&self, patience: Duration) -> Result<(), String> {
        self.until_arrived(patience, |id| self.book().is_plain(id)).await
    }

    /// How much of that is still missing.
    pub async fn plain_behind(&self) -> Result<usize, String> {
        let read = self.read().await?;
        let book = self.book();
        Ok(book.judge(&read).missing.iter().filter(|id| book.is_plain(id)).count())
    }

    async fn until_arrived(&self, patience: Duration, counts: impl Fn(&str) -> bool) -> Result<(), String> {
        wait::until(patience, || async {
            let read = self.read().await?;
            let verdict = self.book().judge(&read);
            if verdict.missing.iter().any(|id| counts(id)) { Err(verdict.to_string()) } else { Ok(()) }
        })
        .await
    }

    /// Rooms, invitations and offers of a ticket beside the one that it has.
    async fn second_ones(&self) -> Result<Vec<String>, String> {
        let (desk, bot) = (self.desk_room().await?, self.bot());
        let in_desk = self.bert.events(&desk).await?;
        let mut found = Vec::new();
        for ticket in self.tickets() {
            let name = format!("#{} ", ticket.number);
            let [joined, invited] = ticket.customer.rooms().await?;
            for room in joined.iter().filter(|room| **room != ticket.room) {
                let called = ticket.customer.state(room, "m.room.name").await.unwrap_or_default();
                if called["name"].as_str().is_some_and(|called| called.starts_with(&name)) {
                    found.push(format!("the room of ticket {}: {room}", ticket.number));
                }
            }
            found.extend(invited.iter().map(|room| format!("an invitation of {}: {room}", ticket.customer.id)));
            let offers = in_desk.iter().filter(|event| event["sender"] == bot.as_str() && offers(event, &name)).count();
            if offers > 1 {
                found.push(format!("{SAID_TWICE}: ticket {} is offered {offers} times", ticket.number));
            }
        }
        Ok(found)
    }

    /// Waits until nothing is missing any more and nothing waits in the bridge; the oracle's verdict, and how long it took.
    pub async fn healed(&self) -> Result<(Verdict, Duration), String> {
        let began = Instant::now();
        let whole = self.until_whole(HEALED).await;
        let took = began.elapsed();
        if whole.is_ok() {
            // What comes twice comes a little later.
            self.bridge.until_quiet(HEALED).await?;
        }
        let read = self.read().await?;
        let mut verdict = self.book().judge(&read);
        verdict.doubled.extend(self.second_ones().await?);
        if self.may_repeat_notices.load(Ordering::SeqCst) {
            verdict.doubled.retain(|what| !what.starts_with(SAID_TWICE));
        }
        Ok((verdict, took))
    }
}

/// What stands in the ticket under another name than its customer's, or is read by others than it should be, is changed.
pub fn as_written(message: &Message, customer: &str) -> String {
    let mut text = message.text.clone();
    if message.login.starts_with('@') && message.login != customer {
        text.push_str(&format!(" [written as {}]", message.login));
    }
    match (message.internal, message.login == BERT && sessions::is_comment(&message.text)) {
        (true, false) => text + " [for agents alone]",
        (false, true) => text + " [for the customer]",
        _ => text,
    }
}

/// What a client shows is the HTML, and that has to say the same as the text beside it. `whole`: that, or what a file holds.
pub fn as_shown(whole: String, text: &str, html: Option<&str>) -> String {
    let is_alike = |html: &&str| plain(html).split_whitespace().eq(text.split_whitespace());
    match html.filter(|html| !is_alike(html)) {
        Some(other) => format!("{whole} [shown as {other:?}]"),
        None => whole,
    }
}

/// A message of its own, in no thread.
fn offers(event: &Value, name: &str) -> bool {
    let content = &event["content"];
    content["m.relates_to"].is_null() && content["body"].as_str().is_some_and(|body| body.starts_with(name))
}

/// Paragraphs look different on the two sides.
fn squeezed(texts: Vec<String>) -> Vec<String> {
    texts.iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}
