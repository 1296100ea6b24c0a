//! Internal tickets: rooms for agents alone, until they are made public.

use ticketroom::bridge::decide;
use ticketroom::model::{Away, Effect, Fact, Ghost, Outcome, Person, Ticket, Visibility};

use crate::world::*;

/// As it is once its room was furnished.
fn hidden() -> Ticket {
    Ticket { invited: Vec::new(), joined: Vec::new(), ..ticket().internal() }
}

#[test]
fn an_internal_tickets_room_is_made_without_its_customers() {
    check(
        Fact::Seen(snapshot().internal()),
        nowhere(),
        "remember #1
        make room of #1 with open, agents [], customers []",
    );
    let gina = ghost("7", "Gina");
    let mail = snapshot().internal().customers(&[carol(), gina.clone()]).written_by(gina);
    check(
        room_made(mail.clone()),
        lane(Ticket::new(mail)),
        r#"know !t as room of #1
        notice in !t: "This is the room of ticket #1. The ticket is internal: …"
        say in !t carrying opening of #1: "Gina wrote:\n> The pump leaks."
        say in desk Support offering #1: …
        link #1 to !t
        remember #1, room !t"#,
    );
}

#[test]
fn made_public_the_customers_come_in_and_read_from_there_on() {
    check(
        Fact::Seen(snapshot()),
        lane(hidden()),
        r#"open the past of !t
        levels of !t: open, agents [], customers [@carol]
        invite @carol to !t
        notice in !t: "This ticket is public now: …"
        notice in thread $card of Support: "This ticket is public now: …"
        change $card in desk Support: …
        remember #1, snapshot, invited @carol"#,
    );
}

#[test]
fn made_internal_the_customers_go_before_anything_is_said() {
    let left = Ticket { away: vec![Away { user: user("carl"), called: false }], ..ticket() };
    let both = Ticket { invited: vec![user(CAROL), user("carl")], ..left };
    check(
        Fact::Seen(snapshot().internal().titled("Fraud?")),
        lane(both),
        r#"kick @carol from !t
        kick @carl from !t
        hide the past of !t
        levels of !t: open, agents [], customers []
        notice in !t: "This ticket is internal now: …"
        notice in thread $card of Support: "This ticket is internal now: …"
        describe !t as #1 Fraud?
        notice in !t: "The ticket's subject …"
        change $card in desk Support: …
        remember #1, snapshot, invited , joined [], away []"#,
    );
}

#[test]
fn who_stood_in_for_a_customer_goes_with_them_and_an_agents_ghost_stays() {
    let (gina, dora) = (ghost("7", "Gina"), dora());
    let in_room = |person: &Person, agent| Ghost { person: person.id.clone(), agent };
    let customers = [gina.clone()];
    let ticket = Ticket {
        ghosts: vec![in_room(&gina, false), in_room(&dora, true)],
        invited: Vec::new(),
        joined: Vec::new(),
        ..Ticket { snapshot: snapshot().customers(&customers), ..ticket() }
    };
    let effects = decide(&Fact::Seen(snapshot().customers(&customers).internal()), &lane(ticket));
    let Some(Effect::Kick { user: kicked, .. }) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(*kicked, settings().ghost(&gina.id));
    let Some(Effect::RememberTicket(after)) = effects.last() else { panic!("{effects:?}") };
    assert_eq!(after.ghosts, [in_room(&dora, true)]);
}

#[test]
fn a_kicked_customers_leaving_is_no_news() {
    nothing(leaves(CAROL, T), in_room(hidden()));
}

#[test]
fn a_customer_whose_invitation_was_on_its_way_when_the_ticket_became_internal_goes_again() {
    check(joins(CAROL, T), in_room(hidden()), "kick @carol from !t");
    nothing(joins(ADA, T), in_room(hidden()));
}

#[test]
fn a_kick_that_fails_is_told_to_the_agents() {
    let kick = Effect::Kick { room: room(T), user: user(CAROL), reason: String::new() };
    check(dies(kick), lane(hidden()), r#"notice in thread $card of Support: "@carol:here could not be removed …""#);
    let history = Effect::SetHistory { room: room(T), hidden: true };
    check(dies(history), lane(hidden()), r#"notice in thread $card of Support: "Who may read the room's past …""#);
}

#[test]
fn replies_in_the_helpdesk_are_shown_to_the_agents_in_the_room() {
    let with_dora = Ticket { ghosts: vec![Ghost { person: dora().id, agent: true }], ..hidden() };
    check(
        Fact::Posted(message(dora(), true, "Between us")),
        lane(with_dora),
        r#"say in !t as ghost 23 Dora carrying 5 of #1: "Between us""#,
    );
    check(
        Fact::Posted(message(ghost("7", "Gina"), false, "By mail")),
        lane(hidden()),
        r#"say in !t carrying 5 of #1: "Gina wrote:\n> By mail""#,
    );
}

#[test]
fn what_agents_write_in_the_room_is_a_note_in_the_helpdesk_which_mails_replies_to_customers() {
    let note = |author: &str, text: &str| format!(r#"post #1 as {author} internal: "{text}" from $e in !t"#);
    check(says(ADA, T, "He never pays"), in_room(hidden().owned_by(ada())), &note("agent ada Ada", "He never pays"));
    // Of agents the customer, too.
    let own = Ticket {
        snapshot: snapshot().internal().customers(&[Person { matrix: Some(user(ADA)), ..ada() }]),
        ..hidden()
    };
    check(says(ADA, T, "It is mine"), in_room(own), &note("customer @ada Ada", "It is mine"));
    let typed = decide(&says(ADA, T, "See [[https://kb.invalid/1]]"), &in_room(hidden().owned_by(ada())));
    assert!(typed.iter().any(is_note) && !typed.iter().any(is_reply), "{typed:?}");
    let help = decide(&says(ADA, T, "!help"), &in_room(hidden().owned_by(ada())));
    assert!(!format!("{help:?}").contains("goes to the customer"), "{help:?}");
}

fn is_note(effect: &Effect) -> bool {
    matches!(effect, Effect::Post { visibility: Visibility::Internal, .. })
}

fn is_reply(effect: &Effect) -> bool {
    matches!(effect, Effect::Post { visibility: Visibility::Public, .. })
}

#[test]
fn made_internal_a_video_session_ends_whose_link_the_customer_has() {
    check(
        Fact::Seen(snapshot().internal()),
        lane(Ticket { video: Some(session()), ..ticket() }),
        r#"kick @carol from !t
        hide the past of !t
        levels of !t: open, agents [], customers []
        notice in !t: "This ticket is internal now: …"
        notice in thread $card of Support: "This ticket is internal now: …"
        no widget in !t
        notice in !t: "The video session has ended."
        notice in thread $card of Support: "Video session …"
        post #1 as bridge internal: "Video session …" …
        change $card in desk Support: …
        remember #1, …"#,
    );
}

#[test]
fn at_the_door_customers_are_heard_and_not_let_in() {
    let away = Ticket { away: vec![Away { user: user(CAROL), called: false }], ..hidden() };
    check(
        Fact::SaidAtDoor(said_by(CAROL, D, "A lot")),
        lane(away),
        r#"notice in !t carrying $e of #1: "carol wrote:\n> A lot"
        post #1 as customer @carol carol public: "A lot" from $e in !d"#,
    );
}

#[test]
fn the_customer_of_a_new_internal_ticket_is_not_promised_an_invitation() {
    let open = Effect::CreateTicket {
        desk: desk_3().id,
        customer: user(CAROL),
        customer_name: "Carol".to_owned(),
        title: "It leaks".to_owned(),
        body: "It leaks".into(),
        files: Vec::new(),
        marker: event("$e"),
        particulars: Default::default(),
        room: ticketroom::model::Room { id: room(D), kind: door(false, false) },
    };
    check(
        done(open, Outcome::Ticket(Box::new(snapshot().internal()))),
        at_door(None),
        r#"know !d as door of @carol into #1
        notice in !d: "Thank you. This is ticket #1 now. What you write here …"
        tell #1 opened"#,
    );
}

#[test]
fn a_waiting_room_that_becomes_an_internal_tickets_is_left_by_its_customer() {
    check(
        Fact::Opened { snapshot: snapshot().internal(), waiting: Some(room(W)), language: None },
        nowhere(),
        r#"know !w as room of #1
        describe !w as #1 It leaks
        kick @carol from !w
        hide the past of !w
        levels of !w: open, agents [], customers []
        notice in !w: "This is the room of ticket #1. The ticket is internal: …"
        say in desk Support offering #1: …
        link #1 to !w
        remember #1, room !w"#,
    );
}
