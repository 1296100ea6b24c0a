//! Each desk's space: made once, holding its room and its open tickets' rooms; and the agents' own lists.

use super::lab::{Lab, user};
use crate::homeserver::until;
use crate::homeserver::{Kind, When};

async fn lab() -> Lab {
    let mut lab = Lab::prepare().await;
    lab.spaces = true;
    lab
}

async fn space(lab: &Lab, desk: &str) -> String {
    until("the space", || lab.homeserver.room_of(&format!("space_{desk}"))).await
}

fn shows(lab: &Lab, space: &str, room: &str) -> bool {
    let world = lab.homeserver.world();
    world.state(space, "m.space.child", room).is_some_and(|event| event["content"]["via"].is_array())
}

async fn until_shows(lab: &Lab, space: &str, room: &str, shown: bool) {
    until(&format!("{room} shown: {shown}"), || (shows(lab, space, room) == shown).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desks_space_holds_its_room_and_is_for_its_agents_alone() {
    let mut lab = lab().await;
    lab.boot().await;
    let space = space(&lab, "1").await;
    let desk = until("the desk's room", || lab.homeserver.room_of("queue_1")).await;
    until_shows(&lab, &space, &desk, true).await;
    until("the agents' invitations", || (lab.homeserver.world().members(&space, "invite").len() == 2).then_some(()))
        .await;
    let world = lab.homeserver.world();
    let content = |kind: &str| world.state(&space, kind, "").unwrap()["content"].clone();
    assert_eq!(content("m.room.create")["type"], "m.space");
    assert_eq!(content("m.room.join_rules")["join_rule"], "invite");
    assert_eq!(content("m.room.power_levels")["events_default"], 100);
    assert_eq!(world.state(&desk, "m.space.parent", &space).unwrap()["content"]["canonical"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_answered_an_invitation_to_a_desk_is_not_invited_again() {
    let mut lab = lab().await;
    lab.boot().await;
    let space = space(&lab, "2").await;
    let invited = || (lab.homeserver.world().members(&space, "invite").len() == 2).then_some(());
    until("the agents' invitations", invited).await;
    // The space of the last desk is looked at last.
    let lookups = |lab: &Lab| lab.homeserver.count_calls(&format!("/rooms/{space}/state/m.room.member"));
    lab.until_quiet().await;
    let before = lookups(&lab);
    lab.restart().await;
    until("a look at both agents", || (lookups(&lab) >= before + 2).then_some(())).await;
    let rooms_and_agents = 2 * 2 * 2;
    assert_eq!(lab.homeserver.count_calls("/invite"), rooms_and_agents);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tickets_room_is_shown_while_it_is_open_and_at_the_desk_that_has_it() {
    let mut lab = lab().await;
    lab.boot().await;
    let (ticket, room) = lab.ticket("carl", "Pump").await;
    let (general, pumps) = (space(&lab, "1").await, space(&lab, "2").await);
    until_shows(&lab, &general, &room, true).await;
    assert_eq!(lab.homeserver.world().membership(&general, &user("carl")), None, "customers never get there");
    lab.helpdesk.close(&ticket).unwrap();
    until_shows(&lab, &general, &room, false).await;
    lab.helpdesk.reopen(&ticket).unwrap();
    until_shows(&lab, &general, &room, true).await;
    let moved = |snapshot: &mut ticketroom::model::Snapshot| {
        snapshot.desk = ticketroom::model::DeskId::new("2");
        snapshot.desk_name = "Pumps".to_owned();
    };
    lab.helpdesk.change(&ticket, moved).unwrap();
    until_shows(&lab, &general, &room, false).await;
    until_shows(&lab, &pumps, &room, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_is_made_once_however_often_the_bridge_dies_on_it() {
    let mut lab = lab().await;
    // The first answers to its making are lost.
    lab.homeserver.fail_next("createRoom", When::After, Kind::BadGateway, 6);
    lab.homeserver.fail_next("m.space.child", When::Before, Kind::BadGateway, 2);
    lab.boot().await;
    let space = space(&lab, "1").await;
    lab.restart().await;
    let desk = until("the desk's room", || lab.homeserver.room_of("queue_1")).await;
    until_shows(&lab, &space, &desk, true).await;
    lab.restart().await;
    let (_, room) = lab.ticket("carl", "Pump").await;
    until_shows(&lab, &space, &room, true).await;
    lab.until_quiet().await;
    let world = lab.homeserver.world();
    let spaces = world.rooms.keys().filter(|room| {
        world.state(room, "m.room.create", "").is_some_and(|event| event["content"]["type"] == "m.space")
    });
    assert_eq!(spaces.count(), 2, "one for each desk");
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_rooms_sink_in_the_lists_of_those_whom_we_may_act_for_and_others_are_asked_once() {
    let mut lab = lab().await;
    lab.homeserver.act(|world| world.claimed.insert(user("anna")));
    lab.boot().await;
    let (ticket, room) = lab.ticket("carl", "Pump").await;
    for login in ["bert", "anna"] {
        lab.helpdesk.take(&ticket, login).unwrap();
        let invited = || lab.homeserver.world().membership(&room, &user(login)).map(drop);
        until("the agent's invitation", invited).await;
    }
    let tagged =
        |who: &str| lab.homeserver.world().tags.contains(&(user(who), room.clone(), "m.lowpriority".to_owned()));
    for _ in 0..2 {
        lab.helpdesk.close(&ticket).unwrap();
        until("the tag", || tagged("anna").then_some(())).await;
        assert!(!tagged("bert"));
        lab.helpdesk.reopen(&ticket).unwrap();
        until("the tag to be gone", || (!tagged("anna")).then_some(())).await;
    }
    lab.until_quiet().await;
    assert_eq!(lab.homeserver.count_calls(&format!("/user/{}/rooms", user("bert"))), 1, "left alone after a no");
    assert_eq!(lab.count("outbox WHERE state = 3").await, 0, "and nobody is bothered with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_that_were_open_before_there_were_spaces_are_shown_in_them() {
    let mut lab = Lab::start().await;
    let (_, open) = lab.ticket("carl", "Open").await;
    let (closed, locked) = lab.ticket("dora", "Closed").await;
    lab.helpdesk.close(&closed).unwrap();
    lab.until_locked(&locked).await;
    lab.until_quiet().await;
    lab.kill().await;
    lab.spaces = true;
    lab.boot().await;
    let space = space(&lab, "1").await;
    until_shows(&lab, &space, &open, true).await;
    lab.until_quiet().await;
    assert!(!shows(&lab, &space, &locked));
}
