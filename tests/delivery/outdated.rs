//! After an outage nobody reads ten notices of which nine are stale: what is late and said anew by a later one is left out.
//! What people wrote comes whole and in order.

use std::time::Duration;

use ticketroom::model::{Status, TicketId};

use super::lab::Lab;
use crate::homeserver::{Kind, When, until};

const WAITING_NOTICES: &str = r#"outbox WHERE side = 'matrix' AND state < 2 AND body LIKE '%"tells":%'"#;
const LONG: Duration = Duration::from_secs(30 * 60);

/// With a ticket, its room, and how much we have said there.
async fn in_a_quiet_room() -> (Lab, TicketId, String, usize) {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let before = lab.homeserver.ours(&room).len();
    (lab, ticket, room, before)
}

fn set_status(lab: &Lab, ticket: &TicketId, label: &str) {
    let status = Status { closed: false, label: label.to_owned() };
    lab.helpdesk.change(ticket, |snapshot| snapshot.status = status).unwrap();
}

/// Until an effect with these words waits: another change is another notice then.
async fn until_queued(lab: &Lab, words: &str) {
    let row = format!("outbox WHERE side = 'matrix' AND body LIKE '%{words}%'");
    lab.until_some(String::leak(row)).await;
}

async fn status_in_queue(lab: &Lab, ticket: &TicketId, label: &str) {
    set_status(lab, ticket, label);
    until_queued(lab, label).await;
}

async fn answer_in_queue(lab: &Lab, ticket: &TicketId, text: &str) {
    lab.helpdesk.reply_as_agent(ticket, "bert", text).unwrap();
    until_queued(lab, text).await;
}

/// What we said in the room since, short.
fn said_since(lab: &Lab, room: &str, before: usize) -> Vec<String> {
    let all = lab.homeserver.ours(room).into_iter().skip(before);
    all.map(|text| match text.split_once("status is now “") {
        Some((_, rest)) => rest.split('”').next().unwrap_or_default().to_owned(),
        None => text,
    })
    .collect()
}

/// Five statuses, an answer, five more, an answer: in the queue of a homeserver that is away.
async fn ten_statuses_and_two_answers(lab: &Lab, ticket: &TicketId) {
    for n in 0..5 {
        status_in_queue(lab, ticket, &format!("status {n}")).await;
    }
    answer_in_queue(lab, ticket, "answer 0").await;
    for n in 5..10 {
        status_in_queue(lab, ticket, &format!("status {n}")).await;
    }
    answer_in_queue(lab, ticket, "answer 1").await;
}

const TOLD: [&str; 4] = ["status 4", "answer 0", "status 9", "answer 1"];

#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_of_the_homeserver_a_customer_reads_what_is_true_now() {
    let (lab, ticket, room, before) = in_a_quiet_room().await;
    lab.homeserver.set_down(true);
    ten_statuses_and_two_answers(&lab, &ticket).await;
    lab.put_clock_forward(LONG);
    lab.homeserver.set_down(false);
    lab.until_heard(&room, "answer 1").await;
    lab.until_quiet().await;
    assert_eq!(said_since(&lab, &room, before), TOLD);
    assert_eq!(lab.count("outbox WHERE state = 3").await, 0, "nothing was given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_changed_in_every_way_again_and_again_is_told_of_once_in_each() {
    let (lab, ticket, room, before) = in_a_quiet_room().await;
    lab.homeserver.set_down(true);
    for n in 0..10 {
        let agent = lab.helpdesk.add_agent(if n % 2 == 0 { "anna" } else { "bert" }, "Agent");
        lab.helpdesk
            .change(&ticket, |snapshot| {
                snapshot.title = format!("Pump {n}");
                snapshot.priority = Some(format!("p{n}"));
                snapshot.owner = Some(agent);
                snapshot.status.label = format!("status {n}");
            })
            .unwrap();
        until_queued(&lab, &format!("status {n}")).await;
    }
    lab.put_clock_forward(LONG);
    lab.homeserver.set_down(false);
    lab.until_quiet().await;
    let said = said_since(&lab, &room, before);
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(said[0].contains("“Pump 9”") && said[1].contains("p9") && said[3] == "status 9", "{said:?}");
    assert!(lab.homeserver.state(&room, "m.room.name")["name"].as_str().unwrap().ends_with("Pump 9"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_late_is_all_told() {
    let (lab, ticket, room, before) = in_a_quiet_room().await;
    for n in 0..3 {
        set_status(&lab, &ticket, &format!("status {n}"));
        lab.until_said(&room, &format!("“status {n}”")).await;
    }
    // A moment's hiccup is no outage.
    lab.homeserver.set_down(true);
    for n in 3..6 {
        status_in_queue(&lab, &ticket, &format!("status {n}")).await;
    }
    lab.homeserver.set_down(false);
    lab.until_said(&room, "“status 5”").await;
    lab.until_quiet().await;
    let all: Vec<String> = (0..6).map(|n| format!("status {n}")).collect();
    assert_eq!(said_since(&lab, &room, before), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_the_same_is_left_out_and_nothing_old_comes_late() {
    let (mut lab, ticket, room, before) = in_a_quiet_room().await;
    lab.homeserver.set_down(true);
    ten_statuses_and_two_answers(&lab, &ticket).await;
    // Killed before anything is left out, and then with the first ones left out and the next one under way.
    lab.restart().await;
    lab.put_clock_forward(LONG);
    lab.until_count(WAITING_NOTICES, 6).await;
    lab.kill().await;
    lab.homeserver.set_down(false);
    lab.homeserver.fail_next(&format!("rooms/{room}/send"), When::After, Kind::Hang, 1);
    lab.boot().await;
    until("the first notice", || (said_since(&lab, &room, before) == TOLD[..1]).then_some(())).await;
    lab.restart().await;
    lab.until_heard(&room, "answer 1").await;
    lab.until_quiet().await;
    assert_eq!(said_since(&lab, &room, before), TOLD);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_whose_answer_got_lost_leaves_out_the_same() {
    let (lab, ticket, room, before) = in_a_quiet_room().await;
    lab.homeserver.set_down(true);
    ten_statuses_and_two_answers(&lab, &ticket).await;
    lab.troubles.unanswered.store(2, std::sync::atomic::Ordering::SeqCst);
    lab.put_clock_forward(LONG);
    lab.until_count(WAITING_NOTICES, 6).await;
    lab.homeserver.set_down(false);
    lab.until_heard(&room, "answer 1").await;
    lab.until_quiet().await;
    assert_eq!(said_since(&lab, &room, before), TOLD);
}

/// What happens to the ticket while nobody looks.
fn ten_changes_and_two_answers_at_once(lab: &Lab, ticket: &TicketId) {
    for n in 0..10 {
        set_status(lab, ticket, &format!("status {n}"));
        lab.helpdesk.change(ticket, |snapshot| snapshot.priority = Some(format!("p{n}"))).unwrap();
        if n == 4 {
            lab.helpdesk.reply_as_agent(ticket, "bert", "answer 0").unwrap();
        }
    }
    lab.helpdesk.reply_as_agent(ticket, "bert", "answer 1").unwrap();
}

async fn is_told_once(lab: &Lab, room: &str, before: usize) {
    lab.until_heard(room, "answer 1").await;
    lab.until_said(room, "“status 9”").await;
    lab.until_quiet().await;
    assert_eq!(lab.heard(room), ["answer 0", "answer 1"]);
    let said = said_since(lab, room, before);
    assert_eq!(said.len(), 4, "two answers, a status and a priority: {said:?}");
    assert!(said.iter().any(|text| text.contains("p9")), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_was_away_looks_at_a_ticket_once_however_often_it_changed() {
    let (mut lab, ticket, room, before) = in_a_quiet_room().await;
    lab.kill().await;
    ten_changes_and_two_answers_at_once(&lab, &ticket);
    lab.boot().await;
    is_told_once(&lab, &room, before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helpdesk_that_was_away_is_asked_once_how_a_ticket_is_now() {
    let (lab, ticket, room, before) = in_a_quiet_room().await;
    lab.helpdesk.set_down(true);
    ten_changes_and_two_answers_at_once(&lab, &ticket);
    lab.helpdesk.set_down(false);
    is_told_once(&lab, &room, before).await;
}
