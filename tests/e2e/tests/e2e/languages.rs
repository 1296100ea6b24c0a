//! Point 10: who is spoken to in which language: as they chose, else as the code says, else as configured; and in the
//! administrator's own words where there are any.

use std::path::Path;

use serde_json::json;
use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::synapse::DOMAIN;
use ticketroom_e2e::{Options, run};

fn german_with_own_texts() -> &'static str {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("texts");
    let config = json!({"texts": {"language": "de", "folder": folder}});
    Box::leak(config.to_string().into_boxed_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_spoken_to_in_their_language() {
    run(Options { config: german_with_own_texts(), ..Options::default() }, |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        // As configured.
        let (ticket, room) = lab.open_from_matrix(&clara, "Die Pumpe tropft").await;
        clara.until_message(&room, "the welcome", |message| message.says("Das ist der Raum von Ticket")).await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let card = lab.card(&anna, &desk, ticket).await;
        assert!(card.says("Von: Clara Customer") && card.says("Alles Weitere geschieht im Thread"), "{}", card.body);
        clara.say(&room, "!help").await;
        clara.until_message(&room, "her help", |message| message.says("Was Sie hier schreiben")).await;
        // Why something is refused is said in the same language.
        let empty = clara.send_file(&room, "m.file", "program.exe", b"MZ\x90\0not a program", json!({})).await;
        let refused = clara.until_message(&room, "the refusal", |message| message.says("„program.exe“")).await;
        assert_eq!(refused.raw["content"]["m.relates_to"]["m.in_reply_to"]["event_id"], empty.as_str());
        assert!(refused.says("Dateien dieser Art") && refused.says("werden nicht angenommen"), "{}", refused.body);

        // As they choose: what is said to her, and to all in her ticket's room.
        clara.say(&room, "!language en").await;
        clara
            .until_message(&room, "the answer", |message| message.says("From now on I write to you in English."))
            .await;
        let bert = lab.tracker.person("BERT");
        bert.change(ticket, json!({"Priority": 100})).await;
        clara.until_message(&room, "the priority", |message| message.says("The ticket's priority is now")).await;
        bert.change(ticket, json!({"Subject": "The pump leaks"})).await;
        clara
            .until_message(&room, "their own words", |message| message.body == "Fresh subject: “The pump leaks”")
            .await;
        anna.say_in_thread(&desk, card.event.as_str(), "!help").await;
        anna.until_message(&desk, "her help", |message| message.says("!note Text")).await;
        anna.say_in_thread(&desk, card.event.as_str(), "!language en").await;
        anna.say_in_thread(&desk, card.event.as_str(), "!help").await;
        anna.until_message(&desk, "her help in English", |message| message.says("write an internal note")).await;

        // As the code says, and then in a language of the administrator's, English where that has no words.
        let add = ["code", "add", "--id", "pump-8", "--device", "Pump 8", "--language", "fr"];
        lab.bridge.command(&add, &[]);
        let dora = lab.person("dora", "Dora").await;
        let door = dora.chat_with(&format!("@_desk_code_pump-8:{DOMAIN}")).await;
        dora.until_message(&door, "the greeting", |message| message.says("This is the support for “Pump 8”")).await;
        dora.say(&door, "Elle fuit").await;
        let second = lab.until_ticket("Elle fuit").await;
        let room = lab.ticket_room(&dora, second).await;
        dora.accept_invitation(&room).await;
        let welcome = format!("Voici le salon du ticket {second}.");
        dora.until_message(&room, "the welcome", |message| message.sender == bot() && message.body == welcome).await;
        dora.say(&room, "!language Deutsch").await;
        dora.until_message(&room, "the answer", |message| message.says("Ab jetzt schreibe ich Ihnen auf Deutsch."))
            .await;
        bert.change(second, json!({"Status": "resolved"})).await;
        dora.until_message(&room, "the end", |message| message.says("Dieses Ticket wurde geschlossen")).await;
    })
    .await
}
