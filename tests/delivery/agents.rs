//! The configuration names other agents than before: who may write follows at the next start.

use ruma::OwnedUserId;
use serde_json::{Value, json};

use super::lab::{BOT, Lab, user};
use crate::homeserver::{Kind, When, until};

async fn until_level(lab: &Lab, room: &str, who: &str, level: Value) {
    let is_so = || (lab.homeserver.state(room, "m.room.power_levels")["users"][user(who)] == level).then_some(());
    until(&format!("{who} to have the level {level}"), is_so).await;
}

async fn until_in(lab: &Lab, who: &str, room: &str) {
    until(&format!("{who} to come in"), || lab.homeserver.join(&user(who), room).ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_could_not_be_invited_at_the_start_is_invited_soon() {
    let mut lab = Lab::prepare().await;
    lab.homeserver.fail_next("/invite", When::Before, Kind::ServerError, 2);
    lab.boot().await;
    let desk = until("the desk's room", || lab.homeserver.room_of("queue_1")).await;
    for agent in ["anna", "bert"] {
        until_in(&lab, agent, &desk).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_to_write_follows_the_configuration() {
    let mut lab = Lab::prepare().await;
    lab.spaces = true;
    lab.homeserver.person("anna2", "Anna Agent");
    lab.boot().await;
    let (ticket, room) = lab.ticket("carl", "Leak").await;
    let desk = until("the desk's room", || lab.homeserver.room_of("queue_1")).await;
    let space = until("the desk's space", || lab.homeserver.room_of("space_1")).await;
    lab.helpdesk.take(&ticket, "anna").unwrap();
    for place in [&room, &desk, &space] {
        until_in(&lab, "anna", place).await;
    }
    until_level(&lab, &room, "anna", json!(20)).await;
    lab.until_some("cursors WHERE name = 'agents'").await;

    // She is no agent any more.
    lab.agents = vec![("bert", "bert")];
    lab.restart().await;
    for place in [&room, &desk, &space] {
        lab.until_membership(place, "anna", "leave").await;
    }
    until_level(&lab, &room, "anna", Value::Null).await;
    assert_eq!(lab.homeserver.membership(&desk, BOT).as_deref(), Some("join"));

    // She is again, by another account, and the ticket has been hers in the helpdesk all the time.
    lab.agents = vec![("anna", "anna2"), ("bert", "bert")];
    lab.restart().await;
    until_level(&lab, &room, "anna2", json!(20)).await;
    for place in [&room, &desk, &space] {
        until_in(&lab, "anna2", place).await;
    }
    lab.homeserver.say(&user("anna2"), &room, "Here again").unwrap();
    let answered = || lab.helpdesk.messages_of(&ticket).into_iter().find(|message| message.author_is_agent);
    assert_eq!(until("her answer", answered).await.author.login, "anna");
    assert!(
        lab.helpdesk
            .snapshot(&ticket)
            .unwrap()
            .customers
            .iter()
            .all(|customer| { customer.matrix == Some(OwnedUserId::try_from(user("carl")).unwrap()) })
    );
}
