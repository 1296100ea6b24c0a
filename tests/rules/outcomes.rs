//! What was given up is said where it was written, and what went well is not said at all.

use ticketroom::model::{
    Author, Effect, Fact, MessageId, Outcome, Particulars, Place, Powers, RichText, Room, Speaker, Speech, SpeechKind,
    Visibility, Why,
};

use crate::world::*;

fn post(visibility: Visibility, from: Option<Place>) -> Effect {
    Effect::Post {
        ticket: id(),
        author: Author::Customer { matrix: user(CAROL), name: "Carol".to_owned() },
        visibility,
        body: RichText::plain("It leaks"),
        files: Vec::new(),
        marker: event("$e"),
        from,
    }
}

fn said(carries: Option<&str>) -> Effect {
    Effect::Say(Speech {
        place: Place::Room(room(T)),
        speaker: Speaker::Bot,
        kind: SpeechKind::Message,
        body: RichText::plain("At 8."),
        reply_to: None,
        answers: None,
        room_thread: None,
        carries: carries.map(|message| (id(), MessageId::new(message))),
        replaces: None,
        offer_of: None,
        prepares: None,
        tells: None,
        language: None,
    })
}

#[test]
fn an_undelivered_message_is_reported_at_the_message() {
    check(
        dies(post(Visibility::Public, Some(Place::Room(room(T))))),
        lane(ticket()),
        r#"notice in !t at $e or instead: "This message could not be delivered to the helpdesk: “it is on fire.”"
        remember #1, undelivered"#,
    );
}

#[test]
fn an_undelivered_note_is_reported_in_the_thread() {
    check(
        dies(post(Visibility::Internal, Some(thread()))),
        lane(ticket()),
        r#"notice in thread $card of Support at $e or instead: "This message could not be delivered …"
        remember #1, undelivered"#,
    );
}

#[test]
fn an_undelivered_report_is_not_reported_again() {
    nothing(dies(post(Visibility::Internal, None)), lane(ticket()));
    nothing(dies(said(None)), lane(ticket()));
}

#[test]
fn a_ticket_that_could_not_be_opened_is_reported_at_the_words() {
    let create = Effect::CreateTicket {
        desk: desk_3().id,
        customer: user(CAROL),
        customer_name: "Carol".to_owned(),
        title: "It leaks".to_owned(),
        body: RichText::plain("It leaks"),
        files: Vec::new(),
        marker: event("$e"),
        particulars: Particulars::default(),
        room: Room { id: room(D), kind: door(false, false) },
    };
    check(dies(create), at_door(None), r#"notice in !d at $e: "Your ticket could not be opened: “it is on fire.” …""#);
}

#[test]
fn an_answer_that_did_not_reach_the_room_is_reported_in_the_helpdesk() {
    check(
        dies(said(Some("5"))),
        lane(ticket()),
        r#"post #1 as bridge internal: "Ticketroom: the message before could not be delivered …“it is on fire.”" from $ticketroom-report-1-5
        remember #1, undelivered here"#,
    );
}

#[test]
fn words_that_opened_a_ticket_and_did_not_reach_the_room_are_told_in_the_thread_and_where_they_were_written() {
    check(
        dies(said(Some("opening"))),
        lane(ticket()),
        r#"notice in thread $card of Support: "…could not be said in the room: …"
        post #1 as bridge internal: "Ticketroom: the message before could not be delivered …" from …
        remember #1, undelivered here"#,
    );
    check(
        dies(said(Some("opening"))),
        lane(ticket().with(|it| it.marker = Some(event("$first")))),
        r#"notice in thread $card of Support: "…could not be said in the room: …""#,
    );
}

#[test]
fn words_from_the_door_that_did_not_reach_the_room_are_told_in_the_thread() {
    let told = r#"notice in thread $card of Support: "…could not be said in the room: …""#;
    let at_door = ticketroom::bridge::decide(&Fact::SaidAtDoor(said_by(CAROL, D, "A lot")), &lane(ticket()));
    let words = at_door.into_iter().find(|effect| matches!(effect, Effect::Say(_))).unwrap();
    check(dies(words), lane(ticket()), &format!("{told}\nremember #1, undelivered here"));
}

#[test]
fn what_fails_before_the_offer_stands_is_told_in_the_desks_room() {
    check(
        dies(said(Some("opening"))),
        lane(unfurnished()),
        r#"notice in desk Support: "“#1 It leaks”: …could not be said in the room: …"
        post #1 as bridge internal: "Ticketroom: the message before could not be delivered …" from …
        remember #1, undelivered here"#,
    );
}

#[test]
fn a_message_that_could_not_be_read_is_reported_in_the_helpdesk() {
    check(
        dies(Effect::FetchMessage { ticket: id(), message: MessageId::new("5") }),
        lane(ticket()),
        r#"post #1 as bridge internal: "Ticketroom: …could not be delivered …" from $ticketroom-report-1-5
        remember #1, undelivered here"#,
    );
}

#[test]
fn a_message_that_we_may_not_see_any_more_is_told_in_the_thread() {
    let effect = Box::new(Effect::FetchMessage { ticket: id(), message: MessageId::new("5") });
    let dead = Outcome::Dead { reason: "gone".to_owned(), why: Why::NoTicket };
    check(
        Fact::Done { key: "k".to_owned(), effect, outcome: dead },
        lane(ticket()),
        r#"notice in thread $card of Support: "A message of this ticket in the helpdesk could not be read, …"
        remember #1, undelivered here"#,
    );
}

#[test]
fn a_ticket_that_could_not_be_looked_at_is_told_in_its_thread() {
    check(
        dies(Effect::LookAt { ticket: id(), batch: "b".to_owned() }),
        lane(ticket()),
        r#"notice in thread $card of Support: "How the ticket is now could not be read …“it is on fire.”""#,
    );
}

#[test]
fn a_report_has_a_marker_whatever_the_helpdesks_ids_look_like() {
    let hostile = Effect::FetchMessage {
        ticket: ticketroom::model::TicketId::new("../1:\u{202e}"),
        message: MessageId::new("é ".repeat(300)),
    };
    check(
        dies(hostile),
        lane(ticket()),
        "post #… as bridge internal: … from $ticketroom-report-1-\nremember #1, undelivered here",
    );
}

#[test]
fn a_failed_command_is_answered_in_the_thread() {
    let accept = Effect::Accept { ticket: id(), login: ADA.to_owned(), agent: user(ADA) };
    let told =
        |name: &str| format!(r#"notice in thread $card of Support: "{name}: the helpdesk refused: “it is on fire.”""#);
    check(dies(accept), lane(ticket()), &told("Ada"));
    check(dies(release(ADA)), lane(ticket()), &told("Sorry"));
    check(dies(Effect::SetClosed { ticket: id(), closed: true }), lane(ticket()), &told("Sorry"));
}

#[test]
fn an_invitation_that_failed_is_told_to_the_agents() {
    check(
        dies(Effect::Invite { room: room(T), user: user(CAROL) }),
        lane(ticket()),
        r#"notice in thread $card of Support: "@carol:here could not be invited …“it is on fire.”""#,
    );
}

#[test]
fn a_lock_that_failed_is_told_to_the_agents() {
    check(
        dies(Effect::SetPowers { room: room(T), powers: Powers { locked: true, ..Powers::default() } }),
        lane(ticket()),
        r#"notice in thread $card of Support: "The room could not be locked: “it is on fire.”""#,
    );
    check(
        dies(Effect::SetPowers { room: room(T), powers: Powers::default() }),
        lane(ticket()),
        r#"notice in thread $card of Support: "Who may write in the room could not be changed: “it is on fire.”""#,
    );
}

#[test]
fn a_redaction_that_failed_is_told_to_the_agents() {
    check(
        dies(Effect::Redact { room: room(T), event: event("$edit"), reason: String::new() }),
        lane(ticket()),
        r#"notice in thread $card of Support: "A message could not be removed from the room: “it is on fire.”""#,
    );
}

#[test]
fn what_went_well_is_not_said() {
    nothing(done(post(Visibility::Public, None), Outcome::Ok), lane(ticket()));
    nothing(done(said(Some("5")), Outcome::Sent { room: room(T), event: event("$x") }), lane(ticket()));
    nothing(
        done(Effect::SetClosed { ticket: id(), closed: false }, Outcome::Ticket(Box::new(snapshot()))),
        lane(ticket()),
    );
}

#[test]
fn a_ticket_that_could_never_be_read_is_told_at_the_default_desk() {
    check(
        dies(Effect::LookAt { ticket: id(), batch: "b".to_owned() }),
        nowhere(),
        r#"notice in desk 3: "Ticket #1 could not be read from the helpdesk, and has no room here; …""#,
    );
}

#[test]
fn a_ticket_that_is_gone_changes_nothing() {
    nothing(done(Effect::LookAt { ticket: id(), batch: "b".to_owned() }, Outcome::NoTicket), lane(ticket()));
    nothing(
        done(Effect::FetchMessage { ticket: id(), message: MessageId::new("5") }, Outcome::NoTicket),
        lane(ticket()),
    );
}

#[test]
fn outcomes_without_a_ticket_change_nothing() {
    let accept = Effect::Accept { ticket: id(), login: ADA.to_owned(), agent: user(ADA) };
    nothing(dies(accept), nowhere());
    nothing(dies(release(ADA)), nowhere());
    nothing(dies(Effect::Invite { room: room(W), user: user(CAROL) }), nowhere());
}

#[test]
fn a_room_that_is_refused_again_and_again_is_told_at_its_desk() {
    let stuck = |effect: Effect| Fact::Stuck { effect: Box::new(effect), why: Why::said("it is on fire.") };
    let powers = Powers::default();
    let make = Effect::CreateTicketRoom { snapshot: Box::new(snapshot()), powers };
    check(stuck(make), lane(unfurnished()), r#"notice in desk Support: "…#1 It leaks…“it is on fire.”…""#);
    nothing(stuck(release(ADA)), lane(ticket()));
}
