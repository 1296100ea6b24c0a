//! What the bridge says itself, beside the messages that it carries: a report of what was delivered after all, the same said
//! twice in a row, and words in the helpdesk that nothing stands behind are faults like any other.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::oracle::{Book, Channel, From};
use crate::parts::Message;
use crate::world::{ANNA, BERT};

/// How a verdict begins that a notice stands there twice in a row.
pub const SAID_TWICE: &str = "said twice";

/// The bridge's own login in the helpdesk.
pub const LOGIN: &str = "ticketroom";

/// How it says that something was not carried (locales/en: common.ftl, files.ftl, desk.ftl).
const REPORTS: [&str; 6] = [
    "could not be delivered",
    "was not passed on",
    "can't be shown here",
    "was not shown to the customer",
    "helpdesk refused",
    "could not be said in the room",
];
/// What it writes into a ticket while the homeserver is away, and then (`answer_waits`, `answer_arrived`).
const WAITING: [&str; 2] =
    ["Ticketroom: the message before is not in the Matrix room yet", "Ticketroom: the message that waited is in"];
const UNDELIVERED: &str = "Ticketroom: the message before could not be delivered to the Matrix room";

/// What should not have been said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    pub doubled: Vec<String>,
    pub invented: Vec<String>,
}

impl Oddities {
    /// Looks at all events of a room, oldest first, for what the bot said.
    pub fn look_at_room(&mut self, room: &str, bot: &str, events: &[Value], book: &Book) {
        let messages = events.iter().filter(|event| event["type"] == "m.room.message");
        let mut latest: BTreeMap<&str, &Value> = BTreeMap::new();
        let mut drafts: BTreeMap<&str, usize> = BTreeMap::new();
        for event in messages.filter(|event| !is_edit(event)) {
            let before = latest.insert(thread(event), event);
            if event["sender"] != bot {
                continue;
            }
            let text = body(event);
            if before.is_some_and(|before| before["sender"] == bot && is_alike(before, event)) {
                self.doubled.push(format!("{SAID_TWICE} in {room}: {text:?}"));
            }
            if is_report(text) && !is_due(event, events, book) {
                self.invented.push(format!("reported in {room}: {text:?}"));
            }
            if let Some(id) = book.id_in(text).filter(|_| book.is_draft(text)) {
                *drafts.entry(id).or_default() += 1;
            }
        }
        let twice = drafts.iter().filter(|(_, times)| **times > 1);
        self.doubled.extend(twice.map(|(id, _)| format!("the draft {id} in {room}")));
    }

    /// Looks at what stands in a ticket for what the bridge wrote in its own name.
    pub fn look_at_ticket(&mut self, at: usize, messages: &[Message], book: &Book) {
        let due = book.doomed_in(Channel { ticket: at, from: From::Helpdesk });
        let (mut reports, mut before) = (0, "");
        for Message { login, text, .. } in messages {
            if login != LOGIN {
                before = "";
                let is_known = login.starts_with('@')
                    || login == BERT
                    || (login == ANNA && (text.is_empty() || book.is_from_helpdesk(text)));
                if !is_known {
                    self.invented.push(format!("written by {login} in ticket {at}: {text:?}"));
                }
                continue;
            }
            let (waits, reports_one) =
                (WAITING.iter().any(|words| text.starts_with(words)), text.starts_with(UNDELIVERED));
            reports += usize::from(reports_one);
            let is_due = waits || (reports_one && reports <= due);
            if waits && text == before {
                self.doubled.push(format!("written twice in ticket {at}: {text:?}"));
            } else if !is_due {
                self.invented.push(format!("written in ticket {at}: {text:?}"));
            }
            before = text;
        }
    }
}

fn body(event: &Value) -> &str {
    event["content"]["body"].as_str().unwrap_or_default()
}

fn relation(event: &Value) -> &Value {
    &event["content"]["m.relates_to"]
}

fn is_edit(event: &Value) -> bool {
    relation(event)["rel_type"] == "m.replace"
}

/// The thread's first event; empty where it stands in none.
fn thread(event: &Value) -> &str {
    let related = relation(event);
    let root = (related["rel_type"] == "m.thread").then(|| related["event_id"].as_str()).flatten();
    root.unwrap_or_default()
}

/// The same words about the same event.
fn is_alike(one: &Value, other: &Value) -> bool {
    body(one) == body(other) && answered(one) == answered(other)
}

fn answered(event: &Value) -> &Value {
    &relation(event)["m.in_reply_to"]["event_id"]
}

fn is_report(text: &str) -> bool {
    REPORTS.iter().any(|words| text.contains(words))
}

/// It answers something that was refused for good.
fn is_due(report: &Value, events: &[Value], book: &Book) -> bool {
    events.iter().any(|event| event["event_id"] == *answered(report) && book.is_doomed(body(event)))
}
