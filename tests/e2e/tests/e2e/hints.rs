//! Hints: Request Tracker says that something changed, and is asked at once.

use ticketroom_e2e::{Options, run};

const TOKEN: &str = "hint-token-of-the-end-to-end-tests-0123456789";

#[tokio::test(flavor = "multi_thread")]
async fn where_request_tracker_gives_hints_nobody_waits_for_its_turn() {
    let without_matrix = Options { agents: &["anna"], ..Options::default() };
    run(without_matrix, |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        lab.tracker.give_hints(&lab.bridge.url, TOKEN);
        // The seed may be run as often as somebody likes.
        let set_up = lab.tracker.set_up();
        lab.tracker.give_hints(&lab.bridge.url, TOKEN);
        assert_eq!(lab.tracker.set_up(), set_up);
        lab.bridge.kill9();
        // Ten minutes: longer than any test waits.
        let rarely = ("TICKETROOM_HELPDESK_REQUEST_TRACKER_POLL_INTERVAL_MS", "600000");
        lab.bridge.start_with(&[rarely, ("TICKETROOM_HELPDESK_HINT_TOKEN", TOKEN)]).await;
        lab.bridge.ready().await;

        let bert = lab.tracker.person("BERT");
        // The first of them may be found because it was just started, the others are not.
        for answer in ["Close the valve", "Which one?", "The left one."] {
            bert.reply(ticket, answer).await;
            clara.until_message(&room, answer, |message| message.says(answer)).await;
        }
        // What came from Matrix is carried as ever.
        clara.say(&room, "It is closed").await;
        lab.until_words(ticket, "her answer", |entry| entry.body.contains("It is closed")).await;
    })
    .await
}
