//! Mails that answer mails are replies in the room, however close they came.

use serde_json::json;

use ticketroom::model::{MessageId, TicketId, Visibility};

use super::lab::{Lab, plain, user};
use crate::homeserver::{Kind, When, until};

/// What the messages of ghosts are replies to: (text, event, event that is answered).
fn replies(lab: &Lab, room: &str) -> Vec<(String, String, Option<String>)> {
    let world = lab.homeserver.world();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let ours = world.events_of(room).into_iter().filter(|event| {
        event["type"] == "m.room.message" && event["sender"].as_str().is_some_and(|by| by.starts_with("@_desk_u"))
    });
    let line = |event: &serde_json::Value| {
        let answered = &event["content"]["m.relates_to"]["m.in_reply_to"]["event_id"];
        (text(&event["content"]["body"]).unwrap(), text(&event["event_id"]).unwrap(), text(answered))
    };
    ours.map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_answers_a_message_that_waits_with_it_is_a_reply_to_it() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("carl", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.set_down(true);
    let first = lab.helpdesk.reply_as_agent(&ticket, "bert", "Is it wet?").unwrap();
    lab.helpdesk.answer_as_agent(&ticket, "bert", "The valve, I mean", &first).unwrap();
    lab.until_some("outbox WHERE state < 2 AND body LIKE '%valve%'").await;
    lab.restart().await;
    lab.homeserver.set_down(false);
    let replies = until("both of them", || Some(replies(&lab, &room)).filter(|replies| replies.len() == 2)).await;
    let [(asked, event, None), (answer, _, Some(answered))] = replies.as_slice() else { panic!("{replies:?}") };
    assert_eq!((asked.as_str(), answer.as_str(), answered), ("Is it wet?", "The valve, I mean", event));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_answers_the_words_that_opened_a_ticket_is_a_reply_to_them() {
    let lab = Lab::start().await;
    let (by_mail, room) = lab.ticket("carl", "Pump").await;
    let ada = lab.homeserver.person("ada", "Ada");
    let waiting = lab.waiting_room(&ada).await;
    lab.homeserver.say(&ada, &waiting, "Valve").unwrap();
    let from_waiting = TicketId::new("2");
    until("its ticket", || lab.homeserver.room_of("ticket_2").filter(|room| *room == waiting)).await;
    lab.until_quiet().await;
    for (ticket, room, opening) in [(by_mail, room, "It leaks"), (from_waiting, waiting, "Valve")] {
        lab.helpdesk.answer_as_agent(&ticket, "bert", "Which one?", &MessageId::opening()).unwrap();
        lab.until_heard(&room, "Which one?").await;
        let said = {
            let world = lab.homeserver.world();
            // The bot says whose words they are, where nobody can speak as they.
            let is_it = |event: &&&serde_json::Value| {
                let body = event["content"]["body"].as_str();
                event["type"] == "m.room.message" && body.is_some_and(|body| body.ends_with(opening))
            };
            let said = world.events_of(&room).iter().find(is_it).map(|event| event["event_id"].clone());
            said.unwrap_or_else(|| panic!("{opening:?} stands in its room"))
        };
        let (_, _, answered) = replies(&lab, &room).into_iter().find(|(text, ..)| text == "Which one?").unwrap();
        assert_eq!(answered.as_deref(), said.as_str(), "{opening}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_answers_a_message_that_the_homeserver_fails_to_give_out_arrives_without_a_quote() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.helpdesk.reply_as_agent(&ticket, "bert", "Is it wet?").unwrap();
    lab.until_heard(&room, "Is it wet?").await;
    lab.until_quiet().await;
    let (_, asked, _) = replies(&lab, &room).remove(0);
    lab.homeserver.fail_next("/event/", When::Before, Kind::ServerError, 100_000);
    let content =
        json!({ "msgtype": "m.text", "body": "Very", "m.relates_to": { "m.in_reply_to": { "event_id": asked } } });
    lab.homeserver.send(&user("ada"), &room, "m.room.message", content).unwrap();
    lab.homeserver.say(&user("ada"), &room, "and it hisses").unwrap();
    lab.until_received(&ticket, "and it hisses").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["Very", "and it hisses"]);
    assert!(lab.homeserver.count_calls("/event/") > 8, "it tried for a while");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_answers_a_poll_quotes_its_question() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let poll = json!({
        "m.text": [{ "body": "Repair or replace?\n1. Repair\n2. Replace" }],
        "m.poll": {
            "question": { "m.text": [{ "body": "Repair or replace?" }] },
            "answers": [{ "m.id": "a", "m.text": [{ "body": "Repair" }] }, { "m.id": "b", "m.text": [{ "body": "Replace" }] }],
        },
    });
    let asked = lab.homeserver.send(&user("ada"), &room, "m.poll.start", poll).unwrap();
    let content =
        json!({ "msgtype": "m.text", "body": "Repair", "m.relates_to": { "m.in_reply_to": { "event_id": asked } } });
    lab.homeserver.send(&user("ada"), &room, "m.room.message", content).unwrap();
    until("both", || (lab.received(&ticket).len() == 2).then_some(())).await;
    let answer = lab.received(&ticket).remove(1);
    assert!(answer.contains("Repair or replace?") && answer.ends_with("Repair"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_what_stands_in_the_thread_is_a_note_in_clients_without_threads_too() {
    let lab = Lab::start().await;
    let (ticket, _) = lab.ticket("carl", "Pump").await;
    lab.write_in_thread("anna", "Pump", "!accept").await;
    let desk = lab.homeserver.room_of("queue_1").unwrap();
    let told = until("that it was accepted", || {
        let world = lab.homeserver.world();
        let is_it = |event: &serde_json::Value| {
            event["content"]["body"].as_str().is_some_and(|body| body.contains("has accepted this ticket"))
        };
        world.events_of(&desk).into_iter().find(|event| is_it(event)).map(|event| event["event_id"].clone())
    })
    .await;
    lab.until_quiet().await;
    // An answer to what the bot said, and one to a colleague's own words.
    lab.homeserver.join(&user("bert"), &desk).unwrap();
    let mut answered = told.as_str().unwrap().to_owned();
    for (who, words) in [("anna", "He pays late"), ("bert", "He always did")] {
        let relation = json!({ "m.in_reply_to": { "event_id": answered } });
        let content = json!({ "msgtype": "m.text", "body": words, "m.relates_to": relation });
        answered = lab.homeserver.send(&user(who), &desk, "m.room.message", content).unwrap();
        let note = until("the note", || {
            lab.helpdesk.messages_of(&ticket).into_iter().find(|it| plain(&it.body).contains(words))
        })
        .await;
        assert_eq!(note.visibility, Visibility::Internal);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_file_that_answers_a_message_brings_no_words_of_others() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("carl", "Pump").await;
    lab.helpdesk.reply_as_agent(&ticket, "bert", "Please send the log").unwrap();
    lab.until_heard(&room, "Please send the log").await;
    let (_, asked, _) = replies(&lab, &room).pop().unwrap();
    let answer = json!({ "m.in_reply_to": { "event_id": asked } });
    let url = lab.homeserver.act(|world| world.keep_file(b"MZ\x90\0 no log"));
    let file = json!({ "msgtype": "m.file", "body": "log.zip", "url": url, "m.relates_to": answer });
    lab.homeserver.send(&user("carl"), &room, "m.room.message", file).unwrap();
    lab.until_said(&room, "log.zip").await;
    // Whatever he quotes himself is his.
    let file = json!({ "msgtype": "m.file", "body": "> the log", "filename": "log2.zip", "url": url });
    lab.homeserver.send(&user("carl"), &room, "m.room.message", file).unwrap();
    lab.until_said(&room, "log2.zip").await;
    lab.homeserver.say(&user("carl"), &room, "Did it come?").unwrap();
    lab.until_received(&ticket, "Did it come?").await;
    assert_eq!(lab.received(&ticket), ["> the log", "Did it come?"]);
}
