//! What can't be delivered is said where it was written.

use std::time::Duration;

use ticketroom::helpdesk::memory::Fault;
use ticketroom::model::Visibility;

use super::lab::{BOT, Lab, plain, user};
use crate::homeserver::{Kind, When, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_helpdesk_refuses_is_said_at_the_message_and_the_next_one_passes() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.helpdesk.fail_next(Fault::Refused("too long".to_owned()), 1);
    let refused = lab.homeserver.say(&user("ada"), &room, "refused").unwrap();
    lab.homeserver.say(&user("ada"), &room, "taken").unwrap();
    lab.until_received(&ticket, "taken").await;
    lab.until_said(&room, "could not be delivered to the helpdesk: “too long”").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["taken"]);
    let world = lab.homeserver.world();
    let events = world.events_of(&room);
    let said =
        events.iter().find(|event| event["content"]["body"].as_str().is_some_and(|b| b.contains("too long"))).unwrap();
    assert_eq!(said["content"]["m.relates_to"]["m.in_reply_to"]["event_id"], refused);
    assert_eq!(said["sender"], BOT);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_too_long_is_said_at_the_message() {
    let mut lab = Lab::prepare().await;
    lab.limits.give_up_after = Duration::from_millis(400);
    lab.boot().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.helpdesk.set_down(true);
    lab.homeserver.say(&user("ada"), &room, "too late").unwrap();
    lab.until_said(&room, "could not be delivered to the helpdesk").await;
    lab.helpdesk.set_down(false);
    // Noticed by the feed first: until then nothing is sent, and 400 ms are soon over.
    lab.helpdesk.reply_as_agent(&ticket, "anna", "We are back").unwrap();
    lab.until_said(&room, "We are back").await;
    lab.homeserver.say(&user("ada"), &room, "in time").unwrap();
    lab.until_received(&ticket, "in time").await;
    assert_eq!(lab.received(&ticket), ["in time"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_refused_is_said_at_the_door() {
    let lab = Lab::start().await;
    let ada = lab.homeserver.person("ada", "Ada");
    let door = lab.homeserver.chat_with(&ada, BOT);
    lab.until_said(&door, "Write here what it is about").await;
    lab.until_quiet().await;
    lab.helpdesk.fail_next(Fault::Refused("no such customer.".to_owned()), 1);
    lab.homeserver.say(&ada, &door, "It leaks").unwrap();
    lab.until_said(&door, "could not be opened: “no such customer.”").await;
    lab.homeserver.say(&ada, &door, "It still leaks").unwrap();
    lab.until_said(&door, "ticket #1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_homeserver_refuses_becomes_an_internal_note() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.act(|world| {
        // Somebody with the power of a server's administrator has thrown us out.
        for ours in world.members(&room, "join").into_iter().filter(|user| user.starts_with("@_desk_")) {
            world.append(&room, &ours, "m.room.member", Some(&ours), serde_json::json!({ "membership": "ban" }));
        }
    });
    lab.helpdesk.reply_as_agent(&ticket, "bert", "unheard").unwrap();
    let note = until("the note", || {
        let messages = lab.helpdesk.messages_of(&ticket);
        messages.into_iter().find(|message| plain(&message.body).contains("could not be delivered to the Matrix room"))
    })
    .await;
    assert_eq!(note.visibility, Visibility::Internal);
    assert_eq!(lab.heard(&room), [""; 0]);
    lab.until_quiet().await;
    assert_eq!(lab.count("outbox WHERE state = 3 AND body LIKE '%unheard%'").await, 1, "kept for whoever looks for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxys_error_page_is_no_refusal() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.fail_next("/send/", When::Before, Kind::NotFoundPage, 2);
    lab.helpdesk.reply_as_agent(&ticket, "bert", "heard").unwrap();
    lab.until_heard(&room, "heard").await;
    assert_eq!(lab.count("outbox WHERE state = 3").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_helpdesk_has_after_all_is_not_written_twice_when_it_is_retried() {
    let mut lab = Lab::prepare().await;
    // At once, even where all of it happens within the same millisecond.
    lab.limits.give_up_after = Duration::ZERO;
    lab.boot().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.helpdesk.fail_next(Fault::LostAfterSaving, 1);
    lab.homeserver.say(&user("ada"), &room, "saved").unwrap();
    lab.until_said(&room, "could not be delivered to the helpdesk").await;
    lab.helpdesk.fail_next(Fault::Refused("too long".to_owned()), 1);
    lab.homeserver.say(&user("ada"), &room, "refused").unwrap();
    lab.until_said(&room, "could not be delivered to the helpdesk: “too long”").await;
    lab.until_quiet().await;
    assert_eq!(lab.count("outbox WHERE state = 3").await, 2);
    lab.write_in_thread("anna", "Pump", "!retry").await;
    lab.until_received(&ticket, "refused").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["saved", "refused"]);
    assert_eq!(lab.count("outbox WHERE state = 3").await, 0);
    let told = lab.homeserver.ours(&room).iter().filter(|text| text.contains("has been delivered now")).count();
    assert_eq!(told, 2, "at each of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_again_is_said_again() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let said = |part: &'static str| lab.homeserver.ours(&room).iter().filter(|text| text.contains(part)).count();
    lab.helpdesk.fail_next(Fault::Refused("too long".to_owned()), 2);
    lab.homeserver.say(&user("ada"), &room, "refused").unwrap();
    until("the first refusal", || (said("could not be delivered") == 1).then_some(())).await;
    lab.write_in_thread("anna", "Pump", "!retry").await;
    until("the second refusal", || (said("could not be delivered") == 2).then_some(())).await;
    lab.write_in_thread("anna", "Pump", "!retry").await;
    lab.until_received(&ticket, "refused").await;
    until("the good news", || (said("has been delivered now") == 1).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_could_not_be_taken_away_is_taken_away_when_it_is_retried() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let said = lab.homeserver.say(&user("ada"), &room, "original").unwrap();
    lab.until_received(&ticket, "original").await;
    lab.until_quiet().await;
    lab.homeserver.fail_next("/redact/", When::Before, Kind::Refused, 1);
    let relation = serde_json::json!({ "rel_type": "m.replace", "event_id": said });
    let edit = serde_json::json!({ "msgtype": "m.text", "body": "* changed", "m.relates_to": relation });
    lab.homeserver.send(&user("ada"), &room, "m.room.message", edit).unwrap();
    lab.until_count("outbox WHERE state = 3", 1).await;
    let redactions = || {
        let world = lab.homeserver.world();
        world.events_of(&room).iter().filter(|event| event["type"] == "m.room.redaction").count()
    };
    assert_eq!(redactions(), 0);
    lab.write_in_thread("anna", "Pump", "!retry").await;
    until("the redaction", || (redactions() == 1).then_some(())).await;
    lab.until_quiet().await;
    assert_eq!(lab.count("outbox WHERE state = 3").await, 0);
}
