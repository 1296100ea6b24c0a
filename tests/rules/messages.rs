//! Words both ways: once, to the right place, under the right name.

use ticketroom::model::{Effect, Fact, Ghost, Outcome, Uncarried};

use crate::world::*;

#[test]
fn a_customers_words_go_into_the_ticket() {
    check(
        says(CAROL, T, "It leaks"),
        in_room(ticket()),
        r#"post #1 as customer @carol carol public: "It leaks" from $e in !t"#,
    );
}

#[test]
fn the_owners_words_go_into_the_ticket_under_their_login() {
    check(
        says(ADA, T, "On my way"),
        in_room(ticket().owned_by(ada())),
        r#"post #1 as agent ada Ada public: "On my way" from $e in !t"#,
    );
}

#[test]
fn words_that_got_through_before_the_owner_changed_are_kept() {
    check(
        says(ADA, T, "On my way"),
        in_room(ticket().owned_by(ben())),
        r#"post #1 as agent ada Ada public: "On my way" from $e in !t"#,
    );
}

#[test]
fn an_agent_who_is_the_customer_writes_as_the_customer() {
    let own = ticket().customers(&[person("12", "Ada", ADA)]);
    check(says(ADA, T, "Mine leaks"), in_room(own), r#"post #1 as customer @ada Ada public: "Mine leaks" …"#);
}

#[test]
fn an_agents_command_as_a_customer_is_only_words() {
    let own = ticket().customers(&[person("12", "Ada", ADA)]);
    check(says(ADA, T, "!close"), in_room(own), r#"post #1 as customer @ada Ada public: "!close" …"#);
}

#[test]
fn what_ghosts_and_the_bot_say_is_an_echo() {
    nothing(says(BOT, T, "Hello"), in_room(ticket()));
    nothing(says("_desk_u7", T, "Hello"), in_room(ticket()));
    nothing(says(BOT, DESK, "!close"), in_thread(ticket()));
}

#[test]
fn a_room_whose_ticket_is_lost_swallows_nothing_into_another() {
    let mut view = in_room(ticket());
    view.ticket = None;
    nothing(says(CAROL, T, "Hello"), view);
}

#[test]
fn an_agent_without_matrix_speaks_as_a_ghost_that_may() {
    check(
        Fact::Posted(message(dora(), true, "We come at 8.")),
        lane(ticket()),
        r#"levels of !t: open, agents [ghost/23], customers [@carol]
        remember #1, ghosts 23*
        say in !t as ghost 23 Dora carrying 5 of #1: "We come at 8.""#,
    );
}

#[test]
fn a_ghost_that_is_there_just_speaks() {
    let mut known = ticket();
    known.ghosts.push(Ghost { person: dora().id, agent: true });
    check(
        Fact::Posted(message(dora(), true, "At 9.")),
        lane(known),
        r#"say in !t as ghost 23 Dora carrying 5 of #1: "At 9.""#,
    );
}

#[test]
fn an_agent_with_matrix_who_answers_in_the_helpdesk_speaks_as_a_ghost() {
    check(
        Fact::Posted(message(person("21", "Ada", ADA), true, "From my desk")),
        lane(ticket().owned_by(ada())),
        r#"levels of !t: open, agents [ghost/21 @ada], customers [@carol]
        remember #1, ghosts 21*
        say in !t as ghost 21 Ada carrying 5 of #1: "From my desk""#,
    );
}

#[test]
fn a_customers_mail_speaks_as_a_ghost_with_the_level_of_a_customer() {
    check(
        Fact::Posted(message(ghost("7", "Gina"), false, "By mail")),
        lane(ticket()),
        r#"levels of !t: open, agents [], customers [ghost/7 @carol]
        remember #1, ghosts 7
        say in !t as ghost 7 Gina carrying 5 of #1: "By mail""#,
    );
}

#[test]
fn a_matrix_customers_mail_is_said_by_the_bot_and_no_double_stands_in_the_room() {
    check(
        Fact::Posted(message(carol(), false, "By mail")),
        lane(ticket()),
        r#"say in !t carrying 5 of #1: "Carol wrote:\n> By mail""#,
    );
}

#[test]
fn our_own_message_comes_back_and_is_not_said_again() {
    let mut echo = message(carol(), false, "It leaks");
    echo.marker = Some(event("$e"));
    nothing(Fact::Posted(echo), lane(ticket()));
}

#[test]
fn our_own_note_comes_back_and_is_not_said_again() {
    let mut echo = comment(dora(), "He pays late");
    echo.marker = Some(event("$e"));
    nothing(Fact::Posted(echo), lane(ticket()));
}

#[test]
fn a_comment_goes_into_the_thread_and_nowhere_else() {
    check(
        Fact::Posted(comment(dora(), "He pays late")),
        lane(ticket()),
        r#"say in thread $card of Support carrying 5 of #1: "Dora wrote:\n> He pays late""#,
    );
}

#[test]
fn a_comment_on_a_ticket_that_is_not_offered_is_said_nowhere() {
    let mut fresh = ticket();
    (fresh.card, fresh.card_desk) = (None, None);
    nothing(Fact::Posted(comment(dora(), "He pays late")), lane(fresh));
}

#[test]
fn a_fetched_message_is_said_like_one_that_came_whole() {
    let fetch = Effect::FetchMessage { ticket: id(), message: ticketroom::model::MessageId::new("5") };
    check(
        done(fetch, Outcome::Message(Box::new(message(carol(), false, "By mail")))),
        lane(ticket()),
        r#"say in !t carrying 5 of #1: "Carol wrote:\n> By mail""#,
    );
}

#[test]
fn a_message_of_a_ticket_without_a_room_waits_for_the_room() {
    let asked = "look at #1 for for-5\nfetch message 5 of #1";
    check(Fact::Posted(message(dora(), true, "Hello")), nowhere(), asked);
    check(Fact::Posted(comment(dora(), "Hello")), nowhere(), asked);
}

#[test]
fn a_message_of_a_ticket_that_gets_no_room_is_said_nowhere() {
    let fetch = Effect::FetchMessage { ticket: id(), message: ticketroom::model::MessageId::new("5") };
    nothing(done(fetch, Outcome::Message(Box::new(message(dora(), true, "Hello")))), nowhere());
}

#[test]
fn our_own_message_in_an_unknown_ticket_is_an_echo() {
    let mut echo = message(carol(), false, "It leaks");
    echo.marker = Some(event("$e"));
    nothing(Fact::Posted(echo), nowhere());
}

#[test]
fn what_can_not_be_carried_is_refused_at_the_message() {
    check(
        sends(CAROL, T, Uncarried::Video),
        in_room(ticket()),
        r#"notice in !t at $e: "A video can't be carried into the ticket yet, …""#,
    );
    nothing(sends(BOT, T, Uncarried::Video), in_room(ticket()));
}
