//! What a side holds and did not tell is found.

use std::time::Duration;

use serde_json::json;
use ticketroom::model::TicketId;

use super::lab::{BOT, Lab, user};
use crate::homeserver::{Kind, When, until, until_in};

async fn soon() -> Lab {
    let mut lab = Lab::prepare().await;
    lab.limits.reconcile_interval = Duration::from_millis(200);
    lab.boot().await;
    lab
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_the_homeserver_lost_on_their_way_are_found() {
    let lab = soon().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    for round in 0..3 {
        lab.homeserver.pause_push(true);
        for n in 0..5 {
            lab.homeserver.say(&user("ada"), &room, &format!("lost {round} {n}")).unwrap();
        }
        lab.homeserver.lose_memory();
        lab.homeserver.pause_push(false);
        lab.until_received(&ticket, &format!("lost {round} 4")).await;
        lab.homeserver.say(&user("ada"), &room, &format!("pushed {round}")).unwrap();
        lab.until_received(&ticket, &format!("pushed {round}")).await;
    }
    lab.until_quiet().await;
    let expected: Vec<String> = (0..3)
        .flat_map(|round| (0..5).map(move |n| format!("lost {round} {n}")).chain([format!("pushed {round}")]))
        .collect();
    assert_eq!(lab.received(&ticket), expected);
}

/// From here on what ada writes is decided on at once.
async fn until_trusted(lab: &Lab, ticket: &TicketId, room: &str) {
    let syncs = || lab.homeserver.count_calls("/v3/sync");
    let before = syncs();
    until("the bridge to trust in the order", || (syncs() > before).then_some(())).await;
    lab.homeserver.say(&user("ada"), room, "over the known connection").unwrap();
    lab.until_received(ticket, "over the known connection").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_homeserver_left_behind_comes_before_what_it_brings_after_its_restart() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    until_trusted(&lab, &ticket, &room).await;
    let syncs = || lab.homeserver.count_calls("/v3/sync");
    let trusted = syncs();
    lab.homeserver.pause_push(true);
    lab.homeserver.say(&user("ada"), &room, "left behind").unwrap();
    lab.homeserver.lose_memory();
    lab.homeserver.connect_anew();
    lab.homeserver.say(&user("ada"), &room, "brought").unwrap();
    lab.homeserver.pause_push(false);
    lab.until_received(&ticket, "brought").await;
    assert_eq!(lab.received(&ticket), ["over the known connection", "left behind", "brought"]);
    assert!(syncs() > trusted, "it asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_transaction_held_that_could_not_be_read_is_found_before_what_comes_after_it() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    until_trusted(&lab, &ticket, &room).await;
    lab.homeserver.pause_push(true);
    lab.homeserver.say(&user("ada"), &room, "cut off").unwrap();
    lab.homeserver.lose_memory();
    assert_eq!(lab.homeserver.push_by_hand("cut-off", r#"{"events": [{"#).await, 200);
    lab.homeserver.say(&user("ada"), &room, "after it").unwrap();
    lab.homeserver.pause_push(false);
    lab.until_received(&ticket, "after it").await;
    assert_eq!(lab.received(&ticket), ["over the known connection", "cut off", "after it"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_homeserver_brings_that_cannot_be_asked_is_taken_as_it_came() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.fail_next("/v3/sync", When::Before, Kind::ServerError, 10_000);
    lab.homeserver.connect_anew();
    lab.homeserver.say(&user("ada"), &room, "first").unwrap();
    lab.homeserver.say(&user("ada"), &room, "second").unwrap();
    lab.until_received(&ticket, "second").await;
    assert_eq!(lab.received(&ticket), ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_sync_brings_is_found_after_a_restart() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.kill().await;
    for n in 0..650 {
        lab.homeserver.say(&user("ada"), &room, &format!("line {n}")).unwrap();
    }
    lab.homeserver.lose_memory();
    lab.boot().await;
    lab.until_received(&ticket, "line 649").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), (0..650).map(|n| format!("line {n}")).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_got_lost_is_found() {
    let mut lab = Lab::start().await;
    lab.until_quiet().await;
    lab.kill().await;
    let ada = lab.homeserver.person("ada", "Ada");
    let door = lab.homeserver.chat_with(&ada, BOT);
    lab.homeserver.lose_memory();
    lab.boot().await;
    lab.until_said(&door, "Write here what it is about").await;
    lab.until_quiet().await;
    let greetings = lab.homeserver.ours(&door).into_iter().filter(|text| text.contains("Write here")).count();
    assert_eq!(greetings, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_before_we_came_in_is_read() {
    let lab = Lab::start().await;
    let ada = lab.homeserver.person("ada", "Ada");
    lab.until_quiet().await;
    let door = lab.homeserver.chat_with(&ada, BOT);
    // Not told to us: we are not in the room yet.
    lab.homeserver.say(&ada, &door, "It leaks").unwrap();
    let ticket = TicketId::new("1");
    until("the ticket", || lab.helpdesk.snapshot(&ticket)).await;
    lab.until_quiet().await;
    assert!(lab.helpdesk.snapshot(&TicketId::new("2")).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_said_to_each_other_before_they_invited_us_is_not_read() {
    let lab = Lab::start().await;
    lab.until_quiet().await;
    let ada = lab.homeserver.person("ada", "Ada");
    lab.homeserver.act(|world| {
        let room = world.create_room(&ada, &json!({ "is_direct": true })).unwrap();
        let say = |world: &mut crate::homeserver::World, text: &str| {
            world.send(&room, &ada, "m.room.message", json!({ "msgtype": "m.text", "body": text })).unwrap();
        };
        say(world, "She snores");
        world.invite(&room, &ada, BOT).unwrap();
        say(world, "It leaks");
    });
    let ticket = TicketId::new("1");
    let opened = until("the ticket", || lab.helpdesk.snapshot(&ticket)).await;
    lab.until_quiet().await;
    assert_eq!(opened.title, "It leaks");
    assert_eq!(lab.received(&ticket), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_sync_brings_of_what_was_written_before_we_came_in_is_read() {
    let mut lab = Lab::start().await;
    lab.until_quiet().await;
    lab.kill().await;
    let ada = lab.homeserver.person("ada", "Ada");
    let door = lab.homeserver.chat_with(&ada, BOT);
    for n in 0..150 {
        lab.homeserver.say(&ada, &door, &format!("line {n}")).unwrap();
    }
    lab.boot().await;
    let ticket = TicketId::new("1");
    lab.until_received(&ticket, "line 149").await;
    lab.until_quiet().await;
    assert_eq!(lab.helpdesk.snapshot(&ticket).unwrap().title, "line 0");
    assert_eq!(lab.received(&ticket), (1..150).map(|n| format!("line {n}")).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_before_we_came_in_stands_before_what_we_are_told_afterwards() {
    let lab = Lab::start().await;
    let (known, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    until_trusted(&lab, &known, &room).await;
    // Who looks for what was written before is slower than what comes now.
    lab.homeserver.fail_next("/v3/sync", When::Before, Kind::ServerError, 3);
    let ben = lab.homeserver.person("ben", "Ben");
    let door = lab.homeserver.act(|world| {
        let room = world.create_room(&ben, &json!({ "is_direct": true, "invite": [BOT] })).unwrap();
        world.send(&room, &ben, "m.room.message", json!({ "msgtype": "m.text", "body": "It leaks" })).unwrap();
        room
    });
    lab.until_membership(&door, "_desk_bot", "join").await;
    lab.homeserver.say(&ben, &door, "and it hisses").unwrap();
    let ticket = TicketId::new("2");
    lab.until_received(&ticket, "and it hisses").await;
    assert_eq!(lab.helpdesk.snapshot(&ticket).unwrap().title, "It leaks");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_in_the_helpdesk_while_we_were_away_is_found() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.kill().await;
    lab.helpdesk.reply_as_agent(&ticket, "bert", "answer").unwrap();
    lab.helpdesk.close(&ticket).unwrap();
    let person = lab.helpdesk.add_customer("carla", "Carla", None);
    lab.helpdesk.open_ticket("1", person, "Another", "It leaks, too").unwrap();
    lab.boot().await;
    lab.until_heard(&room, "answer").await;
    lab.until_said(&room, "was closed").await;
    until("the other ticket's room", || lab.homeserver.room_of("ticket_2")).await;
    lab.until_quiet().await;
    assert!(lab.homeserver.say(&user("ada"), &room, "too late").is_err(), "the room is locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_the_homeserver_does_not_know_any_more_keeps_nothing_from_being_found() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.kill().await;
    let insert = "INSERT INTO codes (id, name, device, disabled, made_ms) VALUES ('pump-7', 'Pump 7', 'Pump 7', 0, 1)";
    sqlx::raw_sql(insert).execute(&mut lab.other_connection().await).await.unwrap();
    lab.boot().await;
    lab.until_some("cursors WHERE name = 'contacts_sync'").await;
    lab.kill().await;
    // It was put back to an older copy of itself.
    let contact = "@_desk_code_pump-7:hs.test";
    let known = lab.homeserver.world().users.remove(contact);
    assert!(known.is_some(), "it was made");
    lab.homeserver.say(&user("ada"), &room, "while nobody listened").unwrap();
    lab.homeserver.lose_memory();
    lab.boot().await;
    lab.until_received(&ticket, "while nobody listened").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_an_answer_may_hold_is_found_in_smaller_ones() {
    let mut lab = Lab::start().await;
    let rooms = [lab.ticket("ada", "Pump").await, lab.ticket("ada", "Fan").await];
    lab.until_quiet().await;
    lab.kill().await;
    let padding = "x".repeat(900_000);
    let each = 40;
    for (_, room) in &rooms {
        for n in 0..each {
            let content = json!({ "msgtype": "m.text", "body": n.to_string(), "org.example.padding": padding });
            lab.homeserver.send(&user("ada"), room, "m.room.message", content).unwrap();
        }
    }
    lab.homeserver.lose_memory();
    lab.boot().await;
    for (ticket, _) in &rooms {
        let last = (each - 1).to_string();
        // So many bytes take a debug build a while.
        let patience = Duration::from_secs(120);
        until_in(patience, "the last one", || lab.received(ticket).contains(&last).then_some(())).await;
    }
    lab.until_quiet().await;
    for (ticket, _) in &rooms {
        assert_eq!(lab.received(ticket), (0..each).map(|n| n.to_string()).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_homeserver_that_cannot_call_us_shows_in_the_metrics_until_it_can() {
    let page = ticketroom::observe::metrics::install().unwrap();
    let shows = |line: &str| page.render().lines().any(|it| it == line).then_some(());
    let mut lab = Lab::prepare().await;
    lab.homeserver.fail_next("/ping", When::Before, Kind::Unconnected, 1);
    lab.homeserver.pause_push(true);
    lab.boot().await;
    until("the failed ping", || shows("ticketroom_homeserver_reaches_us 0")).await;
    // The bot's own steps in the new rooms of its desks are brought now.
    lab.homeserver.pause_push(false);
    until("what it brings", || shows("ticketroom_homeserver_reaches_us 1")).await;
}
