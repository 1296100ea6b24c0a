//! Customers leave their ticket's room and come back.

use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_left_comes_back_by_an_answer_or_by_writing_at_the_door() {
    run(Options::default(), |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let door = clara.chat_with(&bot()).await;
        clara.say(&door, "The pump leaks").await;
        let ticket = lab.until_ticket("The pump leaks").await;
        let room = lab.ticket_room(&clara, ticket).await;
        clara.accept_invitation(&room).await;
        clara.say(&room, "A lot").await;
        lab.until_words(ticket, "the message", |entry| entry.body.contains("A lot")).await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let card = lab.card(&anna, &desk, ticket).await;

        clara.leave(&room).await;
        let told =
            anna.until_message(&desk, "that she left", |message| message.says("has left the ticket's room")).await;
        assert_eq!(told.thread.as_deref(), Some(card.event.as_str()));
        lab.tracker.person("BERT").reply(ticket, "Are you still there?").await;
        clara.accept_invitation(&room).await;
        clara.until_message(&room, "the answer", |message| message.says("Are you still there?")).await;
        clara.until_message(&room, "what she wrote before", |message| message.says("A lot")).await;

        clara.leave(&room).await;
        lab.until_quiet().await;
        clara.say(&door, "I have left by mistake").await;
        lab.until_words(ticket, "her words", |entry| entry.body.contains("left by mistake")).await;
        clara.until_message(&door, "the answer", |message| message.says("invited to its room again")).await;
        clara.accept_invitation(&room).await;
        clara.say(&room, "Now I am back").await;
        lab.until_words(ticket, "her words", |entry| entry.body.contains("Now I am back")).await;
        assert_eq!(lab.tracker.tickets().len(), 1, "no second ticket was opened");
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whom_request_tracker_takes_off_the_ticket_is_removed_from_its_room() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let door = clara.chat_with(&bot()).await;
        clara.say(&door, "The pump leaks").await;
        let ticket = lab.until_ticket("The pump leaks").await;
        let room = lab.ticket_room(&clara, ticket).await;
        clara.accept_invitation(&room).await;
        lab.until_quiet().await;
        let bert = lab.tracker.person("BERT");
        bert.change(ticket, serde_json::json!({"Requestor": ["carla@example.org"]})).await;
        let left = clara.until_member(&room, clara.id.as_str(), "leave").await;
        assert_eq!(left["reason"], format!("You are no longer a customer of ticket #{ticket}."), "{left}");
        clara.try_say(&room, "Am I still here?").await.expect_err("she is not in the room");
        bert.reply(ticket, "For Carla alone.").await;
        lab.until_quiet().await;
        // What she writes where she opened it is a ticket of her own.
        clara.say(&door, "And the tap drips").await;
        let own = lab.until_ticket("And the tap drips").await;
        assert_ne!(own, ticket);
        assert!(!lab.tracker.words(ticket).iter().any(|entry| entry.body.contains("the tap drips")));
    })
    .await
}
