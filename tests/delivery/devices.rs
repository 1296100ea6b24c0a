//! The device that makes transaction ids durable is there whenever somebody speaks.

use super::lab::{Lab, user};
use crate::homeserver::{Kind, When};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_the_place_of_an_empty_answer_is_no_success() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    // Nothing is done, and a proxy says 200.
    lab.homeserver.fail_next("/devices/", When::Before, Kind::Page, 1);
    lab.helpdesk.reply_as_agent(&ticket, "bert", "said by somebody new").unwrap();
    lab.until_heard(&room, "said by somebody new").await;
    lab.until_quiet().await;
    assert_eq!(lab.count("outbox WHERE state = 3").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_somebody_removed_is_made_again() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.helpdesk.reply_as_agent(&ticket, "bert", "before").unwrap();
    lab.until_heard(&room, "before").await;
    lab.until_quiet().await;
    lab.homeserver.world().devices.clear();
    lab.helpdesk.reply_as_agent(&ticket, "bert", "after").unwrap();
    lab.helpdesk.take(&ticket, "anna").unwrap();
    lab.until_heard(&room, "after").await;
    lab.until_membership(&room, "anna", "invite").await;
    lab.homeserver.say(&user("ada"), &room, "read").unwrap();
    lab.until_received(&ticket, "read").await;
    lab.until_quiet().await;
    assert_eq!(lab.count("outbox WHERE state = 3").await, 0);
}
