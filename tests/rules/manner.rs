//! What is said in another manner than by words arrives as honest text; answers show what they answer.

use ticketroom::bridge::{AnsweredEvent, View};
use ticketroom::model::{
    Answered, Answers, Effect, Fact, HelpdeskMessage, Manner, MessageId, Outcome, RichText, Said, Visibility, Why,
};

use crate::world::*;

fn in_manner(text: &str, manner: Manner) -> Fact {
    Fact::Said(Said { manner, ..said_by(CAROL, T, text) })
}

#[test]
fn what_is_no_words_arrives_as_text() {
    let at = Some(("52.5".to_owned(), "13.4".to_owned()));
    for (text, manner, expected) in [
        ("waves", Manner::Emote, r#""* carol waves""#),
        ("Happy cat", Manner::Sticker, r#""[Sticker: Happy cat]""#),
        (" ", Manner::Sticker, r#""[Sticker]""#),
        ("At the pump", Manner::Location { at: None }, r#""[Location]\nAt the pump""#),
        (
            "At the pump",
            Manner::Location { at },
            r#""[Location] 52.5, 13.4 <https://www.openstreetmap.org/?mlat=52.5&mlon=13.4#map=17/52.5/13.4>\nAt the pump""#,
        ),
        (
            "When?",
            Manner::Poll { answers: vec!["Now".to_owned(), "*Later*".to_owned()] },
            r#""[Poll] When?\nNow\n*Later*\nVotes are seen in the Matrix room only.""#,
        ),
        ("Top answer: Now", Manner::PollEnd, r#""[Poll] Top answer: Now""#),
        ("Dances", Manner::Other, r#""[A message of a kind that can't be shown here. It says:]\nDances""#),
    ] {
        let line = format!("post #1 as customer @carol carol public: {expected} from $e in !t");
        check(in_manner(text, manner), in_room(ticket()), &line);
    }
}

#[test]
fn who_is_mentioned_is_named_and_never_by_an_id_of_ours() {
    let mentions = vec![user(ADA), user(EVE), user("_desk_u23"), user("_desk_u99"), user("fred")];
    let text = "@ada:here @eve:here @_desk_u23:here @_desk_u99:here @fred:here look";
    let said = Said { mentions, ..said_by(CAROL, T, text) };
    let mut view = in_room(ticket().owned_by(dora()));
    view.names.insert(user(EVE), "Eve Else".to_owned());
    check(
        Fact::Said(said),
        view,
        r#"post #1 as customer @carol carol public: "Ada Eve Else Dora the helpdesk fred look" from $e in !t"#,
    );
}

#[test]
fn who_is_mentioned_in_the_first_words_is_named_in_the_title() {
    let said = Said { mentions: vec![user(ADA)], ..said_by(CAROL, D, "@ada:here, the press leaks") };
    let title = r#"open ticket at desk 3 for @carol carol: "Ada, the press leaks" "Ada, the press leaks" from $e in !d
count Ticket of @carol at !d"#;
    check(Fact::Said(said), at_door(None), title);
}

fn answering(who: &str, place: &str, text: &str) -> Said {
    Said { reply_to: Some(event("$asked")), ..said_by(who, place, text) }
}

#[test]
fn what_an_answer_answers_is_read_first() {
    check(Fact::Said(answering(CAROL, T, "Yes")), in_room(ticket()), r#"read $asked for "Yes""#);
    check(Fact::Said(answering(ADA, DESK, "Indeed")), in_thread(ticket()), r#"read $asked for "Indeed""#);
    let words = "!help my pump burns";
    check(Fact::Said(answering(CAROL, T, words)), in_room(ticket()), &format!("read $asked for {words:?}"));
}

#[test]
fn a_reply_to_the_offer_answers_nobody_and_a_command_is_done_at_once() {
    let said = Said { reply_to: Some(event("$card")), ..said_by(ADA, DESK, "Mine") };
    check(
        Fact::Said(said),
        in_thread(ticket()),
        r#"post #1 as agent ada Ada internal: "Mine" from $e in thread $card of Support"#,
    );
    check(Fact::Said(answering(ADA, DESK, "!close")), in_thread(ticket().owned_by(ada())), "close #1");
}

#[test]
fn the_answered_words_stand_in_front() {
    let effect = |said: Said| Effect::ReadAnswered { said: Box::new(said), answered: event("$asked") };
    let by = |who: &str, name: Option<&str>, text: &str| {
        Outcome::Answered(Some(Answered {
            sender: user(who),
            name: name.map(str::to_owned),
            body: RichText::plain(text),
            mentions: Vec::new(),
        }))
    };
    let said = || answering(CAROL, T, "Yes");
    let long = "word ".repeat(100);
    for (outcome, quote) in [
        (by(ADA, Some("ada on Matrix"), "Is it wet?"), r#"> Ada wrote:\nIs it wet?\n"#),
        (by(EVE, Some("Eve Else"), "Is it wet?"), r#"> Eve Else wrote:\nIs it wet?\n"#),
        (by("_desk_u99", None, "Is it wet?"), r#"> the helpdesk wrote:\nIs it wet?\n"#),
        (by(EVE, None, &long), r#"> eve wrote:\nword …word…\n"#),
        (Outcome::Answered(None), ""),
        (Outcome::Dead { reason: "gone".to_owned(), why: Why::NoTicket }, ""),
    ] {
        let line = format!(r#"post #1 as customer @carol carol public: "{quote}Yes" from $e in !t"#);
        check(done(effect(said()), outcome), in_room(ticket()), &line);
    }
}

fn read(said: Said, sender: &str, text: &str) -> Fact {
    let answered = Answered { sender: user(sender), name: None, body: RichText::plain(text), mentions: Vec::new() };
    let effect = Effect::ReadAnswered { said: Box::new(said), answered: event("$asked") };
    done(effect, Outcome::Answered(Some(answered)))
}

#[test]
fn who_is_mentioned_in_what_is_answered_is_named() {
    let said = answering(CAROL, T, "That one");
    let effect = Effect::ReadAnswered { said: Box::new(said), answered: event("$asked") };
    let body = RichText::plain("@ada:here which one?");
    let answered = Answered { sender: user(EVE), name: None, body, mentions: vec![user(ADA)] };
    let quoted = r#"post #1 as customer @carol carol public: "> eve wrote:\nAda which one?\nThat one" from $e in !t"#;
    check(done(effect, Outcome::Answered(Some(answered))), in_room(ticket()), quoted);
}

#[test]
fn an_answer_at_the_door_shows_in_the_ticket_what_it_answers() {
    // Not yet in the ticket's room: it goes on there.
    let mut opened = ticket();
    opened.joined.clear();
    let said = || answering(CAROL, D, "Yes");
    check(Fact::Said(said()), at_door(Some(opened.clone())), r#"read $asked for "Yes""#);
    let quoted = r#"tell #1 said at door: "> the helpdesk wrote:\nThank you.\nYes""#;
    check(read(said(), BOT, "Thank you."), at_door(Some(opened.clone())), quoted);
    check(read(said(), "_desk_code_pump-7", "Thank you."), at_door(Some(opened)), quoted);
    // The first words: our own greeting is no part of the matter, and their own words of before are.
    let opens = |quote: &str| {
        format!(
            "open ticket at desk 3 for @carol carol: \"Yes\" \"{quote}Yes\" from $e in !d\ncount Ticket of @carol at !d"
        )
    };
    check(Fact::Said(said()), at_door(None), r#"read $asked for "Yes""#);
    check(read(said(), BOT, "Hello!"), at_door(None), &opens(""));
    check(read(said(), CAROL, "It leaks"), at_door(None), &opens(r"> carol wrote:\nIt leaks\n"));
}

#[test]
fn who_has_used_up_a_quota_is_refused_in_an_answer_too() {
    let refused = |mut view: View| {
        let mut settings = settings();
        settings.quotas.tickets_per_customer_per_hour = Some(1);
        view.settings = std::sync::Arc::new(settings);
        view.used.tickets_of_customer = 1;
        view
    };
    let told = r#"notice in !d at $e: "You have opened a ticket within the last hour…"
        count Refusal of @carol at !d"#;
    check(Fact::Said(answering(CAROL, D, "Yes")), refused(at_door(None)), told);
    check(read(answering(CAROL, D, "Yes"), CAROL, "It leaks"), refused(at_door(None)), told);
}

fn mail(answers: Answers) -> HelpdeskMessage {
    HelpdeskMessage { answers: Some(answers), ..message(person("12", "Eve", EVE), false, "Yes") }
}

fn answers(visibility: Visibility, marker: Option<&str>) -> Answers {
    Answers { message: MessageId::new("4"), visibility, marker: marker.map(event) }
}

fn knowing(place: &str) -> View {
    View { answered: Some(AnsweredEvent { room: room(place), event: event("$known") }), ..lane(ticket()) }
}

#[test]
fn a_mail_that_answers_a_known_message_is_a_reply_in_the_room() {
    let line = |at: &str| format!(r#"say in !t{at} carrying 5 of #1: "Eve wrote:\n> Yes""#);
    let public = || answers(Visibility::Public, None);
    check(Fact::Posted(mail(answers(Visibility::Public, Some("$said")))), lane(ticket()), &line(" at $said"));
    check(Fact::Posted(mail(public())), knowing(T), &line(" at $known"));
    // Made from a draft, which stands in the desk's room: the words in its place are what is answered.
    check(Fact::Posted(mail(answers(Visibility::Public, Some("$draft")))), knowing(T), &line(" at $known"));
    // Nothing stands for it yet: it is looked for again when this is said.
    check(Fact::Posted(mail(public())), lane(ticket()), &line(" answering 4"));
    let opening = Answers { message: MessageId::opening(), ..public() };
    check(Fact::Posted(mail(opening)), knowing(T), &line(" at $known"));
    // What stands in the desk's room is nothing for the customer.
    check(Fact::Posted(mail(public())), knowing(DESK), &line(""));
    check(Fact::Posted(mail(answers(Visibility::Internal, Some("$said")))), knowing(T), &line(""));
}
