//! The same on PostgreSQL.

use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_tickets_life_on_postgresql() {
    run(Options { on_postgres: true, agents: &["anna"], ..Options::default() }, |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.accept(&anna, &desk, ticket).await;
        lab.bridge.restart().await;
        clara.say(&room, "Written after the restart.").await;
        lab.until_words(ticket, "her message", |entry| entry.body.contains("after the restart")).await;
        lab.tracker.person("BERT").reply(ticket, "Answered in the helpdesk.").await;
        clara.until_message(&room, "the answer", |message| message.says("Answered in the helpdesk.")).await;
        let card = lab.card(&anna, &desk, ticket).await.event;
        anna.say_in_thread(&desk, card.as_str(), "!close").await;
        lab.until_locked(&clara, &room, true).await;
        lab.until_field(ticket, "status", "resolved").await;
    })
    .await
}
