//! Who is spoken to in which language: as they chose, else as the ticket was opened, else as configured.

use ticketroom::bridge::{View, decide};
use ticketroom::model::{Effect, Fact, HelpdeskMessage, Lack, Snapshot, Status, Ticket};
use ticketroom::text::to_plain;

use crate::world::*;

/// The people who chose a language.
fn chosen(view: View, people: &[(&str, &str)]) -> View {
    let languages = people.iter().map(|(name, language)| (user(name), (*language).to_owned()));
    View { languages: languages.collect(), ..view }
}

fn german(view: View) -> View {
    chosen(view, &[(CAROL, "de")])
}

#[test]
fn a_customer_chooses_a_language_and_is_answered_in_it() {
    for (text, place, view) in [
        ("!language de", T, in_room(ticket())),
        ("!Language DE", D, at_door(None)),
        ("!language Deutsch", W, in_waiting()),
    ] {
        check(
            says(CAROL, place, text),
            view,
            &format!(
                "remember that @carol:here chose de
                notice in {place} at $e: \"Ab jetzt schreibe ich Ihnen auf Deutsch.\""
            ),
        );
    }
}

#[test]
fn what_is_added_to_a_message_is_in_the_language_of_its_room() {
    let cut = |message| Fact::Posted(HelpdeskMessage { lacks: Some(Lack::Rest), ..message });
    let in_the_room = cut(message(dora(), true, "See below"));
    let german = german(lane(ticket()));
    check(
        in_the_room.clone(),
        lane(ticket()),
        r#"levels …
        remember …
        say in !t as ghost 23 Dora carrying 5 of #1: "See below\n(…the rest of it is in the ticket.)""#,
    );
    let effects = decide(&in_the_room, &german);
    let speech = effects.iter().find_map(|effect| match effect {
        Effect::Say(speech) => Some(speech),
        _ => None,
    });
    let speech = speech.expect("it is said");
    assert!(to_plain(&speech.body).ends_with("Der Rest steht im Ticket.)"), "{:?}", speech.body);
    assert_eq!(speech.language.as_deref(), Some("de"), "and so is what the homeserver's half adds");
    let note = decide(&cut(comment(dora(), "See below")), &german);
    let [Effect::Say(note)] = note.as_slice() else { panic!("{note:?}") };
    assert!(to_plain(&note.body).ends_with("the rest of it is in the ticket.)"), "{:?}", note.body);
    assert_eq!(note.language, None, "agents read it");
}

#[test]
fn without_a_name_the_languages_are_listed() {
    check(
        says(CAROL, T, "!language"),
        in_room(ticket()),
        r#"notice in !t at $e: "I write to you in English. You can choose:\n!language en – English\n!language de – Deutsch""#,
    );
}

#[test]
fn an_unknown_language_is_refused_with_those_that_there_are() {
    check(
        says(CAROL, D, "!language tlh"),
        at_door(None),
        r#"notice in !d at $e: "I don't speak that language. You can choose:\n!language en – English\n…""#,
    );
}

#[test]
fn an_agent_chooses_in_the_thread_in_the_desk_room_and_in_the_ticket_room() {
    let remember = "remember that @ada:here chose de";
    let told = "Ab jetzt schreibe ich Ihnen auf Deutsch.";
    let in_the_thread = format!("{remember}\nnotice in thread $card of Support: \"{told}\"");
    check(says(ADA, DESK, "!language de"), in_thread(ticket()), &in_the_thread);
    check(says(ADA, DESK, "!language de"), in_desk(), &format!("{remember}\nnotice in !desk at $e: \"{told}\""));
    check(
        says(ADA, T, "!language de"),
        in_room(ticket().owned_by(ada())),
        &format!("{in_the_thread}\nredact $e in !t"),
    );
}

#[test]
fn help_tells_of_it() {
    for (place, view) in [(T, in_room(ticket())), (D, at_door(None)), (W, in_waiting())] {
        let expected = format!("notice in {place} at $e: \"…\\n!language – choose the language that I write in\"");
        check(says(CAROL, place, "!help"), view, &expected);
    }
    check(
        says(ADA, DESK, "!help"),
        in_thread(ticket()),
        r#"notice in thread $card of Support: "Ticket #1: …!language – choose the language that I write in…""#,
    );
}

#[test]
fn the_room_speaks_the_customers_language_and_the_thread_the_configured_one() {
    let view = german(lane(ticket()));
    check(
        Fact::Seen(ticket().snapshot.titled("Neu")),
        view,
        r##"describe !t as #1 Neu
        notice in !t: "Der Betreff des Tickets ist jetzt „Neu“."
        change $card in desk Support: "#1 Neu\nCustomer: Carol…"
        remember #1, snapshot"##,
    );
}

#[test]
fn the_helpdesks_words_for_status_and_priority_are_said_in_the_readers_language() {
    let seen = |label: &str, priority: &str| {
        let status = Status { closed: false, label: label.to_owned() };
        let change =
            |snapshot: &mut Snapshot| (snapshot.status, snapshot.priority) = (status, Some(priority.to_owned()));
        Fact::Seen(snapshot().with(change))
    };
    check(
        seen("stalled", "High"),
        german(lane(ticket())),
        r##"notice in !t: "Die Priorität des Tickets ist jetzt hoch."
        notice in !t: "Der Status des Tickets ist jetzt „zurückgestellt“."
        change $card in desk Support: "…Priority: High…"
        remember #1, snapshot"##,
    );
    check(
        seen("bei der Werkstatt", "P1"),
        german(lane(ticket())),
        r##"notice in !t: "Die Priorität des Tickets ist jetzt P1."
        notice in !t: "Der Status des Tickets ist jetzt „bei der Werkstatt“."
        change $card in desk Support: "…Priority: P1…"
        remember #1, snapshot"##,
    );
}

#[test]
fn the_language_of_the_code_counts_where_nobody_chose() {
    let opened = Ticket { language: Some("de".to_owned()), ..ticket() };
    let help = |view: View, expected: &str| {
        check(says(CAROL, T, "!help"), view, &format!("notice in !t at $e: \"{expected}…\""));
    };
    help(in_room(opened.clone()), "Was Sie hier schreiben");
    help(chosen(in_room(opened), &[(CAROL, "en")]), "What you write here");
    help(in_room(Ticket { language: Some("tlh".to_owned()), ..ticket() }), "What you write here");
}

#[test]
fn an_answer_to_one_person_is_in_theirs() {
    let view = chosen(in_thread(ticket().owned_by(ben())), &[(ADA, "de")]);
    let told = |text: &str| format!(r#"notice in thread $card of Support: "{text}""#);
    check(says(ADA, DESK, "!close"), view.clone(), &told("Ada: Dieses Ticket gehört Ben."));
    check(reacts(ADA, "$card", "✅"), view.clone(), &told("Ada: Ben war schneller und hat dieses Ticket jetzt."));
    check(reacts(EVE, "$card", "✅"), view, &told("You are not set up…"));
}
