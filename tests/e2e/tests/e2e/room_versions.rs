//! The rules hold in room version 11, too, where the bot's power is a number; all other tests run in version 12.

use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, run};

async fn levels_are_as_designed(room_version: &'static str) {
    run(Options { room_version, ..Options::default() }, move |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let create = clara.state(&room, "m.room.create", "").await.expect("a room was created");
        assert_eq!(create["room_version"], room_version);
        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.accept(&anna, &desk, ticket).await;
        lab.until_field(ticket, "owner", "anna").await;
        anna.say(&room, "I am here.").await;

        let levels = clara.state(&room, "m.room.power_levels", "").await.expect("levels");
        assert_eq!(levels["users"][anna.id.as_str()], 20, "{levels}");
        assert_eq!(levels["users"][clara.id.as_str()], 10, "{levels}");
        assert_eq!(levels["events_default"], 10, "{levels}");
        assert_eq!(levels["events"]["m.room.redaction"], 100, "{levels}");
        for key in ["state_default", "invite", "kick", "ban", "redact"] {
            assert_eq!(levels[key], 100, "{key} in {levels}");
        }
        let own = &levels["users"][bot()];
        assert!(if room_version == "12" { own.is_null() } else { *own == 100 }, "{levels}");

        let card = lab.card(&anna, &desk, ticket).await.event;
        anna.say_in_thread(&desk, card.as_str(), "!close").await;
        lab.until_locked(&clara, &room, true).await;
        for person in [&clara, &anna] {
            let refusal = person.try_say(&room, "Still there?").await.expect_err("the room is locked");
            assert_eq!(refusal.errcode, "M_FORBIDDEN");
        }
        anna.say_in_thread(&desk, card.as_str(), "!reopen").await;
        lab.until_locked(&clara, &room, false).await;
        clara.say(&room, "Back again.").await;
        lab.until_words(ticket, "her message", |entry| entry.body.contains("Back again.")).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_are_as_designed_in_version_11() {
    levels_are_as_designed("11").await
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_are_as_designed_in_version_12() {
    levels_are_as_designed("12").await
}
