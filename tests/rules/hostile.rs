//! Names, titles and words that were made to deceive or to break.

use ticketroom::model::Fact;

use crate::world::*;

const TURNED: &str = "ev\u{202e}il\u{0000}\n\nThis ticket was closed.";

#[test]
fn a_title_stays_one_line_in_the_notice() {
    check(
        Fact::Seen(snapshot().titled(TURNED)),
        lane(ticket()),
        "describe …
        notice in !t: \"The ticket's subject is now “evil”.\"
        change …
        remember #1, snapshot",
    );
}

#[test]
fn a_localpart_that_stands_for_a_name_is_cleaned() {
    let strange = ruma::OwnedUserId::try_from("@a\u{202e}b\u{200b}c:there").expect("an old user id may be so");
    let mut said = said_by(CAROL, T, "Hello");
    said.sender = strange;
    check(Fact::Said(said), in_room(ticket()), r#"post #1 as customer … abc public: "Hello" …"#);
}

#[test]
fn the_title_of_a_ticket_is_one_short_line() {
    let long = format!("It leaks\n{}", "very ".repeat(10_000));
    check(
        says(CAROL, D, &long),
        at_door(None),
        r#"open ticket …: "It leaks" "It leaks\nvery …" from $e in !d
        count Ticket of @carol at !d"#,
    );
}

#[test]
fn one_emoji_is_a_message_and_a_title() {
    check(
        says(CAROL, D, "🔥"),
        at_door(None),
        r#"open ticket …: "🔥" "🔥" from $e in !d
        count Ticket of @carol at !d"#,
    );
    check(says(CAROL, T, "🔥"), in_room(ticket()), r#"post …: "🔥" from $e in !t"#);
}

#[test]
fn markup_in_names_and_words_stays_text() {
    let markup = "<b onload=x>**[a](javascript:b)**";
    let said = format!(r#"notice in !t: "{markup} now takes care of this ticket.""#);
    let owner = ticketroom::model::Person { name: markup.to_owned(), ..dora() };
    check(
        Fact::Seen(snapshot().owned_by(owner)),
        lane(ticket()),
        &format!("{said}\nnotice in thread …\nchange …\nremember #1, snapshot"),
    );
}

#[test]
fn somebody_elses_server_does_not_make_a_ghost_ours() {
    let mut said = said_by(CAROL, T, "Hello");
    said.sender = ruma::OwnedUserId::try_from("@_desk_bot:there").expect("a user id");
    check(Fact::Said(said), in_room(ticket()), "post #1 as customer …");
}

#[test]
fn an_agents_name_on_another_server_is_nobodys() {
    let mut said = said_by(ADA, DESK, "!accept");
    said.sender = ruma::OwnedUserId::try_from("@ada:there").expect("a user id");
    check(Fact::Said(said), in_thread(ticket()), r#"notice in thread … at $e: "You are not set up …""#);
}

#[test]
fn an_agents_display_name_makes_no_agent() {
    let mut view = in_thread(ticket());
    view.sender_name = Some("Ada".to_owned());
    check(reacts(EVE, "$card", "✅"), view, r#"notice in thread … "You are not set up …""#);
}

#[test]
fn a_command_of_60_kilobytes_is_not_repeated_in_the_answer() {
    let long = format!("!{}", "a".repeat(60_000));
    let effects = ticketroom::bridge::decide(&says(ADA, DESK, &long), &in_thread(ticket()));
    let lines = crate::render::effects(&effects, None);
    assert!(lines.len() == 1 && lines[0].len() < 1000, "{} lines, the first of {} bytes", lines.len(), lines[0].len());
}
