//! What nearly every test begins with: a ticket that was opened, a desk room that was joined, an offer that was taken.

use matrix_sdk::ruma::OwnedRoomId;

use crate::bridge::bot;
use crate::message::Message;
use crate::person::Person;
use crate::tracker_rows::Entry;
use crate::{Lab, wait};

/// Ids of Request Tracker's queues as its own setup and our seed make them.
pub const GENERAL: u64 = 1;

pub const ACCEPT: &str = "✅";

impl Lab {
    /// A customer writes to the bot, and enters the ticket's room.
    pub async fn open_from_matrix(&self, customer: &Person, text: &str) -> (u64, OwnedRoomId) {
        let door = customer.chat_with(&bot()).await;
        customer.say(&door, text).await;
        let subject = text.lines().next().unwrap_or_default();
        let ticket = self.until_ticket(subject).await;
        let room = self.ticket_room(customer, ticket).await;
        customer.accept_invitation(&room).await;
        (ticket, room)
    }

    pub async fn until_ticket(&self, subject: &str) -> u64 {
        wait::until(&format!("a ticket '{subject}'"), || async { self.tracker.ticket_by_subject(subject) }).await
    }

    /// The room of a ticket, as soon as there is one.
    pub async fn ticket_room(&self, anybody: &Person, ticket: u64) -> OwnedRoomId {
        self.room_by_alias(anybody, &format!("_desk_ticket_{ticket}")).await
    }

    pub async fn room_by_alias(&self, anybody: &Person, alias: &str) -> OwnedRoomId {
        wait::until(&format!("the room #{alias}"), || async {
            let room = self.synapse.room_of_alias(&anybody.token, alias).await?;
            room.try_into().map_err(|error| format!("{error}"))
        })
        .await
    }

    /// An agent enters the desk room of a queue.
    pub async fn enter_desk(&self, agent: &Person, queue: u64) -> OwnedRoomId {
        let room = self.room_by_alias(agent, &format!("_desk_queue_{queue}")).await;
        agent.accept_invitation(&room).await;
        room
    }

    /// The offer of a ticket: the bot's first message outside of threads that names its number.
    pub async fn card(&self, agent: &Person, desk: &OwnedRoomId, ticket: u64) -> Message {
        let number = format!("#{ticket}");
        agent
            .until_message(desk, &format!("the offer of #{ticket}"), |message| {
                message.sender == bot() && message.thread.is_none() && message.says(&number)
            })
            .await
    }

    /// An agent accepts by reaction, and enters the ticket's room.
    pub async fn accept(&self, agent: &Person, desk: &OwnedRoomId, ticket: u64) -> OwnedRoomId {
        let card = self.card(agent, desk, ticket).await;
        agent.try_react(desk, card.event.as_str(), ACCEPT).await.expect("an agent may react");
        let room = self.ticket_room(agent, ticket).await;
        agent.accept_invitation(&room).await;
        room
    }

    /// Waits until the ticket holds a message like this, and gives it.
    pub async fn until_words(&self, ticket: u64, what: &str, like: impl Fn(&Entry) -> bool) -> Entry {
        wait::until(&format!("ticket {ticket} to hold {what}"), || async {
            let words = self.tracker.words(ticket);
            words.iter().find(|entry| like(entry)).cloned().ok_or_else(|| format!("{words:#?}"))
        })
        .await
    }

    /// Waits until the ticket's field (`status`, `owner`, `queue` …) has this value.
    pub async fn until_field(&self, ticket: u64, field: &str, value: &str) {
        wait::until(&format!("ticket {ticket} to have {field} '{value}'"), || async {
            let row = self.tracker.ticket(ticket)?;
            if row[field] == value { Ok(()) } else { Err(row.to_string()) }
        })
        .await
    }

    /// Waits until the bridge has nothing more to do: an abort then hits what the test does next, and nothing else.
    pub async fn until_quiet(&self) {
        let observe = self.bridge.observe();
        wait::until("the bridge to have nothing to do", || async {
            let answer = observe.get("/metrics").await?;
            let text = answer.body.as_str().unwrap_or_default().to_owned();
            let waiting: Vec<&str> = text
                .lines()
                .filter(|line| {
                    line.starts_with("ticketroom_inbox_waiting") || line.starts_with("ticketroom_outbox_waiting")
                })
                .collect();
            let idle = waiting.len() >= 2 && waiting.iter().all(|line| line.ends_with(" 0"));
            if idle { Ok(()) } else { Err(format!("{waiting:?} in {} lines", text.lines().count())) }
        })
        .await
    }

    /// A value of the bridge's metrics, by its name with its labels.
    pub async fn metric(&self, name: &str) -> f64 {
        let answer = self.bridge.observe().get("/metrics").await.expect("the bridge answers");
        let text = answer.body.as_str().unwrap_or_default().to_owned();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.unwrap_or_else(|| panic!("no {name} in {text}"))
    }

    /// Gauges are measured every 15 seconds.
    pub async fn until_metric(&self, name: &str, value: f64) {
        wait::until(&format!("{name} to be {value}"), || async {
            let now = self.metric(name).await;
            if (now - value).abs() < 0.5 { Ok(()) } else { Err(now.to_string()) }
        })
        .await
    }

    /// Waits until a level in the ticket room's power levels is this: 10 while it is open, 100 while it is locked.
    pub async fn until_locked(&self, anybody: &Person, room: &OwnedRoomId, locked: bool) {
        wait::until(&format!("{room} to be {}", if locked { "locked" } else { "unlocked" }), || async {
            let levels = anybody.state(room, "m.room.power_levels", "").await?;
            let expected = if locked { 100 } else { 10 };
            if levels["events_default"] == expected { Ok(()) } else { Err(levels.to_string()) }
        })
        .await
    }
}
