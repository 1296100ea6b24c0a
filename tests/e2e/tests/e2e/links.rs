//! `[[URL | text]]` of an agent is a proper link for the reader, in the room and in the ticket, from either side.

use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Options, run, wait};

const LINK: &str = "href=\"https://kb.example.org/valve\">the valve</a>";

#[tokio::test(flavor = "multi_thread")]
async fn a_link_in_brackets_becomes_a_link_from_either_side() {
    run(Options::default(), |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.accept(&anna, &desk, ticket).await;

        let typed = anna.say(&room, "Please close [[https://kb.example.org/valve | the valve]] first.").await;
        let shown = clara.until_message(&room, "the link", |message| message.html.contains(LINK)).await;
        assert_eq!(clara.name_of(&room, shown.sender.as_str()).await, "Anna Agent");
        assert_eq!(shown.body, "Please close the valve (https://kb.example.org/valve) first.", "without HTML");
        wait::until("what was typed to be taken away", || async {
            let messages = clara.messages(&room).await?;
            let gone = messages.iter().any(|message| message.event == typed && message.redacted);
            if gone { Ok(()) } else { Err(ticketroom_e2e::picture::lines(&messages)) }
        })
        .await;
        let reply = lab.until_words(ticket, "the link", |entry| entry.body.contains(LINK)).await;
        assert_eq!((reply.kind.as_str(), reply.by.as_str()), ("Correspond", "Anna Agent"));

        // An address alone, one of mail, and one that is only half typed.
        anna.say(&room, "See [[https://kb.example.org/list]] or [[mailto:help@example.org | us]], not [[half").await;
        let alone = "href=\"https://kb.example.org/list\">https://kb.example.org/list</a>";
        let mail = "href=\"mailto:help@example.org\">us</a>";
        let is_whole = |html: &str| [alone, mail, "[[half"].iter().all(|part| html.contains(part));
        let shown = clara.until_message(&room, "all three", |message| is_whole(&message.html)).await;
        assert_eq!(shown.body, "See https://kb.example.org/list or us (help@example.org), not [[half", "without HTML");
        lab.until_words(ticket, "all three", |entry| is_whole(&entry.body)).await;

        let bert = lab.tracker.person("BERT");
        bert.reply(ticket, "Or [[https://kb.example.org/tap | the tap]], half typed: [[https://kb.example.org").await;
        let shown = clara.until_message(&room, "Bert's link", |message| message.says("the tap")).await;
        assert!(shown.html.contains("href=\"https://kb.example.org/tap\">the tap</a>"), "{}", shown.html);
        assert!(shown.body.contains("half typed: [["), "{}", shown.body);

        clara.say(&room, "I wrote [[https://kb.example.org/mine | mine]]").await;
        let words = lab.until_words(ticket, "Clara's words", |entry| entry.body.contains("mine")).await;
        assert!(words.body.contains("[["), "a customer's brackets are only words: {}", words.body);
        let once = lab.tracker.words(ticket).into_iter().filter(|entry| entry.body.contains("the valve")).count();
        assert_eq!(once, 1, "in the ticket it stands once");
    })
    .await
}
