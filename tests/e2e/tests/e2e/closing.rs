//! Point 6: a closed ticket's room is locked by Synapse itself, and nothing is lost in the instant of closing.

use matrix_sdk::ruma::{OwnedEventId, OwnedRoomId};
use serde_json::json;
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, Person, run};

async fn everything_is_refused(clara: &Person, room: &OwnedRoomId, earlier: &OwnedEventId) {
    clara.until_has_composer(room, false).await;
    let refusals = [
        ("a message", clara.try_say(room, "Hello?").await),
        ("a reaction", clara.try_react(room, earlier.as_str(), "👍").await),
        ("a redaction", clara.try_redact(room, earlier).await),
    ];
    for (what, outcome) in refusals {
        assert_eq!(outcome.expect_err(what).errcode, "M_FORBIDDEN", "{what} is refused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_closed_by_command_is_locked_and_reopened_by_command() {
    run(Options::default(), |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let earlier = clara.say(&room, "It drips").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.accept(&anna, &desk, ticket).await;
        let card = lab.card(&anna, &desk, ticket).await.event;

        anna.say_in_thread(&desk, card.as_str(), "!close").await;
        lab.until_field(ticket, "status", "resolved").await;
        clara.until_message(&room, "the notice", |message| message.is_notice() && message.says("was closed")).await;
        lab.until_locked(&clara, &room, true).await;
        everything_is_refused(&clara, &room, &earlier).await;

        anna.say_in_thread(&desk, card.as_str(), "!reopen").await;
        lab.until_field(ticket, "status", "open").await;
        lab.until_locked(&clara, &room, false).await;
        clara.until_has_composer(&room, true).await;
        clara.say(&room, "It drips again").await;
        lab.until_words(ticket, "the new message", |entry| entry.body.contains("drips again")).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_closed_in_the_helpdesk_is_locked_and_reopened_there() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let earlier = clara.say(&room, "It drips").await;
        lab.until_words(ticket, "the message", |entry| entry.body.contains("It drips")).await;
        let bert = lab.tracker.person("BERT");

        bert.change(ticket, json!({"Status": "resolved"})).await;
        lab.until_locked(&clara, &room, true).await;
        everything_is_refused(&clara, &room, &earlier).await;

        // What the helpdesk still says to the customer reaches the room.
        bert.reply(ticket, "Call us if it comes back.").await;
        clara.until_message(&room, "the answer", |message| message.says("if it comes back")).await;
        lab.tracker.person("ROOT").change(ticket, json!({"Status": "open"})).await;
        lab.until_locked(&clara, &room, false).await;
        clara.until_message(&room, "the notice", |message| message.is_notice() && message.says("reopened")).await;
        clara.say(&room, "It drips again").await;
        lab.until_words(ticket, "the new message", |entry| entry.body.contains("drips again")).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_deleted_in_the_tracker_is_locked() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let earlier = clara.say(&room, "It drips").await;
        lab.until_words(ticket, "what she said", |entry| entry.body.contains("It drips")).await;
        lab.tracker.person("ROOT").change(ticket, json!({"Status": "deleted"})).await;
        clara.until_message(&room, "the notice", |message| message.is_notice() && message.says("was closed")).await;
        lab.until_locked(&clara, &room, true).await;
        everything_is_refused(&clara, &room, &earlier).await;
        assert_eq!(clara.state(&room, "m.room.member", clara.id.as_str()).await.unwrap()["membership"], "join");
        lab.tracker.person("ROOT").change(ticket, json!({"Status": "open"})).await;
        lab.until_locked(&clara, &room, false).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_synapse_took_in_the_instant_of_closing_is_in_the_ticket_and_does_not_reopen_it() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let bert = lab.tracker.person("BERT");
        let closing = bert.change(ticket, json!({"Status": "resolved"}));
        let writing = async {
            let mut taken: Vec<String> = Vec::new();
            loop {
                let text = format!("word-{}.", taken.len());
                match clara.try_say(&room, &text).await {
                    Ok(_) => taken.push(text),
                    Err(refusal) => return (taken, refusal.errcode),
                }
                assert!(taken.len() < 2000, "the room is never locked");
            }
        };
        let ((), (taken, errcode)) = tokio::join!(closing, writing);
        assert_eq!(errcode, "M_FORBIDDEN");
        assert!(!taken.is_empty(), "some came before the lock");
        for text in &taken {
            lab.until_words(ticket, text, |entry| entry.body.contains(text)).await;
        }
        let bodies: Vec<String> = lab.tracker.words(ticket).into_iter().map(|entry| entry.body).collect();
        for text in &taken {
            assert_eq!(bodies.iter().filter(|body| body.contains(text)).count(), 1, "{text} once in {bodies:#?}");
        }
        lab.until_field(ticket, "status", "resolved").await;
        let statuses: Vec<_> =
            lab.tracker.history(ticket).into_iter().filter(|entry| entry.kind == "Status").map(|e| e.new).collect();
        assert_eq!(statuses.last().map(String::as_str), Some("resolved"), "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| *status == "resolved").count(), 1, "closed once: {statuses:?}");
        lab.until_locked(&clara, &room, true).await;
    })
    .await
}
