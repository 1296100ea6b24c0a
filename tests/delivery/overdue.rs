//! What waits for long: its author is told once while the outage lasts, and once more when it arrived.

use std::time::Duration;

use ticketroom::model::TicketId;

use super::lab::{BOT, Lab, plain, user};
use crate::homeserver::until;

async fn impatient() -> Lab {
    let mut lab = Lab::prepare().await;
    lab.limits.tell_waiting_after = Duration::from_millis(300);
    lab.boot().await;
    lab
}

fn said(lab: &Lab, room: &str, part: &str) -> usize {
    lab.homeserver.ours(room).iter().filter(|text| text.contains(part)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_told_once_of_an_outage_and_once_of_its_end() {
    let lab = impatient().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.helpdesk.set_down(true);
    for n in 0..5 {
        lab.homeserver.say(&user("ada"), &room, &format!("question {n}")).unwrap();
    }
    lab.until_said(&room, "not delivered yet").await;
    lab.homeserver.say(&user("ada"), &room, "question 5").unwrap();
    lab.helpdesk.set_down(false);
    lab.until_received(&ticket, "question 5").await;
    lab.until_said(&room, "has been delivered now").await;
    lab.until_quiet().await;
    assert_eq!(said(&lab, &room, "not delivered yet"), 1);
    assert_eq!(said(&lab, &room, "has been delivered now"), 1);
    let expected: Vec<String> = (0..6).map(|n| format!("question {n}")).collect();
    assert_eq!(lab.received(&ticket), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_a_ticket_in_an_outage_is_told_once_that_it_will_be_opened() {
    let lab = impatient().await;
    lab.helpdesk.set_down(true);
    let door = lab.homeserver.chat_with(&user("ada"), BOT);
    lab.homeserver.say(&user("ada"), &door, "It leaks").unwrap();
    lab.until_said(&door, "Your ticket will be opened as soon as possible").await;
    lab.helpdesk.set_down(false);
    until("the ticket", || lab.homeserver.room_of("ticket_1")).await;
    lab.until_quiet().await;
    assert_eq!(said(&lab, &door, "Your ticket will be opened as soon as possible"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_behind_somebody_elsewhere_is_told_too_and_each_when_theirs_arrived() {
    let lab = impatient().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let desk = until("the desk's room", || lab.homeserver.room_of("queue_1")).await;
    lab.until_quiet().await;
    lab.helpdesk.set_down(true);
    lab.write_in_thread("anna", "Pump", "call her").await;
    lab.until_said(&desk, "not delivered yet").await;
    assert_eq!(said(&lab, &room, "not delivered yet"), 0);
    lab.homeserver.say(&user("ada"), &room, "hello").unwrap();
    lab.until_said(&room, "not delivered yet").await;
    lab.homeserver.say(&user("ada"), &room, "anybody?").unwrap();
    lab.helpdesk.set_down(false);
    lab.until_received(&ticket, "anybody?").await;
    lab.until_said(&room, "has been delivered now").await;
    lab.until_said(&desk, "has been delivered now").await;
    lab.until_quiet().await;
    for place in [&room, &desk] {
        assert_eq!((said(&lab, place, "not delivered yet"), said(&lab, place, "has been delivered now")), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_told_before_a_restart_is_told_of_the_end_after_it() {
    let mut lab = impatient().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.helpdesk.set_down(true);
    lab.homeserver.say(&user("ada"), &room, "hello").unwrap();
    lab.until_said(&room, "not delivered yet").await;
    lab.kill().await;
    lab.helpdesk.set_down(false);
    lab.boot().await;
    lab.until_received(&ticket, "hello").await;
    lab.until_said(&room, "has been delivered now").await;
    lab.until_quiet().await;
    assert_eq!(said(&lab, &room, "not delivered yet"), 1);
}

fn noted(lab: &Lab, ticket: &TicketId, part: &str) -> usize {
    lab.helpdesk.messages_of(ticket).iter().filter(|message| plain(&message.body).contains(part)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_a_ticket_in_the_helpdesk_while_the_homeserver_is_away_reads_there_that_it_waits_and_that_it_arrived()
{
    let mut lab = impatient().await;
    let customer = lab.helpdesk.add_customer("carla", "Carla", None);
    lab.homeserver.set_down(true);
    let ticket = lab.helpdesk.open_ticket("1", customer, "Pump", "It leaks").unwrap();
    let noted = |lab: &Lab, part: &str| noted(lab, &ticket, part);
    until("the note in the helpdesk", || (noted(&lab, "not in the Matrix room yet") == 1).then_some(())).await;
    lab.helpdesk.reply_as_agent(&ticket, "bert", "an answer").unwrap();
    lab.kill().await;
    lab.homeserver.set_down(false);
    lab.boot().await;
    let room = until("its room", || lab.homeserver.room_of("ticket_1")).await;
    lab.until_heard(&room, "an answer").await;
    until("the second note", || (noted(&lab, "is in the Matrix room now") == 1).then_some(())).await;
    lab.until_quiet().await;
    assert_eq!((noted(&lab, "not in the Matrix room yet"), noted(&lab, "is in the Matrix room now")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_in_the_helpdesk_reads_there_that_an_answer_waits_and_that_it_arrived() {
    let lab = impatient().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.set_down(true);
    lab.helpdesk.reply_as_agent(&ticket, "bert", "an answer").unwrap();
    let noted = |part: &'static str| noted(&lab, &ticket, part);
    until("the note in the helpdesk", || (noted("not in the Matrix room yet") == 1).then_some(())).await;
    lab.homeserver.set_down(false);
    lab.until_heard(&room, "an answer").await;
    until("the second note", || (noted("is in the Matrix room now") == 1).then_some(())).await;
    assert_eq!(noted("not in the Matrix room yet"), 1);
}
