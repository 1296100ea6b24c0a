//! Article links and building blocks: prepared in the offer's thread, sent once, read by the customer under the agent's name.

use std::sync::Arc;

use matrix_sdk::ruma::OwnedRoomId;
use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::message::Message;
use ticketroom_e2e::picture::lines;
use ticketroom_e2e::steps::{ACCEPT, GENERAL};
use ticketroom_e2e::{Lab, Options, Person, run, wait};

struct Scene {
    clara: Person,
    anna: Person,
    ticket: u64,
    room: OwnedRoomId,
    desk: OwnedRoomId,
    card: String,
}

async fn scene(lab: &Arc<Lab>) -> Scene {
    let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
    let (ticket, room) = lab.open_from_matrix(&clara, "The pump leaks").await;
    let desk = lab.enter_desk(&anna, GENERAL).await;
    let card = lab.card(&anna, &desk, ticket).await.event.to_string();
    lab.accept(&anna, &desk, ticket).await;
    Scene { clara, anna, ticket, room, desk, card }
}

impl Scene {
    async fn command(&self, text: &str) {
        self.anna.say_in_thread(&self.desk, &self.card, text).await;
    }

    /// What the bot says in the offer's thread.
    async fn until_told(&self, part: &str) -> Message {
        let like = |message: &Message| message.sender == bot() && message.says(part);
        let told = self.anna.until_message(&self.desk, part, like).await;
        assert!(told.is_edit() || told.thread.as_deref() == Some(self.card.as_str()), "in the thread: {told:?}");
        told
    }

    async fn tap(&self, message: &Message, key: &str) {
        self.anna.try_react(&self.desk, message.event.as_str(), key).await.expect("an agent may react");
    }

    async fn until_nothing_but_words(&self, forbidden: &[&str]) {
        let messages = self.clara.messages(&self.room).await.expect("the room can be read");
        let seen = messages.iter().any(|message| forbidden.iter().any(|part| message.says(part)));
        assert!(!seen, "the customer reads none of {forbidden:?}:{}", lines(&messages));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_and_a_block_become_a_draft_and_then_the_agents_reply() {
    run(Options::default(), |lab| async move {
        let scene = scene(&lab).await;
        scene.command("!link seal").await;
        let list = scene.until_told("How to change the seal").await;
        let page = format!("{}/SelfService/Article/Display.html?id=1", lab.tracker.url);
        assert!(list.html.contains(&page) && list.body.contains("Seal sizes"), "{}", list.html);
        scene.command("!link change").await;
        let list = scene.anna.until_message(&scene.desk, "the second list", |message| {
            message.says("How to change the seal") && !message.says("Seal sizes")
        });
        scene.tap(&list.await, "1\u{fe0f}\u{20e3}").await;
        let draft = scene.until_told("Draft of Anna Agent").await;
        assert!(draft.html.contains(&page), "{}", draft.html);

        scene.command("!link 1 | how it is done").await;
        scene.until_told("how it is done").await;

        scene.command("!block greeting").await;
        let list = scene.until_told("Building blocks").await;
        assert!(list.body.contains("Hello") && !list.body.contains("Guten Tag"), "{}", list.body);
        scene.command("!block 1").await;
        scene.until_told("this is Anna about ticket").await;
        scene
            .anna
            .reply_in_thread(&scene.desk, &scene.card, draft.event.as_str(), "+ Bye, **{{customer.name}}**")
            .await;
        scene.until_told("Bye, Clara Customer").await;
        scene.until_nothing_but_words(&["seal", "Bye"]).await;

        scene.tap(&draft, ACCEPT).await;
        let read = scene.clara.until_message(&scene.room, "the reply", |message| message.says("Bye")).await;
        assert_eq!(scene.clara.name_of(&scene.room, read.sender.as_str()).await, "Anna Agent");
        let own_words = format!("<a href=\"{page}\">how it is done</a>");
        for part in [
            page.as_str(),
            own_words.as_str(),
            "Hello Clara Customer",
            "<strong>Anna</strong>",
            "<strong>Clara Customer</strong>",
        ] {
            assert!(read.html.contains(part), "{part} in {}", read.html);
        }
        assert!(read.body.contains(&format!("How to change the seal ({page})")), "without HTML: {}", read.body);
        let reply = lab.until_words(scene.ticket, "the reply", |entry| entry.body.contains("Bye")).await;
        assert_eq!((reply.kind.as_str(), reply.by.as_str()), ("Correspond", "Anna Agent"));
        assert!(reply.body.contains(&page) && reply.body.contains(">how it is done</a>"), "{}", reply.body);
        scene.until_told("Sent to the customer by Anna Agent").await;

        // Tapped or written again, it is not sent again.
        scene.command("!send").await;
        scene.until_told("There is no draft of yours").await;
        lab.until_quiet().await;
        let messages = scene.clara.messages(&scene.room).await.expect("the room can be read");
        assert_eq!(messages.iter().filter(|message| message.says("Bye")).count(), 1, "{}", lines(&messages));
        let words = lab.tracker.words(scene.ticket);
        assert_eq!(words.iter().filter(|entry| entry.body.contains("Bye")).count(), 1, "{words:#?}");
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_commands_in_the_ticket_room_are_taken_away() {
    run(Options::default(), |lab| async move {
        let scene = scene(&lab).await;
        scene.anna.say(&scene.room, "!block farewell").await;
        scene.until_told("Building blocks").await;
        scene.anna.say(&scene.room, "!block 1").await;
        let draft = scene.until_told("Draft of Anna Agent").await;
        assert!(
            draft.html.contains("Yours, Anna Agent (<a href=\"https://example.org/desk\">our desk</a>)"),
            "{}",
            draft.html
        );

        scene.anna.say(&scene.room, "!add The serial is {{device.serial}}").await;
        scene.until_told("I don't know what {{device.serial}} stands for").await;
        scene.tap(&draft, ACCEPT).await;
        let refusals = || async {
            let messages = scene.anna.messages(&scene.desk).await?;
            let told = messages.iter().filter(|message| message.says("{{device.serial}}") && !message.is_edit());
            if told.count() > 0 { Ok(()) } else { Err(lines(&messages)) }
        };
        wait::until("the refusal to send it", refusals).await;
        scene.anna.reply_in_thread(&scene.desk, &scene.card, draft.event.as_str(), "Yours, {{agent.name}}").await;
        scene
            .anna
            .until_message(&scene.desk, "the mended draft", |message| {
                message.is_edit() && message.says("Yours, Anna Agent") && !message.says("serial")
            })
            .await;
        scene.anna.say(&scene.room, "!send").await;
        scene.clara.until_message(&scene.room, "the reply", |message| message.says("Yours, Anna Agent")).await;
        lab.until_words(scene.ticket, "the reply", |entry| entry.body.contains("Yours, Anna Agent")).await;
        wait::until("the commands to be taken away", || async {
            let messages = scene.clara.messages(&scene.room).await?;
            let left =
                messages.iter().any(|message| message.says("!block") || message.says("!send") || message.says("!add"));
            if left { Err(lines(&messages)) } else { Ok(()) }
        })
        .await;
        scene.until_nothing_but_words(&["{{", "Draft of", "Building blocks"]).await;
        let words = lab.tracker.words(scene.ticket);
        assert!(!words.iter().any(|entry| entry.body.contains("!block") || entry.body.contains("{{")), "{words:#?}");
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_words_there_is_a_list_of_all() {
    run(Options::default(), |lab| async move {
        let scene = scene(&lab).await;
        scene.command("!link").await;
        let list = scene.until_told("How to change the seal").await;
        assert!(list.body.contains("Seal sizes"), "{}", list.body);
        scene.command("!link 2").await;
        scene.until_told("Draft of Anna Agent").await;
        scene.command("!drop").await;
        scene.command("!block").await;
        let list = scene.until_told("Building blocks").await;
        assert!(list.body.contains("Hello"), "{}", list.body);
        assert!(!list.body.contains("Pump recall"), "that one is another queue's: {}", list.body);
        scene.command("!block 1").await;
        scene
            .anna
            .until_message(&scene.desk, "the draft of a block", |message| {
                message.says("Draft of Anna Agent") && message.says("Hello")
            })
            .await;
        scene.until_nothing_but_words(&["Draft", "seal", "Seal", "Hello"]).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_was_dropped_is_not_sent() {
    run(Options::default(), |lab| async move {
        let scene = scene(&lab).await;
        for (by, text) in [("reaction", "A first thought."), ("command", "A second thought.")] {
            scene.command(&format!("!add {text}")).await;
            let draft = scene.until_told(text).await;
            match by {
                "reaction" => scene.tap(&draft, "❌").await,
                _ => scene.command("!drop").await,
            }
            let dropped = |message: &Message| message.is_edit() && message.says("Dropped by") && message.says(text);
            scene.anna.until_message(&scene.desk, &format!("it to be dropped by {by}"), dropped).await;
        }
        scene.command("!send").await;
        scene.until_told("There is no draft of yours").await;
        scene.anna.say(&scene.room, "My third thought.").await;
        lab.until_words(scene.ticket, "it", |entry| entry.body.contains("My third thought.")).await;
        scene.until_nothing_but_words(&["A first", "A second"]).await;
        let words = lab.tracker.words(scene.ticket);
        assert!(
            !words.iter().any(|entry| entry.body.contains("A first") || entry.body.contains("A second")),
            "{words:#?}"
        );
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_sent_once_although_the_bridge_died_while_sending_it() {
    run(Options::default(), |lab| async move {
        let scene = scene(&lab).await;
        for point in ["after-inbox", "before-send", "after-send"] {
            let text = format!("Drafted before {point}.");
            scene.command(&format!("!add {text}")).await;
            let draft = scene.until_told(&text).await;
            lab.until_quiet().await;
            lab.bridge.kill9();
            lab.bridge.start_with_crash_at(point).await;
            scene.tap(&draft, ACCEPT).await;
            lab.bridge.process.ended().await;
            lab.bridge.start().await;
            lab.until_words(scene.ticket, &text, |entry| entry.body.contains(&text)).await;
            scene.clara.until_message(&scene.room, &text, |message| message.says(&text)).await;
            lab.until_quiet().await;
            let messages = scene.clara.messages(&scene.room).await.expect("the room can be read");
            assert_eq!(messages.iter().filter(|message| message.says(&text)).count(), 1, "{}", lines(&messages));
            let words = lab.tracker.words(scene.ticket);
            assert_eq!(words.iter().filter(|entry| entry.body.contains(&text)).count(), 1, "{words:#?}");
        }
    })
    .await
}
