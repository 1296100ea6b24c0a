//! An administrator upgrades a ticket's room by Synapse's own means, and the bridge follows once it has its power there.

use serde_json::json;
use ticketroom_e2e::api::{Api, segment};
use ticketroom_e2e::bridge::{AS_TOKEN, bot};
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, run};

#[tokio::test(flavor = "multi_thread")]
async fn an_upgraded_ticket_room_is_followed_once_the_bot_has_power_in_the_new_one() {
    run(Options::default(), |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.card(&anna, &desk, ticket).await;
        let root = lab.person("root", "Root").await;
        lab.until_quiet().await;
        // As the administrator's `make_room_admin` does.
        let as_bot = Api::new(&lab.synapse.url, format!("Bearer {AS_TOKEN}"));
        let path = |verb: &str| {
            let (room, bot) = (segment(room.as_str()), segment(&bot()));
            format!("/_matrix/client/v3/rooms/{room}/{verb}?user_id={bot}")
        };
        let mut levels = clara.state(&room, "m.room.power_levels", "").await.expect("levels");
        levels["users"][root.id.as_str()] = json!(100);
        as_bot.put(&path("state/m.room.power_levels/"), &levels).await.ok();
        as_bot.post(&path("invite"), &json!({"user_id": root.id})).await.ok();
        root.accept_invitation(&room).await;

        let new = root.upgrade(&room, "12").await;
        anna.until_message(&desk, "what is missing", |message| message.says("Please invite me to the new room")).await;
        let mut levels = root.state(&new, "m.room.power_levels", "").await.expect("levels");
        levels["users"][bot()] = json!(100);
        root.set_state(&new, "m.room.power_levels", &levels).await;
        root.invite(&new, &bot()).await;
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
    })
    .await
}
