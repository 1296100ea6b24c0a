//! A life around tickets: customers leave and come back, tickets are merged or become internal, and nothing is lost or
//! told to the wrong people meanwhile.

use std::time::Duration;

use serde_json::json;
use ticketroom::model::TicketId;

use super::lab::{BOT, Lab, user};
use crate::homeserver::{Kind, When, until};

async fn desk(lab: &Lab, id: &str) -> String {
    until("the desk's room", || lab.homeserver.room_of(&format!("queue_{id}"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_left_is_called_once_by_an_answer_and_whenever_they_write_at_the_door() {
    let lab = Lab::start().await;
    let carl = lab.homeserver.person("carl", "Carl");
    let door = lab.homeserver.chat_with(&carl, BOT);
    lab.until_said(&door, "Write here what it is about").await;
    lab.homeserver.say(&carl, &door, "It leaks").unwrap();
    let room = until("the room", || {
        lab.homeserver.room_of("ticket_1").filter(|room| lab.homeserver.join(&carl, room).is_ok())
    })
    .await;
    let (ticket, desk) = (TicketId::new("1"), desk(&lab, "1").await);
    lab.until_quiet().await;

    lab.homeserver.leave(&carl, &room).unwrap();
    lab.until_said(&desk, "Carl has left the ticket's room").await;
    for (text, called) in [("Still there?", true), ("Hello?", false)] {
        lab.helpdesk.reply_as_agent(&ticket, "anna", text).unwrap();
        lab.until_heard(&room, text).await;
        lab.until_quiet().await;
        assert_eq!(lab.homeserver.membership(&room, &carl).as_deref() == Some("invite"), called, "{text}");
        let _declined = lab.homeserver.leave(&carl, &room);
        lab.until_quiet().await;
    }
    lab.until_said(&desk, "Carl did not come back").await;
    lab.helpdesk.take(&ticket, "anna").unwrap();
    lab.until_membership(&room, "anna", "invite").await;
    lab.homeserver.join(&user("anna"), &room).unwrap();
    lab.homeserver.say(&user("anna"), &room, "!invite").unwrap();
    lab.until_membership(&room, "carl", "invite").await;
    lab.homeserver.leave(&carl, &room).unwrap();
    lab.until_quiet().await;

    lab.homeserver.say(&carl, &door, "I am back").unwrap();
    lab.until_received(&ticket, "I am back").await;
    lab.until_membership(&room, "carl", "invite").await;
    lab.homeserver.join(&carl, &room).unwrap();
    lab.homeserver.say(&carl, &room, "And can write").unwrap();
    lab.until_received(&ticket, "And can write").await;
    lab.until_said(&desk, "Carl is back").await;
    lab.until_quiet().await;
    assert!(lab.helpdesk.snapshot(&TicketId::new("2")).is_none(), "no second ticket was opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_tickets_people_go_on_in_the_other_room_and_no_message_is_lost_or_told_twice() {
    let mut lab = Lab::start().await;
    let (one, room) = lab.ticket("carl", "Pump").await;
    let (two, other) = lab.ticket("dora", "Same pump").await;
    lab.helpdesk.take(&one, "anna").unwrap();
    lab.until_membership(&room, "anna", "invite").await;
    lab.homeserver.say(&user("carl"), &room, "early").unwrap();
    lab.until_received(&one, "early").await;
    lab.helpdesk.reply_as_agent(&one, "anna", "An early answer").unwrap();
    lab.until_heard(&room, "An early answer").await;

    // What the homeserver took before the lock comes to us after the merging.
    lab.homeserver.pause_push(true);
    lab.homeserver.say(&user("carl"), &room, "late").unwrap();
    lab.helpdesk.merge(&one, &two).unwrap();
    lab.until_locked(&room).await;
    lab.restart().await;
    lab.homeserver.pause_push(false);
    lab.until_received(&two, "late").await;
    lab.until_said(&other, "late").await;
    lab.until_membership(&other, "carl", "invite").await;
    lab.until_membership(&other, "anna", "invite").await;
    until("the tombstone", || {
        (lab.homeserver.state(&room, "m.room.tombstone")["replacement_room"] == other.as_str()).then_some(())
    })
    .await;
    assert!(lab.homeserver.say(&user("carl"), &room, "too late").is_err(), "the room is locked");
    lab.homeserver.join(&user("carl"), &other).unwrap();
    lab.homeserver.say(&user("carl"), &other, "in the other room").unwrap();
    lab.until_received(&two, "in the other room").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&two), ["late", "in the other room"]);
    assert_eq!(lab.received(&one), ["early"]);
    let told = lab.homeserver.ours(&other);
    assert!(!told.iter().any(|text| text.contains("early")), "what was said before is not said again: {told:?}");
    assert_eq!(told.iter().filter(|text| text.contains("late")).count(), 1, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_had_not_come_in_yet_when_it_was_merged_goes_on_in_the_other_ticket() {
    let lab = Lab::start().await;
    let (other, room) = lab.ticket("bea", "Water in the cellar").await;
    let carl = lab.homeserver.person("carl", "Carl");
    let door = lab.homeserver.chat_with(&carl, BOT);
    lab.until_said(&door, "Write here what it is about").await;
    lab.homeserver.say(&carl, &door, "It leaks").unwrap();
    let own = TicketId::new("2");
    until("the room", || lab.homeserver.room_of("ticket_2")).await;
    lab.until_quiet().await;
    lab.helpdesk.merge(&own, &other).unwrap();
    lab.until_membership(&room, "carl", "invite").await;
    lab.until_quiet().await;

    lab.homeserver.say(&carl, &door, "A lot").unwrap();
    lab.until_received(&other, "A lot").await;
    lab.until_said(&room, "A lot").await;
    assert_eq!(lab.helpdesk.ticket_count(), 2, "no other ticket was opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_may_be_merged_into_one_that_had_no_room_yet() {
    let lab = Lab::start().await;
    let (one, room) = lab.ticket("carl", "Pump").await;
    let quiet: ruma::OwnedUserId = user("quentin").try_into().unwrap();
    let old = lab.helpdesk.stock_ticket(&quiet, "An old one").unwrap();
    lab.homeserver.fail_next("createRoom", When::Before, Kind::BadGateway, 3);
    lab.helpdesk.merge(&one, &old).unwrap();
    let other = until("the other room", || lab.homeserver.room_of(&format!("ticket_{old}"))).await;
    lab.until_membership(&other, "carl", "invite").await;
    until("the tombstone", || {
        (lab.homeserver.state(&room, "m.room.tombstone")["replacement_room"] == other.as_str()).then_some(())
    })
    .await;
    lab.until_locked(&room).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_may_be_merged_into_a_closed_one_that_never_had_a_room() {
    let lab = Lab::start().await;
    let (one, room) = lab.ticket("carl", "Pump").await;
    let quiet: ruma::OwnedUserId = user("quentin").try_into().unwrap();
    let old = lab.helpdesk.stock_ticket(&quiet, "An old one").unwrap();
    lab.helpdesk.change(&old, |snapshot| snapshot.status.closed = true).unwrap();
    lab.until_quiet().await;
    assert_eq!(lab.homeserver.room_of(&format!("ticket_{old}")), None, "closed ones get none");
    lab.helpdesk.merge(&one, &old).unwrap();
    let other = until("the other room", || lab.homeserver.room_of(&format!("ticket_{old}"))).await;
    lab.until_membership(&other, "carl", "invite").await;
    lab.until_locked(&other).await;
    until("the tombstone", || {
        (lab.homeserver.state(&room, "m.room.tombstone")["replacement_room"] == other.as_str()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_tickets_room_leads_on_however_late_the_other_one_gets_its_room() {
    let lab = Lab::start().await;
    let (one, room) = lab.ticket("carl", "Pump").await;
    let quiet: ruma::OwnedUserId = user("quentin").try_into().unwrap();
    let old = lab.helpdesk.stock_ticket(&quiet, "An old one").unwrap();
    lab.until_quiet().await;
    lab.homeserver.set_down(true);
    lab.helpdesk.merge(&one, &old).unwrap();
    lab.until_some("outbox WHERE lane LIKE 'x:%' AND state < 2").await;
    lab.put_clock_forward(Duration::from_secs(20 * 60));
    lab.homeserver.fail_next("createRoom", When::Before, Kind::BadGateway, 8);
    lab.homeserver.set_down(false);
    let other = until("the other room", || lab.homeserver.room_of(&format!("ticket_{old}"))).await;
    until("the tombstone", || {
        (lab.homeserver.state(&room, "m.room.tombstone")["replacement_room"] == other.as_str()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_ticket_is_internal_its_customer_is_not_there_and_never_reads_what_was_said() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("carl", "Pump").await;
    lab.helpdesk.change(&ticket, |snapshot| snapshot.internal = true).unwrap();
    lab.until_membership(&room, "carl", "leave").await;
    until("the hidden past", || {
        (lab.homeserver.state(&room, "m.room.history_visibility")["history_visibility"] == "invited").then_some(())
    })
    .await;
    lab.helpdesk.reply_as_agent(&ticket, "bert", "He never pays").unwrap();
    lab.until_heard(&room, "He never pays").await;
    lab.until_quiet().await;
    assert_eq!(lab.homeserver.membership(&room, &user("carl")).as_deref(), Some("leave"), "not called back");
    assert!(lab.homeserver.join(&user("carl"), &room).is_err());

    lab.helpdesk.change(&ticket, |snapshot| snapshot.internal = false).unwrap();
    lab.until_membership(&room, "carl", "invite").await;
    lab.homeserver.join(&user("carl"), &room).unwrap();
    lab.homeserver.say(&user("carl"), &room, "What happened?").unwrap();
    lab.until_received(&ticket, "What happened?").await;
    assert_eq!(lab.homeserver.state(&room, "m.room.history_visibility")["history_visibility"], "shared");

    // One that is internal from the start.
    let dora: ruma::OwnedUserId = lab.homeserver.person("dora", "Dora").try_into().unwrap();
    let person = lab.helpdesk.add_customer("dora", "Dora", Some(dora));
    let hidden = lab.helpdesk.open_internal_ticket("1", person, "Fraud?", "She never pays").unwrap();
    let secret = until("the room", || lab.homeserver.room_of(&format!("ticket_{hidden}"))).await;
    lab.until_said(&secret, "She never pays").await;
    lab.until_quiet().await;
    assert_eq!(lab.homeserver.membership(&secret, &user("dora")), None);
    assert_eq!(lab.homeserver.state(&secret, "m.room.history_visibility")["history_visibility"], "invited");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_undone_although_much_is_still_to_be_said_in_its_room() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("carl", "Pump").await;
    let event = lab.homeserver.say(&user("carl"), &room, "original").unwrap();
    lab.until_received(&ticket, "original").await;
    lab.until_quiet().await;
    lab.homeserver.fail_next("send/m.room.message", When::Before, Kind::Hang, 1);
    lab.helpdesk.reply_as_agent(&ticket, "bert", "A long answer").unwrap();
    until("the answer to be under way", || {
        (lab.homeserver.count_calls(&format!("{room}/send/m.room.message")) > 0).then_some(())
    })
    .await;
    let relation = json!({ "rel_type": "m.replace", "event_id": event });
    let edit = json!({ "msgtype": "m.text", "body": "* changed", "m.relates_to": relation });
    lab.homeserver.send(&user("carl"), &room, "m.room.message", edit).unwrap();
    until("the edit to be undone", || (lab.homeserver.count_calls("/redact/") > 0).then_some(())).await;
    assert!(lab.heard(&room).is_empty(), "the answer is still on its way");
    lab.until_heard(&room, "A long answer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_behind_a_first_message_that_the_helpdesk_does_not_take_is_undone_at_once() {
    let lab = Lab::start().await;
    let ada = lab.homeserver.person("ada", "Ada");
    let room = lab.waiting_room(&ada).await;
    lab.until_quiet().await;
    lab.helpdesk.set_down(true);
    let said = lab.homeserver.say(&ada, &room, "It leaks").unwrap();
    lab.homeserver.say(&ada, &room, "In two places").unwrap();
    let relation = json!({ "rel_type": "m.replace", "event_id": said });
    let edit = json!({ "msgtype": "m.text", "body": "* It burns", "m.new_content": {}, "m.relates_to": relation });
    let edit = lab.homeserver.send(&ada, &room, "m.room.message", edit).unwrap();
    let undone = || (lab.homeserver.count_calls(&format!("/redact/{edit}")) > 0).then_some(());
    until("the edit to be undone", undone).await;
    lab.until_said(&room, "can't be edited").await;
    lab.helpdesk.set_down(false);
    let ticket = TicketId::new("1");
    lab.until_received(&ticket, "In two places").await;
    lab.until_quiet().await;
    assert_eq!(lab.helpdesk.snapshot(&ticket).unwrap().title, "It leaks");
    assert_eq!((lab.received(&ticket).len(), lab.helpdesk.ticket_count()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_at_a_door_whose_ticket_is_still_being_made_are_undone_at_once_and_told_of_once() {
    let lab = Lab::start().await;
    let ada = lab.homeserver.person("ada", "Ada");
    let door = lab.homeserver.chat_with(&ada, BOT);
    lab.until_said(&door, "Write here").await;
    lab.helpdesk.set_down(true);
    let said = lab.homeserver.say(&ada, &door, "It leaks").unwrap();
    for body in ["* It burns", "* It drips"] {
        let relation = json!({ "rel_type": "m.replace", "event_id": said });
        let edit = json!({ "msgtype": "m.text", "body": body, "m.new_content": {}, "m.relates_to": relation });
        let edit = lab.homeserver.send(&ada, &door, "m.room.message", edit).unwrap();
        let undone = || (lab.homeserver.count_calls(&format!("/redact/{edit}")) > 0).then_some(());
        until("the edit to be undone", undone).await;
    }
    lab.helpdesk.set_down(false);
    let ticket = TicketId::new("1");
    until("the ticket", || lab.helpdesk.snapshot(&ticket)).await;
    lab.until_quiet().await;
    let told = lab.homeserver.ours(&door).iter().filter(|text| text.contains("can't be edited")).count();
    assert_eq!((told, lab.helpdesk.snapshot(&ticket).unwrap().title), (1, "It leaks".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_note_is_undone_in_the_thread_too() {
    let lab = Lab::start().await;
    let (ticket, _) = lab.ticket("carl", "Pump").await;
    let desk = desk(&lab, "1").await;
    lab.homeserver.join(&user("anna"), &desk).unwrap();
    let card = until("the offer", || {
        let world = lab.homeserver.world();
        let is_card = |event: &&serde_json::Value| {
            event["type"] == "m.room.message" && event["content"]["body"].as_str().is_some_and(|it| it.contains("Pump"))
        };
        world.events_of(&desk).into_iter().find(is_card).map(|event| event["event_id"].as_str().unwrap().to_owned())
    })
    .await;
    lab.until_quiet().await;
    let note = lab.homeserver.say_in_thread(&user("anna"), &desk, &card, "He pays late").unwrap();
    until("the note", || lab.helpdesk.messages_of(&ticket).pop()).await;
    lab.until_quiet().await;
    let relation = json!({ "rel_type": "m.replace", "event_id": note });
    let edit = json!({ "msgtype": "m.text", "body": "* He pays", "m.relates_to": relation });
    lab.homeserver.send(&user("anna"), &desk, "m.room.message", edit).unwrap();
    until("the edit to be undone", || (lab.homeserver.count_calls("/redact/") > 0).then_some(())).await;
    lab.until_said(&desk, "can't be edited").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_is_refused_again_and_again_is_told_at_the_desk_and_made_in_the_end() {
    let lab = Lab::start().await;
    let desk = desk(&lab, "1").await;
    desk_of_pumps(&lab).await;
    lab.until_quiet().await;
    lab.homeserver.fail_next("createRoom", When::Before, Kind::Refused, 8);
    let (_, room) = lab.ticket("carl", "Pump").await;
    lab.until_said(&desk, "keeps refusing").await;
    lab.until_said(&room, "This is the room").await;
    lab.until_quiet().await;
    let notices = lab.homeserver.ours(&desk).into_iter().filter(|text| text.contains("keeps refusing"));
    assert_eq!(notices.count(), 1);
}

async fn desk_of_pumps(lab: &Lab) {
    desk(lab, "2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ghost_has_the_name_of_its_last_words() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("carl", "Pump").await;
    let call = async |lab: &Lab, name: &str, words: &str| {
        lab.helpdesk.rename_agent("dora", name);
        lab.helpdesk.reply_as_agent(&ticket, "dora", words).unwrap();
        lab.until_heard(&room, words).await;
        let messages = lab.homeserver.messages(&room);
        let ghost = messages.iter().find(|(_, text)| text == words).map(|(sender, _)| sender.clone()).unwrap();
        lab.homeserver.world().users.get(&ghost).cloned().flatten()
    };
    assert_eq!(call(&lab, "Dora", "one").await.as_deref(), Some("dora"), "she had no other name before");
    assert_eq!(call(&lab, "Dora Dent", "two").await.as_deref(), Some("Dora Dent"));
    lab.restart().await;
    assert_eq!(call(&lab, "Dora Dunn", "three").await.as_deref(), Some("Dora Dunn"));
    let namings = |lab: &Lab| {
        let world = lab.homeserver.world();
        let ghost = world.users.keys().find(|user| user.starts_with("@_desk_u")).unwrap().clone();
        drop(world);
        lab.homeserver.count_calls(&format!("profile/{ghost}/displayname"))
    };
    let named = namings(&lab);
    assert_eq!(named, 3);
    assert_eq!(call(&lab, "Dora Dunn", "four").await.as_deref(), Some("Dora Dunn"));
    lab.restart().await;
    assert_eq!(call(&lab, "Dora Dunn", "five").await.as_deref(), Some("Dora Dunn"));
    assert_eq!(namings(&lab), named, "nobody is told of a name anew that is the same");
    // A name is no reason to say nothing.
    lab.homeserver.fail_next("/displayname", When::Before, Kind::ServerError, 100);
    assert_eq!(call(&lab, "Dora Dale", "six").await.as_deref(), Some("Dora Dunn"));
}
