//! Tickets and rooms are made once, whatever gets lost while they are made.

use serde_json::json;
use ticketroom::helpdesk::memory::Fault;

use super::lab::{BOT, Lab};
use crate::homeserver::{Kind, When, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_opened_once_although_the_answer_got_lost() {
    let lab = Lab::start().await;
    for (n, fault) in [Fault::LostAfterSaving, Fault::LostBeforeSaving, Fault::Unreachable].into_iter().enumerate() {
        let ada = lab.homeserver.person(&format!("ada{n}"), "Ada");
        let door = lab.homeserver.chat_with(&ada, BOT);
        lab.until_said(&door, "Write here what it is about").await;
        lab.until_quiet().await;
        lab.helpdesk.fail_next(fault, 1);
        lab.homeserver.say(&ada, &door, "It leaks").unwrap();
        lab.until_said(&door, &format!("ticket #{}", n + 1)).await;
        lab.until_quiet().await;
        let next = ticketroom::model::TicketId::new((n + 2).to_string());
        assert!(lab.helpdesk.snapshot(&next).is_none(), "one ticket each");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_counted_past_another_who_speaks_at_the_same_moment() {
    let mut lab = Lab::prepare().await;
    lab.quotas.tickets_per_server_per_hour = Some(3);
    lab.boot().await;
    let people: Vec<String> = (0..20).map(|n| lab.homeserver.person(&format!("ada{n}"), "Ada")).collect();
    let doors: Vec<String> = people.iter().map(|person| lab.homeserver.chat_with(person, BOT)).collect();
    for door in &doors {
        lab.until_said(door, "Write here what it is about").await;
    }
    lab.until_quiet().await;
    lab.homeserver.act(|world| {
        for (person, door) in people.iter().zip(&doors) {
            world.send(door, person, "m.room.message", json!({ "msgtype": "m.text", "body": "It leaks" })).unwrap();
        }
    });
    lab.until_quiet().await;
    let ticket = |n: u32| lab.helpdesk.snapshot(&ticketroom::model::TicketId::new(n.to_string()));
    assert!(ticket(3).is_some() && ticket(4).is_none(), "three, and no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_opened_once_although_the_bridge_died() {
    let mut lab = Lab::start().await;
    let ada = lab.homeserver.person("ada", "Ada");
    let door = lab.homeserver.chat_with(&ada, BOT);
    lab.until_said(&door, "Write here what it is about").await;
    lab.until_quiet().await;
    lab.helpdesk.fail_next(Fault::HangAfterSaving, 1);
    lab.homeserver.say(&ada, &door, "It leaks").unwrap();
    let ticket = ticketroom::model::TicketId::new("1");
    until("the ticket", || lab.helpdesk.snapshot(&ticket)).await;
    // Somebody in the helpdesk is faster than our restart.
    lab.helpdesk.reply_as_agent(&ticket, "bert", "On my way").unwrap();
    lab.restart().await;
    let room =
        until("the room", || lab.homeserver.room_of("ticket_1").filter(|room| lab.homeserver.join(&ada, room).is_ok()))
            .await;
    lab.until_heard(&room, "On my way").await;
    lab.until_quiet().await;
    assert_eq!(lab.heard(&room), ["On my way"]);
    assert!(lab.helpdesk.snapshot(&ticketroom::model::TicketId::new("2")).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_made_once_although_the_answer_got_lost() {
    let lab = Lab::start().await;
    until("the desks' rooms", || lab.homeserver.room_of("queue_2")).await;
    lab.until_quiet().await;
    let before = lab.homeserver.world().rooms.len();
    let kinds = [Kind::ServerError, Kind::Page, Kind::Broken, Kind::Hang];
    for (n, kind) in kinds.iter().enumerate() {
        lab.homeserver.fail_next("createRoom", When::After, kind.clone(), 1);
        lab.ticket(&format!("ada{n}"), &format!("Ticket {n}")).await;
        lab.until_quiet().await;
    }
    assert_eq!(lab.homeserver.world().rooms.len(), before + kinds.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desks_room_is_made_once_whoever_needs_it_first() {
    let mut lab = Lab::prepare().await;
    lab.homeserver.fail_next("createRoom", When::After, Kind::ServerError, 2);
    lab.boot().await;
    // Offers race with the preparation of the desks, before and after a restart.
    for n in 0..6 {
        let person = lab.helpdesk.add_customer(&format!("c{n}"), "Carla", None);
        lab.helpdesk.open_ticket("2", person, &format!("Ticket {n}"), "It leaks").unwrap();
        if n == 3 {
            lab.restart().await;
        }
    }
    let desk = until("the desk's room", || lab.homeserver.room_of("queue_2")).await;
    until("six offers", || {
        let offers =
            lab.homeserver.messages(&desk).into_iter().filter(|(_, text)| text.contains("Open in the helpdesk"));
        (offers.count() == 6).then_some(())
    })
    .await;
    lab.until_quiet().await;
    let world = lab.homeserver.world();
    let named = |room: &&String| {
        world.state(room, "m.room.name", "").is_some_and(|name| name["content"]["name"] == "Desk: Pumps")
    };
    assert_eq!(world.rooms.keys().filter(named).count(), 1);
}
