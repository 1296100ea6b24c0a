//! Rooms whose history the homeserver cannot give: the others go on, and nothing comes before what is older.

use std::time::Duration;

use ticketroom::model::TicketId;

use super::lab::{Lab, plain, user};
use crate::homeserver::until;

/// A room with more than a sync brings, in which the homeserver stumbles whenever it is read; and another one.
async fn with_an_unreadable_room() -> (Lab, [(TicketId, String); 2]) {
    let mut lab = Lab::start().await;
    let tickets = [lab.ticket("ada", "Pump").await, lab.ticket("ben", "Valve").await];
    lab.until_quiet().await;
    lab.kill().await;
    for n in 0..250 {
        lab.homeserver.say(&user("ada"), &tickets[0].1, &format!("line {n}")).unwrap();
    }
    lab.homeserver.say(&user("ben"), &tickets[1].1, "It drips").unwrap();
    lab.homeserver.lose_memory();
    lab.homeserver.act(|world| world.unreadable.insert(tickets[0].1.clone()));
    lab.boot().await;
    (lab, tickets)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_can_not_be_read_keeps_no_other_waiting_and_is_read_once_it_can_be() {
    let (mut lab, [(adas, room), (bens, other)]) = with_an_unreadable_room().await;
    lab.until_received(&bens, "It drips").await;
    // What comes from everywhere is still to be put in order.
    lab.homeserver.say(&user("ben"), &other, "and squeaks").unwrap();
    lab.homeserver.say(&user("ada"), &room, "line 250").unwrap();
    lab.until_received(&bens, "and squeaks").await;
    assert_eq!(lab.received(&adas), Vec::<String>::new(), "what came before it is not known");
    lab.kill().await;
    // The night in which we are off is no patience with the homeserver.
    lab.put_clock_forward(Duration::from_secs(1800));
    lab.boot().await;
    lab.homeserver.say(&user("ben"), &other, "and leaks").unwrap();
    lab.homeserver.say(&user("ada"), &room, "line 251").unwrap();
    lab.until_received(&bens, "and leaks").await;
    lab.homeserver.act(|world| world.unreadable.clear());
    lab.until_received(&adas, "line 251").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&adas), (0..252).map(|n| format!("line {n}")).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_room_brings_that_stays_unreadable_is_taken_in_the_end() {
    let (lab, [(adas, room), _]) = with_an_unreadable_room().await;
    lab.homeserver.say(&user("ada"), &room, "Is anybody there?").unwrap();
    lab.until_received(&adas, "Is anybody there?").await;
    lab.homeserver.act(|world| world.unreadable.clear());
    lab.until_received(&adas, "line 0").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&adas).len(), 251, "late, but nothing is lost");
}

/// By customers and agents.
fn written(lab: &Lab, ticket: &TicketId) -> Vec<String> {
    lab.helpdesk.messages_of(ticket).iter().map(|message| plain(&message.body)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desks_room_that_can_not_be_read_keeps_no_other_waiting_and_no_note_comes_too_early() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.write_in_thread("anna", "Pump", "note 0").await;
    lab.until_quiet().await;
    lab.kill().await;
    let desk = until("the desk's room", || lab.homeserver.room_of("queue_1")).await;
    lab.write_in_thread("anna", "Pump", "note 1").await;
    for n in 0..250 {
        lab.homeserver.say(&user("anna"), &desk, &format!("chatter {n}")).unwrap();
    }
    lab.homeserver.say(&user("ada"), &room, "It leaks").unwrap();
    lab.homeserver.lose_memory();
    lab.homeserver.act(|world| world.unreadable.insert(desk));
    lab.boot().await;
    lab.until_received(&ticket, "It leaks").await;
    lab.write_in_thread("anna", "Pump", "note 2").await;
    lab.homeserver.say(&user("ada"), &room, "and squeaks").unwrap();
    lab.until_received(&ticket, "and squeaks").await;
    assert_eq!(written(&lab, &ticket), ["note 0", "It leaks", "and squeaks"]);
    lab.homeserver.act(|world| world.unreadable.clear());
    until("the notes", || written(&lab, &ticket).contains(&"note 2".to_owned()).then_some(())).await;
    lab.until_quiet().await;
    assert_eq!(written(&lab, &ticket), ["note 0", "It leaks", "and squeaks", "note 1", "note 2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_is_read_bit_by_bit_from_a_homeserver_that_stumbles_each_time() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.kill().await;
    for n in 0..900 {
        lab.homeserver.say(&user("ada"), &room, &format!("line {n}")).unwrap();
    }
    lab.homeserver.lose_memory();
    // Whoever begins anew each time never comes to the third page.
    lab.homeserver.act(|world| world.stumbling.insert(room, 0));
    lab.boot().await;
    lab.until_received(&ticket, "line 899").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), (0..900).map(|n| format!("line {n}")).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_room_that_can_not_be_read_no_more_waits_than_leaves_others_their_place() {
    let (lab, [(adas, room), (bens, other)]) = with_an_unreadable_room().await;
    lab.until_received(&bens, "It drips").await;
    for n in 250..551 {
        lab.homeserver.say(&user("ada"), &room, &format!("line {n}")).unwrap();
    }
    lab.homeserver.say(&user("ben"), &other, "and squeaks").unwrap();
    lab.until_received(&bens, "and squeaks").await;
    lab.until_received(&adas, "line 550").await;
    lab.homeserver.act(|world| world.unreadable.clear());
    lab.until_received(&adas, "line 249").await;
    lab.until_quiet().await;
    let late_first: Vec<String> = (250..551).chain(0..250).map(|n| format!("line {n}")).collect();
    assert_eq!(lab.received(&adas), late_first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_is_given_up_is_counted_and_the_room_goes_on() {
    let page = ticketroom::observe::metrics::install().unwrap();
    let shows = |line: &str| page.render().lines().any(|it| it == line).then_some(());
    let (mut lab, [(adas, room), _]) = with_an_unreadable_room().await;
    until("the room to be counted", || shows("ticketroom_unread_rooms 1")).await;
    lab.kill().await;
    lab.limits.give_up_after = Duration::from_millis(1);
    lab.boot().await;
    until("the loss to be counted", || shows("ticketroom_rooms_not_read_total 1")).await;
    lab.homeserver.act(|world| world.unreadable.clear());
    lab.homeserver.say(&user("ada"), &room, "Is anybody there?").unwrap();
    lab.until_received(&adas, "Is anybody there?").await;
    until("nothing to be open", || shows("ticketroom_unread_rooms 0")).await;
    assert_eq!(lab.received(&adas), ["Is anybody there?"]);
}
