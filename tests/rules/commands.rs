//! Commands: offered to whom they serve, refused with the reason, never shown to the customer.

use ticketroom::bridge::{COMMANDS, decide};
use ticketroom::model::{Effect, Fact, Said, Ticket};
use ticketroom::text::{Flavour, from_html, from_markdown, to_html};

use crate::world::*;

/// What an answer in the ticket's thread reads like.
fn answer(text: &str) -> String {
    format!(r#"notice in thread $card of Support: "{text}""#)
}

#[track_caller]
fn runs(who: &str, text: &str, ticket: Ticket, expected: &str) {
    check(says(who, DESK, text), in_thread(ticket), expected);
}

#[track_caller]
fn answers(who: &str, text: &str, ticket: Ticket, expected: &str) {
    runs(who, text, ticket, &answer(expected));
}

fn owned() -> Ticket {
    ticket().owned_by(ada())
}

#[test]
fn the_owner_closes() {
    runs(ADA, "!close", owned(), "close #1");
}

#[test]
fn nobody_but_the_owner_closes() {
    answers(BEN, "!close", owned(), "Ben: this ticket belongs to Ada.");
    answers(BEN, "!close", ticket(), "Ben: Please accept the ticket first …");
}

#[test]
fn what_is_closed_is_not_closed_again() {
    answers(ADA, "!close", locked().owned_by(ada()), "This ticket is closed. …");
}

#[test]
fn any_agent_reopens() {
    runs(BEN, "!reopen", locked().owned_by(ada()), "reopen #1");
}

#[test]
fn what_is_open_is_not_reopened() {
    answers(ADA, "!reopen", owned(), "This ticket is open already.");
}

#[test]
fn any_agent_has_tried_again_what_was_given_up() {
    let retried = format!("retry dead letters of #1\n{}", answer("I am trying again …"));
    runs(BEN, "!retry", owned(), &retried);
}

#[test]
fn the_owner_gives_back() {
    runs(ADA, "!release", owned(), "release #1 of ada");
}

#[test]
fn nobody_but_the_owner_gives_back() {
    answers(BEN, "!release", owned(), "Ben: this ticket belongs to Ada.");
    answers(BEN, "!release", ticket(), "Ben: Please accept the ticket first …");
}

#[test]
fn a_note_goes_into_the_ticket_as_internal() {
    runs(
        ADA,
        "!note He pays late",
        ticket(),
        r#"post #1 as agent ada Ada internal: "He pays late" from $e in thread $card of Support"#,
    );
}

#[test]
fn a_note_may_have_lines() {
    runs(ADA, "!note\nHe pays\n\nlate", ticket(), r#"post #1 as agent ada Ada internal: "He pays\nlate" …"#);
}

#[test]
fn a_note_is_formatted_as_words_in_the_thread_are() {
    let html = |said: Said| {
        let effects = decide(&Fact::Said(said), &in_thread(ticket()));
        let [Effect::Post { body, .. }] = effects.as_slice() else { panic!("no note: {effects:?}") };
        to_html(body, Flavour::Matrix)
    };
    let typed = |text: &str| html(Said { body: from_markdown(text), ..said_by(ADA, DESK, text) });
    let formatted = |shown: &str| html(Said { body: from_html(shown), ..said_by(ADA, DESK, "!note plain words") });
    for (command, words) in [
        ("!note He **pays** late", "He **pays** late"),
        ("!note: - one\n- two", "- one\n- two"),
        ("!note\n- one\n- two", "- one\n- two"),
    ] {
        assert_eq!(typed(command), typed(words), "{command}");
    }
    for (shown, words) in [
        ("!note He <em>pays</em> late", "He <em>pays</em> late"),
        ("!note <u>He</u> pays", "<u>He</u> pays"),
        ("<p>!note</p><ul><li>one</li></ul>", "<ul><li>one</li></ul>"),
        ("!Note:<br>He <u>pays</u>", "He <u>pays</u>"),
        ("<b>!note He pays</b>", "plain words"),
        ("<p>!note</p>", "plain words"),
    ] {
        assert_eq!(formatted(shown), formatted_alone(words), "{shown}");
    }
}

fn formatted_alone(shown: &str) -> String {
    to_html(&from_html(shown), Flavour::Matrix)
}

#[test]
fn an_empty_note_is_explained() {
    for text in ["!note", "!note  ", "!note\n"] {
        answers(ADA, text, ticket(), "Write the note behind the command, …");
    }
}

#[test]
fn commands_are_read_in_any_case_and_with_blanks_around() {
    for text in ["!CLOSE", "!Close", "  !close  ", "!close now please", "\n!close"] {
        runs(ADA, text, owned(), "close #1");
    }
}

#[test]
fn an_unknown_command_is_named() {
    answers(ADA, "!dance", ticket(), "I don't know !dance. !help lists what you can do.");
}

#[test]
fn exclamation_marks_are_no_commands() {
    for text in ["!", "!!", "! close", "!!close", "!?", "!1", "wow!", "!💧", "! "] {
        runs(ADA, text, ticket(), "post #1 as agent ada Ada internal: …");
    }
}

#[test]
fn a_command_in_the_ticket_room_is_answered_unseen_and_taken_away() {
    check(says(ADA, T, "!close"), in_room(owned()), "close #1\nredact $e in !t");
    check(
        says(ADA, T, "!help"),
        in_room(owned()),
        "notice in thread $card of Support: …
        redact $e in !t",
    );
    check(
        says(ADA, T, "!dance"),
        in_room(owned()),
        "notice in thread $card of Support: …
        redact $e in !t",
    );
}

#[test]
fn every_command_typed_in_the_ticket_room_is_taken_away() {
    for command in COMMANDS {
        for ticket in [owned(), ticket(), owned().closed()] {
            let effects = decide(&says(ADA, T, &format!("!{} something", command.word)), &in_room(ticket));
            let taken = |effect: &&Effect| matches!(effect, Effect::Redact { event: of, .. } if *of == event("$e"));
            assert_eq!(effects.iter().filter(taken).count(), 1, "!{}: {effects:?}", command.word);
        }
    }
}

#[test]
fn a_note_typed_in_the_ticket_room_is_internal_and_taken_away() {
    check(
        says(ADA, T, "!note He pays late"),
        in_room(owned()),
        r#"redact $e in !t
        say in thread $card of Support carrying $e of #1: "Ada wrote:…He pays late"
        post #1 as agent ada Ada internal: "He pays late" from $e in thread $card of Support"#,
    );
}

#[test]
fn help_lists_what_this_agent_may_do_now() {
    let help = |who: &str, ticket: Ticket, commands: &[&str], ends: &str| {
        let lines: String = commands.iter().map(|command| format!(r"\n!{command} – …")).collect();
        answers(who, "!help", ticket, &format!("Ticket #1: you can use{lines}{ends}"));
    };
    help(ADA, ticket(), &["accept", "note text", "help"], "list");
    let prepare = ["link words", "block words", "add text"];
    help(
        ADA,
        owned(),
        &[&["release", "note text"], &prepare[..], &["close", "help"]].concat(),
        "…goes to the customer.",
    );
    help(BEN, owned(), &["note text", "help"], "list");
    help(BEN, locked(), &["note text", "reopen", "help"], "list");
    help(ADA, locked().owned_by(ada()), &["release", "note text", "reopen", "help"], "list");
}

#[test]
fn what_help_lists_is_not_refused() {
    for command in COMMANDS {
        for ticket in [ticket(), owned(), locked(), locked().owned_by(ada())] {
            let Some(ada) = settings().agent(&user(ADA)).cloned() else { panic!("Ada is an agent") };
            // Of video sessions there are none in this configuration; they have tests of their own.
            if !(command.offered)(&ticket, &ada, &settings())
                || matches!(command.word, "help" | "language" | "retry" | "video")
            {
                continue;
            }
            let text = format!("!{} e", command.word);
            let effects = ticketroom::bridge::decide(&says(ADA, DESK, &text), &in_thread(ticket.clone()));
            // A list or a draft is what was asked for; anything else that is said is a refusal.
            let spoken =
                effects.iter().any(|effect| matches!(effect, Effect::Say(speech) if speech.prepares.is_none()));
            assert!(!effects.is_empty() && !spoken, "!{} was offered and then refused", command.word);
        }
    }
}

#[test]
fn a_customer_is_helped_in_the_room() {
    for text in ["!help", "!Help"] {
        check(
            says(CAROL, T, text),
            in_room(ticket()),
            r#"notice in !t at $e: "What you write here goes into ticket #1, …""#,
        );
    }
    check(says(CAROL, T, "!help"), in_room(locked()), r#"notice in !t at $e: "Ticket #1 is closed. …""#);
}

#[test]
fn an_agents_command_of_a_customer_is_only_words() {
    for text in ["!close", "!accept", "!note x", "!dance"] {
        check(
            says(CAROL, T, text),
            in_room(ticket()),
            &format!(r#"post #1 as customer @carol carol public: "{text}" from $e in !t"#),
        );
    }
}
