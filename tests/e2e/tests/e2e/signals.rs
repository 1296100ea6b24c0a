//! Point 11: whoever wrote something sees that somebody is there, that it arrived, that it waits, that it was given up.

use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::person::Person;
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, run};

/// What the bot says at this message.
async fn until_told(person: &Person, room: &matrix_sdk::ruma::RoomId, event: &str, words: &str) {
    person
        .until_message(room, words, |message| {
            let answered = &message.raw["content"]["m.relates_to"]["m.in_reply_to"]["event_id"];
            message.sender == bot() && message.says(words) && answered == event
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wrote_sees_that_somebody_is_there_that_it_waits_and_that_it_arrived() {
    let config = r#"{"delivery": {"retry_max_s": 2, "reconcile_interval_s": 10, "tell_waiting_after_s": 1}}"#;
    run(Options { agents: &["anna"], config, ..Options::default() }, |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.accept(&anna, &desk, ticket).await;

        // It is in the helpdesk; an agent has read it, and writes.
        let said = clara.say(&room, "Since Monday").await;
        lab.until_words(ticket, "her words", |entry| entry.body.contains("Since Monday")).await;
        clara.until_read(&room, said.as_str(), &bot()).await;
        anna.read(&room, said.as_str()).await;
        clara.until_read(&room, said.as_str(), anna.id.as_str()).await;
        anna.type_for_a_while(&room).await;
        clara.until_typing(&room, anna.id.as_str()).await;
        let bert = lab.tracker.person("BERT");
        bert.reply(ticket, "Is it wet?").await;
        clara.until_message(&room, "the answer", |message| message.says("Is it wet?")).await;

        // The helpdesk is away: a file waits, and then it has arrived.
        lab.until_quiet().await;
        lab.tracker.kill9();
        let picture = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/files/picture.png"));
        let picture = picture.expect("a picture");
        let file = clara.send_file(&room, "m.image", "leak.png", &picture, serde_json::json!({})).await;
        until_told(&clara, &room, file.as_str(), "not delivered yet").await;
        clara.say(&room, "And this waits behind it").await;
        lab.tracker.start().await;
        until_told(&clara, &room, file.as_str(), "has been delivered now").await;
        lab.until_words(ticket, "what came behind", |entry| entry.body.contains("waits behind it")).await;
        assert_eq!(lab.tracker.files(ticket).len(), 1);

        // The homeserver is away: who wrote in the helpdesk reads it there, of a file as of words.
        lab.until_quiet().await;
        lab.synapse.kill9();
        bert.reply_with_files(ticket, "", &[("plan.png", "image/png", picture)]).await;
        lab.until_words(ticket, "that it waits", |entry| {
            entry.kind == "Comment" && entry.body.contains("not in the Matrix room yet")
        })
        .await;
        lab.synapse.start().await;
        clara.until_message(&room, "the plan", |message| message.raw["content"]["filename"] == "plan.png").await;
        lab.until_words(ticket, "that it arrived", |entry| {
            entry.kind == "Comment" && entry.body.contains("is in the Matrix room now")
        })
        .await;

        // Once each.
        lab.until_quiet().await;
        let messages = clara.messages(&room).await.expect("the room can be read");
        for words in ["not delivered yet", "has been delivered now"] {
            assert_eq!(messages.iter().filter(|message| message.says(words)).count(), 1, "{words}");
        }
        let words = lab.tracker.words(ticket);
        for part in ["not in the Matrix room yet", "is in the Matrix room now"] {
            assert_eq!(words.iter().filter(|entry| entry.body.contains(part)).count(), 1, "{part} in {words:#?}");
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_told_and_told_again_when_it_arrives_after_all() {
    let config = r#"{"texts": {"language": "de"}}"#;
    run(Options { config, ..Options::default() }, |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let card = lab.card(&anna, &desk, ticket).await.event;
        lab.until_quiet().await;
        // As after somebody has shredded it, and then brought it back from a backup.
        lab.tracker.hide(ticket, true);
        let said = clara.say(&room, "It smells").await;
        until_told(&clara, &room, said.as_str(), "konnte nicht an den Helpdesk zugestellt werden").await;
        let dead = ["ticketroom_dead_letters", "ticketroom_dead_letters_total{side=\"helpdesk\"}"];
        for metric in dead.into_iter().chain(["ticketroom_sends_total{side=\"helpdesk\",outcome=\"dead\"}"]) {
            lab.until_metric(metric, 1.0).await;
        }
        lab.tracker.hide(ticket, false);
        anna.say_in_thread(&desk, card.as_str(), "!retry").await;
        lab.until_words(ticket, "her words", |entry| entry.body.contains("It smells")).await;
        until_told(&clara, &room, said.as_str(), "Diese Nachricht ist jetzt zugestellt.").await;
        lab.until_metric("ticketroom_dead_letters", 0.0).await;
    })
    .await
}
