//! Everything that is no plain message arrives as honest text, and answers show what they answer: in one ticket.

use serde_json::{Value, json};
use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::message::reply_to;
use ticketroom_e2e::{Options, run};

#[tokio::test(flavor = "multi_thread")]
async fn every_manner_of_saying_something_arrives_as_text() {
    run(Options { agents: &["anna"], ..Options::default() }, |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let bert = lab.tracker.person("BERT");
        bert.reply(ticket, "Is it <b>wet</b>?").await;
        let asked = clara.until_message(&room, "Bert's question", |message| message.says("Is it wet?")).await;

        let pill = "<a href=\"https://matrix.to/#/@anna:ticketroom.test\">@anna:ticketroom.test</a>: look";
        let poll = json!({
            "org.matrix.msc1767.text": "When? 1. Now 2. Later",
            "org.matrix.msc3381.poll.start": {
                "question": {"org.matrix.msc1767.text": "When?"},
                "answers": [{"id": "1", "org.matrix.msc1767.text": "Now"}, {"id": "2", "org.matrix.msc1767.text": "Later"}],
            },
        });
        let table = "<table><thead><tr><th>Part</th></tr></thead><tbody><tr><td>valve</td></tr></tbody></table>\
            <pre><code class=\"language-sh\">ls -l</code></pre><p>see <span data-mx-spoiler>the end</span></p>";
        let fallback = format!("> <{}> Is it wet?\n\nYes it is", bot());
        let quoted = "<mx-reply><blockquote>In reply to somebody: Is it wet?</blockquote></mx-reply>Yes <i>it</i> is";
        let thread = |body: &str| {
            json!({"msgtype": "m.text", "body": body, "m.relates_to": {"rel_type": "m.thread",
                "event_id": asked.event, "is_falling_back": true, "m.in_reply_to": {"event_id": asked.event}}})
        };
        let message = "m.room.message";
        // What is sent, and of what the ticket has one of each set afterwards.
        let cases: Vec<(&str, Value, &[&str])> = vec![
            (message, json!({"msgtype": "m.emote", "body": "waves"}), &["* Clara Customer waves"]),
            ("m.sticker", json!({"body": "Happy cat", "url": "mxc://hs.test/x", "info": {}}), &["[Sticker: Happy cat]"]),
            (
                message,
                json!({"msgtype": "m.location", "body": "By the door", "geo_uri": "geo:52.5,13.4"}),
                &["[Location]", "mlat=52.5&amp;mlon=13.4", "By the door"],
            ),
            ("org.matrix.msc3381.poll.start", poll, &["[Poll] When?", "<li>Now</li><li>Later</li>"]),
            (message, json!({"msgtype": "com.example.dance", "body": "dances"}), &["kind that can", "dances"]),
            (
                message,
                json!({"msgtype": "m.text", "body": "@anna:ticketroom.test: look", "format": "org.matrix.custom.html",
                    "formatted_body": pill}),
                &["Anna Agent: look"],
            ),
            (
                message,
                json!({"msgtype": "m.text", "body": "mail ada@example.org or https://example.org/x or www.example.org, not report.pdf, `ftp@code.org www.code.org`"}),
                &[
                    "href=\"mailto:ada@example.org\"",
                    "href=\"https://example.org/x\"",
                    "href=\"https://www.example.org\"",
                ],
            ),
            (
                message,
                json!({"msgtype": "m.text", "body": "Part", "format": "org.matrix.custom.html", "formatted_body": table}),
                &["<th>Part</th>", "<td>valve</td>", "<pre>ls -l</pre>", "background-color: #000; color: #000\">the end<"],
            ),
            (
                message,
                reply_to(asked.event.as_str(), &fallback, Some(quoted)),
                &["<blockquote><p><strong>Bert Berger wrote:</strong>", "<strong>wet</strong>?", "Yes <em>it</em> is"],
            ),
            (message, thread("in the thread 1"), &["in the thread 1"]),
            (message, thread("in the thread 2"), &["in the thread 2"]),
        ];
        for (kind, content, _) in &cases {
            clara.try_send(&room, kind, content.clone()).await.expect("the homeserver takes it");
        }
        lab.until_words(ticket, "the last one", |entry| entry.body.contains("in the thread 2")).await;
        let words = lab.tracker.words(ticket);
        let bodies: Vec<&str> = words.iter().filter(|entry| entry.by == "Clara Customer").map(|entry| entry.body.as_str()).collect();
        let Some(bodies) = bodies.get(1..) else { panic!("only the first: {bodies:#?}") };
        assert_eq!(bodies.len(), cases.len(), "each once, in order: {bodies:#?}");
        for (body, (.., expected)) in bodies.iter().zip(&cases) {
            assert!(expected.iter().all(|part| body.contains(part)), "{expected:?} in {body}");
            for fallback in ["mx-reply", "In reply to", "&lt;@", "matrix.to", "href=\"report", "mailto:ftp", "//www.code.org"] {
                assert!(!body.contains(fallback), "{fallback} in {body}");
            }
        }
        let notices = clara.messages(&room).await.expect("the room can be read");
        assert!(!notices.iter().any(|message| message.says("can't be carried")), "nothing is refused");
    })
    .await
}
