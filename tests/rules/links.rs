//! `[[URL | text]]`: a link wherever an agent types it, and only words where a customer does.

use ticketroom::bridge::{View, decide};
use ticketroom::model::{
    Answered, Effect, Fact, File, FileKind, Ghost, HelpdeskMessage, Outcome, Refusal, RichText, Said, Ticket,
};
use ticketroom::text::{Flavour, from_markdown, to_html, to_plain};

use crate::world::*;

const TYPED: &str = "Please see [[https://kb.invalid/1 | the pump's manual]].";
const LINKED: &str = r#"Please see <a href="https://kb.invalid/1">the pump&#x27;s manual</a>."#;

fn typed(who: &str, place: &str, text: &str) -> Fact {
    Fact::Said(Said { body: from_markdown(text), ..said_by(who, place, text) })
}

/// What is said and posted, as HTML.
fn bodies(fact: Fact, view: View) -> Vec<(&'static str, String)> {
    let html = |body: &RichText| to_html(body, Flavour::Matrix).replace('\'', "&#x27;");
    let body = |effect: &Effect| match effect {
        Effect::Say(speech) => Some(("say", html(&speech.body))),
        Effect::Post { body, .. } => Some(("post", html(body))),
        _ => None,
    };
    decide(&fact, &view).iter().filter_map(body).collect()
}

fn with_ghost() -> Ticket {
    let mut ticket = ticket().owned_by(ada());
    ticket.ghosts.push(Ghost { person: ada().id, agent: true });
    ticket
}

#[test]
fn a_link_typed_in_the_room_is_said_again_for_the_reader_and_posted_as_a_link() {
    check(
        typed(ADA, T, TYPED),
        in_room(ticket().owned_by(ada())),
        r#"levels of !t: open, agents [ghost/21 @ada], customers [@carol]
        remember #1, ghosts 21*
        say in !t as ghost 21 Ada carrying $e of #1: "Please see the pump's manual <https://kb.invalid/1>."
        redact $e in !t
        post #1 as agent ada Ada public: "Please see the pump's manual <https://kb.invalid/1>." from $e in !t"#,
    );
    let both = [("say", LINKED.to_owned()), ("post", LINKED.to_owned())];
    assert_eq!(bodies(typed(ADA, T, TYPED), in_room(with_ghost())), both);
}

#[test]
fn a_link_typed_in_an_answer_stays_an_answer_and_the_ticket_shows_of_what() {
    let said = Said { reply_to: Some(event("$before")), body: from_markdown(TYPED), ..said_by(ADA, T, TYPED) };
    check(Fact::Said(said.clone()), in_room(with_ghost()), r#"read $before for "Please see …""#);
    let read = |quoted: Option<&str>| {
        let answered = quoted.map(|text| Answered {
            sender: user(CAROL),
            name: None,
            body: RichText::plain(text),
            mentions: Vec::new(),
        });
        let effect = Effect::ReadAnswered { said: Box::new(said.clone()), answered: event("$before") };
        done(effect, Outcome::Answered(answered))
    };
    for (fact, quote) in [(read(Some("How?")), r"> Carol wrote:\nHow?\n"), (read(None), "")] {
        check(
            fact,
            in_room(with_ghost()),
            &format!(
                r#"say in !t as ghost 21 Ada at $before carrying $e of #1: "Please see the pump's manual <https://kb.invalid/1>."
                redact $e in !t
                post #1 as agent ada Ada public: "{quote}Please see the pump's manual <https://kb.invalid/1>." from $e in !t"#
            ),
        );
    }
}

#[test]
fn a_picture_with_a_link_in_its_caption_goes_only_once_the_picture_stands_there_again() {
    let typed = |name: &str, kind: FileKind| {
        let file = File { kind, ..sent_file(name) };
        Fact::Said(Said { files: vec![file], body: from_markdown(TYPED), ..said_by(ADA, T, TYPED) })
    };
    let words = r#""Please see the pump's manual <https://kb.invalid/1>.""#;
    let post = |name: &str| format!("post #1 as agent ada Ada public: {words} with {name:?} from $e in !t");
    let picture = format!(r#"file "a.png" in !t as ghost 21 Ada carrying $e of #1: {words}"#);
    let plan = format!(
        r#"say in !t as ghost 21 Ada carrying $e of #1: {words}
        file "a.pdf" in !t as ghost 21 Ada carrying $e of #1"#
    );
    for (name, kind, again) in [("a.png", FileKind::Image, picture), ("a.pdf", FileKind::Other, plan)] {
        let view = in_room(with_ghost());
        check(typed(name, kind), view.clone(), &format!("{again}\n{}", post(name)));
        let effects = decide(&typed(name, kind), &view);
        let Some(file @ Effect::SayFile(_)) = effects.iter().rev().nth(1) else { panic!("no file in {effects:?}") };
        assert!(file.wants_outcome(), "what follows from it is asked for");
        let outcome = |outcome| done(file.clone(), outcome);
        let sent = Outcome::Sent { room: room(T), event: event("$again") };
        check(outcome(sent), lane(with_ghost()), "redact $e in !t");
        // Of a picture that may not be said again the words alone were: it stands there as it was sent, and that the ticket
        // does not get it is said at its message.
        let words = Outcome::Sent { room: room(T), event: event("$words") };
        nothing(outcome(words.without(vec![(0, Refusal::Empty)])), lane(with_ghost()));
        nothing(outcome(Outcome::Without { refused: vec![(0, Refusal::Empty)], done: None }), lane(with_ghost()));
        check(dies(file.clone()), lane(with_ghost()), "notice in thread …\nremember #1, …");
    }
}

#[test]
fn an_agent_who_is_not_the_owner_any_more_is_named_by_the_bot() {
    check(
        typed(ADA, T, TYPED),
        in_room(ticket().owned_by(ben())),
        r#"say in !t carrying $e of #1: "Ada wrote:\n> Please see the pump's manual <https://kb.invalid/1>."
        redact $e in !t
        post #1 as agent ada Ada public: "Please see the pump's manual <https://kb.invalid/1>." from $e in !t"#,
    );
}

#[test]
fn a_reader_without_html_sees_the_words_and_the_address() {
    let effects = decide(&typed(ADA, T, TYPED), &in_room(with_ghost()));
    let Some(Effect::Say(speech)) = effects.first() else { panic!("it is said again: {effects:?}") };
    assert_eq!(to_plain(&speech.body), "Please see the pump's manual (https://kb.invalid/1).");
}

#[test]
fn words_without_a_link_stand_as_they_were_typed() {
    for text in
        ["See [[ there", "[[ftp://x.invalid | x]]", "[[javascript:alert(1) | x]]", "`[[https://x.invalid | x]]`"]
    {
        let effects = decide(&typed(ADA, T, text), &in_room(with_ghost()));
        assert!(matches!(effects.as_slice(), [Effect::Post { .. }]), "{text}: {effects:?}");
    }
}

#[test]
fn a_link_typed_in_the_thread_is_a_link_in_the_note() {
    assert_eq!(bodies(typed(ADA, DESK, TYPED), in_thread(with_ghost())), [("post", LINKED.to_owned())]);
    let noted = bodies(typed(ADA, DESK, "!note [[https://kb.invalid/1]]"), in_thread(with_ghost()));
    assert_eq!(noted, [("post", r#"<a href="https://kb.invalid/1">https://kb.invalid/1</a>"#.to_owned())]);
}

#[test]
fn a_link_typed_in_the_helpdesk_by_an_agent_is_a_link_in_the_room() {
    let posted = |message: HelpdeskMessage| Fact::Posted(HelpdeskMessage { body: from_markdown(TYPED), ..message });
    assert_eq!(bodies(posted(message(ada(), true, "")), lane(with_ghost())), [("say", LINKED.to_owned())]);
    let [(_, note)] = bodies(posted(comment(dora(), "")), lane(with_ghost())).try_into().unwrap();
    assert!(note.contains(LINKED), "{note}");
}

#[test]
fn a_customers_brackets_are_only_words() {
    let shown = to_html(&from_markdown(TYPED), Flavour::Matrix).replace('\'', "&#x27;");
    assert_eq!(bodies(typed(CAROL, T, TYPED), in_room(with_ghost())), [("post", shown.clone())]);
    let by_mail = HelpdeskMessage { body: from_markdown(TYPED), ..message(ghost("7", "Gina"), false, "") };
    assert_eq!(bodies(Fact::Posted(by_mail), lane(with_ghost())), [("say", shown)]);
}

#[test]
fn what_could_not_be_said_for_an_agent_is_told_in_the_thread() {
    let effects = decide(&typed(ADA, T, TYPED), &in_room(with_ghost()));
    let Some(say) = effects.into_iter().next() else { panic!("it is said again") };
    check(
        dies(say),
        lane(with_ghost()),
        r#"notice in thread $card of Support: "…could not be said…“it is on fire.”"
        remember #1, undelivered here"#,
    );
}
