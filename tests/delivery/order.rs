//! One ticket's order holds, and no ticket waits for another.

use std::time::Duration;

use ticketroom::helpdesk::memory::Fault;

use super::lab::{Lab, user};
use crate::homeserver::{Kind, When, until};

#[tokio::test(flavor = "multi_thread")]
async fn each_ticket_keeps_its_order_while_all_speak_at_once_on_both_sides() {
    const TICKETS: usize = 8;
    const MESSAGES: usize = 15;
    let lab = Lab::start().await;
    let mut tickets = Vec::new();
    for n in 0..TICKETS {
        tickets.push(lab.ticket(&format!("customer{n}"), &format!("Ticket {n}")).await);
    }
    lab.until_quiet().await;
    for n in 0..MESSAGES {
        for (number, (ticket, room)) in tickets.iter().enumerate() {
            lab.homeserver.say(&user(&format!("customer{number}")), room, &format!("question {n}")).unwrap();
            lab.helpdesk.reply_as_agent(ticket, "bert", &format!("answer {n}")).unwrap();
        }
    }
    let all = |what: &str| (0..MESSAGES).map(|n| format!("{what} {n}")).collect::<Vec<_>>();
    for (ticket, room) in &tickets {
        lab.until_received(ticket, &format!("question {}", MESSAGES - 1)).await;
        lab.until_heard(room, &format!("answer {}", MESSAGES - 1)).await;
    }
    lab.until_quiet().await;
    for (ticket, room) in &tickets {
        assert_eq!(lab.received(ticket), all("question"));
        assert_eq!(lab.heard(room), all("answer"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_stuck_stops_no_other() {
    let lab = Lab::start().await;
    let (stuck, stuck_room) = lab.ticket("ada", "Stuck").await;
    let (free, free_room) = lab.ticket("bob", "Free").await;
    lab.until_quiet().await;
    lab.helpdesk.fail_next(Fault::HangBeforeSaving, 1);
    lab.homeserver.say(&user("ada"), &stuck_room, "hangs").unwrap();
    lab.homeserver.say(&user("ada"), &stuck_room, "behind it").unwrap();
    until("the call that hangs", || (lab.homeserver.nothing_to_push()).then_some(())).await;
    lab.homeserver.fail_next(&format!("rooms/{stuck_room}/send"), When::Before, Kind::Hang, 1);
    let path = format!("rooms/{stuck_room}/send");
    let before = lab.homeserver.count_calls(&path);
    lab.helpdesk.reply_as_agent(&stuck, "bert", "hangs, too").unwrap();
    until("the send that hangs", || (lab.homeserver.count_calls(&path) > before).then_some(())).await;
    for n in 0..10 {
        lab.homeserver.say(&user("bob"), &free_room, &format!("question {n}")).unwrap();
        lab.helpdesk.reply_as_agent(&free, "bert", &format!("answer {n}")).unwrap();
    }
    lab.until_received(&free, "question 9").await;
    lab.until_heard(&free_room, "answer 9").await;
    assert!(lab.received(&stuck).is_empty(), "what is behind waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_the_ticket_is_opened_keeps_its_order() {
    let lab = Lab::start().await;
    for round in 0..5 {
        let ada = lab.homeserver.person(&format!("ada{round}"), "Ada");
        let waiting = lab.waiting_room(&ada).await;
        for n in 0..30 {
            lab.homeserver.say(&ada, &waiting, &format!("line {n}")).unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let ticket = ticketroom::model::TicketId::new((round + 1).to_string());
        until("the ticket's alias", || {
            lab.homeserver.room_of(&format!("ticket_{ticket}")).filter(|room| *room == waiting)
        })
        .await;
        lab.until_received(&ticket, "line 29").await;
        lab.until_quiet().await;
        // The first line is the ticket itself.
        assert_eq!(lab.received(&ticket), (1..30).map(|n| format!("line {n}")).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reacts_to_an_offer_faster_than_we_note_it_is_heard() {
    let mut lab = Lab::start().await;
    let desk = until("the desk's room", || lab.homeserver.room_of("queue_1")).await;
    until("anna's invitation", || lab.homeserver.join(&user("anna"), &desk).ok()).await;
    lab.until_quiet().await;
    // The offer is sent, its answer is lost, and the bridge dies.
    lab.homeserver.fail_next(&format!("rooms/{desk}/send"), When::After, Kind::Hang, 1);
    let person = lab.helpdesk.add_customer("carla", "Carla", None);
    let ticket = lab.helpdesk.open_ticket("1", person, "Pump", "It leaks").unwrap();
    let card = until("the offer", || {
        let world = lab.homeserver.world();
        let events = world.events_of(&desk);
        let card = events.iter().find(|event| event["content"]["body"].as_str().is_some_and(|b| b.contains("Pump")))?;
        Some(card["event_id"].as_str().unwrap().to_owned())
    })
    .await;
    lab.kill().await;
    lab.homeserver.say_in_thread(&user("anna"), &desk, &card, "first note").unwrap();
    lab.homeserver.react(&user("anna"), &desk, &card, "✅").unwrap();
    lab.homeserver.say_in_thread(&user("anna"), &desk, &card, "second note").unwrap();
    lab.boot().await;
    until("the new owner", || lab.helpdesk.snapshot(&ticket)?.owner.filter(|owner| owner.login == "anna")).await;
    until("both notes", || (lab.helpdesk.messages_of(&ticket).len() == 2).then_some(())).await;
    lab.until_quiet().await;
    let notes: Vec<String> =
        lab.helpdesk.messages_of(&ticket).iter().map(|message| super::lab::plain(&message.body)).collect();
    assert_eq!(notes, ["first note", "second note"]);
    // The card is edited when it is accepted; an edit is no second offer.
    let is_offer = |text: &str| text.contains("Open in the helpdesk") && !text.starts_with("* ");
    let offers = lab.homeserver.messages(&desk).into_iter().filter(|(_, text)| is_offer(text));
    assert_eq!(offers.count(), 1);
}
