//! A part of the bridge that panics ends nothing but what it was at work on.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use ticketroom::helpdesk::memory::Fault;

use super::lab::{Lab, user};
use crate::flaky::BOMB;
use crate::homeserver::until;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_panics_once_loses_and_doubles_nothing() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let (mut asked, mut answered) = (Vec::new(), Vec::new());
    for n in 0..20 {
        lab.troubles.panics.store(3, Ordering::SeqCst);
        let (question, answer) = (format!("question {n}"), format!("answer {n}"));
        lab.homeserver.say(&user("ada"), &room, &question).unwrap();
        lab.helpdesk.reply_as_agent(&ticket, "bert", &answer).unwrap();
        lab.until_received(&ticket, &question).await;
        lab.until_heard(&room, &answer).await;
        asked.push(question);
        answered.push(answer);
    }
    until("all panics", || (lab.troubles.panics.load(Ordering::SeqCst) == 0).then_some(())).await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), asked);
    let heard: Vec<_> = lab.heard(&room).into_iter().filter(|text| text.starts_with("answer")).collect();
    assert_eq!(heard, answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_always_makes_us_panic_is_said_to_its_author_and_the_next_one_passes() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let bomb = json!({ "msgtype": "m.text", "body": "bang", "m.mentions": { "user_ids": [BOMB] } });
    lab.homeserver.send(&user("ada"), &room, "m.room.message", bomb).unwrap();
    lab.homeserver.say(&user("ada"), &room, "afterwards").unwrap();
    lab.until_said(&room, "can't be carried").await;
    lab.until_received(&ticket, "afterwards").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["afterwards"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_answer_makes_us_panic_is_looked_up_and_not_repeated() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.helpdesk.fail_next(Fault::PanicAfterSaving, 1);
    lab.homeserver.say(&user("ada"), &room, "once").unwrap();
    lab.homeserver.say(&user("ada"), &room, "afterwards").unwrap();
    lab.until_received(&ticket, "afterwards").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["once", "afterwards"]);
    assert_eq!(lab.helpdesk.faults_left(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_writing_itself_panics_the_bridge_ends_and_goes_on_when_it_is_started_again() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.troubles.commit_panics.store(1, Ordering::SeqCst);
    lab.homeserver.say(&user("ada"), &room, "before").unwrap();
    tokio::time::timeout(Duration::from_secs(30), lab.engine().stopped()).await.expect("it ends");
    assert!(lab.engine().is_broken());
    lab.restart().await;
    lab.homeserver.say(&user("ada"), &room, "afterwards").unwrap();
    lab.until_received(&ticket, "afterwards").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["before", "afterwards"]);
}
