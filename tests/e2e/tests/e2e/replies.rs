//! Replies show what they answer: a short quote in the ticket, a reply in the room.

use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::message::reply_to;
use ticketroom_e2e::steps::GENERAL;
use ticketroom_e2e::{Lab, Options, Person, run};

/// A mail with an id of its mail program's.
async fn mail(lab: &Lab, from: &str, subject: &str, id: &str, answers: &[&str], text: &str) {
    let ids = |ids: &[&str]| ids.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" ");
    let answered = match answers {
        [first, ..] => format!("In-Reply-To: <{first}>\nReferences: {}\n", ids(answers)),
        [] => String::new(),
    };
    let head = format!("From: {from}\nTo: rt@desk.example.org\nSubject: {subject}\nMessage-ID: <{id}>\n{answered}");
    lab.tracker.person("BERT").mail(&format!("{head}\n{text}\n")).await;
}

async fn reply(person: &Person, room: &matrix_sdk::ruma::RoomId, event: &str, text: &str) {
    person.try_send(room, "m.room.message", reply_to(event, text, None)).await.expect("the homeserver takes it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_answers_a_message_is_a_reply_to_it_in_the_room() {
    run(Options { agents: &["anna"], ..Options::default() }, |lab| async move {
        let clara = lab.clara().await;
        let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
        let said = clara.say(&room, "It is wet").await;
        lab.until_words(ticket, "her words", |entry| entry.body.contains("It is wet")).await;
        let from = "bert@desk.example.org";
        let html = "<table border=\"1\"><tr><th>Part</th></tr><tr><td>valve</td></tr></table><pre>ls -l</pre>\
            <p>see <span style=\"color: #000; background-color: #000\">the end</span>, mail ada@example.org or www.example.org</p>";
        lab.tracker.mail(from, ticket, None, html).await;
        let table = clara.until_message(&room, "the table", |message| message.says("valve")).await;
        for part in ["<th>Part</th>", "<pre><code>ls -l</code></pre>", "data-mx-spoiler>the end<", "mailto:ada@", "\"https://www.example.org\""] {
            assert!(table.html.contains(part), "{part} in {}", table.html);
        }

        // As the mail about it was sent, so the answer names it.
        for (number, words) in ["It is wet", "valve"].into_iter().enumerate() {
            let id = lab.tracker.sent_id(ticket, words);
            lab.tracker.mail(from, ticket, Some(&id), &format!("Answer {number}")).await;
        }
        for (number, event) in [said.to_string(), table.event.to_string()].into_iter().enumerate() {
            let words = format!("Answer {number}");
            let answer = clara.until_message(&room, &words, |message| message.says(&words)).await;
            assert_eq!(answer.raw["content"]["m.relates_to"]["m.in_reply_to"]["event_id"], event.as_str());
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_answers_somebodys_mail_is_a_reply_to_it_in_the_room() {
    run(Options::default(), |lab| async move {
        let anna = lab.anna().await;
        let (carla, bert) = ("Carla Customer <carla@example.org>", "bert@desk.example.org");
        mail(&lab, carla, "The valve leaks", "1@carla.test", &[], "It is wet").await;
        let ticket = lab.until_ticket("The valve leaks").await;
        let desk = lab.enter_desk(&anna, GENERAL).await;
        let room = lab.accept(&anna, &desk, ticket).await;
        let first = anna.until_message(&room, "her first words", |message| message.says("It is wet")).await;

        // He answers her, she answers him, and somebody answers what never came here and answered her.
        let subject = format!("Re: [ticketroom #{ticket}] The valve leaks");
        mail(&lab, bert, &subject, "2@bert.test", &["1@carla.test"], "How wet?").await;
        mail(&lab, carla, &subject, "3@carla.test", &["2@bert.test", "1@carla.test"], "Very").await;
        mail(&lab, bert, &subject, "4@bert.test", &["unseen@dora.test", "3@carla.test"], "I see").await;
        let asked = anna.until_message(&room, "his question", |message| message.says("How wet?")).await;
        let said = anna.until_message(&room, "her answer", |message| message.says("Very")).await;
        let seen = anna.until_message(&room, "his last words", |message| message.says("I see")).await;
        assert_eq!(
            [asked.answers(), said.answers(), seen.answers()],
            [first.event.as_str(), asked.event.as_str(), said.event.as_str()]
        );
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_with_a_link_in_brackets_and_at_the_door_go_into_the_ticket_with_a_short_quote() {
    run(Options::default(), |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let door = clara.chat_with(&bot()).await;
        let greeting =
            clara.until_message(&door, "the greeting", |message| message.says("Write here what it is about")).await;
        // What the bot said is no part of the matter; what she said is, as long as she is not in the ticket's room.
        reply(&clara, &door, greeting.event.as_str(), "The pump leaks").await;
        let ticket = lab.until_ticket("The pump leaks").await;
        let words = lab.until_words(ticket, "her first words", |entry| entry.kind == "Create").await;
        assert!(!words.body.contains("blockquote"), "{}", words.body);
        lab.until_quiet().await;
        let opening = clara.until_message(&door, "her own words", |message| message.body == "The pump leaks").await;
        reply(&clara, &door, opening.event.as_str(), "Since Monday").await;
        let quoted = "<blockquote><p><strong>Clara Customer wrote:</strong>";
        let words = lab.until_words(ticket, "her answer", |entry| entry.body.contains("Since Monday")).await;
        assert!(words.body.contains(quoted) && words.body.contains("The pump leaks"), "{}", words.body);
        let room = lab.ticket_room(&clara, ticket).await;
        clara.accept_invitation(&room).await;
        lab.until_quiet().await;
        reply(&clara, &door, opening.event.as_str(), "Like last year").await;
        let other = lab.until_ticket("Like last year").await;
        let words = lab.until_words(other, "what it answers", |entry| entry.kind == "Create").await;
        assert!(words.body.contains(quoted) && words.body.contains("The pump leaks"), "{}", words.body);

        let desk = lab.enter_desk(&anna, GENERAL).await;
        lab.accept(&anna, &desk, ticket).await;
        let said = clara.say(&room, "Which valve?").await;
        reply(&anna, &room, said.as_str(), "[[https://kb.example.org/valve | This one]]").await;
        let link = "href=\"https://kb.example.org/valve\">This one</a>";
        let shown = clara.until_message(&room, "the link", |message| message.html.contains(link)).await;
        assert_eq!(shown.answers(), said.as_str());
        let words = lab.until_words(ticket, "the link", |entry| entry.body.contains(link)).await;
        assert_eq!((words.kind.as_str(), words.by.as_str()), ("Correspond", "Anna Agent"));
        assert!(words.body.contains(quoted) && words.body.contains("Which valve?"), "{}", words.body);
        assert!(!shown.html.contains("blockquote"), "the room itself shows what is answered: {}", shown.html);
    })
    .await
}
