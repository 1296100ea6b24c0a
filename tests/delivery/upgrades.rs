//! Upgrades of ticket rooms: the genuine successor is followed, and nobody else's tombstone.

use serde_json::{Value, json};
use ticketroom::model::TicketId;

use super::lab::{BOT, Lab, user};
use crate::homeserver::until;

/// An administrator with all power in the ticket's room.
async fn lab() -> (Lab, TicketId, String, String) {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("carl", "Pump").await;
    lab.until_quiet().await;
    let root = lab.homeserver.person("root", "Root");
    lab.homeserver.act(|world| {
        world.invite(&room, BOT, &root).unwrap();
        world.join(&room, &root).unwrap();
        let mut levels = world.state(&room, "m.room.power_levels", "").unwrap()["content"].clone();
        levels["users"][&root] = json!(100);
        world.set_state(&room, BOT, "m.room.power_levels", "", levels).unwrap();
    });
    (lab, ticket, room, root)
}

/// As a homeserver makes the new room, and with the bot invited.
fn successor(lab: &Lab, creator: &str, of: &str, level: i64) -> String {
    let request = json!({
        "creation_content": { "predecessor": { "room_id": of } },
        "power_level_content_override": { "users": { (BOT): level }, "events_default": 0, "state_default": 50 },
        "invite": [BOT],
    });
    lab.homeserver.act(|world| world.create_room(creator, &request)).unwrap()
}

fn bury(lab: &Lab, who: &str, room: &str, in_favour_of: &str) {
    let content = json!({ "body": "moved", "replacement_room": in_favour_of });
    lab.homeserver.act(|world| world.set_state(room, who, "m.room.tombstone", "", content)).unwrap();
}

async fn desk(lab: &Lab) -> String {
    until("the desk's room", || lab.homeserver.room_of("queue_1")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_genuine_successor_is_followed_and_everybody_invited() {
    let (mut lab, ticket, room, root) = lab().await;
    let new = successor(&lab, &root, &room, 100);
    bury(&lab, &root, &room, &new);
    lab.until_membership(&new, "carl", "invite").await;
    lab.restart().await;
    lab.homeserver.join(&user("carl"), &new).unwrap();
    lab.helpdesk.reply_as_agent(&ticket, "bert", "Here now").unwrap();
    lab.until_heard(&new, "Here now").await;
    lab.homeserver.say(&user("carl"), &new, "Me too").unwrap();
    lab.until_received(&ticket, "Me too").await;
    lab.until_locked(&room).await;
    let levels = lab.homeserver.state(&new, "m.room.power_levels");
    assert_eq!((&levels["users"][BOT], &levels["users"][user("carl")]), (&json!(100), &json!(10)), "{levels}");
    // Closed and reopened there, the bot keeps its power.
    lab.helpdesk.close(&ticket).unwrap();
    lab.until_locked(&new).await;
    assert_eq!(lab.homeserver.state(&new, "m.room.power_levels")["users"][BOT], 100);
    assert!(lab.helpdesk.room_of(&ticket).is_some_and(|link| link.contains(new.trim_start_matches('!'))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tombstone_that_leads_elsewhere_is_not_followed() {
    let (lab, ticket, room, root) = lab().await;
    let eve = lab.homeserver.person("eve", "Eve");
    // Somebody else's room; one that follows another; one that is a customer's door.
    let foreign = successor(&lab, &eve, &room, 100);
    let (_, other) = lab.ticket("dora", "Other").await;
    let unrelated = successor(&lab, &root, &other, 100);
    let door = lab.homeserver.chat_with(&eve, BOT);
    lab.until_said(&door, "Write here what it is about").await;
    for (n, target) in [&foreign, &unrelated, &door, &other].into_iter().enumerate() {
        bury(&lab, &root, &room, target);
        let refusals = || {
            let said = lab.homeserver.world();
            let desk = said.aliases.get("#_desk_queue_1:hs.test").cloned().unwrap_or_default();
            let texts = said.events_of(&desk).into_iter().filter_map(|event| event["content"]["body"].as_str());
            let refused = texts.filter(|text| text.contains("It is not the successor of ours")).count();
            (refused == n + 1).then_some(())
        };
        until(&format!("refusal {n}"), refusals).await;
    }
    lab.until_quiet().await;
    lab.homeserver.say(&user("carl"), &room, "Still here").unwrap();
    lab.until_received(&ticket, "Still here").await;
    assert_eq!(lab.homeserver.membership(&foreign, &user("carl")), None, "nobody is sent there");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_and_once_it_is_there_we_follow() {
    let (lab, ticket, room, root) = lab().await;
    let desk = desk(&lab).await;
    let new = successor(&lab, &root, &room, 0);
    bury(&lab, &root, &room, &new);
    lab.until_said(&desk, "I have no power in the new one").await;
    until("the bot to have left", || (lab.homeserver.membership(&new, BOT).as_deref() == Some("leave")).then_some(()))
        .await;
    lab.homeserver.act(|world| {
        let mut levels: Value = world.state(&new, "m.room.power_levels", "").unwrap()["content"].clone();
        levels["users"][BOT] = json!(100);
        world.set_state(&new, &root, "m.room.power_levels", "", levels).unwrap();
        world.invite(&new, &root, BOT).unwrap();
    });
    lab.until_membership(&new, "carl", "invite").await;
    lab.homeserver.join(&user("carl"), &new).unwrap();
    lab.homeserver.say(&user("carl"), &new, "Hello").unwrap();
    lab.until_received(&ticket, "Hello").await;
    // The first invitation came before the tombstone and was taken for a direct chat; the second one was not.
    let greetings = lab.homeserver.ours(&new).into_iter().filter(|text| text.contains("Write here what it is about"));
    assert!(greetings.count() <= 1, "no door");
}

/// The offers of a ticket in a room.
fn cards(lab: &Lab, room: &str, title: &str) -> Vec<String> {
    let world = lab.homeserver.world();
    let is_card = |event: &&Value| {
        let body = event["content"]["body"].as_str().unwrap_or_default();
        event["type"] == "m.room.message" && body.starts_with('#') && body.contains(title)
    };
    let cards = world.events_of(room).into_iter().filter(is_card);
    cards.map(|event| event["event_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_goes_on_in_its_rooms_successor_with_a_new_thread_for_each_open_ticket() {
    let mut lab = Lab::prepare().await;
    lab.spaces = true;
    lab.boot().await;
    let (open, open_room) = lab.ticket("carl", "Pump").await;
    let (closed, _) = lab.ticket("dora", "Valve").await;
    let old = desk(&lab).await;
    lab.homeserver.join(&user("anna"), &old).unwrap();
    lab.until_quiet().await;
    lab.helpdesk.close(&closed).unwrap();
    lab.until_said(&old, "Closed.").await;
    lab.until_quiet().await;
    let space = lab.homeserver.room_of("space_1").unwrap();
    let before = cards(&lab, &old, "Pump").pop().unwrap();
    let root = lab.homeserver.person("root", "Root");
    lab.homeserver.act(|world| {
        world.invite(&old, BOT, &root).unwrap();
        world.join(&old, &root).unwrap();
        let mut levels = world.state(&old, "m.room.power_levels", "").unwrap()["content"].clone();
        levels["users"][&root] = json!(100);
        world.set_state(&old, BOT, "m.room.power_levels", "", levels).unwrap();
    });
    let new = successor(&lab, &root, &old, 100);
    // Killed while it moves, because the helpdesk does not name the desk.
    lab.helpdesk.set_down(true);
    bury(&lab, &root, &old, &new);
    lab.until_some("outbox WHERE state < 2 AND attempts > 0 AND body LIKE '%MoveDesk%'").await;
    lab.restart().await;
    assert_eq!(desk(&lab).await, old);
    lab.helpdesk.set_down(false);
    until("the card in the new room", || (cards(&lab, &new, "Pump").len() == 1).then_some(())).await;
    lab.until_membership(&new, "anna", "invite").await;
    lab.until_quiet().await;
    assert_eq!(cards(&lab, &new, "Valve").len(), 0, "a closed ticket is not offered");
    assert_eq!(desk(&lab).await, new, "the alias has moved");
    let child = |room: &str| {
        let world = lab.homeserver.world();
        world.state(&space, "m.space.child", room).map(|event| event["content"].clone()).unwrap_or_default()
    };
    assert_eq!((child(&old), child(&new)["order"].clone()), (json!({}), json!("0")));
    // New offers, and what is written in the thread, old or new.
    lab.homeserver.join(&user("anna"), &new).unwrap();
    let now = cards(&lab, &new, "Pump").pop().unwrap();
    lab.homeserver.say_in_thread(&user("anna"), &new, &now, "In the new one").unwrap();
    lab.homeserver.say_in_thread(&user("anna"), &old, &before, "In the old one").unwrap();
    for text in ["In the new one", "In the old one"] {
        until(text, || {
            let messages = lab.helpdesk.messages_of(&open);
            messages.iter().any(|message| super::lab::plain(&message.body) == text).then_some(())
        })
        .await;
    }
    lab.ticket("erna", "Hose").await;
    until("its offer", || (cards(&lab, &new, "Hose").len() == 1).then_some(())).await;
    lab.homeserver.react(&user("anna"), &new, &now, "✅").unwrap();
    lab.until_membership(&open_room, "anna", "invite").await;
    lab.helpdesk.reopen(&closed).unwrap();
    until("the reopened ticket's card", || (cards(&lab, &new, "Valve").len() == 1).then_some(())).await;
    lab.until_quiet().await;
    assert_eq!((cards(&lab, &new, "Pump").len(), cards(&lab, &old, "Hose").len()), (1, 0));
}
