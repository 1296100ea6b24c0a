//! Links and building blocks are prepared in the thread, unseen; ✅ makes them the agent's words, once.

use std::sync::Arc;

use ticketroom::bridge::{View, decide};
use ticketroom::model::{
    Article, Away, Choice, Draft, Effect, Fact, Ghost, Library, Manner, Outcome, RichText, Said, Search, Settings,
    Shelf, Shown, Ticket, Why,
};
use ticketroom::text::{Flavour, from_markdown, to_html};

use crate::world::*;

fn owned() -> Ticket {
    let mut ticket = ticket().owned_by(ada());
    ticket.ghosts.push(Ghost { person: ada().id, agent: true });
    ticket
}

fn drafted(markdown: &str) -> Ticket {
    let draft = Draft {
        event: event("$draft"),
        place: thread(),
        agent: user(ADA),
        body: from_markdown(markdown),
        unknown: Vec::new(),
    };
    Ticket { drafts: vec![draft], ..owned() }
}

fn listed() -> Ticket {
    let choice = |title: &str, url: &str| Choice::Link { title: title.to_owned(), url: url.to_owned(), template: None };
    let list = Shown {
        event: event("$list"),
        place: thread(),
        agent: user(ADA),
        shelf: Shelf::Links,
        choices: vec![choice("One", "https://kb.invalid/1"), choice("Two", "https://kb.invalid/2")],
    };
    Ticket { shown: vec![list], ..owned() }
}

/// Carries out what is prepared, as the delivery would, and gives the ticket as it is then.
fn follow(fact: Fact, view: &View, shown_as: &str) -> (Vec<Effect>, Ticket) {
    let mut all = decide(&fact, view);
    let mut ticket = view.ticket.clone().unwrap();
    remember(&mut ticket, &all);
    let prepared: Vec<Effect> = all.iter().filter(|effect| effect.holds_lane()).cloned().collect();
    for effect in prepared {
        let sent = Outcome::Sent { room: room(DESK), event: event(shown_as) };
        all.extend(decide(&done(effect, sent), &View { ticket: Some(ticket.clone()), ..view.clone() }));
    }
    remember(&mut ticket, &all);
    (all, ticket)
}

fn remember(ticket: &mut Ticket, effects: &[Effect]) {
    for effect in effects {
        if let Effect::RememberTicket(after) = effect {
            ticket.clone_from(after);
        }
    }
}

fn says_html(effect: &Effect) -> String {
    match effect {
        Effect::Say(speech) => to_html(&speech.body, Flavour::Matrix),
        Effect::Post { body, .. } => to_html(body, Flavour::Matrix),
        other => panic!("no words in {other:?}"),
    }
}

// --- lists

#[test]
fn links_are_listed_with_numbers_to_tap() {
    let view = in_thread(owned());
    let (effects, ticket) = follow(says(ADA, DESK, "!link"), &view, "$list");
    let first = says_html(&effects[0]);
    assert!(first.contains("<li><a href=\"https://kb.invalid/pump\">Pump manual</a></li>"), "{first}");
    let taps: Vec<&str> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::React { event, key, .. } if event == "$list" => Some(key.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(taps, ["1\u{fe0f}\u{20e3}", "2\u{fe0f}\u{20e3}"]);
    assert_eq!(ticket.shown.len(), 1);
}

#[test]
fn a_search_finds_all_its_words_and_says_where_there_is_nothing() {
    check(
        says(ADA, DESK, "!link the SEAL"),
        in_thread(owned()),
        r#"notice in thread $card of Support listing: "Articles:\nChange the seal <https://kb.invalid/seal>\n…""#,
    );
    check(
        says(ADA, DESK, "!link turbine"),
        in_thread(owned()),
        r#"notice in thread $card of Support: "Nothing was found for “turbine”.""#,
    );
}

#[test]
fn an_old_list_says_that_it_is_old_when_it_is_tapped_on() {
    let tap = |at: &str, ticket: &Ticket| decide(&reacts(ADA, at, "2\u{fe0f}\u{20e3}"), &in_thread(ticket.clone()));
    let is_old = |effects: &[Effect]| effects.len() == 1 && says_html(&effects[0]).contains("This list is an old one");
    // Another one of its kind was shown.
    let (_, mut ticket) = follow(says(ADA, DESK, "!link"), &in_thread(listed()), "$newer");
    assert!(is_old(&tap("$list", &ticket)) && !is_old(&tap("$newer", &ticket)));
    assert_eq!(decide(&reacts(ADA, "$list", "👍"), &in_thread(ticket.clone())), []);
    // What it was chosen for was sent.
    let (_, dropped) =
        follow(says(ADA, DESK, "!drop"), &in_thread(Ticket { shown: listed().shown, ..drafted("x") }), "$d");
    assert!(is_old(&tap("$list", &dropped)));
    check(
        says(ADA, DESK, "!link 1"),
        in_thread(dropped),
        r#"notice in thread $card of Support: "There is no list to choose from. Search first, with a word behind the command.""#,
    );
    // They are not kept for ever, and take nothing away from those that can be chosen from.
    for newer in 0..20 {
        ticket = follow(says(ADA, DESK, "!link"), &in_thread(ticket), &format!("$list{newer}")).1;
    }
    let (old, new): (Vec<_>, Vec<_>) = ticket.shown.iter().partition(|list| list.is_old());
    assert_eq!((old.len(), new.len()), (8, 1));
}

#[test]
fn blocks_are_those_of_the_desk_and_the_customers_language_comes_first() {
    let listed = |language: Option<&str>| {
        let ticket = Ticket { language: language.map(str::to_owned), ..owned() };
        says_html(&decide(&says(ADA, DESK, "!block"), &in_thread(ticket))[0])
    };
    let places = |html: &str, words: &[&str]| {
        let at: Vec<usize> =
            words.iter().map(|word| html.find(word).unwrap_or_else(|| panic!("{word} in {html}"))).collect();
        assert!(at.is_sorted(), "{words:?} in {html}");
    };
    let english = listed(None);
    places(&english, &["Greeting", "Hello", "Recall", "Gruß"]);
    assert!(!english.contains("Turbines") && !english.contains("Guten Tag"), "{english}");
    let german = listed(Some("de"));
    places(&german, &["Gruß", "Greeting", "Guten Tag", "Recall"]);
    assert!(!german.contains("here about"), "{german}");
}

fn searching(ticket: Ticket) -> View {
    let library = Library { searches_articles: true, searches_blocks: true, ..settings().library };
    View { settings: Arc::new(Settings { library, ..settings() }), ..in_thread(ticket) }
}

#[test]
fn a_helpdesk_with_a_knowledge_base_is_asked_first() {
    check(says(ADA, DESK, "!link seal"), searching(owned()), r#"search Links for "seal" of @ada in #1"#);
    let search = Effect::Search {
        ticket: id(),
        agent: user(ADA),
        search: Search { shelf: Shelf::Links, words: "seal".to_owned() },
        place: thread(),
    };
    let article = Article {
        title: "Seals of all kinds".to_owned(),
        url: "https://rt.invalid/7".to_owned(),
        body: RichText::default(),
        desks: Vec::new(),
        language: None,
    };
    let found = |articles: Vec<Article>, failure: Option<&str>| {
        done(search.clone(), Outcome::Found { articles, failure: failure.map(Why::said) })
    };
    check(
        found(vec![article], None),
        lane(owned()),
        r#"notice in thread $card of Support listing: "Articles:\nChange the seal …Seals of all kinds <https://rt.invalid/7>\n…""#,
    );
    check(
        found(Vec::new(), Some("it is on fire")),
        lane(owned()),
        r#"notice in thread $card of Support: "The helpdesk could not be searched: “it is on fire”"
        notice in thread $card of Support listing: "Articles:\nChange the seal …""#,
    );
}

// --- choosing

#[test]
fn a_choice_becomes_a_draft_that_only_agents_see() {
    for fact in
        [says(ADA, DESK, "!link 2"), reacts(ADA, "$list", "2\u{fe0f}\u{20e3}"), reacts(ADA, "$list", "2\u{20e3}")]
    {
        check(
            fact,
            in_thread(listed()),
            r#"notice in thread $card of Support drafting: "Draft of Ada, not sent yet:\n> Two <https://kb.invalid/2>\n…""#,
        );
    }
}

#[test]
fn the_words_of_a_link_can_be_ones_own() {
    let effects = decide(&says(ADA, DESK, "!link 2 | our *manual*"), &in_thread(listed()));
    let html = says_html(&effects[0]);
    assert!(html.contains("<a href=\"https://kb.invalid/2\">our *manual*</a>"), "{html}");
}

#[test]
fn an_address_needs_no_list() {
    for (text, html) in [
        ("!link https://e.invalid/x | that page", "<a href=\"https://e.invalid/x\">that page</a>"),
        ("!link https://e.invalid/x", "<a href=\"https://e.invalid/x\">https://e.invalid/x</a>"),
    ] {
        let shown = says_html(&decide(&says(ADA, DESK, text), &in_thread(owned()))[0]);
        assert!(shown.contains(html), "{shown}");
    }
    check(
        says(ADA, DESK, "!link javascript:alert(1)"),
        in_thread(owned()),
        r#"notice in …: "Nothing was found for …""#,
    );
}

#[test]
fn words_around_a_link_come_from_its_template() {
    let (_, ticket) = follow(says(ADA, DESK, "!link seal"), &in_thread(owned()), "$list");
    let effects = decide(&says(ADA, DESK, "!link 1 | the seal"), &in_thread(ticket));
    let html = says_html(&effects[0]);
    assert!(html.contains("Please read <a href=\"https://kb.invalid/seal\">the seal</a>, Carol."), "{html}");
}

#[test]
fn links_in_the_customers_language_come_first() {
    let mut view = in_thread(owned());
    let settings = Arc::make_mut(&mut view.settings);
    let link = |title: &str, language: Option<&str>| ticketroom::model::LinkElement {
        title: title.to_owned(),
        url: format!("https://kb.invalid/{title}"),
        template: None,
        language: language.map(str::to_owned),
    };
    settings.library.links = vec![link("english", Some("en")), link("all", None), link("deutsch", Some("de"))];
    let titles = |view: &View| {
        let html = says_html(&decide(&says(ADA, DESK, "!link"), view)[0]);
        let mut titles: Vec<(usize, &str)> =
            ["english", "all", "deutsch"].into_iter().map(|title| (html.find(title).unwrap(), title)).collect();
        titles.sort_unstable();
        titles.into_iter().map(|(_, title)| title).collect::<Vec<_>>()
    };
    assert_eq!(titles(&view), ["english", "all", "deutsch"]);
    view.languages = vec![(user(CAROL), "de".to_owned())];
    assert_eq!(titles(&view), ["deutsch", "all", "english"]);
}

#[test]
fn links_of_one_title_are_one_only_where_each_says_its_language() {
    let mut view = in_thread(owned());
    let settings = Arc::make_mut(&mut view.settings);
    let link = |page: &str, language: Option<&str>| ticketroom::model::LinkElement {
        title: "Manual".to_owned(),
        url: format!("https://kb.invalid/{page}"),
        template: None,
        language: language.map(str::to_owned),
    };
    settings.library.links = vec![link("de", Some("de")), link("en", Some("en")), link("other", None)];
    let html = says_html(&decide(&says(ADA, DESK, "!link"), &view)[0]);
    assert_eq!(["/en", "/other", "/de"].map(|page| html.contains(page)), [true, true, false], "{html}");
}

#[test]
fn each_variable_that_the_manual_names_is_filled_in() {
    let mut ticket = owned();
    ticket.snapshot.customers[0].name = "Carol Smith".to_owned();
    (ticket.snapshot.priority, ticket.snapshot.device) = (Some("High".to_owned()), Some("Pump 7".to_owned()));
    for (name, value) in [
        ("customer.name", "Carol Smith"),
        ("customer.first_name", "Carol"),
        ("agent.name", "Ada"),
        ("agent.first_name", "Ada"),
        ("ticket.number", "1"),
        ("ticket.title", "It leaks"),
        ("ticket.status", "open"),
        ("ticket.priority", "High"),
        ("desk.name", "Support"),
        ("device.name", "Pump 7"),
    ] {
        let (_, after) =
            follow(says(ADA, DESK, &format!("!add <{{{{{name}}}}}>")), &in_thread(ticket.clone()), "$draft");
        assert_eq!(ticketroom::text::to_plain(&after.drafts[0].body).trim(), format!("<{value}>"), "{name}");
    }
    let (_, after) = follow(says(ADA, DESK, "!add {{ticket.priority}}"), &in_thread(owned()), "$draft");
    assert_eq!(after.drafts[0].unknown, ["{{ticket.priority}}"], "it has none");
}

#[test]
fn an_agents_own_words_for_a_link_are_filled_in_before_they_stand_in_its_template() {
    let (_, ticket) = follow(says(ADA, DESK, "!link seal"), &in_thread(owned()), "$list");
    let effects = decide(&says(ADA, DESK, "!link 1 | {{ticket.number}}: {{agent.name}}"), &in_thread(ticket.clone()));
    let html = says_html(&effects[0]);
    assert!(html.contains("Please read <a href=\"https://kb.invalid/seal\">1: Ada</a>, Carol."), "{html}");

    // With and without a template, and for a link to itself.
    for (asked, words) in [
        ("!link seal", "Manual for {{device.name}}"),
        ("!link seal", "See {{link}}"),
        ("!link manual", "Manual for {{device.name}}"),
        ("!link manual", "See {{link}}"),
    ] {
        let (_, ticket) = follow(says(ADA, DESK, asked), &in_thread(owned()), "$list");
        let chosen = says(ADA, DESK, &format!("!link 1 | {words}"));
        let (shown, ticket) = follow(chosen, &in_thread(ticket), "$draft");
        let unknown = words.split_once("{{").map(|(_, name)| format!("{{{{{name}")).unwrap();
        assert_eq!(ticket.drafts[0].unknown, std::slice::from_ref(&unknown), "{asked} {words}");
        assert!(says_html(&shown[0]).contains(&unknown), "{shown:?}");
        let sent = decide(&says(ADA, DESK, "!send"), &in_thread(ticket));
        assert!(!sent.iter().any(|effect| matches!(effect, Effect::Post { .. })), "{words} is sent: {sent:?}");
    }
}

#[test]
fn a_block_is_filled_in() {
    let (_, ticket) = follow(says(ADA, DESK, "!block greeting"), &in_thread(owned()), "$list");
    let effects = decide(&says(ADA, DESK, "!block 1"), &in_thread(ticket));
    let html = says_html(&effects[0]);
    assert!(html.contains("Hello Carol, <strong>Ada</strong> here about #1"), "{html}");
}

#[test]
fn a_number_that_is_not_there_is_told() {
    check(says(ADA, DESK, "!link 3"), in_thread(listed()), r#"notice in …: "The list goes from 1 to 2.""#);
    check(says(ADA, DESK, "!link 0"), in_thread(listed()), r#"notice in …: "The list goes from 1 to 2.""#);
    check(says(ADA, DESK, "!block 1"), in_thread(listed()), r#"notice in …: "There is no list …""#);
    check(says(ADA, DESK, "!block 4711"), in_thread(listed()), r#"…4711…"#);
    nothing(reacts(ADA, "$list", "👍"), in_thread(listed()));
    nothing(reacts(BOT, "$list", "1\u{fe0f}\u{20e3}"), in_thread(listed()));
}

#[test]
fn nobody_but_the_owner_prepares_what_a_customer_will_read() {
    for text in ["!link", "!link 1", "!block x", "!add Hello"] {
        check(says(BEN, DESK, text), in_thread(listed()), r#"notice in …: "Ben: this ticket belongs to Ada.""#);
        check(says(ADA, DESK, text), in_thread(ticket()), r#"notice in …: "Ada: Please accept the ticket first …""#);
        check(says(ADA, DESK, text), in_thread(listed().closed()), r#"notice in …: "This ticket is closed. …""#);
    }
    check(reacts(BEN, "$list", "1\u{20e3}"), in_thread(listed()), r#"notice in …: "Ben: this ticket belongs to Ada.""#);
    check(reacts(EVE, "$list", "1\u{20e3}"), in_thread(listed()), r#"notice in …: "You are not set up …""#);
    check(reacts(EVE, "$draft", "✅"), in_thread(drafted("Hello")), r#"notice in …: "You are not set up …""#);
}

// --- the draft

#[test]
fn a_draft_that_stands_can_be_tapped_on() {
    let (effects, ticket) =
        follow(says(ADA, DESK, "!add See [[https://kb.invalid/1 | this]]"), &in_thread(owned()), "$draft");
    let taps: Vec<&Effect> = effects.iter().filter(|effect| matches!(effect, Effect::React { .. })).collect();
    assert_eq!(taps.len(), 2);
    assert_eq!(ticket.drafts.len(), 1);
    assert!(says_html(&effects[0]).contains("<a href=\"https://kb.invalid/1\">this</a>"));
}

#[test]
fn what_is_prepared_next_is_added_to_the_draft() {
    let mut ticket = drafted("Hello");
    ticket.shown = listed().shown;
    for (fact, more) in [
        (says(ADA, DESK, "!link 1"), "One <https://kb.invalid/1>"),
        (says(ADA, DESK, "!add Bye, **Carol**"), "Bye, Carol"),
    ] {
        check(
            fact,
            in_thread(ticket.clone()),
            &format!(
                r#"change $draft in thread $card of Support: "Draft of Ada, not sent yet:\n> Hello\n{more}\n…"
                remember #1, drafts [$draft "Hello\n{more}"]"#
            ),
        );
    }
}

#[test]
fn a_draft_goes_on_in_the_thread_that_the_ticket_has_by_now() {
    let mut moved = drafted("Hello");
    moved.card = Some(event("$new"));
    let (effects, ticket) = follow(says(ADA, DESK, "!add Bye"), &in_thread(moved.clone()), "$again");
    let drafts: Vec<_> = ticket.drafts.iter().map(|draft| (draft.event.as_str(), draft.place != thread())).collect();
    assert_eq!(drafts, [("$again", true)]);
    assert_eq!(ticket.drafts[0].body, from_markdown("Hello\n\nBye"));
    let left = effects.iter().find_map(|effect| match effect {
        Effect::Say(speech) => speech.replaces.as_ref().map(|event| (event.as_str(), speech.place == thread())),
        _ => None,
    });
    assert_eq!(left, Some(("$draft", true)), "where it stood, it says so");
    check(says(ADA, DESK, "!add"), in_thread(moved), "notice in thread $new of Support: …!add I will call you today…");
}

fn answers(who: &str, text: &str) -> Fact {
    Fact::Said(Said {
        reply_to: Some(event("$draft")),
        thread: Some(event("$card")),
        body: from_markdown(text),
        ..said_by(who, DESK, text)
    })
}

#[test]
fn a_reply_takes_the_place_of_the_draft_and_is_no_note() {
    check(
        answers(ADA, "Dear {{customer.name}}, **no**"),
        in_thread(drafted("Hello")),
        r#"change $draft in thread $card of Support: "Draft of Ada, not sent yet:\n> Dear Carol, no\n…"
        remember #1, drafts [$draft "Dear Carol, no"]"#,
    );
    check(
        answers(ADA, "+ And [[https://kb.invalid/1 | more]]"),
        in_thread(drafted("Hello")),
        r#"change $draft in …
        remember #1, drafts [$draft "Hello\nAnd more <https://kb.invalid/1>"]"#,
    );
    check(
        answers(BEN, "No!"),
        in_thread(drafted("Hello")),
        r#"notice in thread $card of Support: "Ben: this draft is Ada's.""#,
    );
}

#[test]
fn a_picture_is_no_draft_and_is_told_so() {
    let with_picture = |fact: Fact| match fact {
        Fact::Said(said) => Fact::Said(Said { files: vec![sent_file("leak.png")], ..said }),
        other => panic!("nothing said: {other:?}"),
    };
    let told = r#"notice in thread $card of Support: "Ada: a draft holds words and no files, …""#;
    for fact in [answers(ADA, ""), answers(ADA, "See"), answers(ADA, "+ See"), says(ADA, DESK, "!add See")] {
        check(with_picture(fact), in_thread(drafted("Hello")), told);
    }
    let taken = "redact $e in !t";
    check(with_picture(says(ADA, T, "!add See")), in_room(drafted("Hello")), &format!("{told}\n{taken}"));
    let told_of_file =
        r#"notice in thread $card of Support: "“leak.png” was not passed on to the helpdesk: it stood beneath …""#;
    let closes = "close #1";
    check(with_picture(says(ADA, T, "!close")), in_room(owned()), &format!("{closes}\n{told_of_file}\n{taken}"));
    let note = r#"post #1 as agent ada Ada internal: "See" with "leak.png" from …"#;
    check(
        with_picture(says(ADA, T, "!note See")),
        in_room(owned()),
        &format!("redact $e in !t\nfile \"leak.png\" in thread …\n{note}"),
    );
    check(answers(ADA, ""), in_thread(drafted("Hello")), told);
}

#[test]
fn a_sticker_a_place_and_a_poll_are_no_words_of_a_draft() {
    let told = r#"notice in thread $card of Support: "Ada: a draft holds words and no files, …""#;
    for manner in [Manner::Sticker, Manner::Location { at: None }, Manner::Poll { answers: Vec::new() }] {
        let Fact::Said(said) = answers(ADA, "a thumb") else { panic!("nothing said") };
        check(Fact::Said(Said { manner, ..said }), in_thread(drafted("Hello")), told);
    }
}

#[test]
fn an_unknown_variable_is_shown_and_never_sent() {
    let (effects, ticket) = follow(says(ADA, DESK, "!add Device {{device.serial}}"), &in_thread(owned()), "$draft");
    let shown = says_html(&effects[0]);
    assert!(
        shown.contains("I don&#x27;t know what {{device.serial}} stands for")
            || shown.contains("what {{device.serial}} stands for"),
        "{shown}"
    );
    for fact in [reacts(ADA, "$draft", "✅"), says(ADA, DESK, "!send")] {
        check(
            fact,
            in_thread(ticket.clone()),
            r#"notice in thread $card of Support: "I don't know what {{device.serial}} stands for …""#,
        );
    }
    let (_, ticket) = follow(answers(ADA, "Device 7"), &in_thread(ticket), "$none");
    assert!(ticket.drafts[0].unknown.is_empty());
}

#[test]
fn what_a_variable_stands_for_is_not_read_as_a_variable_or_a_link() {
    let mut ticket = owned().customers(&[person("11", "{{x}} [[https://evil.invalid | y]]", CAROL)]);
    ticket.snapshot.title = "{{y}}".to_owned();
    let (effects, ticket) =
        follow(says(ADA, DESK, "!add {{customer.name}} {{ticket.title}}"), &in_thread(ticket), "$draft");
    assert!(ticket.drafts[0].unknown.is_empty(), "{:?}", ticket.drafts);
    assert!(!says_html(&effects[0]).contains("<a "));
}

// --- sending

const SENT: &str = r#"remember #1, drafts []
        say in !t as ghost 21 Ada carrying $draft of #1: "Hello"
        post #1 as agent ada Ada public: "Hello" from $draft in thread $card of Support
        change $draft in thread $card of Support: "Sent to the customer by Ada:\n> Hello""#;

#[test]
fn a_draft_is_sent_to_the_room_and_the_ticket_under_the_agents_name() {
    for fact in [reacts(ADA, "$draft", "✅"), reacts(ADA, "$draft", "✅\u{fe0f}"), says(ADA, DESK, "!send")] {
        check(fact, in_thread(drafted("Hello")), SENT);
    }
}

#[test]
fn a_sent_draft_calls_back_the_customer_who_left() {
    let gone = vec![Away { user: user(CAROL), called: false }];
    let ticket = Ticket { joined: Vec::new(), away: gone, ..drafted("Hello") };
    let sent = SENT.replace("drafts []", "away [@carol (called)], drafts []");
    check(reacts(ADA, "$draft", "✅"), in_thread(ticket), &format!("invite @carol to !t\n{sent}"));
}

#[test]
fn a_draft_of_an_internal_ticket_is_a_note_in_the_helpdesk() {
    let sent = SENT.replace("public", "internal");
    check(reacts(ADA, "$draft", "✅"), in_thread(drafted("Hello").internal()), &sent);
}

#[test]
fn a_ghost_that_is_new_in_the_room_may_write_first() {
    let ticket = Ticket { ghosts: Vec::new(), ..drafted("Hello") };
    check(
        reacts(ADA, "$draft", "✅"),
        in_thread(ticket),
        r#"levels of !t: open, agents [ghost/21 @ada], customers [@carol]
        remember #1, ghosts 21*, drafts []
        say in !t as ghost 21 Ada carrying $draft of #1: "Hello"
        post #1 …
        change $draft …"#,
    );
}

#[test]
fn a_draft_is_sent_once() {
    let view = in_thread(drafted("Hello"));
    let (_, ticket) = follow(reacts(ADA, "$draft", "✅"), &view, "$none");
    nothing(reacts(ADA, "$draft", "✅"), in_thread(ticket.clone()));
    check(says(ADA, DESK, "!send"), in_thread(ticket), r#"notice in …: "There is no draft of yours. …""#);
}

#[test]
fn nobody_sends_anothers_draft_or_one_of_a_ticket_that_they_lost() {
    check(reacts(BEN, "$draft", "✅"), in_thread(drafted("Hello")), r#"notice in …: "Ben: this draft is Ada's.""#);
    let lost = drafted("Hello").owned_by(ben());
    check(reacts(ADA, "$draft", "✅"), in_thread(lost.clone()), r#"notice in …: "Ada: this ticket belongs to Ben.""#);
    check(reacts(BEN, "$draft", "✅"), in_thread(lost), r#"notice in …: "Ben: this draft is Ada's.""#);
    check(
        reacts(ADA, "$draft", "✅"),
        in_thread(drafted("Hello").closed()),
        r#"notice in …: "This ticket is closed. …""#,
    );
}

#[test]
fn a_draft_is_dropped_by_its_agent_or_the_owner() {
    let dropped = |who: &str| {
        format!(
            r#"remember #1, drafts []
            change $draft in thread $card of Support: "Dropped by {who}:\n> Hello""#
        )
    };
    check(reacts(ADA, "$draft", "❌"), in_thread(drafted("Hello")), &dropped("Ada"));
    check(says(ADA, DESK, "!drop"), in_thread(drafted("Hello")), &dropped("Ada"));
    check(reacts(BEN, "$draft", "❌"), in_thread(drafted("Hello").owned_by(ben())), &dropped("Ben"));
    check(reacts(BEN, "$draft", "❌"), in_thread(drafted("Hello")), r#"notice in …: "Ben: this draft is Ada's.""#);
    nothing(reacts(ADA, "$draft", "👍"), in_thread(drafted("Hello")));
}

#[test]
fn in_the_ticket_room_the_same_commands_work_and_are_taken_away() {
    let view = |ticket: Ticket| View { room: in_room(owned()).room, ..in_thread(ticket) };
    check(
        says(ADA, T, "!link seal"),
        view(owned()),
        "notice in thread $card of Support listing: …
        redact $e in !t",
    );
    check(
        says(ADA, T, "!link 1"),
        view(listed()),
        "notice in thread $card of Support drafting: …
        redact $e in !t",
    );
    check(says(ADA, T, "!send"), view(drafted("Hello")), &format!("{SENT}\nredact $e in !t"));
}

#[test]
fn a_draft_that_is_too_long_says_so() {
    let long = format!("!add {}", "word ".repeat(4000));
    check(says(ADA, DESK, &long), in_thread(owned()), r#"notice in …: "This would be too long …""#);
    check(says(ADA, DESK, &long), in_thread(drafted("Hello")), r#"notice in …: "This would be too long …""#);
}

#[test]
fn an_undelivered_draft_is_told_at_the_draft() {
    let effects = decide(&reacts(ADA, "$draft", "✅"), &in_thread(drafted("Hello")));
    let post = effects.into_iter().find(|effect| matches!(effect, Effect::Post { .. })).unwrap();
    check(
        dies(post),
        lane(owned()),
        r#"notice in thread $card of Support at $draft or instead: "This message could not be delivered to the helpdesk: …"
        remember #1, …"#,
    );
}
