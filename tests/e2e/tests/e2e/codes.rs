//! Intake codes, quotas and `!cancel`, with a real client, a real homeserver and a real Request Tracker.

use ticketroom_e2e::bridge::bot;
use ticketroom_e2e::synapse::DOMAIN;
use ticketroom_e2e::{Lab, Options, Person, run, wait};

fn contact(code: &str) -> String {
    format!("@_desk_code_{code}:{DOMAIN}")
}

async fn until_said(person: &Person, room: &matrix_sdk::ruma::RoomId, by: &str, words: &str) {
    let by = by.to_owned();
    person.until_message(room, words, |message| message.sender == by && message.says(words)).await;
}

/// Somebody wants to begin a chat too many.
async fn until_turned_away(person: &Person) {
    let chat = person.invite_to_chat(&bot()).await;
    let left = person.until_member(&chat, &bot(), "leave").await;
    let reason = left["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("So many chats were begun within the last hour"), "{left}");
}

async fn until_tickets(lab: &Lab, count: usize) {
    wait::until(&format!("{count} tickets"), || async {
        let tickets = lab.tracker.tickets();
        if tickets.len() == count { Ok(()) } else { Err(format!("{tickets:?}")) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_scans_a_code_is_greeted_and_gets_a_ticket_with_device_template_queue_and_priority() {
    run(Options::default(), |lab| async move {
        // The homeserver never heard of this contact: it asks us when somebody writes to it.
        let apart = [("TICKETROOM_HOMESERVER__ADDRESS", "http://127.0.0.1:9")];
        let add = ["code", "add", "--id", "pump-7", "--device", "Pump 7", "--template", "pumps", "--language", "de"];
        let made = lab.bridge.command(&add, &apart);
        assert!(made.contains(&format!("https://matrix.to/#/{}", contact("pump-7"))), "{made}");

        // What a camera reads, as the terminal shows it, as pixels and for a printer.
        let (png, svg) = (lab.folder().join("code.png"), lab.folder().join("code.svg"));
        let files = ["--png", &png.to_string_lossy(), "--svg", &svg.to_string_lossy()];
        lab.bridge.command(&[&["code", "qr", "pump-7"], &files[..]].concat(), &[]);
        assert!(std::fs::read(&png).expect("a picture").starts_with(b"\x89PNG"));
        assert!(std::fs::read_to_string(&svg).expect("a picture").contains("<svg"));
        let shown = lab.bridge.command(&["code", "qr", "pump-7"], &[]);
        assert!(
            shown.contains(&contact("pump-7")) && shown.lines().filter(|line| line.contains('█')).count() > 10,
            "{shown}"
        );

        let clara = lab.clara().await;
        let door = clara.chat_with(&contact("pump-7")).await;
        until_said(&clara, &door, &contact("pump-7"), "Guten Tag! Hier ist der Support für „Pump 7“").await;
        assert_eq!(clara.name_of(&door, &contact("pump-7")).await, "Pump 7 – Support");
        clara.say(&door, "It leaks").await;
        clara.say(&door, "About two litres a day.").await;
        let ticket = lab.until_ticket("Pump 7: It leaks").await;
        lab.until_words(ticket, "the second message", |entry| entry.body.contains("two litres a day")).await;
        lab.until_field(ticket, "queue", "Pumps").await;
        let row = lab.tracker.person("ANNA").ticket(ticket).await;
        let field = |name: &str| {
            let fields = row["CustomFields"].as_array().cloned().unwrap_or_default();
            let found = fields.iter().find(|field| field["name"] == name).cloned().unwrap_or_default();
            found["values"][0].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!((field("Device"), field("Template")), ("Pump 7".to_owned(), "pumps".to_owned()), "{row}");
        assert!(row["Priority"] == 100 || row["Priority"] == "100", "{}", row["Priority"]);

        let room = lab.ticket_room(&clara, ticket).await;
        clara.accept_invitation(&room).await;
        until_said(&clara, &room, &bot(), "Das ist der Raum").await;
        until_said(&clara, &room, &bot(), "We look at Pump 7, Clara Customer.").await;
        lab.until_words(ticket, "what the customer was shown", |entry| entry.body.contains("We look at")).await;

        // Once inside, the door opens another one; so does the bot's.
        lab.until_quiet().await;
        clara.say(&door, "It smells, too").await;
        lab.until_ticket("Pump 7: It smells, too").await;
        lab.open_from_matrix(&clara, "Something else").await;
        until_tickets(&lab, 3).await;

        // A code that is not valid any more says so: at its doors, and to who comes new.
        lab.bridge.command(&["code", "disable", "pump-7"], &[]);
        let second = lab.ticket_room(&clara, lab.until_ticket("Pump 7: It smells, too").await).await;
        clara.accept_invitation(&second).await;
        lab.until_quiet().await;
        clara.say(&door, "And another").await;
        until_said(&clara, &door, &contact("pump-7"), "Dieser Code gilt nicht mehr").await;
        let dora = lab.person("dora", "Dora").await;
        let closed = dora.invite_to_chat(&contact("pump-7")).await;
        let left = dora.until_member(&closed, &contact("pump-7"), "leave").await;
        assert!(left["reason"].as_str().unwrap_or_default().contains("Dieser Code gilt nicht mehr"), "{left}");
        until_tickets(&lab, 3).await;

        let shown = lab.bridge.command(&["code", "list"], &[]);
        assert!(shown.contains("device Pump 7, template pumps, language de, DISABLED"), "{shown}");
        let shown = lab.bridge.command(&["code", "list"], &[("TICKETROOM_TEMPLATES", "[]")]);
        assert!(shown.contains("template pumps, language de, TEMPLATE NOT IN THE CONFIGURATION"), "{shown}");
        let shown = lab.bridge.command(&["code", "qr", "pump-7"], &[]);
        assert!(shown.contains("This code is disabled: ticketroom code enable pump-7"), "{shown}");
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_too_many_is_refused_and_one_that_nobody_accepted_can_be_taken_back() {
    let quotas = &[("tickets_per_customer_per_hour", 2)];
    run(Options { quotas, ..Options::default() }, |lab| async move {
        let clara = lab.clara().await;
        let (accepted, room) = lab.open_from_matrix(&clara, "First").await;
        let (taken_back, other) = lab.open_from_matrix(&clara, "Second").await;
        lab.until_quiet().await;
        let door = clara.chat_with(&bot()).await;
        clara.say(&door, "Third").await;
        until_said(&clara, &door, &bot(), "You have opened 2 tickets within the last hour").await;
        // It is counted in the database, and said once.
        lab.bridge.restart().await;
        clara.say(&door, "Fourth").await;
        // What belongs to a ticket gets through all the same.
        clara.say(&room, "It got worse").await;
        lab.until_words(accepted, "the message", |entry| entry.body.contains("It got worse")).await;
        lab.until_quiet().await;
        assert_eq!(lab.tracker.tickets(), [accepted, taken_back]);
        let said = clara.messages(&door).await.expect("the room can be read");
        assert_eq!(said.iter().filter(|message| message.says("You have opened 2 tickets")).count(), 1);
        // Nobody else's quota is used up.
        let dora = lab.person("dora", "Dora").await;
        lab.open_from_matrix(&dora, "Dora's").await;

        lab.tracker.person("ANNA").take(accepted).await;
        until_said(&clara, &room, &bot(), "Anna Agent now takes care").await;
        clara.say(&room, "!cancel").await;
        until_said(&clara, &room, &bot(), "Anna Agent has accepted this ticket already").await;
        clara.say(&other, "!Cancel").await;
        until_said(&clara, &other, &bot(), "Clara Customer has taken this ticket back.").await;
        lab.until_field(taken_back, "status", "rejected").await;
        lab.until_locked(&clara, &other, true).await;
        let note = lab.until_words(taken_back, "the note", |entry| entry.body.contains("!cancel")).await;
        assert_eq!(note.kind, "Comment");
        lab.until_field(accepted, "owner", "anna").await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_as_many_tickets_open_as_they_may_gets_another_one_once_one_is_closed() {
    run(Options { quotas: &[("open_tickets_per_customer", 1)], ..Options::default() }, |lab| async move {
        let clara = lab.clara().await;
        let (first, room) = lab.open_from_matrix(&clara, "First").await;
        lab.until_quiet().await;
        let door = clara.chat_with(&bot()).await;
        clara.say(&door, "Too early").await;
        until_said(&clara, &door, &bot(), "A ticket of yours is open, and I may open no other one.").await;
        lab.until_quiet().await;
        assert_eq!(lab.tracker.tickets(), [first]);
        lab.tracker.person("ANNA").change(first, serde_json::json!({"Status": "resolved"})).await;
        lab.until_locked(&clara, &room, true).await;
        clara.say(&door, "Second").await;
        lab.until_ticket("Second").await;
        until_tickets(&lab, 2).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_and_a_homeservers_tickets_have_quotas_too_and_what_is_refused_is_said() {
    let quotas =
        &[("rooms_per_customer_per_hour", 2), ("rooms_per_server_per_hour", 3), ("tickets_per_server_per_hour", 1)];
    run(Options { quotas, ..Options::default() }, |lab| async move {
        let (clara, dora) = tokio::join!(lab.clara(), lab.person("dora", "Dora"));
        let (ticket, _) = lab.open_from_matrix(&clara, "First").await;
        clara.chat_with(&bot()).await;
        lab.until_quiet().await;
        until_turned_away(&clara).await;
        let door = dora.chat_with(&bot()).await;
        dora.say(&door, "Second").await;
        until_said(&dora, &door, &bot(), "So many tickets were opened from your homeserver").await;
        until_turned_away(&lab.person("erik", "Erik").await).await;
        lab.until_quiet().await;
        assert_eq!(lab.tracker.tickets(), [ticket]);
    })
    .await
}
