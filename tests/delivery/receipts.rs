//! Read receipts: who wrote sees that it arrived, and a receipt never costs what a message costs.

use super::lab::{BOT, Lab, user};
use crate::homeserver::until;

/// The event up to which somebody has read.
fn read_by(lab: &Lab, room: &str, who: &str) -> Option<String> {
    lab.homeserver.world().receipts.get(&(room.to_owned(), who.to_owned())).cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_message_is_read_once_it_is_in_the_helpdesk() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.helpdesk.set_down(true);
    let said = lab.homeserver.say(&user("ada"), &room, "hello").unwrap();
    until("it to be taken in", || lab.homeserver.nothing_to_push().then_some(())).await;
    assert_eq!(read_by(&lab, &room, BOT), None, "it is not in the helpdesk yet");
    lab.helpdesk.set_down(false);
    lab.until_received(&ticket, "hello").await;
    until("the receipt", || (read_by(&lab, &room, BOT)? == said).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_door_of_a_code_its_contact_reads_and_not_the_bot() {
    const CONTACT: &str = "@_desk_code_pump-7:hs.test";
    let lab = Lab::start().await;
    let insert = "INSERT INTO codes (id, name, device, disabled, made_ms) VALUES ('pump-7', 'Pump 7', 'Pump 7', 0, 1)";
    sqlx::query(insert).execute(&mut lab.other_connection().await).await.unwrap();
    let ada = lab.homeserver.person("ada", "Ada");
    let door = lab.homeserver.chat_with(&ada, CONTACT);
    lab.until_said(&door, "This is the support for “Pump 7”").await;
    lab.until_quiet().await;
    lab.helpdesk.set_down(true);
    let said = lab.homeserver.say(&ada, &door, "It leaks").unwrap();
    until("it to be taken in", || lab.homeserver.nothing_to_push().then_some(())).await;
    assert_eq!(read_by(&lab, &door, CONTACT), None, "there is no ticket yet");
    lab.helpdesk.set_down(false);
    until("the contact's receipt", || (read_by(&lab, &door, CONTACT)? == said).then_some(())).await;
    assert_eq!(lab.helpdesk.ticket_count(), 1);
    lab.until_quiet().await;
    let more = lab.homeserver.say(&ada, &door, "A lot").unwrap();
    until("the contact's next receipt", || (read_by(&lab, &door, CONTACT)? == more).then_some(())).await;
    assert_eq!(lab.helpdesk.ticket_count(), 1, "it went into the ticket");
    assert_eq!(read_by(&lab, &door, BOT), None, "the bot is not there");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_messages_have_few_receipts_and_the_last_one_counts() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let mut last = String::new();
    for n in 0..100 {
        last = lab.homeserver.say(&user("ada"), &room, &format!("question {n}")).unwrap();
    }
    lab.until_received(&ticket, "question 99").await;
    until("the last receipt", || (read_by(&lab, &room, BOT)? == last).then_some(())).await;
    let receipts = lab.homeserver.count_calls("/receipt/");
    assert!(receipts < 50, "{receipts} receipts of 100 messages in one room");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_fails_is_left_alone() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.fail_next("/receipt/", crate::homeserver::When::Before, crate::homeserver::Kind::ServerError, 1);
    let before = lab.homeserver.count_calls("/receipt/");
    lab.homeserver.say(&user("ada"), &room, "one").unwrap();
    until("the receipt to be tried", || (lab.homeserver.count_calls("/receipt/") > before).then_some(())).await;
    let second = lab.homeserver.say(&user("ada"), &room, "two").unwrap();
    lab.until_received(&ticket, "two").await;
    until("the next receipt", || (read_by(&lab, &room, BOT)? == second).then_some(())).await;
    assert_eq!(lab.homeserver.count_calls("/receipt/"), before + 2);
}
