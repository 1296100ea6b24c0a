//! Two tickets are merged in Request Tracker: one room goes on, and nobody loses a message.

use serde_json::json;
use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, run, wait};

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_tickets_people_go_on_in_the_other_room() {
    run(Options::default(), |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let dora = lab.person("dora", "Dora").await;
        let (one, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        clara.say(&room, "A lot").await;
        lab.until_words(one, "the message", |entry| entry.body.contains("A lot")).await;
        let (two, other) = lab.open_from_matrix(&dora, "Water in the cellar").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.accept(&anna, &desk, one).await;
        lab.until_field(one, "owner", "anna").await;
        lab.until_quiet().await;

        let bert = lab.tracker.person("BERT");
        let merging = bert.change(one, json!({"MergeInto": two}));
        let writing = async {
            let mut taken = Vec::new();
            // What Synapse takes before the lock belongs to what must not be lost.
            loop {
                let text = format!("word-{}.", taken.len());
                match clara.try_say(&room, &text).await {
                    Ok(_) => taken.push(text),
                    Err(_) => return taken,
                }
                assert!(taken.len() < 2000, "the room is never locked");
            }
        };
        let ((), taken) = tokio::join!(merging, writing);
        assert!(!taken.is_empty(), "some came before the lock");
        clara.until_message(&room, "the notice", |message| message.is_notice() && message.says("was merged")).await;
        wait::until("the tombstone", || async {
            let tombstone = clara.state(&room, "m.room.tombstone", "").await?;
            if tombstone["replacement_room"] == other.as_str() { Ok(()) } else { Err(tombstone.to_string()) }
        })
        .await;
        clara.accept_invitation(&other).await;
        anna.until_invited(&other).await;
        clara.say(&other, "I am here now").await;
        for text in taken.iter().map(String::as_str).chain(["I am here now"]) {
            wait::until(&format!("“{text}” in one of the two"), || async {
                let words = [lab.tracker.words(one), lab.tracker.words(two)].concat();
                let found = words.iter().filter(|entry| entry.body.contains(text)).count();
                if found == 1 { Ok(()) } else { Err(format!("{found} times in {words:#?}")) }
            })
            .await;
        }
        lab.until_quiet().await;
        let messages = clara.messages(&other).await.expect("the room can be read");
        let again = messages.iter().filter(|message| message.sender == bot() && message.says("A lot")).count();
        assert_eq!(again, 0, "what was said before is not said again");
    })
    .await
}
