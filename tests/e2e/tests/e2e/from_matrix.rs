//! Point 1: a customer who writes to the bot gets a ticket and is invited to its room.

use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::{Options, run, wait};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_the_bot_becomes_a_ticket_with_a_room() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks\n\nIt drips since Monday.").await;

        let name = clara.state(&room, "m.room.name", "").await.expect("a name");
        assert_eq!(name["name"], format!("#{ticket} The pump leaks"));
        let requestors = lab.tracker.requestors(ticket);
        assert_eq!(requestors.len(), 1, "{requestors:?}");
        assert_eq!(requestors[0].1, "Clara Customer");

        clara.say(&room, "It got worse over night.").await;
        let reply = lab.until_words(ticket, "the second message", |entry| entry.body.contains("got worse")).await;
        assert_eq!((reply.kind.as_str(), reply.by.as_str()), ("Correspond", "Clara Customer"));

        let words = lab.tracker.words(ticket);
        assert_eq!(words.len(), 2, "the first message stands in the ticket once: {words:#?}");
        assert_eq!((words[0].kind.as_str(), words[0].by.as_str()), ("Create", "Clara Customer"));
        assert!(words[0].body.contains("It drips since Monday."), "{words:#?}");
        let link = clara.state(&room, "m.bridge", "").await;
        assert!(
            link.is_ok() || has_bridge_state(&clara, &room).await,
            "m.bridge links the room to the ticket: {link:?}"
        );
    })
    .await
}

/// The state's key is the bridge's own affair.
async fn has_bridge_state(clara: &ticketroom_e2e::Person, room: &matrix_sdk::ruma::RoomId) -> bool {
    let messages = clara.messages(room).await.expect("the room can be read");
    messages.iter().any(|message| message.kind == "m.bridge" || message.kind == "uk.half-shot.bridge")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_at_the_door_before_entering_goes_into_the_same_ticket() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let door = clara.chat_with(&bot()).await;
        for text in ["The pump leaks", "It is the blue one", "Please hurry"] {
            clara.say(&door, text).await;
        }
        let ticket = lab.until_ticket("The pump leaks").await;
        lab.until_words(ticket, "the third message", |entry| entry.body.contains("Please hurry")).await;
        let words: Vec<_> = lab.tracker.words(ticket).into_iter().map(|entry| entry.body).collect();
        assert_eq!(words.len(), 3, "{words:?}");
        assert!(words[1].contains("It is the blue one"), "{words:?}");
        assert_eq!(lab.tracker.tickets(), [ticket], "one ticket");

        let room = lab.ticket_room(&clara, ticket).await;
        clara.accept_invitation(&room).await;
        for text in ["It is the blue one", "Please hurry"] {
            clara.until_message(&room, text, |message| message.says(text)).await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_the_room_already_opens_another_ticket_at_the_door() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let door = clara.chat_with(&bot()).await;
        clara.say(&door, "First matter").await;
        let first = lab.until_ticket("First matter").await;
        let room = lab.ticket_room(&clara, first).await;
        clara.accept_invitation(&room).await;
        // The bridge hears of the joining before it hears of a message in the room.
        clara.say(&room, "I am in").await;
        lab.until_words(first, "the message in the room", |entry| entry.body.contains("I am in")).await;

        clara.say(&door, "Second matter").await;
        let second = lab.until_ticket("Second matter").await;
        assert_ne!(first, second);
        let other = lab.ticket_room(&clara, second).await;
        wait::until("the second room to be another one", || async {
            if other != room { Ok(()) } else { Err("it is the first one".to_owned()) }
        })
        .await;
    })
    .await
}
