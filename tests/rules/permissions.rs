//! `!help` and what is done agree: every command, for everybody, in every state, is listed where it is done and nowhere else.

use std::collections::BTreeSet;
use std::sync::Arc;

use ticketroom::bridge::{COMMANDS, CUSTOMER_COMMANDS, View, decide};
use ticketroom::model::{
    Draft, Effect, Inline, OffFor, Provider, RichText, Session, SessionState, Settings, Ticket, VideoSettings,
};

use crate::world::*;

fn draft(unknown: &[&str]) -> Draft {
    Draft {
        event: event("$draft"),
        place: thread(),
        agent: user(ADA),
        body: RichText::plain("Dear customer"),
        unknown: unknown.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn in_session(ticket: Ticket) -> Ticket {
    let session = Session {
        name: "x".to_owned(),
        url: "https://meet.invalid/x".to_owned(),
        opened: event("$open"),
        state: SessionState::Open,
        present: Vec::new(),
        expiring: Vec::new(),
        used: false,
    };
    Ticket { video: Some(session), ..ticket }
}

/// Whatever a ticket can be.
fn states() -> Vec<(&'static str, Ticket)> {
    let owned = || ticket().owned_by(ada());
    vec![
        ("free", ticket()),
        ("hers", owned()),
        ("another's", ticket().owned_by(ben())),
        ("of an agent without Matrix", ticket().owned_by(dora())),
        ("closed", locked()),
        ("hers and closed", locked().owned_by(ada())),
        ("another's and closed", locked().owned_by(ben())),
        ("hers and internal", owned().internal()),
        ("merged", ticket().merged()),
        ("with a draft", Ticket { drafts: vec![draft(&[])], ..owned() }),
        ("with a draft of unknown words", Ticket { drafts: vec![draft(&["{{x}}"])], ..owned() }),
        ("closed with a draft", Ticket { drafts: vec![draft(&[])], ..locked().owned_by(ada()) }),
        ("with a draft of hers, and another's by now", Ticket { drafts: vec![draft(&[])], ..ticket().owned_by(ben()) }),
        ("with a session", in_session(owned())),
        ("free with a session", in_session(ticket())),
        ("with a device", owned().with(|snapshot| snapshot.device = Some("Pump 7".to_owned()))),
        ("with a device and a session", in_session(owned()).with(|it| it.device = Some("Pump 7".to_owned()))),
    ]
}

/// Whatever an administrator can have said of video sessions.
fn configurations() -> Vec<(&'static str, Settings)> {
    let with = |customers_may_ask, off_for| {
        let provider = Provider::Jitsi { address: "https://meet.invalid".parse().unwrap(), tokens: None };
        let video =
            VideoSettings { provider: Some(provider), key: "a key".to_owned().into(), customers_may_ask, off_for };
        Settings { video, ..settings() }
    };
    let devices = OffFor { devices: vec!["Pump 7".to_owned()], ..OffFor::default() };
    let desks = OffFor { desks: vec!["Support".to_owned()], ..OffFor::default() };
    vec![
        ("without video", settings()),
        ("with video", with(false, OffFor::default())),
        ("where customers may ask for video", with(true, OffFor::default())),
        ("without video for the device", with(true, devices)),
        ("without video for the desk", with(true, desks)),
    ]
}

fn configured(settings: &Settings, mut view: View) -> View {
    view.settings = Arc::new(settings.clone());
    view
}

/// The words of the commands that an answer lists.
fn listed(effects: &[Effect]) -> BTreeSet<String> {
    let texts = effects.iter().filter_map(|effect| match effect {
        Effect::Say(speech) => Some(ticketroom::text::to_plain(&speech.body)),
        _ => None,
    });
    let lines: Vec<String> = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let word = |line: &String| Some(line.strip_prefix('!')?.split(' ').next()?.to_owned());
    lines.iter().filter_map(word).collect()
}

/// Something is done, or what was asked for is shown. Only words of the bot, or carrying the words as they are: it is not.
fn is_done(effects: &[Effect], text: &str) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Say(speech) => {
            let has_link = |inlines: &Vec<Inline>| inlines.iter().any(|inline| matches!(inline, Inline::Link { .. }));
            let paragraphs = speech.body.blocks.iter();
            speech.prepares.is_some()
                || speech.replaces.is_some()
                || paragraphs
                    .filter_map(|it| if let ticketroom::model::Block::Paragraph(it) = it { Some(it) } else { None })
                    .any(has_link)
        }
        Effect::Post { body, .. } => ticketroom::text::to_plain(body) != text,
        // Taken away, or told to the ticket that this one was merged into.
        Effect::Redact { .. } | Effect::Tell { .. } => false,
        // An agent who is in the room already is only let in again.
        Effect::Invite { .. } | Effect::InviteToDesk { .. } => false,
        _ => true,
    })
}

#[test]
fn what_help_lists_is_done_and_what_it_does_not_list_is_refused() {
    let mut wrong = Vec::new();
    for (configuration, settings) in configurations() {
        for (state, ticket) in states() {
            let places = [
                ("an agent in the thread", ADA, DESK, in_thread(ticket.clone())),
                ("an agent in the room", ADA, T, in_room(ticket.clone())),
                ("another agent in the thread", BEN, DESK, in_thread(ticket.clone())),
                ("the customer in the room", CAROL, T, in_room(ticket.clone())),
                ("a stranger in the thread", EVE, DESK, in_thread(ticket.clone())),
            ];
            for (who, sender, place, view) in places {
                let view = configured(&settings, view);
                let help = listed(&decide(&says(sender, place, "!help"), &view));
                let all = COMMANDS.iter().map(|it| it.word).chain(CUSTOMER_COMMANDS.iter().map(|it| it.word));
                let all: BTreeSet<&str> = all.collect();
                for word in all.into_iter().filter(|word| *word != "help") {
                    // A word behind it where it needs one; the languages are shown without.
                    let text = if word == "language" { "!language de".to_owned() } else { format!("!{word} e") };
                    let text = if word == "video" { "!video".to_owned() } else { text };
                    let done = is_done(&decide(&says(sender, place, &text), &view), &text);
                    if done != help.contains(word) {
                        let what = if done { "done and not listed" } else { "listed and not done" };
                        wrong.push(format!("!{word} of {who}, ticket {state}, {configuration}: {what}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn help_says_something_to_everybody_everywhere() {
    for (place, view) in
        [(T, in_room(ticket())), (T, in_room(locked())), (D, at_door(None)), (W, in_waiting()), (DESK, in_desk())]
    {
        for who in [ADA, BEN, CAROL, EVE] {
            let effects = decide(&says(who, place, "!help"), &view);
            assert!(effects.iter().any(|effect| matches!(effect, Effect::Say(_))), "{who} in {place}");
        }
    }
}

#[test]
fn before_there_is_a_ticket_help_lists_the_language_alone() {
    for (place, view) in [(D, at_door(None)), (W, in_waiting())] {
        let help = listed(&decide(&says(CAROL, place, "!help"), &view));
        assert_eq!(help.into_iter().collect::<Vec<_>>(), ["language"], "{place}");
    }
}
