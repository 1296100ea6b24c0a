//! A draft becomes one message in the room and one in the ticket, however quickly it is tapped and whatever gets lost.

use serde_json::Value;
use ticketroom::helpdesk::memory::Fault;
use ticketroom::model::{MessageId, TicketId};

use super::lab::{BOT, Lab, plain, user};
use crate::homeserver::{Kind, When, until};

struct Desk {
    room: String,
    card: String,
}

/// Anna owns the ticket and is in the desk's room.
async fn taken(lab: &Lab, ticket: &TicketId) -> Desk {
    let anna = user("anna");
    lab.helpdesk.take(ticket, "anna").unwrap();
    let room = until("the desk's room", || {
        lab.homeserver.room_of("queue_1").filter(|room| lab.homeserver.join(&anna, room).is_ok())
    })
    .await;
    let card = said(lab, &room, &format!("#{ticket} ")).await;
    // Not only in the helpdesk: until the feed has told of it, her commands are refused.
    said(lab, &room, "has accepted").await;
    lab.until_quiet().await;
    Desk { room, card }
}

fn event(lab: &Lab, room: &str, part: &str) -> Option<Value> {
    let world = lab.homeserver.world();
    let says = |event: &&&Value| {
        let by_us = event["sender"].as_str().is_some_and(|sender| sender == BOT || sender.starts_with("@_desk_u"));
        by_us && event["content"]["body"].as_str().is_some_and(|body| body.contains(part))
    };
    world.events_of(room).iter().find(says).map(|event| (*event).clone())
}

/// The first event of ours that says this.
async fn said(lab: &Lab, room: &str, part: &str) -> String {
    let event = until(&format!("“{part}” in {room}"), || event(lab, room, part)).await;
    event["event_id"].as_str().unwrap().to_owned()
}

fn posted(lab: &Lab, ticket: &TicketId, text: &str) -> Vec<MessageId> {
    let messages = lab.helpdesk.messages_of(ticket).into_iter();
    messages.filter(|message| plain(&message.body) == text).map(|message| message.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_is_tapped_twice_at_once_is_sent_once_whatever_gets_lost() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let desk = taken(&lab, &ticket).await;
    let anna = user("anna");
    for (n, fault) in [None, Some(Fault::LostAfterSaving), Some(Fault::HangAfterSaving)].into_iter().enumerate() {
        let text = format!("Drafted {n}");
        lab.homeserver.say_in_thread(&anna, &desk.room, &desk.card, &format!("!add {text}")).unwrap();
        let draft = said(&lab, &desk.room, &text).await;
        let hangs = fault == Some(Fault::HangAfterSaving);
        if let Some(fault) = fault {
            lab.helpdesk.fail_next(fault, 1);
            lab.homeserver.fail_next(&format!("rooms/{room}/send"), When::After, Kind::ServerError, 1);
        }
        // As soon as it can be seen, which is before the bridge knows that it was sent.
        for _ in 0..2 {
            lab.homeserver.react(&anna, &desk.room, &draft, "✅").unwrap();
        }
        if hangs {
            until("the call to be under way", || (lab.helpdesk.faults_left() == 0).then_some(())).await;
            lab.restart().await;
        }
        lab.until_heard(&room, &text).await;
        lab.until_quiet().await;
        assert_eq!(lab.heard(&room).iter().filter(|heard| **heard == text).count(), 1, "in the room");
        assert_eq!(posted(&lab, &ticket, &text).len(), 1, "in the ticket");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_sent_draft_or_a_typed_link_answers_what_stands_in_the_room() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let desk = taken(&lab, &ticket).await;
    let anna = user("anna");
    lab.homeserver.say_in_thread(&anna, &desk.room, &desk.card, "!add Drafted").unwrap();
    let draft = said(&lab, &desk.room, "Drafted").await;
    lab.homeserver.react(&anna, &desk.room, &draft, "✅").unwrap();
    lab.homeserver.join(&anna, &room).unwrap();
    lab.until_heard(&room, "Drafted").await;
    lab.homeserver.say(&anna, &room, "See [[https://kb.invalid/1 | this]]").unwrap();
    lab.until_heard(&room, "See this (https://kb.invalid/1)").await;
    lab.until_quiet().await;
    for (n, text) in ["Drafted", "See this (https://kb.invalid/1)"].into_iter().enumerate() {
        let [message] = posted(&lab, &ticket, text).try_into().unwrap();
        let answer = format!("Answer {n}");
        lab.helpdesk.answer_as_agent(&ticket, "bert", &answer, &message).unwrap();
        lab.until_heard(&room, &answer).await;
        let answered =
            event(&lab, &room, &answer).unwrap()["content"]["m.relates_to"]["m.in_reply_to"]["event_id"].clone();
        assert_eq!(answered, said(&lab, &room, text).await, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_typed_in_a_thread_of_the_tickets_room_stands_there_again() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    taken(&lab, &ticket).await;
    let anna = user("anna");
    lab.homeserver.join(&anna, &room).unwrap();
    let root = lab.homeserver.say(&user("ada"), &room, "Where is the manual?").unwrap();
    lab.until_received(&ticket, "Where is the manual?").await;
    lab.homeserver.say_in_thread(&anna, &room, &root, "See [[https://kb.invalid/1 | this]]").unwrap();
    lab.until_heard(&room, "See this (https://kb.invalid/1)").await;
    let said = event(&lab, &room, "See this (https://kb.invalid/1)").unwrap();
    let relation = serde_json::json!({
        "rel_type": "m.thread", "event_id": root, "is_falling_back": true, "m.in_reply_to": { "event_id": root },
    });
    assert_eq!(said["content"]["m.relates_to"], relation);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_searched_in_the_helpdesk_is_listed_in_the_agents_language() {
    let lab = Lab::start().await;
    let (ticket, _) = lab.ticket("ada", "Pump").await;
    let desk = taken(&lab, &ticket).await;
    for (command, answer) in
        [("!language de", "auf Deutsch"), ("!block nothing", "Für „nothing“ wurde nichts gefunden.")]
    {
        lab.homeserver.say_in_thread(&user("anna"), &desk.room, &desk.card, command).unwrap();
        said(&lab, &desk.room, answer).await;
    }
}
