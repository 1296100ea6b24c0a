//! An administrator upgrades a ticket's or a desk's room by Synapse's own means, and the bridge follows once it has its power
//! there.

use matrix_sdk::ruma::{OwnedRoomId, RoomId};
use serde_json::json;
use ticketroom_e2e::api::{Api, segment};
use ticketroom_e2e::bridge::{AS_TOKEN, bot};
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Lab, Options, Person, run};

/// A ticket with its room and its card at the desk, and somebody who will upgrade one of the two.
struct Scene {
    clara: Person,
    anna: Person,
    root: Person,
    ticket: u64,
    room: OwnedRoomId,
    desk: OwnedRoomId,
}

impl Scene {
    async fn set(lab: &Lab) -> Self {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.card(&anna, &desk, ticket).await;
        let root = lab.person("root", "Root").await;
        lab.until_quiet().await;
        Self { clara, anna, root, ticket, room, desk }
    }
}

/// As the administrator's `make_room_admin` does.
async fn make_admin(lab: &Lab, member: &Person, root: &Person, room: &RoomId) {
    let as_bot = Api::new(&lab.synapse.url, format!("Bearer {AS_TOKEN}"));
    let path = |verb: &str| {
        let (room, bot) = (segment(room.as_str()), segment(&bot()));
        format!("/_matrix/client/v3/rooms/{room}/{verb}?user_id={bot}")
    };
    let mut levels = member.state(room, "m.room.power_levels", "").await.expect("levels");
    levels["users"][root.id.as_str()] = json!(100);
    as_bot.put(&path("state/m.room.power_levels/"), &levels).await.ok();
    as_bot.post(&path("invite"), &json!({"user_id": root.id})).await.ok();
    root.accept_invitation(room).await;
}

/// What the bot asks for.
async fn give_power(root: &Person, new: &RoomId) {
    let mut levels = root.state(new, "m.room.power_levels", "").await.expect("levels");
    levels["users"][bot()] = json!(100);
    root.set_state(new, "m.room.power_levels", &levels).await;
    root.invite(new, &bot()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_ticket_room_is_followed_once_the_bot_has_power_in_the_new_one() {
    run(Options::default(), |lab| async move {
        let Scene { clara, anna, root, ticket, room, desk } = Scene::set(&lab).await;
        make_admin(&lab, &clara, &root, &room).await;

        let new = root.upgrade(&room, "12").await;
        anna.until_message(&desk, "what is missing", |message| message.says("Please invite me to the new room")).await;
        give_power(&root, &new).await;
        anna.until_message(&desk, "that it was followed", |message| message.says("I have followed")).await;
        clara.accept_invitation(&new).await;
        clara.say(&new, "Here I am").await;
        lab.until_words(ticket, "her words", |entry| entry.body.contains("Here I am")).await;
        let refused = clara.try_say(&room, "In the old room").await.expect_err("the old room is locked");
        assert_eq!(refused.errcode, "M_FORBIDDEN");
        lab.tracker.person("BERT").change(ticket, json!({"Status": "resolved"})).await;
        lab.until_locked(&clara, &new, true).await;
        let levels = clara.state(&new, "m.room.power_levels", "").await.expect("levels");
        assert_eq!(levels["users"][bot()], 100, "the bot did not lock itself out: {levels}");

        // In that one neither has root a level, who made it, nor has the bot in the next, which names it beside root.
        lab.tracker.person("BERT").change(ticket, json!({"Status": "open"})).await;
        lab.until_locked(&clara, &new, false).await;
        let newest = root.upgrade_with(&new, "12", &[&bot()]).await;
        root.invite(&newest, &bot()).await;
        clara.accept_invitation(&newest).await;
        clara.say(&newest, "And here").await;
        lab.until_words(ticket, "her words", |entry| entry.body.contains("And here")).await;
        lab.tracker.person("BERT").change(ticket, json!({"Status": "resolved"})).await;
        lab.until_locked(&clara, &newest, true).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_desk_room_is_followed_and_its_open_tickets_go_on_there() {
    run(Options::default(), |lab| async move {
        let Scene { clara, anna, root, ticket, room, desk } = Scene::set(&lab).await;
        make_admin(&lab, &anna, &root, &desk).await;

        let new = root.upgrade(&desk, "12").await;
        anna.until_message(&desk, "what is missing", |message| message.says("Please invite me to the new one")).await;
        give_power(&root, &new).await;
        anna.until_message(&desk, "that it was followed", |message| message.says("I have followed")).await;
        anna.accept_invitation(&new).await;
        let card = lab.card(&anna, &new, ticket).await;
        anna.say_in_thread(&new, card.event.as_str(), "She has two pumps").await;
        let note = lab.until_words(ticket, "the note", |entry| entry.body.contains("two pumps")).await;
        assert_eq!(note.kind, "Comment");
        anna.try_react(&new, card.event.as_str(), "✅").await.expect("an agent may react");
        lab.until_field(ticket, "owner", "anna").await;
        anna.accept_invitation(&room).await;
        // What comes anew comes there, and nowhere else.
        let (second, _) = lab.open_from_matrix(&clara, "The valve leaks").await;
        lab.card(&anna, &new, second).await;
        lab.until_quiet().await;
        let named = lab.synapse.room_of_alias(&anna.token, "_desk_queue_1").await.expect("the alias");
        assert_eq!(named, new.as_str());
        let number = format!("#{second} ");
        let old = anna.messages(&desk).await.expect("the room can be read");
        assert!(!old.iter().any(|message| message.says(&number)), "an offer in the old room");
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_only_claims_to_be_a_tickets_successor_is_a_door_like_any_other() {
    run(Options::default(), |lab| async move {
        let Scene { clara, anna, ticket, room, desk, .. } = Scene::set(&lab).await;
        let mallory = lab.person("mallory", "Mallory").await;
        let refused = mallory.try_set_state(&room, "m.room.tombstone", "", &json!({"body": "over there"})).await;
        assert_eq!(refused.expect_err("who is not in the room has no say there").errcode, "M_FORBIDDEN");
        let tombstone = json!({"body": "over there", "replacement_room": "!elsewhere"});
        let refused = clara.try_set_state(&room, "m.room.tombstone", "", &tombstone).await;
        assert_eq!(refused.expect_err("nor has the customer").errcode, "M_FORBIDDEN");

        let claimed = mallory.claim_successor(&room, &[&bot()]).await;
        mallory.until_message(&claimed, "the greeting", |message| message.sender == bot()).await;
        mallory.say(&claimed, "Mine now").await;
        let opened = lab.until_ticket("Mine now").await;
        assert_ne!(opened, ticket);
        lab.tracker.person("BERT").reply(ticket, "For Clara alone.").await;
        clara.until_message(&room, "the reply", |message| message.says("For Clara alone.")).await;
        clara.say(&room, "Thank you").await;
        lab.until_words(ticket, "her words", |entry| entry.body.contains("Thank you")).await;
        lab.until_quiet().await;
        let seen = mallory.messages(&claimed).await.expect("their own room can be read");
        assert!(!seen.iter().any(|message| message.says("For Clara alone.")), "what is Clara's stays hers");
        assert!(!lab.tracker.words(ticket).iter().any(|entry| entry.body.contains("Mine now")));
        let told = anna.messages(&desk).await.expect("the desk can be read");
        assert!(!told.iter().any(|message| message.says("I have followed")), "it was not followed");
    })
    .await
}
