//! The bridge dies at the worst moments: every message still arrives, once.

use ticketroom_e2e::{Options, run};

/// Where the bridge is made to abort: it has stored what it received; it is about to send; it has sent and not noted it.
const POINTS: [&str; 3] = ["after-inbox", "before-send", "after-send"];

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_message_survives_the_death_of_the_bridge_at_any_point() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        lab.until_quiet().await;
        for point in POINTS {
            let text = format!("written before {point}.");
            lab.bridge.kill9();
            lab.bridge.start_with_crash_at(point).await;
            clara.say(&room, &text).await;
            lab.bridge.process.ended().await;
            lab.bridge.start().await;
            lab.until_words(ticket, &text, |entry| entry.body.contains(&text)).await;
            let text = format!("written after {point}.");
            clara.say(&room, &text).await;
            lab.until_words(ticket, &text, |entry| entry.body.contains(&text)).await;
            lab.until_quiet().await;
        }
        let words = lab.tracker.words(ticket);
        for point in POINTS {
            for when in ["before", "after"] {
                let text = format!("written {when} {point}.");
                let count = words.iter().filter(|entry| entry.body.contains(&text)).count();
                assert_eq!(count, 1, "{text:?} in {words:#?}");
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_reply_survives_the_death_of_the_bridge_at_any_point() {
    run(Options { agents: &["anna"], ..Options::default() }, |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let bert = lab.tracker.person("BERT");
        lab.until_quiet().await;
        for point in POINTS {
            let text = format!("written before {point}.");
            lab.bridge.kill9();
            bert.reply(ticket, &text).await;
            lab.bridge.start_with_crash_at(point).await;
            lab.bridge.process.ended().await;
            lab.bridge.start().await;
            clara.until_message(&room, &text, |message| message.says(&text)).await;
            let text = format!("written after {point}.");
            bert.reply(ticket, &text).await;
            clara.until_message(&room, &text, |message| message.says(&text)).await;
            lab.until_quiet().await;
        }
        let messages = clara.messages(&room).await.expect("the room can be read");
        for point in POINTS {
            for when in ["before", "after"] {
                let text = format!("written {when} {point}.");
                let count = messages.iter().filter(|message| message.says(&text)).count();
                assert_eq!(count, 1, "{text:?} in{}", ticketroom_e2e::picture::lines(&messages));
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_opened_once_although_the_bridge_died_while_opening_it() {
    run(Options::default(), |lab| async move {
        for (i, point) in POINTS.into_iter().enumerate() {
            let customer = lab.person(&format!("customer{i}"), "Some Customer").await;
            let door = customer.chat_with(&ticketroom_e2e::bridge::bot()).await;
            lab.until_quiet().await;
            lab.bridge.kill9();
            lab.bridge.start_with_crash_at(point).await;
            let subject = format!("Opened around {point}");
            customer.say(&door, &subject).await;
            lab.bridge.process.ended().await;
            lab.bridge.start().await;
            let ticket = lab.until_ticket(&subject).await;
            let room = lab.ticket_room(&customer, ticket).await;
            customer.accept_invitation(&room).await;
            lab.until_quiet().await;
            assert_eq!(lab.tracker.tickets().len(), i + 1, "one ticket each");
        }
    })
    .await
}
