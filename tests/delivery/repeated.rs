//! What comes twice is done once.

use std::sync::Arc;

use ruma::OwnedEventId;
use serde_json::json;
use ticketroom::files::{NotCarried, Spooled, Spooling};
use ticketroom::helpdesk::memory::MemoryHelpdesk;
use ticketroom::helpdesk::{Capabilities, Changes, Finding, Helpdesk, NewMessage, NewTicket};
use ticketroom::model::{
    Acceptance, Article, Cancellation, Desk, DeskId, Failure, HelpdeskMessage, MessageId, Search, Snapshot, TicketId,
};

use super::lab::{Lab, user};
use crate::homeserver::until;

fn message(event: &str, room: &str, sender: &str, text: &str) -> serde_json::Value {
    json!({
        "event_id": event, "room_id": room, "sender": sender, "type": "m.room.message", "origin_server_ts": 1,
        "content": { "msgtype": "m.text", "body": text },
    })
}

fn transaction(events: &[serde_json::Value]) -> String {
    json!({ "events": events }).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_transaction_is_accepted_once() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let body = transaction(&[message("$one", &room, &user("ada"), "one"), message("$two", &room, &user("ada"), "two")]);
    for _ in 0..3 {
        assert_eq!(lab.homeserver.push_by_hand("77", body.clone()).await, 200);
    }
    lab.until_received(&ticket, "two").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_comes_again_in_another_transaction_is_handled_once() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let (one, two) = (message("$one", &room, &user("ada"), "one"), message("$two", &room, &user("ada"), "two"));
    assert_eq!(lab.homeserver.push_by_hand("1", transaction(std::slice::from_ref(&one))).await, 200);
    assert_eq!(lab.homeserver.push_by_hand("2", transaction(&[one.clone(), two.clone(), one.clone()])).await, 200);
    lab.until_received(&ticket, "two").await;
    lab.restart().await;
    // Transaction ids start again at 1 after a restart of Synapse on SQLite: they mean nothing.
    let three = message("$three", &room, &user("ada"), "three");
    assert_eq!(lab.homeserver.push_by_hand("1", transaction(&[two, three])).await, 200);
    lab.until_received(&ticket, "three").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["one", "two", "three"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_echo_goes_nowhere() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.homeserver.say(&user("ada"), &room, "question").unwrap();
    lab.helpdesk.reply_as_agent(&ticket, "bert", "answer").unwrap();
    lab.until_received(&ticket, "question").await;
    lab.until_heard(&room, "answer").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["question"], "what we wrote did not come back as the customer's");
    assert_eq!(lab.helpdesk.messages_of(&ticket).len(), 2);
    assert_eq!(lab.heard(&room).iter().filter(|text| *text == "question").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_marker_of_a_stranger_is_a_message_like_any_other() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let content = json!({ "msgtype": "m.text", "body": "forged", "org.ticketroom.effect": "anything" });
    lab.homeserver.send(&user("ada"), &room, "m.room.message", content).unwrap();
    lab.until_received(&ticket, "forged").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["forged"]);
}

/// Tells each change again with the next two polls, as a feed by time with an overlap does.
struct Overlapping(Arc<MemoryHelpdesk>);

#[async_trait::async_trait]
impl Helpdesk for Overlapping {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
    async fn probe(&self) -> Vec<Finding> {
        self.0.probe().await
    }
    async fn desks(&self) -> Result<Vec<Desk>, Failure> {
        self.0.desks().await
    }
    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Snapshot>, Failure> {
        self.0.ticket(ticket).await
    }
    async fn find_ticket(&self, marker: &OwnedEventId) -> Result<Option<TicketId>, Failure> {
        self.0.find_ticket(marker).await
    }
    async fn create_ticket(&self, new: &NewTicket) -> Result<TicketId, Failure> {
        self.0.create_ticket(new).await
    }
    async fn message(&self, ticket: &TicketId, message: &MessageId) -> Result<Option<HelpdeskMessage>, Failure> {
        self.0.message(ticket, message).await
    }
    async fn file(&self, message: &MessageId, file: &str, into: Spooling) -> Result<Spooled, NotCarried> {
        self.0.file(message, file, into).await
    }

    async fn find_message(&self, ticket: &TicketId, marker: &OwnedEventId) -> Result<Option<MessageId>, Failure> {
        self.0.find_message(ticket, marker).await
    }
    async fn post(&self, new: &NewMessage) -> Result<Option<MessageId>, Failure> {
        self.0.post(new).await
    }
    async fn accept(&self, ticket: &TicketId, login: &str) -> Result<Acceptance, Failure> {
        self.0.accept(ticket, login).await
    }
    async fn release(&self, ticket: &TicketId, login: &str) -> Result<Snapshot, Failure> {
        self.0.release(ticket, login).await
    }
    async fn set_closed(&self, ticket: &TicketId, closed: bool) -> Result<Snapshot, Failure> {
        self.0.set_closed(ticket, closed).await
    }
    async fn cancel(&self, ticket: &TicketId) -> Result<Cancellation, Failure> {
        self.0.cancel(ticket).await
    }

    async fn link_room(&self, ticket: &TicketId, url: &str) -> Result<(), Failure> {
        self.0.link_room(ticket, url).await
    }

    async fn attach_link(&self, ticket: &TicketId, url: &str) -> Result<(), Failure> {
        self.0.attach_link(ticket, url).await
    }

    async fn search(&self, search: &Search, desk: Option<&DeskId>) -> Result<Vec<Article>, Failure> {
        self.0.search(search, desk).await
    }
    async fn changes(&self, cursor: Option<&str>) -> Result<Changes, Failure> {
        let earlier = cursor.map(|cursor| cursor.parse::<usize>().unwrap().saturating_sub(5).to_string());
        self.0.changes(earlier.as_deref()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_feed_tells_again_is_carried_once() {
    let mut lab = Lab::prepare().await;
    lab.in_front = Some(Arc::new(Overlapping(Arc::clone(&lab.helpdesk))));
    lab.boot().await;
    // The position of this moment is where following begins.
    until("the first look at the feed", || (lab.homeserver.room_of("queue_1").is_some()).then_some(())).await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    for n in 0..4 {
        lab.helpdesk.reply_as_agent(&ticket, "bert", &format!("answer {n}")).unwrap();
        lab.until_heard(&room, &format!("answer {n}")).await;
    }
    lab.restart().await;
    lab.helpdesk.reply_as_agent(&ticket, "bert", "last").unwrap();
    lab.until_heard(&room, "last").await;
    lab.until_quiet().await;
    assert_eq!(lab.heard(&room), ["answer 0", "answer 1", "answer 2", "answer 3", "last"]);
}
