//! Customers and agents: what they write, what of it was taken from them, and what they read in the end.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use ruma::OwnedUserId;
use serde_json::json;
use ticketroom::helpdesk::memory::MemoryHelpdesk;
use ticketroom::model::TicketId;

use super::agent::{self, Anna, Work};
use super::bridge;
use super::home::Home;
use super::oracle::{self, Message, Verdict};
use crate::homeserver::DOMAIN;

/// One ticket and all that was said in it.
#[derive(Default)]
pub struct Talk {
    pub id: Option<TicketId>,
    pub room: Option<String>,
    /// Where the ticket is opened in Matrix: the customer's chat with the bot,
    door: Option<String>,
    /// what they open it with, and whether the homeserver has it.
    opening: Option<Message>,
    is_open: bool,
    /// What the customer has in mind and could not write yet.
    unsaid: VecDeque<Message>,
    said: Vec<Message>,
    replied: Vec<Message>,
    /// What the agent in Matrix does.
    work: Work,
    number: usize,
}

pub struct People {
    home: Arc<Home>,
    helpdesk: Arc<MemoryHelpdesk>,
    anna: Anna,
    talks: Mutex<Vec<Talk>>,
}

fn customer(ticket: usize) -> String {
    format!("@customer{ticket}:{DOMAIN}")
}

impl People {
    pub fn new(home: &Arc<Home>, helpdesk: &Arc<MemoryHelpdesk>, tickets: usize) -> Self {
        let talks = (0..tickets).map(|_| Talk::default()).collect();
        let anna = Anna { home: Arc::clone(home), helpdesk: Arc::clone(helpdesk) };
        Self { home: Arc::clone(home), helpdesk: Arc::clone(helpdesk), anna, talks: Mutex::new(talks) }
    }

    fn talks(&self) -> MutexGuard<'_, Vec<Talk>> {
        self.talks.lock().unwrap()
    }

    pub fn open(&self, ticket: usize) {
        let user = customer(ticket);
        self.home.world().users.insert(user.clone(), Some(format!("Customer {ticket}")));
        let person =
            self.helpdesk.add_customer(&format!("customer{ticket}"), "Customer", OwnedUserId::try_from(user).ok());
        let id = self.helpdesk.open_ticket("1", person, &format!("Ticket {ticket}"), "It leaks").unwrap();
        self.talks()[ticket].id = Some(id);
    }

    /// The customer is going to write to the bot.
    pub fn knock(&self, ticket: usize) {
        let text = format!("o{ticket} The pump of customer {ticket} leaks");
        self.home.world().users.insert(customer(ticket), Some(format!("Customer {ticket}")));
        self.talks()[ticket].opening = Some(Message { id: format!("o{ticket}"), text });
    }

    pub fn room_of(&self, ticket: usize) -> Option<String> {
        self.talks()[ticket].room.clone()
    }

    pub fn say(&self, ticket: usize) {
        let talk = &mut self.talks()[ticket];
        talk.number += 1;
        let id = format!("q{ticket}.{}", talk.number);
        talk.unsaid.push_back(Message { text: format!("{id} says the customer of ticket {ticket}"), id });
    }

    pub fn reply(&self, ticket: usize) {
        let talk = &mut self.talks()[ticket];
        let Some(id) = talk.id.clone() else { return };
        talk.number += 1;
        let name = format!("a{ticket}.{}", talk.number);
        let message = Message { text: format!("{name} answers the agent of ticket {ticket}"), id: name };
        self.helpdesk.reply_as_agent(&id, "bert", &message.text).unwrap();
        talk.replied.push(message);
    }

    /// Something for the agent in Matrix to do.
    pub fn ask_anna(&self, ticket: usize, task: impl FnOnce(&mut Work, usize)) {
        task(&mut self.talks()[ticket].work, ticket);
    }

    pub fn set_closed(&self, ticket: usize, closed: bool) {
        let talks = self.talks();
        // A ticket that is closed before anybody looked at it gets no room.
        let Some(id) = talks[ticket].room.as_ref().and(talks[ticket].id.clone()) else { return };
        let _snapshot = if closed { self.helpdesk.close(&id) } else { self.helpdesk.reopen(&id) };
    }

    /// Customers accept invitations and write what they have in mind. Only what the homeserver took is an obligation.
    pub fn live(&self) {
        for (ticket, talk) in self.talks().iter_mut().enumerate() {
            self.write_to_the_bot(ticket, talk);
            if let Some(opening) = talk.opening.as_ref().filter(|_| talk.id.is_none()) {
                talk.id = self.opened_with(opening).into_iter().next();
            }
            let Some(id) = &talk.id else { continue };
            if talk.room.is_none() {
                let user = customer(ticket);
                let alias = format!("#_desk_ticket_{id}:{DOMAIN}");
                let joined = self.home.act(|world| {
                    let room = world.aliases.get(&alias)?.clone();
                    world.join(&room, &user).ok().map(|()| room)
                });
                talk.room = joined.flatten();
            }
            self.anna.live(id, talk.room.as_deref(), &mut talk.work);
            let Some(room) = talk.room.clone() else { continue };
            while let Some(message) = talk.unsaid.pop_front() {
                let content = json!({ "msgtype": "m.text", "body": message.text });
                let user = customer(ticket);
                match self.home.act(|world| world.send(&room, &user, "m.room.message", content)) {
                    None => {
                        // It is down: they try again.
                        talk.unsaid.push_front(message);
                        break;
                    }
                    Some(Ok(event)) => {
                        self.home.sim.note(|| format!("said {} as {event}", message.id));
                        talk.said.push(message);
                    }
                    Some(Err(refused)) => self.home.sim.note(|| format!("not said {}: {}", message.id, refused.why)),
                }
            }
        }
    }

    fn write_to_the_bot(&self, ticket: usize, talk: &mut Talk) {
        let Some(opening) = talk.opening.as_ref().filter(|_| !talk.is_open) else { return };
        let user = customer(ticket);
        if talk.door.is_none() {
            let chat =
                json!({ "preset": "trusted_private_chat", "is_direct": true, "invite": [bridge::user("_desk_bot")] });
            talk.door = self.home.act(|world| world.create_room(&user, &chat)).and_then(Result::ok);
        }
        let Some(door) = &talk.door else { return };
        let content = json!({ "msgtype": "m.text", "body": opening.text });
        if let Some(Ok(event)) = self.home.act(|world| world.send(door, &user, "m.room.message", content)) {
            self.home.sim.note(|| format!("said {} as {event}", opening.id));
            talk.is_open = true;
        }
    }

    /// The tickets that begin with these words.
    fn opened_with(&self, opening: &Message) -> Vec<TicketId> {
        let tickets = (1..=self.helpdesk.ticket_count()).map(|number| TicketId::new(number.to_string()));
        let is_it = |id: &TicketId| {
            let snapshot = self.helpdesk.snapshot(id);
            snapshot.is_some_and(|it| ticketroom::text::to_plain(&it.description) == opening.text)
        };
        tickets.filter(is_it).collect()
    }

    pub fn verdict(&self) -> Verdict {
        let mut verdict = Verdict::default();
        let known = self.talks().iter().filter(|talk| talk.id.is_some()).count();
        // Each ticket is somebody's; what they opened it with is there once.
        let strange = self.helpdesk.ticket_count().saturating_sub(known);
        verdict.invented.extend((0..strange).map(|_| "a ticket".to_owned()));
        for talk in self.talks().iter() {
            if let Some(opening) = talk.opening.as_ref().filter(|_| talk.is_open && talk.id.is_none()) {
                verdict.missing.push(opening.id.clone());
            }
            let first = |text: &str| text.split(' ').next().map(str::to_owned);
            let read = talk.id.as_ref().map(|id| self.helpdesk.messages_of(id)).unwrap_or_default();
            let by_customer = read.into_iter().filter(|message| !message.author_is_agent);
            let in_ticket: Vec<String> = by_customer.map(|message| ticketroom::text::to_plain(&message.body)).collect();
            verdict.add(oracle::judge(&talk.said, &in_ticket, first));
            let in_room = talk.room.as_ref().map(|room| self.heard(room)).unwrap_or_default();
            if let Some(id) = &talk.id {
                verdict.add(self.anna.verdict(id, &talk.work, &in_room));
            }
            let of_bert: Vec<String> = in_room.into_iter().filter(|text| !agent::is_annas(text)).collect();
            verdict.add(oracle::judge(&talk.replied, &of_bert, first));
        }
        verdict
    }

    /// What agents said in a room: by their ghosts, or by the bot under their names while the room is locked.
    fn heard(&self, room: &str) -> Vec<String> {
        let world = self.home.world();
        let said = world.events_of(room).into_iter().filter_map(|event| {
            let (sender, body) = (event["sender"].as_str()?, event["content"]["body"].as_str()?);
            let text = match sender.strip_prefix("@_desk_")?.starts_with('u') {
                true => body,
                false => body.strip_prefix("Bert Berger")?.split_once("> ")?.1,
            };
            (event["type"] == "m.room.message").then(|| text.to_owned())
        });
        said.collect()
    }

    /// Whether everybody who has a ticket is in its room and has nothing more to say.
    pub fn have_spoken(&self) -> bool {
        let is_waiting = |talk: &Talk| talk.opening.is_some() && talk.id.is_none();
        let has_spoken =
            |talk: &Talk| talk.id.is_none() || (talk.room.is_some() && talk.unsaid.is_empty() && talk.work.is_done());
        self.talks().iter().all(|talk| !is_waiting(talk) && has_spoken(talk))
    }

    /// How often rooms were told that their ticket was closed or reopened.
    pub fn notices(&self) -> usize {
        let talks = self.talks();
        let world = self.home.world();
        let told = |event: &&serde_json::Value| {
            let body = event["content"]["body"].as_str().unwrap_or_default();
            body.starts_with("This ticket was closed") || body.starts_with("This ticket was reopened")
        };
        let rooms = talks.iter().filter_map(|talk| talk.room.as_ref());
        rooms.map(|room| world.events_of(room).iter().copied().filter(told).count()).sum()
    }

    pub fn tickets(&self) -> usize {
        self.talks().len()
    }

    pub fn messages(&self) -> usize {
        self.talks().iter().map(|talk| talk.said.len() + talk.replied.len() + talk.work.messages()).sum()
    }
}
