//! Messages that can't be delivered for long: their authors are told once, and told again when they arrived.

use ticketroom::bridge::decide;
use ticketroom::model::{
    Author, Effect, Fact, FileKind, FileSpeech, MessageId, Outcome, Place, Powers, Refusal, RichText, Snapshot,
    Speaker, Speech, Ticket, Visibility, WaitingPost,
};

use crate::world::*;

fn post(marker: &str) -> Effect {
    Effect::Post {
        ticket: id(),
        author: Author::Customer { matrix: user(CAROL), name: "Carol".to_owned() },
        visibility: Visibility::Public,
        body: RichText::plain("hello"),
        files: Vec::new(),
        marker: event(marker),
        from: Some(Place::Room(room(T))),
    }
}

fn answer() -> Effect {
    Effect::Say(Speech {
        place: Place::Room(room(T)),
        speaker: Speaker::Bot,
        kind: ticketroom::model::SpeechKind::Message,
        body: RichText::plain("hello"),
        reply_to: None,
        answers: None,
        room_thread: None,
        carries: Some((id(), MessageId::new("5"))),
        replaces: None,
        offer_of: None,
        prepares: None,
        tells: None,
        language: None,
    })
}

/// A file of the same message.
fn file(name: &str) -> Effect {
    Effect::SayFile(FileSpeech {
        place: Place::Room(room(T)),
        speaker: Speaker::Bot,
        file: attached(name, FileKind::Other),
        caption: RichText::default(),
        reply_to: None,
        answers: None,
        room_thread: None,
        carries: Some((id(), MessageId::new("5"))),
        language: None,
    })
}

fn overdue(effect: Effect) -> Fact {
    Fact::Overdue(Box::new(effect))
}

fn waiting(marker: &str) -> Ticket {
    Ticket { waiting: Some(WaitingPost { marker: event(marker), place: Place::Room(room(T)) }), ..ticket() }
}

#[test]
fn whoever_wrote_what_waits_is_told_once() {
    check(
        overdue(post("$e")),
        lane(ticket()),
        r#"notice in !t at $e or instead: "This message is not delivered yet, …"
        remember #1, …"#,
    );
    nothing(overdue(post("$other")), lane(waiting("$e")));
}

#[test]
fn what_waited_and_arrived_is_told_at_the_message_that_was_told_of() {
    check(
        done(post("$e"), Outcome::Ok),
        lane(waiting("$e")),
        r#"notice in !t at $e or instead: "This message has been delivered now."
        remember #1, …"#,
    );
    nothing(done(post("$e"), Outcome::Ok), lane(ticket()));
}

/// What an agent wrote in the thread.
fn noted(marker: &str) -> Effect {
    match post(marker) {
        Effect::Post { ticket, author, body, files, marker, .. } => {
            let (visibility, from) = (Visibility::Internal, thread());
            Effect::Post { ticket, author, visibility, body, files, marker, from: Some(from) }
        }
        other => other,
    }
}

#[test]
fn whoever_wrote_elsewhere_is_told_too_and_hears_of_the_own_message() {
    check(
        overdue(noted("$note")),
        lane(waiting("$e")),
        r#"notice in thread $card of Support at $note or instead: "This message is not delivered yet, …"
        remember #1, waiting"#,
    );
    let mut both = waiting("$e");
    both.note_waiting(WaitingPost { marker: event("$note"), place: thread() });
    nothing(overdue(noted("$other")), lane(both.clone()));
    check(
        done(post("$e"), Outcome::Ok),
        lane(both.clone()),
        r#"notice in !t at $e or instead: "This message has been delivered now."
        remember #1, waiting"#,
    );
    check(
        done(noted("$note"), Outcome::Ok),
        lane(both),
        r#"notice in thread $card of Support at $note or instead: "This message has been delivered now."
        remember #1, waiting"#,
    );
}

#[test]
fn what_was_given_up_and_arrives_later_is_told() {
    let given_up = Ticket { undelivered: vec![event("$e")], ..ticket() };
    check(
        done(post("$e"), Outcome::Ok),
        lane(given_up.clone()),
        r#"notice in !t at $e or instead: "This message has been delivered now."
        remember #1, …"#,
    );
    nothing(done(post("$other"), Outcome::Ok), lane(given_up));
}

#[test]
fn an_answer_that_waits_is_noted_in_the_helpdesk_and_that_it_arrived_too() {
    check(
        overdue(answer()),
        lane(ticket()),
        r#"post #1 as bridge internal: "Ticketroom: the message before is not in the Matrix room yet, …" from …
        remember #1, …"#,
    );
    let waits = Ticket { waiting_here: Some(MessageId::new("5")), ..ticket() };
    nothing(overdue(answer()), lane(waits.clone()));
    check(
        done(answer(), Outcome::Sent { room: room(T), event: event("$said") }),
        lane(waits),
        r#"post #1 as bridge internal: "Ticketroom: the message that waited is in the Matrix room now." from …
        remember #1, …"#,
    );
}

#[test]
fn of_what_was_refused_whole_nobody_is_told_that_it_arrived() {
    let refused = |effect: Effect| done(effect, Outcome::Without { refused: vec![(0, Refusal::Empty)], done: None });
    let picture = |caption: &str| match post("$e") {
        Effect::Post { ticket, author, visibility, marker, from, .. } => {
            let (body, files) = (RichText::plain(caption), vec![sent_file("leak.heic")]);
            Effect::Post { ticket, author, visibility, body, files, marker, from }
        }
        other => other,
    };
    let told = r#"notice in !t at $e or instead: "“leak.heic” was not passed on …""#;
    check(refused(picture("")), lane(waiting("$e")), &format!("remember #1, waiting\n{told}"));
    check(refused(picture("")), lane(waiting("$other")), told);
    let words = Outcome::Ok.without(vec![(0, Refusal::Empty)]);
    let arrived = r#"notice in !t at $e or instead: "This message has been delivered now.""#;
    check(done(picture("See"), words), lane(waiting("$e")), &format!("{arrived}\nremember #1, waiting\n{told}"));
    let not_shown = r#"notice in !t answering 5: "“a.pdf”, which was attached …"
        notice in thread …
        post #1 as bridge internal: "“a.pdf” was not shown …" from …"#;
    let waits = |id: &str| Ticket { waiting_here: Some(MessageId::new(id)), ..ticket() };
    check(refused(file("a.pdf")), lane(waits("5/a.pdf")), &format!("remember #1, waiting here\n{not_shown}"));
    check(refused(file("a.pdf")), lane(waits("5")), not_shown);
}

fn sent() -> Outcome {
    Outcome::Sent { room: room(T), event: event("$said") }
}

#[test]
fn a_file_that_waits_is_noted_in_the_helpdesk_and_that_it_arrived_too() {
    check(
        overdue(file("a.pdf")),
        lane(ticket()),
        r#"post #1 as bridge internal: "Ticketroom: the message before is not in the Matrix room yet, …" from …
        remember #1, waiting here"#,
    );
    let waits = Ticket { waiting_here: Some(MessageId::new("5/a.pdf")), ..ticket() };
    nothing(overdue(file("b.pdf")), lane(waits.clone()));
    check(
        done(file("a.pdf"), sent()),
        lane(waits.clone()),
        r#"post #1 as bridge internal: "Ticketroom: the message that waited is in the Matrix room now." from …
        remember #1, waiting here"#,
    );
    nothing(done(file("a.pdf"), sent()), lane(ticket()));
}

#[test]
fn of_a_message_and_its_files_each_arrives_by_itself() {
    check(
        dies(file("a.pdf")),
        lane(ticket()),
        r#"post #1 as bridge internal: "Ticketroom: the message before could not be delivered …" from …
        remember #1, undelivered here"#,
    );
    let given_up = Ticket { undelivered_here: vec![MessageId::new("5/a.pdf")], ..ticket() };
    nothing(done(answer(), sent()), lane(given_up.clone()));
    nothing(done(file("b.pdf"), sent()), lane(given_up.clone()));
    check(
        done(file("a.pdf"), sent()),
        lane(given_up),
        r#"post #1 as bridge internal: "Ticketroom: the message that waited is in the Matrix room now." from …
        remember #1, undelivered here"#,
    );
}

#[test]
fn what_could_not_be_read_is_told_when_it_arrives() {
    let fetch = Effect::FetchMessage { ticket: id(), message: MessageId::new("5") };
    let effects = decide(&dies(fetch), &lane(ticket()));
    let Some(Effect::RememberTicket(unread)) = effects.last() else { panic!("{effects:?}") };
    let unread = (**unread).clone();
    for arrives in [answer(), file("a.pdf")] {
        check(
            done(arrives, sent()),
            lane(unread.clone()),
            r#"post #1 as bridge internal: "Ticketroom: the message that waited is in the Matrix room now." from …
            remember #1, undelivered here"#,
        );
    }
}

#[test]
fn words_that_were_given_up_have_not_arrived_with_their_file() {
    let given_up = Ticket { undelivered_here: vec![MessageId::new("5")], ..ticket() };
    nothing(done(file("a.pdf"), sent()), lane(given_up));
}

/// The first file of what opened the ticket.
fn opening() -> Effect {
    let Effect::SayFile(speech) = file("a.pdf") else { panic!("a file") };
    Effect::SayFile(FileSpeech { carries: Some((id(), MessageId::opening())), ..speech })
}

#[test]
fn what_opened_a_ticket_in_matrix_and_could_not_be_shown_is_told_in_the_thread() {
    let told = r#"notice in thread $card of Support: "…could not be said in the room: …""#;
    let Effect::SayFile(speech) = file("a.pdf") else { panic!("a file") };
    check(dies(Effect::SayFile(FileSpeech { carries: None, ..speech })), lane(ticket()), told);
    let from_matrix = ticket().with(|it| it.marker = Some(event("$first")));
    nothing(overdue(opening()), lane(from_matrix.clone()));
    check(dies(opening()), lane(from_matrix), told);
}

#[test]
fn who_opened_a_ticket_in_the_helpdesk_is_told_there_like_the_author_of_any_message() {
    check(
        dies(opening()),
        lane(ticket()),
        r#"notice in thread $card of Support: "…could not be said in the room: …"
        post #1 as bridge internal: "Ticketroom: the message before could not be delivered …" from …
        remember #1, undelivered here"#,
    );
    let room =
        |snapshot: Snapshot| Effect::CreateTicketRoom { snapshot: Box::new(snapshot), powers: Powers::default() };
    check(
        overdue(room(snapshot())),
        lane(unfurnished()),
        r#"post #1 as bridge internal: "Ticketroom: the message before is not in the Matrix room yet, …" from …
        remember #1, waiting here"#,
    );
    let waits = Ticket { waiting_here: Some(MessageId::opening()), ..ticket() };
    nothing(overdue(room(snapshot())), lane(Ticket { room: None, ..waits.clone() }));
    nothing(overdue(opening()), lane(waits.clone()));
    check(
        done(opening(), sent()),
        lane(waits),
        r#"post #1 as bridge internal: "Ticketroom: the message that waited is in the Matrix room now." from …
        remember #1, …"#,
    );
    let silent = snapshot().with(|it| it.description = RichText::default());
    nothing(overdue(room(silent.clone())), lane(Ticket::new(silent)));
}
