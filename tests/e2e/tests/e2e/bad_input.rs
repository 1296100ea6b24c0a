//! Bad input from either side ends in a clear answer, and stops nobody else's ticket.

use serde_json::{Value, json};
use ticketroom_e2e::bridge::HS_TOKEN;
use ticketroom_e2e::proxy::Spoil;
use ticketroom_e2e::steps::{ACCEPT, GENERAL};
use ticketroom_e2e::{Lab, Options, Person, run};

/// A message that goes through shows that nothing is stuck.
async fn the_bridge_still_works(lab: &Lab, clara: &Person) {
    let subject = format!("Still working after {} tickets", lab.tracker.tickets().len());
    let (ticket, room) = lab.open_from_matrix(clara, &subject).await;
    clara.say(&room, "A plain message.").await;
    lab.until_words(ticket, "the plain message", |entry| entry.body.contains("A plain message.")).await;
}

fn message(room: &str, id: usize, content: Value) -> Value {
    json!({"type": "m.room.message", "room_id": room, "event_id": format!("$made-up-{id}:ticketroom.test"),
        "sender": "@mallory:ticketroom.test", "origin_server_ts": 1, "content": content})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_with_a_wrong_or_no_token_is_refused() {
    run(Options::default(), |lab| async move {
        let events = json!([message("!any:ticketroom.test", 1, json!({"msgtype": "m.text", "body": "x"}))]);
        let wrong = lab.bridge.transaction("a wrong token", "1", &events).await;
        assert_eq!((wrong.status, wrong.errcode()), (403, "M_FORBIDDEN"), "{}", wrong.body);
        assert_eq!(lab.bridge.process.logged("a request with a wrong hs_token was refused"), 1);
        let right = lab.bridge.transaction(HS_TOKEN, "1", &events).await;
        assert_eq!((right.status, right.body), (200, json!({})));
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_events_and_strangers_rooms_stop_nobody() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (_, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let room = room.as_str();
        let events = json!([
            null, 5, "text", [], {}, {"type": 7}, {"type": "m.room.message"},
            {"type": "m.room.message", "event_id": "no id", "room_id": "no room", "sender": "nobody", "content": []},
            message(room, 1, json!({"msgtype": 5, "body": ["x"]})),
            message(room, 2, json!({"body": {"deep": {"deeper": []}}})),
            message(room, 3, json!({"msgtype": "m.text", "body": "x", "m.relates_to": "nothing"})),
            message(room, 4, json!({"msgtype": "m.text", "body": "x", "format": 1, "formatted_body": {}})),
            message("!stranger:elsewhere.test", 5, json!({"msgtype": "m.text", "body": "Hello from nowhere"})),
            {"type": "m.room.member", "room_id": room, "event_id": "$m:x", "sender": "@m:x", "state_key": 5, "content": {}},
            {"type": "m.reaction", "room_id": room, "event_id": "$r:x", "sender": "@m:x", "content": {"m.relates_to": 1}},
        ]);
        let answer = lab.bridge.transaction(HS_TOKEN, "malformed", &events).await;
        assert_eq!(answer.status, 200, "content never causes anything else: {}", answer.body);
        assert!(lab.bridge.process.logged("an event that can't be read was set aside") > 0);
        the_bridge_still_works(&lab, &clara).await;
        assert!(!lab.tracker.words(1).iter().any(|entry| entry.body.contains("nowhere")));
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_of_five_megabytes_is_taken() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let text = "x".repeat(52_000);
        let event = |i| message("!stranger:elsewhere.test", i, json!({"msgtype": "m.text", "body": text}));
        let events: Vec<Value> = (0..100).map(event).collect();
        assert!(json!(events).to_string().len() > 5_000_000);
        assert_eq!(lab.bridge.transaction(HS_TOKEN, "large", &json!(events)).await.status, 200);
        the_bridge_still_works(&lab, &clara).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn very_long_and_very_short_messages_arrive_whole() {
    run(Options { agents: &["anna"], ..Options::default() }, |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let long = format!("begin-of-long {}end-of-long", "twelve bytes ".repeat(4_600));
        assert!(long.len() > 59_000);
        clara.say(&room, &long).await;
        let entry = lab.until_words(ticket, "the long message", |entry| entry.body.contains("begin-of-long")).await;
        assert!(entry.body.contains("end-of-long"), "it is whole");
        clara.say(&room, "👍").await;
        lab.until_words(ticket, "the emoji", |entry| entry.body.contains("👍")).await;

        let bert = lab.tracker.person("BERT");
        bert.reply_plain(ticket, &long.replace("of-long", "of-reply")).await;
        clara.until_message(&room, "the long reply's end", |message| message.says("end-of-reply")).await;
        clara.until_message(&room, "the long reply's beginning", |message| message.says("begin-of-reply")).await;
        bert.reply(ticket, "🎉").await;
        clara.until_message(&room, "the emoji", |message| message.body.trim() == "🎉").await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_control_and_bidi_characters_are_cleaned() {
    run(Options { agents: &["anna"], ..Options::default() }, |lab| async move {
        let bad = |c: char| {
            c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
        };
        let mallory = lab.person("mallory", "Mal\u{202e}yrol\u{7} \u{2066}<b>x</b>").await;
        let door = mallory.chat_with(&ticketroom_e2e::bridge::bot()).await;
        mallory.say(&door, "The pump\u{202e} leaks").await;
        let ticket = lab.until_ticket("The pump leaks").await;
        let room = lab.ticket_room(&mallory, ticket).await;
        mallory.accept_invitation(&room).await;
        let (_, name) = lab.tracker.requestors(ticket).remove(0);
        assert!(!name.is_empty() && !name.chars().any(bad), "{name:?}");
        let shown = mallory.state(&room, "m.room.name", "").await.expect("a name");
        assert!(!shown["name"].as_str().expect("a text").chars().any(bad), "{shown}");

        let admin = lab.tracker.person("ROOT");
        admin.make_customer("eve@example.org", "E\u{202e}ve\u{2069}", json!({"EmailAddress": "eve@example.org"})).await;
        let ticket = admin.open("General", "Another matter", "eve@example.org", "Hello").await;
        let anna = lab.anna().await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let room = lab.accept(&anna, &desk, ticket).await;
        let members = anna.messages(&room).await.expect("the room can be read");
        for member in members.iter().filter(|message| message.kind == "m.room.member") {
            let name = member.raw["content"]["displayname"].as_str().unwrap_or_default();
            assert!(!name.chars().any(bad), "{name:?}");
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_marker_hides_no_message() {
    run(Options { agents: &["anna"], ..Options::default() }, |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let event = clara.say(&room, "A real message.").await;
        lab.until_words(ticket, "the real message", |entry| entry.body.contains("A real message.")).await;

        // In the helpdesk: somebody who may set the field claims that their reply came from Matrix.
        let fields = json!({"Matrix Event ID": event.as_str()});
        lab.tracker.person("ROOT").reply_with_fields(ticket, "A reply with a forged marker.", fields).await;
        clara.until_message(&room, "the reply", |message| message.says("with a forged marker")).await;

        // In Matrix: somebody copies the keys that our own messages bear.
        let ours = clara.messages(&room).await.expect("the room can be read");
        let ours = ours.iter().find(|message| message.says("with a forged marker")).expect("it is there").raw.clone();
        let mut content = ours["content"].clone();
        content["body"] = json!("A message with a forged marker.");
        if let Some(content) = content.as_object_mut() {
            content.remove("formatted_body");
            content.remove("format");
        }
        clara.try_send(&room, "m.room.message", content).await.expect("the homeserver takes it");
        lab.until_words(ticket, "the message", |entry| entry.body.contains("A message with a forged marker.")).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_where_the_helpdesk_should_answer_json_is_one_line_in_the_log_and_stops_no_other_ticket() {
    run(Options { behind_proxy: true, ..Options::default() }, |lab| async move {
        let (clara, dora) = (lab.clara().await, lab.person("dora", "Dora Customer").await);
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let (other, elsewhere) = lab.open_from_matrix(&dora, "The tap drips").await;
        lab.until_quiet().await;
        let page = "<!DOCTYPE html><html><title>Log in</title>A secret of the page</html>";
        let page = Spoil::Answer { status: 200, content_type: "text/html; charset=utf-8", body: page.to_owned() };
        lab.proxy().spoil_all(&format!("/ticket/{ticket}/"), page);
        clara.say(&room, "A message that meets a page.").await;
        lab.bridge.until_logged("not delivered yet").await;
        for text in ["The other ticket goes on.", "And on."] {
            dora.say(&elsewhere, text).await;
            lab.until_words(other, text, |entry| entry.body.contains(text)).await;
        }
        assert!(!lab.tracker.words(ticket).iter().any(|entry| entry.body.contains("meets a page")));

        lab.proxy().mend();
        once(&lab, ticket, "A message that meets a page.").await;
        let log = lab.bridge.process.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains("not delivered yet")).collect();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        assert!(lines[0].contains("WARN") && lines[0].contains("helpdesk.request_tracker.url"), "{lines:#?}");
        assert!(!log.contains("A secret of the page"));
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_helpdesk_saved_before_it_answered_500_is_there_once() {
    run(Options { behind_proxy: true, ..Options::default() }, |lab| async move {
        let (clara, dora) = (lab.clara().await, lab.person("dora", "Dora Customer").await);
        lab.proxy().spoil_once("/REST/2.0/ticket", Spoil::FailAfterPassing);
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let (other, elsewhere) = lab.open_from_matrix(&dora, "The tap drips").await;
        lab.until_quiet().await;
        lab.proxy().spoil_once(&format!("/ticket/{ticket}/correspond"), Spoil::FailAfterPassing);
        clara.say(&room, "A message that was saved.").await;
        dora.say(&elsewhere, "The other ticket goes on.").await;
        lab.until_words(other, "the other's", |entry| entry.body.contains("The other ticket goes on.")).await;
        once(&lab, ticket, "A message that was saved.").await;
        assert_eq!(lab.tracker.tickets().len(), 2, "one for each of the two");
        assert_eq!(lab.bridge.process.logged("Request Tracker failed (500)"), 2, "a line for each of the two");
    })
    .await
}

/// Is there as soon as nothing waits, once.
async fn once(lab: &Lab, ticket: u64, text: &str) {
    lab.until_words(ticket, text, |entry| entry.body.contains(text)).await;
    lab.until_quiet().await;
    let words = lab.tracker.words(ticket);
    assert_eq!(words.iter().filter(|entry| entry.body.contains(text)).count(), 1, "{words:#?}");
}

/// Request Tracker answers 200, and in the text that it did nothing of the kind.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_that_request_tracker_answers_with_200_is_told_and_stops_nobody() {
    // A customer of Request Tracker's, who may not own a ticket there.
    let config = r#"{"agents": [
        {"login": "carla@example.org", "matrix": "@anna:ticketroom.test", "name": "Anna Agent"},
        {"login": "BERT", "matrix": "@bert:ticketroom.test", "name": "Bert Berger"}]}"#;
    run(Options { config, ..Options::default() }, |lab| async move {
        let (clara, dora) = (lab.clara().await, lab.person("dora", "Dora Customer").await);
        let (anna, bert) = (lab.anna().await, lab.bert().await);
        let (ticket, _) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let (other, elsewhere) = lab.open_from_matrix(&dora, "The tap drips").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.enter_desk(&bert, GENERAL).await;
        let card = lab.card(&anna, &desk, ticket).await.event;
        anna.try_react(&desk, card.as_str(), ACCEPT).await.expect("an agent may react");
        anna.until_message(&desk, "why not", |message| message.says("may not own")).await;
        lab.accept(&bert, &desk, other).await;
        dora.say(&elsewhere, "The other ticket goes on.").await;
        lab.until_words(other, "the other's", |entry| entry.body.contains("The other ticket goes on.")).await;
        assert_eq!(lab.tracker.ticket(ticket).expect("a row")["owner"], "Nobody");
        lab.accept(&bert, &desk, ticket).await;
    })
    .await
}
