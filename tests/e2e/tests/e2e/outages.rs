//! One side is away for a minute: what was written meanwhile arrives once and in order.

use std::time::Duration;

use serde_json::Value;
use ticketroom_e2e::wait::outage;
use ticketroom_e2e::{Lab, Options, run};

const OUTAGE: Duration = Duration::from_secs(60);

/// For a log system, which a person asks afterwards what has happened.
const JSON_LOG: &str = r#"{"logging": {"format": "json"}}"#;

/// However often it was tried again, each of these is in the log once, and nothing else.
fn each_told_once(lab: &Lab, expected: &[&str]) {
    let warnings = lab.bridge.warnings();
    let mut told: Vec<&str> = warnings.iter().filter_map(|line| line["message"].as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, expected, "{warnings:#?}");
    let has_reason = |line: &Value| line["reason"].is_string() || line["error"].is_string();
    assert!(warnings.iter().all(has_reason), "{warnings:#?}");
}

fn in_order_and_once(bodies: &[String], expected: &[String]) {
    let found: Vec<&String> =
        bodies.iter().flat_map(|body| expected.iter().filter(move |text| body.contains(text.as_str()))).collect();
    assert_eq!(found, expected.iter().collect::<Vec<_>>(), "all of {bodies:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_written_while_the_helpdesk_is_down_arrive_once_and_in_order() {
    run(Options { config: JSON_LOG, ..Options::default() }, |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let texts: Vec<String> = (0..10).map(|i| format!("meanwhile-{i}.")).collect();
        lab.tracker.kill9();
        for text in &texts[..5] {
            clara.say(&room, text).await;
        }
        outage(OUTAGE).await;
        // What an administrator's monitoring is told of it.
        assert!(lab.metric("ticketroom_outbox_waiting{side=\"helpdesk\"}").await >= 5.0);
        for lag in ["ticketroom_outbox_oldest_seconds{side=\"helpdesk\"}", "ticketroom_feed_lag_seconds"] {
            assert!(lab.metric(lag).await >= 30.0, "{lag}");
        }
        assert_eq!(lab.metric("ticketroom_outbox_waiting{side=\"matrix\"}").await, 0.0);
        let tried = lab.metric("ticketroom_sends_total{side=\"helpdesk\",outcome=\"retry\"}").await;
        assert!(tried >= 1.0, "{tried}");
        for text in &texts[5..] {
            clara.say(&room, text).await;
        }
        lab.tracker.start().await;

        lab.until_words(ticket, "the last message", |entry| entry.body.contains("meanwhile-9.")).await;
        let bodies: Vec<_> = lab.tracker.words(ticket).into_iter().map(|entry| entry.body).collect();
        in_order_and_once(&bodies, &texts);
        lab.until_quiet().await;
        let zero = ["ticketroom_inbox_oldest_seconds", "ticketroom_outbox_oldest_seconds{side=\"helpdesk\"}"];
        for gauge in zero.into_iter().chain(["ticketroom_dead_letters", "ticketroom_inbox_waiting"]) {
            assert_eq!(lab.metric(gauge).await, 0.0, "{gauge}");
        }
        assert!(lab.metric("ticketroom_sends_total{side=\"helpdesk\",outcome=\"done\"}").await >= 10.0);
        assert!(lab.metric("ticketroom_transaction_seconds_count").await >= 10.0);
        each_told_once(&lab, &["not delivered yet", "the helpdesk's changes cannot be read; trying again"]);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_written_while_synapse_is_down_arrive_once_and_in_order() {
    run(Options { agents: &["anna"], config: JSON_LOG, ..Options::default() }, |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let bert = lab.tracker.person("BERT");
        let texts: Vec<String> = (0..6).map(|i| format!("meanwhile-{i}.")).collect();
        clara.say(&room, "Taken just before the outage.").await;
        lab.synapse.kill9();
        for text in &texts[..3] {
            bert.reply(ticket, text).await;
        }
        outage(OUTAGE).await;
        for text in &texts[3..] {
            bert.reply(ticket, text).await;
        }
        lab.synapse.start().await;

        clara.until_message(&room, "the last reply", |message| message.says("meanwhile-5.")).await;
        lab.until_words(ticket, "Clara's message", |entry| entry.body.contains("just before the outage")).await;
        let messages = clara.messages(&room).await.expect("the room can be read");
        let bodies: Vec<_> = messages.into_iter().filter(|m| m.is_message()).map(|message| message.body).collect();
        in_order_and_once(&bodies, &texts);
        let words = lab.tracker.words(ticket);
        let before = words.iter().filter(|entry| entry.body.contains("just before the outage")).count();
        assert_eq!(before, 1, "{words:#?}");
        lab.until_quiet().await;
        each_told_once(&lab, &["not delivered yet", "the homeserver cannot be caught up with; trying again"]);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_a_ticket_in_the_helpdesk_while_synapse_is_down_reads_there_that_it_waits_and_that_it_arrived() {
    const SOON: &str = r#"{"delivery": {"tell_waiting_after_s": 2}}"#;
    run(Options { agents: &["anna"], config: SOON, ..Options::default() }, |lab| async move {
        let anna = lab.anna().await;
        let desk = lab.enter_desk(&anna, 1).await;
        let bert = lab.tracker.person("BERT");
        lab.synapse.kill9();
        let ticket = bert.open("General", "A pump", "carla@example.org", "It squeaks.").await;
        let waits =
            lab.until_words(ticket, "the note", |entry| entry.body.contains("not in the Matrix room yet")).await;
        assert_eq!(waits.kind, "Comment");
        lab.synapse.start().await;
        anna.until_message(&desk, "the offer", |message| message.says("A pump")).await;
        lab.until_words(ticket, "the second note", |entry| entry.body.contains("is in the Matrix room now")).await;
        lab.until_quiet().await;
        let notes = lab.tracker.words(ticket).iter().filter(|entry| entry.body.contains("Ticketroom:")).count();
        assert_eq!(notes, 2);
    })
    .await
}
