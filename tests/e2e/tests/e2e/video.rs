//! Point 7: video sessions by `!video`, in the room and in the ticket, followed, ended by hand and with the ticket, and off.

use matrix_sdk::ruma::OwnedRoomId;
use serde_json::{Value, json};
use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::person::Person;
use ticketroom_e2e::steps::{ACCEPT, GENERAL};
use ticketroom_e2e::synapse::DOMAIN;
use ticketroom_e2e::{Lab, Options, run, wait};
use url::{Url, form_urlencoded};

const MEMBER: &str = "org.matrix.msc3401.call.member";
const WIDGETS: &str = "im.vector.modular.widgets";

async fn until_widget(anybody: &Person, room: &OwnedRoomId, what: &str, like: impl Fn(&Value) -> bool) -> Value {
    wait::until(&format!("a widget {what}"), || async {
        let widget = anybody.state(room, WIDGETS, "ticketroom-video").await?;
        if like(&widget) { Ok(widget) } else { Err(widget.to_string()) }
    })
    .await
}

/// The name of a session and the parameters, from where Element Call looks for them (its `UrlParams.ts`).
fn as_element_call_reads_it(url: &str) -> (String, Vec<(String, String)>) {
    let url = Url::parse(url).expect("an address");
    assert_eq!((url.path(), url.query()), ("/room/", None), "nothing of it reaches the server");
    let (name, query) = url.fragment().and_then(|fragment| fragment.split_once('?')).expect("parameters");
    let name = name.strip_prefix("/ticket-").expect("a name").to_owned();
    (name, form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

/// How Element Call writes that somebody is in a room's call: under which key, and what.
fn membership(of: &Person, device: &str) -> (String, Value) {
    let content = json!({
        "application": "m.call", "call_id": "", "scope": "m.room", "device_id": device, "expires": 14_400_000,
        "focus_active": {"type": "livekit", "focus_selection": "oldest_membership"}, "foci_preferred": [],
    });
    (format!("_{}_{device}_m.call", of.id), content)
}

/// A ticket that Anna has accepted: its room, the desk's room, and the offer there.
async fn accepted(lab: &Lab, clara: &Person, anna: &Person) -> (u64, OwnedRoomId, OwnedRoomId, String) {
    let (ticket, room) = lab.open_from_matrix(clara, "The pump leaks").await;
    let desk = lab.enter_desk(anna, GENERAL).await;
    lab.accept(anna, &desk, ticket).await;
    let card = lab.card(anna, &desk, ticket).await.event.to_string();
    (ticket, room, desk, card)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jitsi_session_is_linked_shown_and_ended_with_the_ticket() {
    let config = r#"{"video": {"provider": "jitsi", "jitsi": {"address": "https://meet.example.org", "app_id": "desk",
        "secret": "a-secret-of-the-jitsi-server"}}}"#;
    run(Options { config, ..Options::default() }, |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room, desk, card) = accepted(&lab, &clara, &anna).await;

        anna.say_in_thread(&desk, &card, "!video").await;
        let shown = clara.until_message(&room, "the link", |message| message.says("https://meet.example.org/")).await;
        assert_eq!((shown.sender.as_str(), shown.msgtype.as_str()), (bot().as_str(), "m.text"));
        let (_, url) = shown.html.split_once("<a href=\"").expect("a link");
        let (url, rest) = url.split_once("\">").expect("a link");
        assert!(rest.starts_with("Join the video session</a>"), "{}", shown.html);
        assert!(shown.body.contains(&format!("({url})")) && shown.body.contains("Anna Agent"), "{}", shown.body);
        let name = url.strip_prefix("https://meet.example.org/ticket-").expect("a name");
        assert!(name.len() == 40 && name.bytes().all(|digit| digit.is_ascii_hexdigit()), "unguessable: {name}");

        let widget = until_widget(&clara, &room, "of the session", |widget| widget["type"] == "jitsi").await;
        assert_eq!((&widget["url"], &widget["creatorUserId"]), (&url.into(), &bot().into()));
        assert_eq!(widget["data"]["domain"], "meet.example.org");
        let data = widget["data"].as_object().expect("data");
        assert!(data.values().all(Value::is_string), "Nheko shows no widget with anything but words: {data:?}");
        let own = anna.until_message(&desk, "the agent's link", |message| message.says("?jwt=")).await;
        assert_eq!(own.thread.as_deref(), Some(card.as_str()));
        let seen = clara.messages(&room).await.expect("the room can be read");
        assert!(!seen.iter().any(|message| message.says("jwt=")), "the moderator's link is the agent's alone");

        let opened = lab.until_words(ticket, "the comment", |entry| entry.body.contains(url)).await;
        assert_eq!((opened.kind.as_str(), opened.by.as_str()), ("Comment", "Anna Agent"));
        assert_eq!(lab.tracker.links(ticket), [url]);

        // A call in the room itself is for those who may write, and for nobody once it is locked.
        let member = json!({"application": "m.call", "call_id": "", "device_id": "D", "foci_preferred": []});
        clara.try_set_state(&room, MEMBER, clara.id.as_str(), &member).await.expect("a customer may join a call");
        lab.tracker.person("BERT").change(ticket, json!({"Status": "resolved"})).await;
        clara.until_message(&room, "the end", |message| message.says("video session has ended")).await;
        until_widget(&clara, &room, "no more", |widget| widget["url"].is_null()).await;
        lab.until_words(ticket, "the end", |entry| entry.kind == "Comment" && entry.body.contains("session done"))
            .await;
        lab.until_locked(&clara, &room, true).await;
        // Another one: what is there already would be no change.
        let member = json!({"application": "m.call", "call_id": "", "device_id": "E", "foci_preferred": []});
        for kind in [MEMBER, "m.call.member"] {
            let refusal = clara.try_set_state(&room, kind, clara.id.as_str(), &member).await;
            assert_eq!(refusal.map_err(|refusal| refusal.errcode), Err("M_FORBIDDEN".to_owned()), "{kind}");
        }
        assert!(
            !lab.bridge.process.log_tail(100_000).contains("a-secret-of-the-jitsi-server"),
            "the log keeps the secret"
        );
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_wishes_for_a_session_and_its_state_follows_the_call() {
    let config = r#"{"video": {"provider": "element_call", "element_call": {"address": "https://call.example.org"},
        "customers_may_ask": true, "off_for": {"desks": ["Pumps"]}}}"#;
    run(Options { config, ..Options::default() }, |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room, desk, card) = accepted(&lab, &clara, &anna).await;
        let in_thread = |text: &'static str| {
            let (anna, desk, card) = (&anna, &desk, card.clone());
            async move {
                let said = anna.until_message(desk, text, |message| message.says(text)).await;
                assert_eq!(said.thread.as_deref(), Some(card.as_str()), "{text}");
                said.event
            }
        };

        clara.say(&room, "!video").await;
        clara.until_message(&room, "the answer", |message| message.says("Your wish was passed on")).await;
        let wish = in_thread("Clara Customer asks for a video session").await;
        anna.try_react(&desk, wish.as_str(), ACCEPT).await.expect("an agent may react");
        let head = "https://call.example.org/room/#/ticket-";
        let shown = clara.until_message(&room, "the link", |message| message.says(head)).await;
        let (_, rest) = shown.body.split_once(head).expect("the link");
        let (rest, _) = rest.split_once(')').expect("the end of the link");
        let url = format!("{head}{rest}");
        let (name, read) = as_element_call_reads_it(&url);
        assert!(name.len() == 40 && name.bytes().all(|digit| digit.is_ascii_hexdigit()), "{name}");
        assert_eq!(read, [("roomId".to_owned(), room.to_string()), ("viaServers".to_owned(), DOMAIN.to_owned())]);
        assert!(shown.says("It is the call of this room"), "{}", shown.body);
        wait::until("the ticket to refer to it", || async {
            let links = lab.tracker.links(ticket);
            if links == [url.clone()] { Ok(()) } else { Err(format!("{links:?}")) }
        })
        .await;
        let widget = until_widget(&clara, &room, "of the session", |widget| widget["type"] == "m.call").await;
        let (same, mut read) = as_element_call_reads_it(widget["url"].as_str().expect("an address"));
        assert_eq!(same, name);
        let of_the_client = read.split_off(2);
        assert_eq!(read[0], ("roomId".to_owned(), room.to_string()));
        for (key, variable) in [
            ("userId", "$matrix_user_id"),
            ("deviceId", "$org.matrix.msc3819.matrix_device_id"),
            ("baseUrl", "$org.matrix.msc4039.matrix_base_url"),
        ] {
            assert!(of_the_client.contains(&(key.to_owned(), variable.to_owned())), "{of_the_client:?}");
        }

        // As Element Call joins: a membership of this device, in the room that the link names.
        let called = OwnedRoomId::try_from(read[0].1.as_str()).expect("a room's id");
        let (of_clara, member) = membership(&clara, "PHONE");
        clara.try_set_state(&called, MEMBER, &of_clara, &member).await.expect("a customer may join");
        in_thread("Clara Customer is in the video session").await;
        let (of_anna, member) = membership(&anna, "DESK");
        anna.try_set_state(&called, MEMBER, &of_anna, &member).await.expect("an agent may join");
        clara.try_set_state(&called, MEMBER, &of_clara, &json!({})).await.expect("she may leave");
        anna.say_in_thread(&desk, &card, "!video").await;
        in_thread("The video session is in progress").await;
        anna.try_set_state(&called, MEMBER, &of_anna, &json!({})).await.expect("she may leave");
        in_thread("Everybody has left the video session").await;
        anna.say_in_thread(&desk, &card, "!video end").await;
        in_thread("Video session done").await;
        clara.until_message(&room, "the end", |message| message.says("video session has ended")).await;
        until_widget(&clara, &room, "no more", |widget| widget["url"].is_null()).await;
        lab.until_words(ticket, "the end", |entry| entry.kind == "Comment" && entry.body.contains("session done"))
            .await;

        // Another one, which nobody comes to.
        anna.say_in_thread(&desk, &card, "!video").await;
        until_widget(&clara, &room, "of the second session", |widget| widget["type"] == "m.call").await;
        anna.say_in_thread(&desk, &card, "!video end").await;
        in_thread("Video session cancelled, as far as can be seen: nobody was in the room's call").await;
        lab.until_words(ticket, "that", |entry| entry.kind == "Comment" && entry.body.contains("cancelled")).await;

        // Off for the desk that it is handed over to: refused with that reason, and not listed.
        lab.tracker.person("ROOT").change(ticket, json!({"Queue": "Pumps"})).await;
        clara.until_message(&room, "the new desk", |message| message.says("Pumps")).await;
        anna.say(&room, "!video").await;
        let pumps = lab.enter_desk(&anna, lab.tracker.queue("Pumps")).await;
        anna.until_message(&pumps, "the refusal", |message| message.says("no video sessions for tickets of this desk"))
            .await;
        anna.say(&room, "!help").await;
        let help = anna.until_message(&pumps, "the help", |message| message.says("!close")).await;
        assert!(!help.body.contains("!video"), "{}", help.body);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_provider_is_linked_by_its_address_and_is_off_for_a_device_or_a_template() {
    let config = r#"{"video": {"provider": "template", "template": "https://video.example.org/join/{session}?lang=en",
        "off_for": {"devices": ["Press 9"]}}}"#;
    run(Options { config, ..Options::default() }, |lab| async move {
        let (clara, anna) = tokio::join!(lab.clara(), lab.anna());
        let (ticket, room, desk, card) = accepted(&lab, &clara, &anna).await;
        anna.say_in_thread(&desk, &card, "!video").await;
        let head = "https://video.example.org/join/ticket-";
        let shown = clara.until_message(&room, "the link", |message| message.says(head)).await;
        let (_, rest) = shown.body.split_once(head).expect("the link");
        let (name, _) = rest.split_once("?lang=en").expect("what stands behind the name");
        assert!(name.len() == 40 && name.bytes().all(|digit| digit.is_ascii_hexdigit()), "unguessable: {name}");
        let url = format!("{head}{name}?lang=en");
        let widget = until_widget(&clara, &room, "of the session", |widget| widget["type"] == "m.custom").await;
        assert_eq!(widget["url"], url);
        wait::until("the ticket to refer to it", || async {
            let links = lab.tracker.links(ticket);
            if links == [url.clone()] { Ok(()) } else { Err(format!("{links:?}")) }
        })
        .await;
        anna.say_in_thread(&desk, &card, "!video end").await;
        clara.until_message(&room, "the end", |message| message.says("video session has ended")).await;

        let pumps = lab.enter_desk(&anna, lab.tracker.queue("Pumps")).await;
        let device = ["--id", "press-9", "--device", "Press 9"];
        let template = ["--id", "pump-7", "--device", "Pump 7", "--template", "pumps"];
        for (code, subject, desk, reason) in [
            (&device[..], "It hisses", desk, "There are no video sessions for this device."),
            (&template[..], "Pump 7: It hisses", pumps, "There are no video sessions for tickets of this kind."),
        ] {
            lab.bridge.command(&[&["code", "add"], code].concat(), &[]);
            let door = clara.chat_with(&format!("@_desk_code_{}:{DOMAIN}", code[1])).await;
            clara.say(&door, "It hisses").await;
            let ticket = lab.until_ticket(subject).await;
            lab.accept(&anna, &desk, ticket).await;
            let card = lab.card(&anna, &desk, ticket).await.event.to_string();
            anna.say_in_thread(&desk, &card, "!video").await;
            let told = anna.until_message(&desk, reason, |message| message.says(reason)).await;
            assert_eq!(told.thread.as_deref(), Some(card.as_str()));
            anna.say_in_thread(&desk, &card, "!help").await;
            let help = anna
                .until_message(&desk, "the help", |message| {
                    message.says("!close") && message.thread.as_deref() == Some(card.as_str())
                })
                .await;
            assert!(!help.body.contains("!video"), "{}", help.body);
        }
    })
    .await
}
