//! Point 4: messages both ways, formatted, in order, once; notes between agents stay between agents.

use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, run};

/// Anna has a Matrix account, Bert has not.
fn bert_without_matrix() -> Options {
    Options { agents: &["anna"], ..Options::default() }
}

fn has_any(text: &str, variants: &[&str]) {
    assert!(variants.iter().any(|variant| text.contains(variant)), "none of {variants:?} in {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn formatting_survives_on_its_way_into_the_ticket() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let html = "<p>A <strong>bold</strong> and <em>slanted</em> <a href=\"https://example.org/a?b=1&amp;c\">link</a></p>\
            <ul><li>one</li><li>two</li></ul><pre><code>let x = 1 &lt; 2;</code></pre><blockquote>said before</blockquote>";
        clara.say_formatted(&room, "A bold and slanted link", html).await;
        let body = lab.until_words(ticket, "the formatted message", |entry| entry.body.contains("slanted")).await.body;
        has_any(&body, &["<strong>bold</strong>", "<b>bold</b>"]);
        has_any(&body, &["<em>slanted</em>", "<i>slanted</i>"]);
        has_any(&body, &["href=\"https://example.org/a?b=1&amp;c\""]);
        has_any(&body, &["<li>one</li>", "<li><p>one</p></li>"]);
        has_any(&body, &["let x = 1 &lt; 2;"]);
        has_any(&body, &["<blockquote"]);

        clara.say(&room, "Typed **by hand**, see https://example.org/page").await;
        let body = lab.until_words(ticket, "the typed message", |entry| entry.body.contains("by hand")).await.body;
        has_any(&body, &["<strong>by hand</strong>", "<b>by hand</b>"]);
        has_any(&body, &["href=\"https://example.org/page\""]);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_matrix_speaks_as_a_ghost_with_their_name() {
    run(bert_without_matrix(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let bert = lab.tracker.person("BERT");
        bert.reply(ticket, "Please <b>close</b> the <i>valve</i>:<ul><li>left</li><li>right</li></ul>").await;
        let reply = clara.until_message(&room, "Bert's reply", |message| message.says("valve")).await;
        assert_eq!(clara.name_of(&room, reply.sender.as_str()).await, "Bert Berger");
        assert!(reply.sender.localpart().starts_with("_desk_u"), "{}", reply.sender);
        has_any(&reply.html, &["<strong>close</strong>", "<b>close</b>"]);
        has_any(&reply.html, &["<em>valve</em>", "<i>valve</i>"]);
        has_any(&reply.html, &["<li>left</li>", "<li><p>left</p></li>"]);

        let mail = "Have you tried the other valve?\n\nOn Mon Nov 23 2026, Clara Customer wrote:\n> The pump leaks\n\n\
            -- \nBert Berger, Pumps & Valves Ltd.\n";
        bert.reply_plain(ticket, mail).await;
        let reply = clara.until_message(&room, "the mail", |message| message.says("the other valve")).await;
        assert_eq!(reply.body.trim(), "Have you tried the other valve?", "without the quoted past and the signature");
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn formatting_survives_on_its_way_out_of_the_ticket() {
    run(bert_without_matrix(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let bert = lab.tracker.person("BERT");
        let html = "<p>Type <code>pump --stop</code>, see <a href=\"https://example.org/a?b=1&amp;c\">the manual</a>:</p>\
            <pre>line 1\n  line 2 &lt; 3</pre><blockquote><p>a sentence of the manual</p></blockquote><p>Then wait.</p>\
            <ol><li>first</li><li>second</li></ol>";
        bert.reply(ticket, html).await;
        let reply = clara.until_message(&room, "Bert's reply", |message| message.says("pump --stop")).await;
        has_any(&reply.html, &["<code>pump --stop</code>"]);
        has_any(&reply.html, &["href=\"https://example.org/a?b=1&amp;c\""]);
        has_any(&reply.html, &["line 1\n  line 2 &lt; 3"]);
        has_any(&reply.html, &["<blockquote><p>a sentence of the manual</p></blockquote>", "<blockquote>a sentence of the manual</blockquote>"]);
        has_any(&reply.html, &["<ol><li>first</li><li>second</li></ol>", "<li><p>second</p></li>"]);

        // As its own page sends it when somebody has pressed "Reply".
        bert.reply(ticket, include_str!("../../../corpus/mail/rt_reply_html.html")).await;
        let reply = clara.until_message(&room, "his other reply", |message| message.says("these numbers")).await;
        assert_eq!(reply.html, include_str!("../../../corpus/mail/rt_reply_html.expected.html").trim_end());
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_messages_from_all_sides_arrive_in_order_and_once() {
    run(bert_without_matrix(), |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.accept(&anna, &desk, ticket).await;
        let bert = lab.tracker.person("BERT");
        let from_clara = async {
            for i in 0..8 {
                clara.say(&room, &format!("clara-{i}.")).await;
            }
        };
        let from_anna = async {
            for i in 0..8 {
                anna.say(&room, &format!("anna-{i}.")).await;
            }
        };
        let from_bert = async {
            for i in 0..4 {
                bert.reply(ticket, &format!("bert-{i}.")).await;
            }
        };
        tokio::join!(from_clara, from_anna, from_bert);

        for last in ["clara-7.", "anna-7."] {
            lab.until_words(ticket, last, |entry| entry.body.contains(last)).await;
        }
        clara.until_message(&room, "Bert's last reply", |message| message.says("bert-3.")).await;
        let ticket_side: Vec<String> = lab.tracker.words(ticket).into_iter().map(|entry| entry.body).collect();
        let room_side: Vec<String> = {
            let messages = clara.messages(&room).await.expect("the room can be read");
            messages.into_iter().filter(|message| message.is_message()).map(|message| message.body).collect()
        };
        for side in [&ticket_side, &room_side] {
            for (who, count) in [("clara", 8), ("anna", 8), ("bert", 4)] {
                let places = |i: i32| {
                    let text = format!("{who}-{i}.");
                    let found = side.iter().enumerate().filter(|(_, body)| body.contains(&text));
                    found.map(|(place, _)| place).collect::<Vec<_>>()
                };
                let all: Vec<_> = (0..count).map(places).collect();
                assert!(all.iter().all(|places| places.len() == 1), "each of {who}'s stands there once: {side:#?}");
                assert!(all.is_sorted(), "{who}'s are in order: {side:#?}");
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn internal_comments_stay_in_the_offers_thread_and_go_back_from_there() {
    run(bert_without_matrix(), |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let card = lab.card(&anna, &desk, ticket).await.event;
        let bert = lab.tracker.person("BERT");

        bert.comment(ticket, "The customer has not paid yet.").await;
        let note = anna.until_message(&desk, "the comment", |message| message.says("has not paid")).await;
        assert_eq!(note.thread.as_deref(), Some(card.as_str()), "it stands in the offer's thread");
        assert!(note.body.contains("Bert Berger"), "it says who wrote it: {}", note.body);

        anna.say_in_thread(&desk, card.as_str(), "She has, by cash.").await;
        let entry = lab.until_words(ticket, "the note", |entry| entry.body.contains("by cash")).await;
        assert_eq!((entry.kind.as_str(), entry.by.as_str()), ("Comment", "Anna Agent"));

        lab.accept(&anna, &desk, ticket).await;
        anna.say(&room, "!note She paid too much.").await;
        let note = anna.until_message(&desk, "the note typed in the room", |message| message.says("too much")).await;
        assert_eq!(note.thread.as_deref(), Some(card.as_str()), "it stands in the offer's thread");
        let entry = lab.until_words(ticket, "that note", |entry| entry.body.contains("too much")).await;
        assert_eq!((entry.kind.as_str(), entry.by.as_str()), ("Comment", "Anna Agent"));

        bert.reply(ticket, "We are on our way.").await;
        clara.until_message(&room, "the reply", |message| message.says("on our way")).await;
        let seen = clara.messages(&room).await.expect("the room can be read");
        assert!(
            !seen.iter().any(|message| ["has not paid", "by cash", "too much"].iter().any(|note| message.says(note))),
            "the customer sees no note:{}",
            ticketroom_e2e::picture::lines(&seen)
        );
    })
    .await
}
