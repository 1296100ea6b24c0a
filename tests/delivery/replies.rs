//! Mails that answer mails are replies in the room, however close they came.

use super::lab::Lab;
use crate::homeserver::until;

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
