//! Words: text, HTML, emotes, long ones and empty ones.

use serde_json::json;
use ticketroom::model::Manner;

use crate::{html, said, text, with, words};

#[test]
fn element_sends_plain_text() {
    let said = said(with(text("It leaks"), json!({ "m.mentions": {} })));
    assert_eq!((said.room.as_str(), said.event.as_str(), said.sender.as_str()), ("!t:here", "$e", "@carol:here"));
    assert_eq!((said.text.as_str(), said.thread, said.reply_to), ("It leaks", None, None));
}

#[test]
fn element_sends_html_beside_the_plain_words() {
    let content = html("**Help!** It _leaks_", "<strong>Help!</strong> It <em>leaks</em>");
    assert_eq!(said(content.clone()).text, "**Help!** It _leaks_");
    assert!(words(content).contains("Help!"));
}

#[test]
fn html_without_a_tag_keeps_its_lines() {
    // So Element sends what holds a backslash.
    let body = "Path: C:\\Temp\\a.log\nError < 5\n\nThanks";
    assert_eq!(words(html(body, "Path: C:\\Temp\\a.log\nError &lt; 5\n\nThanks")), body);
    assert_eq!(words(html("a\nb", "<b>a</b>\nb")), "a b", "with a tag a line break is a blank");
}

#[test]
fn html_of_another_format_is_not_read() {
    let content = with(text("plain"), json!({ "format": "text/markdown", "formatted_body": "<b>other</b>" }));
    assert_eq!(words(content), "plain");
    assert_eq!(words(with(text("plain"), json!({ "formatted_body": "<b>other</b>" }))), "plain");
}

#[test]
fn html_that_says_nothing_leaves_the_plain_words() {
    for empty in ["", "<p></p>", "<mx-reply>past</mx-reply>", "<!-- -->", "<script>x</script>"] {
        assert_eq!(words(html("plain", empty)), "plain", "{empty:?}");
    }
}

#[test]
fn markdown_typed_in_a_plain_client_is_kept_as_typed_for_commands() {
    assert_eq!(said(text("!note **now**")).text, "!note **now**");
}

#[test]
fn notices_of_other_bots_are_words() {
    assert_eq!(words(json!({ "msgtype": "m.notice", "body": "build failed" })), "build failed");
}

#[test]
fn an_emote_is_known_as_one() {
    let said = said(json!({ "msgtype": "m.emote", "body": "waves" }));
    assert_eq!((said.manner, said.text.as_str()), (Manner::Emote, "waves"));
}

#[test]
fn who_is_mentioned_is_known() {
    let pill = html("Anna: look", "<a href=\"https://matrix.to/#/@anna:here\">Anna</a>: look");
    assert_eq!(said(pill.clone()).mentions, [ruma::user_id!("@anna:here")]);
    assert_eq!(words(pill), "Anna: look");
    let listed = with(text("Bert: look"), json!({ "m.mentions": { "user_ids": ["@bert:here"] } }));
    assert_eq!(said(listed).mentions, [ruma::user_id!("@bert:here")]);
}

#[test]
fn one_emoji_is_a_message() {
    assert_eq!(words(text("🔥")), "🔥");
    assert_eq!(words(html("🏳️‍🌈", "<span data-mx-emoticon>🏳️‍🌈</span>")), "🏳️‍🌈");
}

#[test]
fn sixty_kilobytes_are_a_message() {
    let body = "It leaks. ".repeat(6_000);
    assert_eq!(said(text(&body)).text, body);
    let tags = "<b>".repeat(10_000) + "deep" + &"</b>".repeat(10_000);
    assert!(words(html("deep", &tags)).contains("deep"));
}

#[test]
fn an_empty_message_is_still_one_event() {
    assert_eq!(said(text("")).text, "");
    assert_eq!(said(json!({ "msgtype": "m.text" })).text, "");
}
