//! Words in our rooms, as the rules see them: what a customer writes moves nothing but their own words, and of what an
//! agent commands nothing stays where the customer reads.

use ruma::event_id;
use ticketroom::bridge::decide;
use ticketroom::model::{Author, Effect, Fact, Manner, Place, RoomKind, Said, Speaker, Visibility};
use ticketroom::text::{cleaned, from_markdown};

use super::html::written;
use super::world::{agent, card, customer, desk, desk_room, room, ticket_id, view};
use crate::parts;

const WORDS: [&str; 16] = [
    "",
    "!help",
    "!accept",
    "!release",
    "!note ",
    "!link ",
    "!block ",
    "!add ",
    "!send",
    "!drop",
    "!video ",
    "!close",
    "!reopen",
    "!retry",
    "!language ",
    "!cancel ",
];

pub fn check(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let [text, name] = parts::<2>(rest);
    let kind = usize::from(*kind);
    // As events are read.
    let text = cleaned(&format!("{}{text}", WORDS[kind % WORDS.len()])).into_owned();
    let (is_agent, in_desk, owned, closed) = (kind & 16 > 0, kind & 32 > 0, kind & 64 > 0, kind & 128 > 0);
    let (place, room_kind) = match in_desk {
        true => (desk_room(), RoomKind::Desk(desk().id)),
        false => (room(), RoomKind::Ticket(ticket_id())),
    };
    let said = Said {
        room: place.clone(),
        event: event_id!("$e").to_owned(),
        sender: if is_agent { agent() } else { customer() },
        body: from_markdown(&text),
        text: text.clone(),
        thread: in_desk.then(card),
        reply_to: None,
        files: Vec::new(),
        manner: Manner::Words,
        mentions: Vec::new(),
    };
    let mut view = view(room_kind, place, owned, closed);
    view.sender_name = Some(ticketroom::text::clean_name(&name));
    let effects = decide(&Fact::Said(said), &view);
    for effect in &effects {
        let stored = serde_json::to_string(effect).unwrap();
        assert_eq!(&serde_json::from_str::<Effect>(&stored).unwrap(), effect);
        if is_agent { of_agent(effect, in_desk) } else { of_customer(effect, in_desk, &text) }
    }
    let is_command = text.trim_start().starts_with('!') && is_word(&text);
    if is_agent && !in_desk && is_command {
        let removed = effects.iter().any(|effect| matches!(effect, Effect::Redact { event, .. } if event == "$e"));
        assert!(removed, "the customer reads {text:?}");
        let passed = effects.iter().any(|effect| matches!(effect, Effect::Post { visibility: Visibility::Public, .. }));
        assert!(!passed, "a command became a message: {text:?}");
    }
}

fn is_word(text: &str) -> bool {
    let word = text.trim_start().trim_start_matches('!').split(char::is_whitespace).next().unwrap_or_default();
    let word = word.trim_end_matches([':', ',']);
    text.trim_start().starts_with('!')
        && !text.trim_start().starts_with("!!")
        && !word.is_empty()
        && word.chars().all(|c| c.is_ascii_alphabetic())
}

fn of_customer(effect: &Effect, in_desk: bool, text: &str) {
    match effect {
        Effect::Post { author: Author::Customer { matrix, .. }, visibility, body, .. } => {
            assert_eq!((matrix, visibility, in_desk), (&customer(), &Visibility::Public, false));
            written(body);
        }
        // Wishes are noted for the agents.
        Effect::Post { author: Author::Bridge, .. } | Effect::Say(_) | Effect::AskForVideo { .. } => {}
        Effect::RememberLanguage { user, .. } => assert_eq!(user, &customer()),
        Effect::RememberTicket(_) => {}
        Effect::Cancel { .. } => assert!(text.contains("cancel"), "{text:?}"),
        other => panic!("a customer's {text:?} does {other:?}"),
    }
}

fn of_agent(effect: &Effect, in_desk: bool) {
    match effect {
        // What is prepared stands in the thread; only sending speaks in the room, and by the agent.
        Effect::Say(speech) => {
            written(&speech.body);
            if let (Place::Room(at), true, Speaker::Bot) = (&speech.place, in_desk, &speech.speaker) {
                assert_ne!(at, &room(), "the bot says an agent's words to the customer: {speech:?}");
            }
        }
        Effect::Post { author: Author::Agent { login, .. }, visibility, .. } => {
            assert_eq!(login, "ada");
            assert!(!in_desk || *visibility == Visibility::Internal, "words of the thread reach the customer");
        }
        _ => {}
    }
}
