//! Point 2: a ticket opened in the helpdesk gets its room and its offer by itself.

use serde_json::json;
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, run, wait};

#[tokio::test(flavor = "multi_thread")]
async fn a_requestor_whose_account_names_a_matrix_id_is_invited() {
    run(Options::default(), |lab| async move {
        let dora = lab.person("dora", "Dora on Matrix").await;
        let anna = lab.anna().await;
        let admin = lab.tracker.person("ROOT");
        let fields = json!({"EmailAddress": "dora@example.org", "CustomFields": {"Matrix ID": dora.id.as_str()}});
        admin.make_customer("dora@example.org", "Dora Dweller", fields).await;
        let ticket = lab
            .tracker
            .person("BERT")
            .open("General", "Cold radiator", "dora@example.org", "It is <b>ice cold</b>.")
            .await;

        let room = lab.ticket_room(&dora, ticket).await;
        dora.accept_invitation(&room).await;
        let first = dora.until_message(&room, "the first message", |message| message.says("ice cold")).await;
        assert!(first.html.contains("<strong>ice cold</strong>"), "formatting is kept: {}", first.html);
        dora.say(&room, "And now it hisses").await;
        lab.until_words(ticket, "her answer", |entry| entry.body.contains("now it hisses")).await;

        let desk = lab.enter_desk(&anna, GENERAL).await;
        let card = lab.card(&anna, &desk, ticket).await;
        assert!(card.body.contains("Cold radiator") && card.body.contains("Dora Dweller"), "{}", card.body);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_requestor_stands_in_the_room_as_a_ghost_with_name() {
    run(Options::default(), |lab| async move {
        let anna = lab.anna().await;
        let ticket =
            lab.tracker.person("BERT").open("General", "Broken lamp", "carla@example.org", "The lamp is broken.").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let room = lab.accept(&anna, &desk, ticket).await;

        let ghost = wait::until("Carla's ghost to be in the room", || async {
            let messages = anna.messages(&room).await?;
            let joined = messages.iter().find(|message| {
                message.kind == "m.room.member"
                    && message.raw["content"]["membership"] == "join"
                    && message.raw["content"]["displayname"] == "Carla Customer"
            });
            joined.map(|message| message.sender.clone()).ok_or_else(|| ticketroom_e2e::picture::lines(&messages))
        })
        .await;
        assert!(ghost.localpart().starts_with("_desk_"), "{ghost}");
        assert!(!ghost.as_str().contains("carla"), "a ghost's id tells no address: {ghost}");

        lab.tracker.person("CARLA").reply(ticket, "It flickers as well.").await;
        let reply = anna.until_message(&room, "Carla's reply", |message| message.says("It flickers as well.")).await;
        assert_eq!(reply.sender, ghost);
        let members = anna.messages(&room).await.expect("the room can be read");
        assert!(!ticketroom_e2e::picture::lines(&members).contains("carla@example.org"), "no address in the room");
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requestor_whose_own_homeserver_is_away_keeps_the_offer_from_nobody() {
    run(Options::default(), |lab| async move {
        let anna = lab.anna().await;
        let admin = lab.tracker.person("ROOT");
        // Synapse may ask that server, and nobody is there (scripts/start-synapse).
        let fields = json!({"EmailAddress": "eve@example.org", "CustomFields": {"Matrix ID": "@eve:away.invalid"}});
        admin.make_customer("eve@example.org", "Eve Elsewhere", fields).await;
        let bert = lab.tracker.person("BERT");
        let ticket = bert.open("General", "Cold radiator", "eve@example.org", "It is ice cold.").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let room = lab.accept(&anna, &desk, ticket).await;
        bert.reply(ticket, "We come today.").await;
        anna.until_message(&room, "the reply", |message| message.says("We come today.")).await;
    })
    .await
}
