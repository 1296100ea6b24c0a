//! The other side did it, and its answer got lost: it is not done twice.

use ticketroom::helpdesk::memory::Fault;

use super::lab::{Lab, user};
use crate::homeserver::{Kind, When};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_helpdesk_saved_before_it_failed_is_not_saved_again() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    for (n, fault) in [Fault::LostAfterSaving, Fault::LostBeforeSaving, Fault::Unreachable].into_iter().enumerate() {
        lab.helpdesk.fail_next(fault.clone(), 1);
        lab.homeserver.say(&user("ada"), &room, &format!("message {n}")).unwrap();
        lab.until_received(&ticket, &format!("message {n}")).await;
        lab.until_quiet().await;
    }
    lab.helpdesk.fail_next(Fault::Unreachable, 2);
    lab.helpdesk.fail_next(Fault::LostAfterSaving, 1);
    lab.homeserver.say(&user("ada"), &room, "message 3").unwrap();
    lab.until_received(&ticket, "message 3").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["message 0", "message 1", "message 2", "message 3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_helpdesk_saved_when_the_bridge_died_is_not_saved_again() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    for (n, fault) in [Fault::HangAfterSaving, Fault::HangBeforeSaving].into_iter().enumerate() {
        lab.helpdesk.fail_next(fault, 1);
        lab.homeserver.say(&user("ada"), &room, &format!("message {n}")).unwrap();
        crate::homeserver::until("the call to be under way", || {
            (lab.homeserver.nothing_to_push() && lab.helpdesk.faults_left() == 0).then_some(())
        })
        .await;
        lab.restart().await;
        lab.until_received(&ticket, &format!("message {n}")).await;
        lab.until_quiet().await;
    }
    assert_eq!(lab.received(&ticket), ["message 0", "message 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_homeserver_sent_before_its_answer_got_lost_is_not_sent_again() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let kinds =
        [Kind::ServerError, Kind::BadGateway, Kind::NotFoundPage, Kind::Page, Kind::Garbage, Kind::Broken, Kind::Hang];
    let mut expected = Vec::new();
    for (n, kind) in kinds.into_iter().enumerate() {
        lab.homeserver.fail_next(&format!("rooms/{room}/send"), When::After, kind, 1);
        expected.push(format!("answer {n}"));
        lab.helpdesk.reply_as_agent(&ticket, "bert", &format!("answer {n}")).unwrap();
        lab.until_heard(&room, &format!("answer {n}")).await;
        if n % 2 == 0 {
            // The homeserver forgets what it knew of no device, and the bridge all that is not on disk.
            lab.homeserver.lose_memory();
            lab.restart().await;
        }
        lab.until_quiet().await;
    }
    assert_eq!(lab.heard(&room), expected);
}
