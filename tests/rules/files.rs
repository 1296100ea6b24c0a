//! Files: carried with the words they came with, in order; what is refused is said, and the rest goes on.

use ticketroom::model::{
    Author, Effect, Fact, FileKind, FileSpeech, Ghost, Outcome, Place, Refusal, RichText, Room, Said, Speaker, Ticket,
    Visibility,
};

use crate::world::*;

/// Dora's ghost stands in the room already.
fn knows_dora() -> Ticket {
    Ticket { ghosts: vec![Ghost { person: dora().id, agent: true }], ..ticket() }
}

fn sent(who: &str, place: &str, caption: &str) -> Said {
    Said { files: vec![sent_file("leak.png")], ..said_by(who, place, caption) }
}

fn with_files(mut message: ticketroom::model::HelpdeskMessage, names: &[(&str, FileKind)]) -> Fact {
    message.files = names.iter().map(|(name, kind)| attached(name, *kind)).collect();
    Fact::Posted(message)
}

#[test]
fn a_file_in_the_ticket_room_is_posted_with_its_caption() {
    check(
        Fact::Said(sent(CAROL, T, "See")),
        in_room(ticket()),
        r#"post #1 as customer @carol carol public: "See" with "leak.png" from $e in !t"#,
    );
}

#[test]
fn a_file_at_the_door_opens_a_ticket_named_after_it_or_its_caption() {
    check(
        Fact::Said(sent(CAROL, D, "")),
        at_door(None),
        r#"open ticket at desk 3 for @carol carol: "leak.png" "" with "leak.png" from $e in !d
        count Ticket of @carol at !d"#,
    );
    check(
        Fact::Said(sent(CAROL, D, "It leaks")),
        at_door(None),
        r#"open ticket at desk 3 for @carol carol: "It leaks" "It leaks" with "leak.png" from $e in !d
        count Ticket of @carol at !d"#,
    );
}

#[test]
fn several_files_of_one_message_follow_its_words_in_their_order() {
    check(
        with_files(message(dora(), true, "Two plans"), &[("b.pdf", FileKind::Other), ("a.png", FileKind::Image)]),
        lane(knows_dora()),
        r#"
        say in !t as ghost 23 Dora carrying 5 of #1: "Two plans"
        file "b.pdf" in !t as ghost 23 Dora carrying 5 of #1
        file "a.png" in !t as ghost 23 Dora carrying 5 of #1
        "#,
    );
}

#[test]
fn a_picture_with_a_few_words_is_one_event() {
    check(
        with_files(message(dora(), true, "This valve"), &[("a.png", FileKind::Image)]),
        lane(knows_dora()),
        r#"file "a.png" in !t as ghost 23 Dora carrying 5 of #1: "This valve""#,
    );
}

#[test]
fn whose_a_file_is_is_said_where_the_bot_speaks() {
    check(
        with_files(comment(dora(), ""), &[("a.png", FileKind::Image), ("b.png", FileKind::Image)]),
        lane(ticket()),
        r#"
        file "a.png" in thread … carrying 5 of #1: "Dora:"
        file "b.png" in thread … carrying 5 of #1
        "#,
    );
}

fn post(caption: &str) -> Effect {
    Effect::Post {
        ticket: id(),
        author: Author::Customer { matrix: user(CAROL), name: "Carol".to_owned() },
        visibility: Visibility::Public,
        body: RichText::plain(caption),
        files: vec![sent_file("a.exe")],
        marker: event("$e"),
        from: Some(Place::Room(room(T))),
    }
}

fn why() -> Refusal {
    Refusal::NotAllowed { what: "EXE".to_owned() }
}

/// Nothing is left of it without its first file.
fn refused(effect: Effect) -> Fact {
    done(effect, Outcome::Without { refused: vec![(0, why())], done: None })
}

/// Done, but for its first file.
fn done_without(effect: Effect, outcome: Outcome) -> Fact {
    done(effect, outcome.without(vec![(0, why())]))
}

#[test]
fn a_refused_file_is_said_at_its_message() {
    let told = r#"notice in !t at $e or instead: "“a.exe” was not passed on …EXE…""#;
    check(refused(post("")), lane(ticket()), told);
    // What else there was of the message is where it belongs already.
    check(done_without(post("See"), Outcome::Ok), lane(ticket()), told);
    let Effect::Post { ticket: id, author, visibility, body, marker, from, .. } = post("See") else { panic!("a post") };
    let files = vec![sent_file("a.exe"), sent_file("b.png"), sent_file("c.exe")];
    let many = Effect::Post { ticket: id, author, visibility, body, files, marker, from };
    let outcome = Outcome::Ok.without(vec![(0, why()), (2, why())]);
    check(done(many, outcome), lane(ticket()), &format!("{told}\n{}", told.replace("a.exe", "c.exe")));
}

#[test]
fn what_a_refused_file_is_stands_there_in_the_language_of_its_reader() {
    let why = Refusal::Disguised { what: "DOCX-macros".to_owned(), named: "DOCX".to_owned() };
    let fact = done(post(""), Outcome::Without { refused: vec![(0, why)], done: None });
    check(fact.clone(), lane(ticket()), r#"notice in !t at $e or instead: "…but its content is DOCX with macros.""#);
    let german = ticketroom::bridge::View { languages: vec![(user(CAROL), "de".to_owned())], ..lane(ticket()) };
    check(fact, german, r#"notice in !t at $e or instead: "…ihr Inhalt ist aber DOCX mit Makros.""#);
}

#[test]
fn a_refused_file_opens_no_ticket_unless_words_came_with_it() {
    let create = |caption: &str| Effect::CreateTicket {
        desk: desk_3().id,
        customer: user(CAROL),
        customer_name: "Carol".to_owned(),
        title: "X".to_owned(),
        body: RichText::plain(caption),
        files: vec![sent_file("a.exe")],
        marker: event("$e"),
        particulars: ticketroom::model::Particulars::default(),
        room: Room { id: room(D), kind: door(false, false) },
    };
    let told = r#"notice in !d at $e or instead: "“a.exe” was not passed on …""#;
    check(refused(create("")), at_door(None), told);
    check(
        done_without(create("It leaks"), Outcome::Ticket(Box::new(snapshot()))),
        at_door(None),
        &format!("know !d as door of @carol into #1\nnotice in !d: …\ntell #1 opened\n{told}"),
    );
}

fn file_speech(caption: &str) -> FileSpeech {
    FileSpeech {
        place: Place::Room(room(T)),
        speaker: Speaker::Ghost { person: dora().id, name: "Dora".to_owned() },
        file: attached("a.exe", FileKind::Other),
        caption: RichText::plain(caption),
        reply_to: Some(event("$before")),
        answers: None,
        room_thread: None,
        carries: None,
        language: None,
    }
}

#[test]
fn a_file_that_may_not_be_shown_leaves_its_name_and_its_words() {
    let told = r#"notice in !t: "“a.exe”, which was attached …"
        notice in thread …: "“a.exe”, which was attached …"
        post #1 as bridge internal: "“a.exe” was not shown to the customer: …" from …"#;
    check(refused(Effect::SayFile(file_speech(""))), lane(ticket()), told);
    let sent = Outcome::Sent { room: room(T), event: event("$words") };
    check(done_without(Effect::SayFile(file_speech("Run it")), sent), lane(ticket()), told);
    let words = file_speech("Run it").words_alone().map(Effect::Say);
    let lines = crate::render::effects(&Vec::from_iter(words), None);
    assert_eq!(lines, [r#"say in !t as ghost 23 Dora at $before: "Run it""#]);
    assert_eq!(file_speech("").words_alone(), None);
}

#[test]
fn what_an_older_version_left_undone_because_of_a_file_is_done_without_it() {
    let stored = r#"{"Refused":{"file":0,"why":{"NotAllowed":{"what":"EXE"}}}}"#;
    let refused = |effect: Effect| done(effect, serde_json::from_str(stored).unwrap());
    let told = r#"notice in !t at $e or instead: "“a.exe” was not passed on …EXE…""#;
    check(refused(post("")), lane(ticket()), told);
    check(
        refused(post("See")),
        lane(ticket()),
        &format!("post #1 as customer @carol Carol public: \"See\" from $e in !t\n{told}"),
    );
    check(
        refused(Effect::SayFile(file_speech("Run it"))),
        lane(ticket()),
        r#"say in !t as ghost 23 Dora at $before: "Run it"
        notice in !t: "“a.exe”, which was attached …"
        notice in thread …: "“a.exe”, which was attached …"
        post #1 as bridge internal: "“a.exe” was not shown to the customer: …" from …"#,
    );
}
