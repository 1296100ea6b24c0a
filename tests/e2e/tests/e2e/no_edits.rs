//! Point 7: nothing can be deleted or edited.

use ticketroom_e2e::{Options, run, wait};

#[tokio::test(flavor = "multi_thread")]
async fn deleting_is_refused_and_an_edit_is_undone() {
    run(Options::default(), |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let original = clara.say(&room, "It lost two litres.").await;
        lab.until_words(ticket, "the message", |entry| entry.body.contains("two litres")).await;

        let refusal = clara.try_redact(&room, &original).await.expect_err("deleting is refused");
        assert_eq!(refusal.errcode, "M_FORBIDDEN");

        for text in ["It lost three litres.", "It lost four litres."] {
            let edit = clara.edit(&room, original.as_str(), text).await.expect("Synapse takes an edit");
            let undone = wait::until("the edit to be undone", || async {
                let messages = clara.messages(&room).await?;
                let edit = messages.iter().find(|message| message.event == edit).cloned().ok_or("no edit")?;
                if edit.redacted { Ok(edit) } else { Err(ticketroom_e2e::picture::lines(&messages)) }
            })
            .await;
            let at = undone.raw["origin_server_ts"].as_i64().expect("a time");
            let redacted_at = undone.raw["unsigned"]["redacted_because"]["origin_server_ts"].as_i64().expect("a time");
            assert!(redacted_at - at < 1000, "undone within a second, not after {} ms", redacted_at - at);
        }
        let shown = clara.messages(&room).await.expect("the room can be read");
        let shown = shown.iter().find(|message| message.event == original).expect("the original is there");
        assert_eq!(shown.body, "It lost two litres.", "clients show the original again");
        assert!(shown.raw["unsigned"]["m.relations"]["m.replace"].is_null(), "{}", shown.raw);

        // What comes after in the same lane shows that all before it was dealt with.
        clara.say(&room, "I meant three.").await;
        lab.until_words(ticket, "the next message", |entry| entry.body.contains("I meant three")).await;
        let told = clara.messages(&room).await.expect("the room can be read");
        let told = told.iter().filter(|message| message.is_notice() && message.says("can't be edited")).count();
        assert_eq!(told, 1, "the author is told once");
        let words = lab.tracker.words(ticket);
        assert!(words.iter().any(|entry| entry.body.contains("two litres")), "{words:#?}");
        assert!(
            !words.iter().any(|entry| entry.body.contains("three litres") || entry.body.contains("four litres")),
            "the ticket is untouched: {words:#?}"
        );
    })
    .await
}
