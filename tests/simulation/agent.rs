//! Anna, an agent in Matrix: she accepts offers in the desk's room, writes notes and drafts in the tickets' threads, and
//! replies in the tickets' rooms.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};
use ticketroom::helpdesk::memory::MemoryHelpdesk;
use ticketroom::model::{TicketId, Visibility};

use super::bridge;
use super::home::Home;
use super::oracle::{self, Message, Verdict};
use crate::homeserver::DOMAIN;

/// How what she writes begins, by which it is told from what others write.
const NOTE: char = 'n';
const DRAFT: char = 'd';
const ANSWER: char = 'w';
const YES: &str = "✅";
/// What she waits for (`accepted` and `draft_sent` in locales/en).
const ACCEPTED: &str = "has accepted this ticket";
const SENT: &str = "Sent to the customer";

#[derive(Clone, Debug)]
enum Wish {
    Note(Message),
    Draft(Message),
    Answer(Message),
}

impl Wish {
    fn message(&self) -> &Message {
        match self {
            Self::Note(message) | Self::Draft(message) | Self::Answer(message) => message,
        }
    }
}

/// How far she is with the draft at hand.
enum Drafting {
    /// The event that asks for it.
    Asked(String),
    /// The draft is shown, and she has sent it.
    Sent(String),
}

/// What she does in one ticket, one thing after the other.
#[derive(Default)]
pub struct Work {
    number: usize,
    wishes: VecDeque<Wish>,
    /// The offer in the desk's room, her ✅ at it, and whether the desk was told.
    card: Option<String>,
    tapped: Option<String>,
    is_accepted: bool,
    drafting: Option<Drafting>,
    notes: Vec<Message>,
    drafts: Vec<Message>,
    answers: Vec<Message>,
}

impl Work {
    fn next(&mut self, kind: char, ticket: usize) -> Message {
        self.number += 1;
        let id = format!("{kind}{ticket}.{}", self.number);
        Message { text: format!("{id} writes Anna in ticket {ticket}"), id }
    }

    pub fn note(&mut self, ticket: usize) {
        let message = self.next(NOTE, ticket);
        self.wishes.push_back(Wish::Note(message));
    }

    pub fn draft(&mut self, ticket: usize) {
        let message = self.next(DRAFT, ticket);
        self.wishes.push_back(Wish::Draft(message));
    }

    pub fn answer(&mut self, ticket: usize) {
        let message = self.next(ANSWER, ticket);
        self.wishes.push_back(Wish::Answer(message));
    }

    pub fn is_done(&self) -> bool {
        self.wishes.is_empty()
    }

    pub fn messages(&self) -> usize {
        self.notes.len() + self.drafts.len() + self.answers.len()
    }
}

/// Whether an agent's message is one of hers.
pub fn is_annas(text: &str) -> bool {
    text.starts_with([NOTE, DRAFT, ANSWER])
}

pub struct Anna {
    pub home: Arc<Home>,
    pub helpdesk: Arc<MemoryHelpdesk>,
}

impl Anna {
    /// She does what she can do now.
    pub fn live(&self, id: &TicketId, room: Option<&str>, work: &mut Work) {
        while !work.is_done() {
            if self.step(id, room, work).is_none() {
                return;
            }
        }
    }

    /// `None`: she has to wait.
    fn step(&self, id: &TicketId, room: Option<&str>, work: &mut Work) -> Option<()> {
        let desk = self.enter(&format!("#_desk_queue_1:{DOMAIN}"))?;
        if work.card.is_none() {
            let offer = format!("#{id} ");
            let card = self.find(&desk, None, |event| says(event, &offer) && !is_edit(event))?;
            work.card = Some(card);
        }
        let card = work.card.clone()?;
        if !work.is_accepted {
            if work.tapped.is_none() {
                work.tapped = Some(self.tap(&desk, &card)?);
            }
            self.find(&desk, work.tapped.as_deref(), |event| about(event) == card && says(event, ACCEPTED))?;
            work.is_accepted = true;
        }
        match work.wishes.front()?.clone() {
            Wish::Note(message) => {
                self.say(&desk, Some(&card), &message.text)?;
                work.notes.push(message);
            }
            Wish::Answer(message) => {
                let room =
                    self.enter(&format!("#_desk_ticket_{id}:{DOMAIN}")).filter(|it| Some(it.as_str()) == room)?;
                self.say(&room, None, &message.text)?;
                work.answers.push(message);
            }
            Wish::Draft(message) => return self.draft(&desk, &card, &message, work),
        }
        work.wishes.pop_front();
        Some(())
    }

    fn draft(&self, desk: &str, card: &str, message: &Message, work: &mut Work) -> Option<()> {
        match &work.drafting {
            None => {
                let asked = self.say(desk, Some(card), &format!("!add {}", message.text))?;
                work.drafting = Some(Drafting::Asked(asked));
            }
            Some(Drafting::Asked(asked)) => {
                let is_shown = |event: &Value| says(event, &message.text) && !is_edit(event);
                let shown = self.find(desk, Some(asked), is_shown)?;
                self.tap(desk, &shown)?;
                work.drafts.push(message.clone());
                work.drafting = Some(Drafting::Sent(shown));
            }
            Some(Drafting::Sent(shown)) => {
                self.find(desk, Some(shown), |event| about(event) == shown && says(event, SENT))?;
                work.drafting = None;
                work.wishes.pop_front();
            }
        }
        Some(())
    }

    /// The room, once she is in it.
    fn enter(&self, alias: &str) -> Option<String> {
        let joined = self.home.act(|world| {
            let room = world.aliases.get(alias)?.clone();
            world.join(&room, &bridge::user("anna")).ok().map(|()| room)
        });
        joined.flatten()
    }

    /// The first event of the bot's behind this one that is so.
    fn find(&self, room: &str, behind: Option<&str>, is_so: impl Fn(&Value) -> bool) -> Option<String> {
        let bot = bridge::user("_desk_bot");
        let world = self.home.world();
        let mut events =
            world.events_of(room).into_iter().skip_while(|event| behind.is_some_and(|it| event["event_id"] != it));
        let found = events.find(|event| event["sender"] == bot.as_str() && is_so(event))?;
        found["event_id"].as_str().map(str::to_owned)
    }

    fn say(&self, room: &str, thread: Option<&str>, text: &str) -> Option<String> {
        let mut content = json!({ "msgtype": "m.text", "body": text });
        if let Some(root) = thread {
            content["m.relates_to"] = json!({ "rel_type": "m.thread", "event_id": root });
        }
        self.send(room, "m.room.message", content)
    }

    fn tap(&self, room: &str, event: &str) -> Option<String> {
        let relation = json!({ "rel_type": "m.annotation", "event_id": event, "key": YES });
        self.send(room, "m.reaction", json!({ "m.relates_to": relation }))
    }

    fn send(&self, room: &str, kind: &str, content: Value) -> Option<String> {
        let sent = self.home.act(|world| world.send(room, &bridge::user("anna"), kind, content));
        let event = sent?.ok()?;
        self.home.sim.note(|| format!("Anna sent {event}"));
        Some(event)
    }

    /// `heard`: what agents said in the ticket's room.
    pub fn verdict(&self, id: &TicketId, work: &Work, heard: &[String]) -> Verdict {
        let first = |text: &str| text.split(' ').next().map(str::to_owned);
        let of = |kind: char, texts: &[String]| -> Vec<String> {
            texts.iter().filter(|text| text.starts_with(kind)).cloned().collect()
        };
        let (internal, public): (Vec<_>, Vec<_>) = self
            .helpdesk
            .messages_of(id)
            .into_iter()
            .filter(|message| message.author_is_agent)
            .partition(|message| message.visibility == Visibility::Internal);
        let [internal, public] =
            [internal, public].map(|all| all.iter().map(|it| ticketroom::text::to_plain(&it.body)).collect::<Vec<_>>());
        let mut verdict = Verdict::default();
        // What she replies in the room stands there already.
        for (kind, written, arrived) in
            [(NOTE, &work.notes, &internal), (DRAFT, &work.drafts, &public), (ANSWER, &work.answers, &public)]
        {
            verdict.add(oracle::judge(written, &of(kind, arrived), first));
        }
        verdict.add(oracle::judge(&work.drafts, &of(DRAFT, heard), first));
        // A note that a customer can read is nobody's.
        let leaked = [heard, &public].into_iter().flatten().filter(|text| text.starts_with(NOTE));
        verdict.invented.extend(leaked.cloned());
        // What she could not do for want of an answer.
        let at_hand = work.wishes.iter().map(Wish::message).filter(|it| !work.drafts.contains(it));
        verdict.missing.extend(at_hand.map(|it| it.id.clone()));
        verdict
    }
}

fn says(event: &Value, part: &str) -> bool {
    event["content"]["body"].as_str().is_some_and(|body| body.contains(part))
}

fn is_edit(event: &Value) -> bool {
    event["content"]["m.relates_to"]["rel_type"] == "m.replace"
}

/// The event that it edits, reacts to or stands in the thread of.
fn about(event: &Value) -> &str {
    event["content"]["m.relates_to"]["event_id"].as_str().unwrap_or_default()
}
