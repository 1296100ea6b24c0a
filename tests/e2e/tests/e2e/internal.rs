//! Tickets that a field in Request Tracker makes internal: agents alone are in their room.

use serde_json::json;
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::tracker_rows::Entry;
use ticketroom_e2e::{Message, Options, run};

#[tokio::test(flavor = "multi_thread")]
async fn an_internal_tickets_room_is_for_agents_until_it_is_made_public() {
    run(Options::default(), |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.accept(&anna, &desk, ticket).await;
        lab.until_quiet().await;
        let bert = lab.tracker.person("BERT");
        bert.change(ticket, json!({"CustomFields": {"Internal": "Yes"}})).await;
        anna.until_member(&room, clara.id.as_str(), "leave").await;
        anna.until_message(&room, "the notice", |message| message.is_notice() && message.says("internal now")).await;
        bert.reply(ticket, "He has not paid since May.").await;
        anna.until_message(&room, "the answer", |message| message.says("not paid since May")).await;
        anna.say(&room, "Then let us wait").await;
        let told = |entry: &Entry| entry.kind == "Comment" && entry.body.contains("Then let us wait");
        lab.until_words(ticket, "her words, which Request Tracker mails to nobody", told).await;
        lab.until_quiet().await;

        bert.change(ticket, json!({"CustomFields": {"Internal": "no"}})).await;
        clara.accept_invitation(&room).await;
        bert.reply(ticket, "We are on our way.").await;
        clara.until_message(&room, "the answer", |message| message.says("We are on our way.")).await;
        let read = clara.messages(&room).await.expect("the room can be read");
        let secret = |text: &str| read.iter().any(|message| message.says(text));
        assert!(!secret("not paid since May") && !secret("Then let us wait"), "what was said without her stays so");
        assert!(secret("The pump leaks"), "and what was said before she reads again");
        clara.say(&room, "Thank you").await;
        lab.until_words(ticket, "her words", |entry| entry.body.contains("Thank you")).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_internal_from_the_start_has_no_customer_until_it_is_made_public() {
    run(Options::default(), |lab| async move {
        let (dora, anna) = tokio::join!(lab.person("dora", "Dora on Matrix"), lab.anna());
        let account = json!({"EmailAddress": "dora@example.org", "CustomFields": {"Matrix ID": dora.id.as_str()}});
        lab.tracker.person("ROOT").make_customer("dora@example.org", "Dora Dweller", account).await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let bert = lab.tracker.person("BERT");
        let secret = "She has not paid since May.";
        let internal = json!({"Internal": "Yes"});
        let ticket = bert.open_with("General", "Unpaid", "dora@example.org", secret, internal).await;
        let room = lab.accept(&anna, &desk, ticket).await;
        // What was said before she came she reads in the offer and in the helpdesk.
        let card = lab.card(&anna, &desk, ticket).await;
        assert!(card.says("not paid since May") && card.says("Internal:"), "{}", card.body);
        anna.say(&room, "I shall call her").await;
        lab.until_words(ticket, "her words", |entry| entry.kind == "Comment" && entry.body.contains("call her")).await;
        lab.until_quiet().await;
        let read = anna.messages(&room).await.expect("the room can be read");
        let about_dora = |message: &&Message| message.raw["state_key"] == dora.id.as_str();
        assert_eq!(read.iter().filter(about_dora).count(), 0, "nobody invited her: {read:#?}");

        bert.change(ticket, json!({"CustomFields": {"Internal": ""}})).await;
        dora.accept_invitation(&room).await;
        bert.reply(ticket, "We shall send a new bill.").await;
        dora.until_message(&room, "the answer", |message| message.says("a new bill")).await;
        let read = dora.messages(&room).await.expect("the room can be read");
        let told = |part: &str| read.iter().any(|message| message.says(part));
        assert!(!told("not paid") && !told("call her"), "what was said without her stays so");
    })
    .await
}
