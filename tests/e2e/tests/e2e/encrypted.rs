//! Many clients encrypt a new direct chat: the bot says that it can't read there, and opens a room at once.

use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::{Options, run};

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_direct_chat_leads_into_a_room_whose_first_message_is_the_ticket() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let door = clara.encrypted_chat_with(&bot()).await;
        clara.until_member(&door, &bot(), "join").await;
        clara.say(&door, "My secret pump leaks").await;
        let sent = clara.messages(&door).await.expect("the room can be read");
        assert!(sent.iter().any(|message| message.kind == "m.room.encrypted"), "the client encrypts");

        let room = clara.until_invited_anew(&[]).await;
        clara.accept_invitation(&room).await;
        clara.say(&door, "Are you there?").await;
        clara.say(&room, "The pump leaks\n\nIt drips since Monday.").await;
        let ticket = lab.until_ticket("The pump leaks").await;
        assert_eq!(lab.ticket_room(&clara, ticket).await, room, "the waiting room is the ticket's room now");
        ticketroom_e2e::wait::until("the room to be named after the ticket", || async {
            let name = clara.state(&room, "m.room.name", "").await?;
            if name["name"] == format!("#{ticket} The pump leaks") { Ok(()) } else { Err(name.to_string()) }
        })
        .await;
        clara.say(&room, "It got worse.").await;
        lab.until_words(ticket, "the second message", |entry| entry.body.contains("It got worse.")).await;

        let words = lab.tracker.words(ticket);
        assert_eq!(words.len(), 2, "{words:#?}");
        assert_eq!(lab.tracker.tickets(), [ticket]);
        let said = clara.messages(&door).await.expect("the room can be read");
        let lines = said.iter().filter(|message| message.sender == bot() && message.says("encrypted")).count();
        assert_eq!(lines, 1, "one plain line:{}", ticketroom_e2e::picture::lines(&said));
    })
    .await
}
