//! Outages of either side: nobody is hammered, nothing is lost, everything comes in its order.

use std::sync::Arc;
use std::time::Duration;

use ruma::OwnedUserId;
use ticketroom::helpdesk::memory::{Content, Stored};
use ticketroom::model::TicketId;

use super::lab::{Lab, user};
use crate::homeserver::{Kind, When, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_helpdesk_that_was_down_gets_everything_in_order() {
    let lab = Lab::start().await;
    let (first, first_room) = lab.ticket("ada", "First").await;
    let (second, second_room) = lab.ticket("bob", "Second").await;
    lab.until_quiet().await;
    lab.helpdesk.set_down(true);
    for n in 0..10 {
        lab.homeserver.say(&user("ada"), &first_room, &format!("question {n}")).unwrap();
        lab.homeserver.say(&user("bob"), &second_room, &format!("question {n}")).unwrap();
    }
    until("all to be taken in", || lab.homeserver.nothing_to_push().then_some(())).await;
    lab.until_some("outbox WHERE side = 'helpdesk' AND attempts > 1").await;
    lab.helpdesk.set_down(false);
    let expected: Vec<String> = (0..10).map(|n| format!("question {n}")).collect();
    for ticket in [&first, &second] {
        lab.until_received(ticket, "question 9").await;
        assert_eq!(lab.received(ticket), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_homeserver_that_was_down_is_left_alone_and_then_gets_everything_in_order() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let (other, other_room) = lab.ticket("bob", "Valve").await;
    lab.until_quiet().await;
    lab.homeserver.set_down(true);
    for n in 0..10 {
        lab.helpdesk.reply_as_agent(&ticket, "bert", &format!("answer {n}")).unwrap();
        lab.helpdesk.reply_as_agent(&other, "bert", &format!("answer {n}")).unwrap();
    }
    until("the breaker to open", || (lab.homeserver.count_calls("/send/") >= 5).then_some(())).await;
    let before = lab.homeserver.count_calls("/send/");
    // Left alone means that nothing happens, which only time can show: three times the first pause of the breaker, in which
    // two lanes with retries after 10–200 ms would call fifteen times.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let during = lab.homeserver.count_calls("/send/") - before;
    assert!(during <= 5, "{during} calls although nothing gets through");
    lab.homeserver.set_down(false);
    let expected: Vec<String> = (0..10).map(|n| format!("answer {n}")).collect();
    for room in [&room, &other_room] {
        lab.until_heard(room, "answer 9").await;
        assert_eq!(lab.heard(room), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_us_to_wait_is_not_called_meanwhile() {
    for as_date in [false, true] {
        let lab = Lab::start().await;
        let (ticket, room) = lab.ticket("ada", "Pump").await;
        let (other, other_room) = lab.ticket("bob", "Valve").await;
        lab.until_quiet().await;
        let date = httpdate::fmt_http_date(ticketroom::clock::wall() + Duration::from_secs(3));
        let retry_after = if as_date { date } else { "2".to_owned() };
        lab.homeserver.fail_next("/send/", When::Before, Kind::TooMany { retry_after: retry_after.clone() }, 1);
        let before = lab.homeserver.calls().len();
        lab.helpdesk.reply_as_agent(&ticket, "bert", "answer").unwrap();
        let sends = || {
            let calls = lab.homeserver.calls();
            calls[before..].iter().filter(|(_, call)| call.contains("/send/")).map(|(at, _)| *at).collect::<Vec<_>>()
        };
        until("the refusal", || (!sends().is_empty()).then_some(())).await;
        lab.helpdesk.reply_as_agent(&other, "bert", "answer").unwrap();
        lab.until_heard(&room, "answer").await;
        lab.until_heard(&other_room, "answer").await;
        let sends = sends();
        let pause = sends[1] - sends[0];
        assert!(pause >= Duration::from_secs(1), "only {pause:?} after {retry_after:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_of_no_time_is_no_hot_loop() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let now = || Kind::TooMany { retry_after: "0".to_owned() };
    lab.homeserver.fail_next("/send/", When::Before, now(), 10);
    let before = lab.homeserver.calls().len();
    lab.helpdesk.reply_as_agent(&ticket, "bert", "answer").unwrap();
    lab.until_heard(&room, "answer").await;
    let calls = lab.homeserver.calls();
    let sends: Vec<_> = calls[before..].iter().filter(|(_, call)| call.contains("/send/")).map(|(at, _)| *at).collect();
    // The eleventh goes through.
    for pair in sends[..11].windows(2) {
        assert!(pair[1] - pair[0] >= Duration::from_millis(9), "{:?}", pair[1] - pair[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_everything_loses_nothing() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.say(&user("ada"), &room, "before").unwrap();
    lab.until_received(&ticket, "before").await;
    lab.kill().await;
    lab.homeserver.say(&user("ada"), &room, "while all was down").unwrap();
    lab.homeserver.set_down(true);
    lab.helpdesk.reply_as_agent(&ticket, "bert", "while all was down").unwrap();
    lab.helpdesk.set_down(true);
    let before = lab.homeserver.calls().len();
    lab.boot().await;
    until("calls in vain", || (lab.homeserver.calls().len() > before + 1).then_some(())).await;
    lab.homeserver.set_down(false);
    lab.helpdesk.set_down(false);
    lab.until_received(&ticket, "while all was down").await;
    lab.until_heard(&room, "while all was down").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["before", "while all was down"]);
    assert_eq!(lab.heard(&room), ["while all was down"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_homeserver_that_is_back_is_not_kept_waiting_by_a_file_that_the_helpdesk_does_not_give() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let mut others = Vec::new();
    for n in 0..6 {
        others.push(lab.ticket(&format!("bob{n}"), "Valve").await);
    }
    for (ticket, room) in others.iter().chain([&(ticket.clone(), room.clone())]) {
        lab.helpdesk.reply_as_agent(ticket, "bert", "I look for the plan").unwrap();
        lab.until_heard(room, "I look for the plan").await;
    }
    lab.until_quiet().await;
    let before = lab.homeserver.calls().len();
    lab.homeserver.set_down(true);
    for (other, _) in &others {
        let content = Content::Bytes(Arc::from(*b"left, then right"));
        let plan = Stored { name: "plan.txt".to_owned(), media_type: "text/plain".to_owned(), content };
        lab.helpdesk.reply_with_files(other, "bert", "", vec![plan]).unwrap();
    }
    lab.helpdesk.reply_as_agent(&ticket, "bert", "an answer").unwrap();
    lab.until_count("outbox WHERE side = 'matrix' AND state < 2 AND body LIKE '{\"Say%'", 7).await;
    until("calls in vain", || (lab.homeserver.calls().len() >= before + 12).then_some(())).await;
    lab.helpdesk.set_down(true);
    lab.homeserver.set_down(false);
    lab.until_heard(&room, "an answer").await;
    lab.helpdesk.set_down(false);
    lab.until_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_in_an_outage_it_stops() {
    let lab = Lab::start().await;
    let mut rooms = Vec::new();
    for n in 0..6 {
        rooms.push(lab.ticket(&format!("ada{n}"), "Pump").await.1);
    }
    lab.until_quiet().await;
    lab.helpdesk.set_down(true);
    for (n, room) in rooms.iter().enumerate() {
        lab.homeserver.say(&user(&format!("ada{n}")), room, "hello").unwrap();
    }
    lab.until_count("outbox WHERE side = 'helpdesk' AND state < 2", 6).await;
    lab.until_some("outbox WHERE side = 'helpdesk' AND state < 2 AND attempts > 0").await;
    let stopped = tokio::time::timeout(Duration::from_secs(20), lab.shut_down()).await;
    assert!(stopped.is_ok(), "calls have two seconds, and nobody waits for a side that is away");
}

const EVE: &str = "@eve:away.invalid";

/// A ticket whose customer's own homeserver is away, and its room.
async fn opened_for_somebody_away(lab: &Lab) -> (TicketId, String) {
    lab.homeserver.set_server_away("away.invalid", true);
    let person = lab.helpdesk.add_customer("eve", "Eve", Some(OwnedUserId::try_from(EVE).unwrap()));
    let ticket = lab.helpdesk.open_ticket("1", person, "Pump", "It leaks").unwrap();
    let room = until("the ticket's room", || lab.homeserver.room_of(&format!("ticket_{ticket}"))).await;
    (ticket, room)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whose_homeserver_is_away_holds_up_nobody_and_is_invited_when_it_is_back() {
    let lab = Lab::start().await;
    let (ticket, room) = opened_for_somebody_away(&lab).await;
    lab.helpdesk.reply_as_agent(&ticket, "bert", "Is it wet?").unwrap();
    lab.until_heard(&room, "Is it wet?").await;
    let desk = lab.homeserver.room_of("queue_1").expect("the desk has a room");
    lab.until_said(&desk, "Pump").await;
    assert_eq!(lab.homeserver.membership(&room, EVE), None);
    lab.homeserver.set_server_away("away.invalid", false);
    until("the invitation", || lab.homeserver.membership(&room, EVE).filter(|it| it == "invite")).await;
    lab.until_quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_could_not_be_invited_is_not_once_the_ticket_is_internal() {
    let lab = Lab::start().await;
    let (ticket, room) = opened_for_somebody_away(&lab).await;
    lab.until_some("outbox WHERE lane LIKE 'a:%' AND attempts > 0").await;
    lab.helpdesk.change(&ticket, |snapshot| snapshot.internal = true).unwrap();
    lab.until_said(&room, "internal").await;
    lab.homeserver.set_server_away("away.invalid", false);
    lab.until_quiet().await;
    assert_eq!(lab.homeserver.membership(&room, EVE), None);
}
