//! Intake codes, quotas, and tickets that are taken back.

use std::sync::Arc;

use ticketroom::bridge::View;
use ticketroom::model::{
    Cancellation, Code, CodeId, DeskId, Effect, Fact, Outcome, Quotas, Room, RoomKind, Template, Ticket, Used,
};

use crate::world::*;

fn pump_7() -> Code {
    Code {
        id: CodeId::new("pump-7"),
        name: "Pump 7 – Support".to_owned(),
        device: Some("Pump 7".to_owned()),
        template: Some("pumps".to_owned()),
        language: Some("de".to_owned()),
        disabled: false,
    }
}

fn with_code(mut view: View, code: Option<Code>) -> View {
    let id = CodeId::new("pump-7");
    if let Some(Room { kind: RoomKind::Door { code, .. } | RoomKind::Waiting { code, .. }, .. }) = &mut view.room {
        *code = Some(id);
    }
    let template = Template {
        name: "pumps".to_owned(),
        desk: Some(DeskId::new("4")),
        subject: Some("{{device.name}}: {{message}}".to_owned()),
        priority: Some("High".to_owned()),
        block: Some(
            "We look at **{{device.name}}**, {{customer.name}}. See [[https://kb.invalid/1 | how]].".to_owned(),
        ),
        video: false,
    };
    View { settings: Arc::new(ticketroom::model::Settings { templates: vec![template], ..settings() }), code, ..view }
}

fn by_code(view: View) -> View {
    with_code(view, Some(pump_7()))
}

fn limited(view: View, used: Used) -> View {
    let quotas = Quotas {
        tickets_per_customer_per_hour: Some(3),
        open_tickets_per_customer: Some(5),
        tickets_per_server_per_hour: Some(7),
        rooms_per_customer_per_hour: Some(3),
        rooms_per_server_per_hour: Some(7),
    };
    View { settings: Arc::new(ticketroom::model::Settings { quotas, ..settings() }), used, ..view }
}

#[test]
fn a_contact_user_who_is_invited_greets_with_the_device_in_the_codes_language() {
    check(
        invites_contact(CAROL, D),
        by_code(nowhere()),
        r#"join !d
        know !d as door of @carol by code pump-7
        learn the name of @carol
        notice in !d: "Guten Tag! Hier ist der Support für „Pump 7“. …"
        count Room of @carol at !d"#,
    );
}

#[test]
fn a_code_that_is_disabled_or_gone_declines_and_says_why() {
    let disabled = Code { disabled: true, language: None, ..pump_7() };
    for code in [Some(disabled), None] {
        check(
            invites_contact(CAROL, D),
            with_code(nowhere(), code),
            r#"decline !d by code pump-7: "This code is no longer in use. …write to @_desk_bot:here.""#,
        );
    }
}

#[test]
fn a_contact_user_does_not_enter_a_room_that_is_something_else() {
    check(invites_contact(CAROL, D), at_door(None), "decline !d by code pump-7");
    check(invites_contact(CAROL, D), by_code(at_door(None)), "join !d");
}

#[test]
fn words_to_a_contact_user_open_a_ticket_as_its_template_has_it() {
    check(
        says(CAROL, D, "It leaks"),
        by_code(at_door(None)),
        r#"open ticket at desk 4 for @carol carol: "Pump 7: It leaks" "It leaks" from $e in !d, device Pump 7, template pumps, priority High
        count Ticket of @carol at !d"#,
    );
}

#[test]
fn a_code_whose_template_is_gone_opens_a_plain_ticket_about_its_device() {
    let code = Code { template: Some("gone".to_owned()), ..pump_7() };
    check(
        says(CAROL, D, "It leaks"),
        with_code(at_door(None), Some(code)),
        r#"open ticket at desk 3 for @carol carol: "It leaks" "It leaks" from $e in !d, device Pump 7
        count Ticket of @carol at !d"#,
    );
}

#[test]
fn a_second_message_to_a_contact_user_goes_into_the_same_ticket_until_its_room_was_entered() {
    let mut outside = ticket();
    outside.joined.clear();
    check(says(CAROL, D, "A lot"), by_code(at_door(Some(outside))), r#"tell #1 said at door: "A lot""#);
    check(
        says(CAROL, D, "Another"),
        by_code(at_door(Some(ticket()))),
        "open ticket …Another… in !d…\ncount Ticket of @carol at !d",
    );
}

#[test]
fn a_contact_user_who_is_written_to_encrypted_opens_a_waiting_room_of_its_code() {
    let wanted =
        Effect::CreateWaitingRoom { door: room(D), customer: user(CAROL), cause: event("$e"), name: "New".to_owned() };
    check(
        done(wanted, Outcome::RoomMade { room: room(W) }),
        by_code(at_door(None)),
        r#"know !w as waiting room of @carol from !d by code pump-7
        know !d as door of @carol waiting in !w by code pump-7
        invite @carol to !w
        notice in !w: "Bitte schreiben Sie hier…""#,
    );
    check(
        says(CAROL, W, "It leaks"),
        by_code(in_waiting()),
        "open ticket at desk 4 …in !w, device Pump 7…\ncount Ticket of @carol at !w",
    );
}

#[test]
fn a_ticket_opened_by_a_code_speaks_its_language() {
    let create = match ticketroom::bridge::decide(&says(CAROL, D, "It leaks"), &by_code(at_door(None))).remove(0) {
        create @ Effect::CreateTicket { .. } => create,
        other => panic!("{other:?}"),
    };
    check(
        done(create, Outcome::Ticket(Box::new(snapshot()))),
        by_code(at_door(None)),
        r#"know !d as door of @carol into #1 by code pump-7
        notice in !d: "Vielen Dank. …"
        tell #1 opened in language de"#,
    );
    let opened = Fact::Opened { snapshot: snapshot(), waiting: None, language: Some("de".to_owned()) };
    let effects = ticketroom::bridge::decide(&opened, &nowhere());
    assert!(
        matches!(&effects[0], Effect::RememberTicket(ticket) if ticket.language.as_deref() == Some("de")),
        "{effects:?}"
    );
}

#[test]
fn the_templates_block_stands_first_in_the_room_and_is_noted_in_the_ticket() {
    let mut opened = unfurnished();
    opened.snapshot.template = Some("pumps".to_owned());
    opened.snapshot.device = Some("Pump 7".to_owned());
    let made = room_made(opened.snapshot.clone());
    let view = with_code(lane(opened), None);
    let effects = ticketroom::bridge::decide(&made, &view);
    let lines = crate::render::effects(&effects, view.ticket.as_ref());
    let at = lines.iter().position(|line| line.contains("This is the room")).expect("the welcome");
    assert_eq!(lines[at + 1], r#"say in !t: "We look at Pump 7, Carol. See how <https://kb.invalid/1>.""#);
    assert!(
        lines[at + 2].starts_with("post #1 as bridge internal:")
            && lines[at + 2].contains("> We look at Pump 7, Carol. See how <https://kb.invalid/1>."),
        "{}",
        lines[at + 2]
    );
}

#[test]
fn a_customer_who_leaves_a_contact_user_is_left_by_it() {
    check(leaves(CAROL, D), by_code(at_door(None)), "decline !d by code pump-7\nforget !d");
}

#[test]
fn a_disabled_code_passes_nothing_on_and_says_so_once() {
    let disabled = || with_code(at_door(None), Some(Code { disabled: true, language: None, ..pump_7() }));
    check(
        says(CAROL, D, "It leaks"),
        disabled(),
        r#"notice in !d at $e: "This code is no longer in use. …"
        count Refusal of @carol at !d"#,
    );
    let told = View { used: Used { told: true, ..Used::default() }, ..disabled() };
    nothing(says(CAROL, D, "Hello?"), told);
}

#[test]
fn a_ticket_too_many_is_refused_with_the_reason_and_said_once() {
    let cases = [
        (Used { tickets_of_customer: 3, ..Used::default() }, "You have opened 3 tickets …"),
        (Used { open_of_customer: 5, ..Used::default() }, "5 tickets of yours are open, …"),
        (Used { tickets_of_server: 7, ..Used::default() }, "So many tickets were opened …"),
    ];
    for (used, reason) in cases {
        check(
            says(CAROL, D, "Again"),
            limited(at_door(None), used),
            &format!("notice in !d at $e: \"{reason}\"\ncount Refusal of @carol at !d"),
        );
        check(
            says(CAROL, W, "Again"),
            limited(in_waiting(), used),
            &format!("notice in !w at $e: \"{reason}\"\ncount Refusal of @carol at !w"),
        );
        nothing(says(CAROL, D, "Again"), limited(at_door(None), Used { told: true, ..used }));
        // An agent has none.
        check(says(ADA, D, "Mine"), limited(at_door(None), used), "open ticket …\ncount Ticket of @ada at !d");
    }
}

#[test]
fn up_to_the_quota_tickets_are_opened() {
    let used = Used { tickets_of_customer: 2, open_of_customer: 4, tickets_of_server: 6, ..Used::default() };
    check(says(CAROL, D, "It leaks"), limited(at_door(None), used), "open ticket …\ncount Ticket of @carol at !d");
}

#[test]
fn a_quota_keeps_nothing_from_a_ticket_that_is_there() {
    let used =
        Used { tickets_of_customer: 99, tickets_of_server: 99, open_of_customer: 99, told: true, ..Used::default() };
    check(says(CAROL, T, "More"), limited(in_room(ticket()), used), "post #1 as customer …");
    let mut outside = ticket();
    outside.joined.clear();
    check(says(CAROL, D, "More"), limited(at_door(Some(outside)), used), "tell #1 said at door: …");
}

#[test]
fn a_room_too_many_is_declined_or_not_made() {
    for used in [Used { rooms_of_customer: 3, ..Used::default() }, Used { rooms_of_server: 7, ..Used::default() }] {
        check(invites(CAROL, D), limited(nowhere(), used), r#"decline !d: "So many chats were begun …""#);
        check(
            encrypts(CAROL, D),
            limited(at_door(None), used),
            "notice in !d: \"So many chats were begun …\"\ncount Refusal of @carol at !d",
        );
        nothing(encrypts(CAROL, D), limited(at_door(None), Used { told: true, ..used }));
    }
}

// --- !cancel

fn cancelling() -> Effect {
    Effect::Cancel { ticket: id(), by: user(CAROL), name: "carol".to_owned(), cause: event("$e"), room: room(T) }
}

#[test]
fn a_customer_takes_back_what_nobody_has_accepted() {
    check(says(CAROL, T, "!cancel"), in_room(ticket()), "cancel #1 for @carol carol because of $e in !t");
    // What is said to it is not lost.
    check(
        says(CAROL, T, "!Cancel please"),
        in_room(ticket()),
        r#"post #1 as customer @carol carol public: "!Cancel please" from $e in !t
        cancel #1 for @carol carol because of $e in !t"#,
    );
    let answer = Outcome::Cancellation(Cancellation::Cancelled(snapshot().closed()));
    check(
        done(cancelling(), answer),
        lane(ticket()),
        r#"notice in !t: "carol has taken this ticket back."
        post #1 as bridge internal: "carol has taken this ticket back in Matrix (!cancel)." from $e
        notice in thread $card of Support: "carol has taken this ticket back in Matrix (!cancel)."
        notice in !t: "This ticket was closed. …"
        notice in thread $card of Support: "Closed."
        levels of !t: locked…
        change $card in desk Support: …
        remember #1, snapshot, locked"#,
    );
}

#[test]
fn what_somebody_has_accepted_is_not_taken_back() {
    check(
        says(CAROL, T, "!cancel"),
        in_room(ticket().owned_by(ada())),
        r#"notice in !t at $e: "Ada has accepted this ticket already, …""#,
    );
    // Who accepts in the same moment has it.
    let owned = snapshot().owned_by(ada());
    let effects = ticketroom::bridge::decide(
        &done(cancelling(), Outcome::Cancellation(Cancellation::OwnedBy(ada(), owned))),
        &lane(ticket()),
    );
    let lines = crate::render::effects(&effects, Some(&ticket()));
    assert!(lines.iter().any(|line| line.contains("at $e: \"Ada has accepted this ticket already")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("locked")), "{lines:?}");
}

#[test]
fn a_helpdesk_that_refuses_to_cancel_is_quoted() {
    check(
        dies(cancelling()),
        lane(ticket()),
        r#"notice in !t at $e: "The ticket could not be taken back: “it is on fire.”""#,
    );
}

#[test]
fn cancelling_is_listed_only_while_it_can_be_done() {
    let lists = |ticket: Ticket| {
        let effects = ticketroom::bridge::decide(&says(CAROL, T, "!help"), &in_room(ticket));
        crate::render::effects(&effects, None).iter().any(|line| line.contains("!cancel"))
    };
    assert!(lists(ticket()));
    assert!(!lists(ticket().owned_by(ada())));
}
