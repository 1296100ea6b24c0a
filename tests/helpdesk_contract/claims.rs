//! The claims that hold for every helpdesk.

use ticketroom::helpdesk::{Change, Helpdesk};
use ticketroom::model::{
    Acceptance, Answers, Article, Author, Cancellation, Desk, MessageId, Next, Particulars, RichText, Search, Shelf,
    TicketId, Visibility, Why,
};

pub use super::files::{
    a_file_that_is_not_there_is_gone, a_file_without_words_bears_its_marker_and_its_author,
    a_ticket_may_be_opened_by_a_file, files_of_a_message_come_out_as_they_went_in,
};
pub use super::life::*;
pub use super::mails::a_mail_names_the_mail_it_answers;
pub use super::words::*;
use super::worlds::World;
use crate::common::fixtures::{agent, customer, event, new_message, new_ticket, user, words};

pub async fn general(helpdesk: &dyn Helpdesk) -> Desk {
    helpdesk.desks().await.unwrap().into_iter().find(|desk| desk.name == "General").expect("the desk General")
}

async fn ticket(world: &dyn World, marker: &str) -> TicketId {
    let helpdesk = world.helpdesk();
    let desk = general(helpdesk).await;
    helpdesk.create_ticket(&new_ticket(&desk.id, "It leaks", marker)).await.unwrap()
}

pub async fn a_ticket_is_found_by_its_marker_and_by_no_other(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    assert_eq!(helpdesk.find_ticket(&event("one")).await.unwrap(), Some(id.clone()));
    // The database of a helpdesk may compare without case; Matrix does not.
    assert_eq!(helpdesk.find_ticket(&event("ONE")).await.unwrap(), None);
    assert_eq!(helpdesk.find_ticket(&event("on")).await.unwrap(), None);
    // Made twice all the same: the first one counts, always.
    let second = ticket(world, "one").await;
    assert_ne!(second, id);
    assert_eq!(helpdesk.find_ticket(&event("one")).await.unwrap(), Some(id));
}

pub async fn a_ticket_is_read_back_whole(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let desk = general(helpdesk).await;
    let id = ticket(world, "one").await;
    let snapshot = helpdesk.ticket(&id).await.unwrap().unwrap();
    assert_eq!(
        (snapshot.id.clone(), snapshot.number.as_str(), snapshot.title.as_str()),
        (id.clone(), id.as_str(), "It leaks")
    );
    assert_eq!((snapshot.desk, snapshot.desk_name), (desk.id, desk.name));
    assert_eq!((snapshot.status.closed, snapshot.status.label.as_str()), (false, "new"));
    assert_eq!(snapshot.owner, None);
    assert_eq!(snapshot.priority.as_deref(), Some("Low"));
    assert_eq!(words(&snapshot.description), "It leaks");
    assert!(snapshot.url.contains(id.as_str()));
    assert_eq!(snapshot.marker, Some(event("one")));
    let [ada] = snapshot.customers.as_slice() else { panic!("one customer: {:?}", snapshot.customers) };
    assert_eq!((ada.name.as_str(), ada.matrix.clone()), ("Ada", Some(user("ada"))));
    assert_eq!(snapshot.author.as_ref(), Some(ada));

    // One that came from the other side, by somebody with nothing but a mail address.
    let id = world.anna_opens("By mail", "Hello").await;
    let snapshot = helpdesk.ticket(&id).await.unwrap().unwrap();
    assert_eq!(snapshot.marker, None);
    assert_eq!(words(&snapshot.description), "Hello");
    let [carla] = snapshot.customers.as_slice() else { panic!("one customer: {:?}", snapshot.customers) };
    assert_eq!((carla.name.as_str(), carla.matrix.clone()), ("Carla Customer", None));
    assert!(!carla.id.as_str().contains('@'));
}

pub async fn hostile_words_stay_words(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let desk = general(helpdesk).await;
    for (n, title) in ["x' OR id>0", r#"\' " <b>&amp;"#, "ä 漢字 🦀", "a: b\u{202e}c"].iter().enumerate() {
        let mut new = new_ticket(&desk.id, title, &format!("hostile{n}"));
        new.body = RichText::plain(&format!("text {title} {{$x}} __id__"));
        let id = helpdesk.create_ticket(&new).await.unwrap();
        let snapshot = helpdesk.ticket(&id).await.unwrap().unwrap();
        let clean = |text: &str| text.replace('\u{202e}', "");
        assert_eq!(clean(&snapshot.title), clean(title));
        assert_eq!(clean(&words(&snapshot.description)), clean(&words(&new.body)));
        let text = format!("says {title}\nin two lines");
        let marker = format!("say{n}");
        let post = new_message(&id, customer("ada"), &text, &marker);
        let message = helpdesk.post(&post).await.unwrap().unwrap();
        let read = helpdesk.message(&id, &message).await.unwrap().unwrap();
        assert_eq!(clean(&words(&read.body)), clean(&text));
    }
    // A marker is foreign text as well.
    let hostile = ticketroom_event("$x' OR id>0 OR Subject = '");
    assert_eq!(helpdesk.find_ticket(&hostile).await.unwrap(), None);
}

fn ticketroom_event(id: &str) -> ruma::OwnedEventId {
    ruma::OwnedEventId::try_from(id).unwrap()
}

/// Other servers give their users whatever names they like; none of it is a list, an address or a group.
pub async fn a_hostile_user_id_is_one_customer(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let desk = general(helpdesk).await;
    for (n, id) in [
        "@x,root,y:evil.test",
        "@x,victim@example.org,y:evil.test",
        "@group:evil.test",
        "@x' OR id>0 --:evil.test",
        "@\"root\" <root@localhost>:evil.test",
        "@1:evil.test",
        "@ä ö/../?a=b#%41:evil.test",
    ]
    .into_iter()
    .enumerate()
    {
        let hostile = ruma::OwnedUserId::try_from(id).unwrap();
        let mut new = new_ticket(&desk.id, "It leaks", &format!("user{n}"));
        new.customer = hostile.clone();
        let ticket = helpdesk.create_ticket(&new).await.unwrap_or_else(|failure| panic!("{id:?}: {failure}"));
        let snapshot = helpdesk.ticket(&ticket).await.unwrap().unwrap();
        let matrix: Vec<_> = snapshot.customers.iter().map(|person| person.matrix.clone()).collect();
        assert_eq!(matrix, [Some(hostile.clone())], "{id:?}: {:?}", snapshot.customers);
        assert_eq!(snapshot.author.and_then(|author| author.matrix), Some(hostile.clone()), "{id:?}");
        let author = Author::Customer { matrix: hostile.clone(), name: "Eve".to_owned() };
        let post = new_message(&ticket, author, "Hello", &format!("said{n}"));
        let message = helpdesk.post(&post).await.unwrap().unwrap();
        let read = helpdesk.message(&ticket, &message).await.unwrap().unwrap();
        assert_eq!(read.author.matrix, Some(hostile), "{id:?}");
    }
}

pub async fn a_message_stands_under_its_authors_name(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    for (n, (author, name, is_agent)) in
        [(customer("ada"), "Ada", false), (agent("anna"), "Anna Agent", true), (customer("bob"), "Bob", false)]
            .into_iter()
            .enumerate()
    {
        let new = new_message(&id, author, "Hello", &format!("m{n}"));
        let message = helpdesk.post(&new).await.unwrap().unwrap();
        let read = helpdesk.message(&id, &message).await.unwrap().unwrap();
        assert_eq!((read.author.name.as_str(), read.author_is_agent), (name, is_agent));
        assert_eq!((read.visibility, words(&read.body).as_str()), (Visibility::Public, "Hello"));
        assert_eq!(read.marker, Some(event(&format!("m{n}"))));
    }
    let new = new_message(&id, Author::Bridge, "Something was not delivered", "m9");
    let message = helpdesk.post(&new).await.unwrap().unwrap();
    assert_eq!(helpdesk.message(&id, &message).await.unwrap().unwrap().author.name, "Ticketroom");
    assert!(helpdesk.capabilities().writes_on_behalf);
}

pub async fn a_message_is_found_by_its_marker(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let (id, other) = (ticket(world, "one").await, ticket(world, "two").await);
    let message = helpdesk.post(&new_message(&id, customer("ada"), "Hello", "m1")).await.unwrap().unwrap();
    world.anna_replies(&id, "Hello yourself").await;
    assert_eq!(helpdesk.find_message(&id, &event("m1")).await.unwrap(), Some(message));
    assert_eq!(helpdesk.find_message(&id, &event("M1")).await.unwrap(), None);
    assert_eq!(helpdesk.find_message(&id, &event("m2")).await.unwrap(), None);
    assert_eq!(helpdesk.find_message(&other, &event("m1")).await.unwrap(), None);
}

pub async fn a_note_is_internal(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    let mut note = new_message(&id, agent("bert"), "Between us", "m1");
    note.visibility = Visibility::Internal;
    let message = helpdesk.post(&note).await.unwrap().unwrap();
    let read = helpdesk.message(&id, &message).await.unwrap().unwrap();
    assert_eq!((read.visibility, read.author.name.as_str()), (Visibility::Internal, "Bert Berger"));
    assert_eq!(helpdesk.find_message(&id, &event("m1")).await.unwrap(), Some(message));
}

pub async fn an_answer_names_what_it_answers(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    let said = helpdesk.post(&new_message(&id, customer("ada"), "Is it wet?", "m1")).await.unwrap().unwrap();
    let mut note = new_message(&id, agent("bert"), "She means the pump", "m2");
    note.visibility = Visibility::Internal;
    let note = helpdesk.post(&note).await.unwrap().unwrap();
    let cursor = helpdesk.changes(None).await.unwrap().cursor;
    world.anna_replies(&id, "Answers nothing").await;
    world.anna_answers(&id, &MessageId::opening(), "Answers what she opened it with").await;
    world.anna_answers(&id, &said, "Answers her").await;
    world.anna_answers(&id, &note, "Answers him").await;
    let changes = helpdesk.changes(Some(&cursor)).await.unwrap().changes;
    let mut answered = Vec::new();
    for message in changes.into_iter().filter_map(|change| change.message) {
        let read = helpdesk.message(&id, &message).await.unwrap().unwrap();
        answered.push((words(&read.body), read.answers));
    }
    let opening = Some(Answers { message: MessageId::opening(), visibility: Visibility::Public, marker: None });
    let answers = |message, visibility, marker| Some(Answers { message, visibility, marker: Some(event(marker)) });
    assert_eq!(
        answered,
        [
            ("Answers nothing".to_owned(), None),
            ("Answers what she opened it with".to_owned(), opening),
            ("Answers her".to_owned(), answers(said, Visibility::Public, "m1")),
            ("Answers him".to_owned(), answers(note, Visibility::Internal, "m2")),
        ]
    );
}

pub async fn a_link_is_attached_once(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    let (one, two) = ("https://meet.example.org/ticket-1?a=b&c", "https://meet.example.org/room/#/x?password=y");
    for url in [one, one, two, one] {
        helpdesk.attach_link(&id, url).await.unwrap();
    }
    let mut links = world.links(&id).await;
    links.sort();
    assert_eq!(links, [two, one]);
    assert!(helpdesk.attach_link(&TicketId::new("999"), one).await.is_err());
}

pub async fn a_link_that_is_too_long_is_refused_and_not_cut_off(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    let too_long = format!("https://meet.example.org/ticket-1?jwt={}", "x".repeat(250));
    assert_eq!(helpdesk.attach_link(&id, &too_long).await.unwrap_err().next, Next::Dead);
    assert_eq!(world.links(&id).await, [""; 0]);
}

pub async fn a_message_does_not_reopen_a_closed_ticket(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    assert!(helpdesk.set_closed(&id, true).await.unwrap().status.closed);
    helpdesk.post(&new_message(&id, customer("ada"), "Too late", "m1")).await.unwrap();
    assert!(helpdesk.ticket(&id).await.unwrap().unwrap().status.closed);
    assert!(helpdesk.find_message(&id, &event("m1")).await.unwrap().is_some());
}

pub async fn of_two_agents_who_accept_at_once_one_wins(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    let (anna, bert) = tokio::join!(helpdesk.accept(&id, "anna"), helpdesk.accept(&id, "bert"));
    let mut outcomes = [anna.unwrap(), bert.unwrap()];
    outcomes.sort_by_key(|outcome| !matches!(outcome, Acceptance::Accepted(_)));
    let [Acceptance::Accepted(winner), Acceptance::OwnedBy(owner, _)] = &outcomes else {
        panic!("one wins, one is told who: {outcomes:?}");
    };
    assert_eq!(winner.owner.as_ref(), Some(owner));
    // Repeating it is harmless, also for the one who has it.
    let again = helpdesk.accept(&id, &owner.login).await.unwrap();
    assert!(matches!(again, Acceptance::Accepted(_)), "{again:?}");
}

pub async fn a_released_ticket_can_be_accepted_by_another(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    world.anna_takes(&id).await;
    let Acceptance::OwnedBy(owner, _) = helpdesk.accept(&id, "bert").await.unwrap() else { panic!("anna has it") };
    assert_eq!(owner.name, "Anna Agent");
    assert_eq!(helpdesk.release(&id, "Anna").await.unwrap().owner, None);
    assert_eq!(helpdesk.release(&id, "anna").await.unwrap().owner, None);
    assert!(matches!(helpdesk.accept(&id, "bert").await.unwrap(), Acceptance::Accepted(_)));
    // Whoever had it before takes it from nobody.
    assert_eq!(helpdesk.release(&id, "anna").await.unwrap().owner.unwrap().login, "bert");
}

pub async fn an_unknown_agent_is_refused(world: &dyn World) {
    let id = ticket(world, "one").await;
    let outcome = world.helpdesk().accept(&id, "zoe").await.unwrap();
    assert!(matches!(outcome, Acceptance::Denied(_)), "{outcome:?}");
}

pub async fn a_ticket_closes_and_reopens(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    world.anna_closes(&id).await;
    let closed = helpdesk.ticket(&id).await.unwrap().unwrap();
    assert_eq!((closed.status.closed, closed.status.label.as_str()), (true, "resolved"));
    assert!(helpdesk.set_closed(&id, true).await.unwrap().status.closed);
    for _ in 0..2 {
        let open = helpdesk.set_closed(&id, false).await.unwrap();
        assert_eq!((open.status.closed, open.status.label.as_str()), (false, "open"));
    }
    for _ in 0..2 {
        helpdesk.link_room(&id, "https://matrix.to/#/!room:hs.test").await.unwrap();
    }
}

async fn search(world: &dyn World, shelf: Shelf, words: &str) -> Vec<Article> {
    let helpdesk = world.helpdesk();
    let desk = general(helpdesk).await;
    helpdesk.search(&Search { shelf, words: words.to_owned() }, Some(&desk.id)).await.unwrap()
}

fn titles(articles: &[Article]) -> Vec<&str> {
    articles.iter().map(|article| article.title.as_str()).collect()
}

pub async fn articles_are_found_by_their_words_and_have_a_page(world: &dyn World) {
    assert!(world.helpdesk().capabilities().articles);
    let all = search(world, Shelf::Links, "").await;
    assert_eq!(titles(&all), ["How to change the seal", "How to bleed a pump"]);
    assert!(all.iter().all(|article| article.url.starts_with("http")), "{all:?}");
    assert_ne!(all[0].url, all[1].url);
    for (words, expected) in [
        ("seal", vec!["How to change the seal"]),
        ("SEAL change", vec!["How to change the seal"]),
        ("screw", vec!["How to bleed a pump"]),
        ("seal screw", vec![]),
        ("' OR 1=1 --", vec![]),
        ("%", vec![]),
        ("greeting", vec![]),
    ] {
        assert_eq!(titles(&search(world, Shelf::Links, words).await), expected, "{words}");
    }
}

pub async fn building_blocks_come_with_text_language_and_queue(world: &dyn World) {
    assert!(world.helpdesk().capabilities().blocks);
    let found = search(world, Shelf::Blocks, "greeting").await;
    let languages: Vec<_> = found.iter().map(|block| block.language.as_deref().unwrap_or_default()).collect();
    assert_eq!((titles(&found), languages), (vec!["Greeting", "Greeting"], vec!["en", "de"]));
    let html = ticketroom::text::to_html(&found[0].body, ticketroom::text::Flavour::Helpdesk);
    assert!(
        html.contains("Hello {{customer.name}},") && html.contains("<strong>{{agent.first_name}}</strong>"),
        "{html}"
    );
    let found = search(world, Shelf::Blocks, "recall").await;
    assert_eq!((titles(&found), found[0].desks.clone()), (vec!["Pump recall"], vec!["Pumps".to_owned()]));
    assert_eq!(search(world, Shelf::Blocks, "seal").await, []);
}

pub async fn a_ticket_bears_device_template_and_priority(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let desk = general(helpdesk).await;
    let mut new = new_ticket(&desk.id, "It leaks", "one");
    new.particulars = Particulars {
        device: Some("Pump 7 ‘<b>’ 漢字".to_owned()),
        template: Some("pumps".to_owned()),
        priority: Some("High".to_owned()),
    };
    let id = helpdesk.create_ticket(&new).await.unwrap();
    let read = helpdesk.ticket(&id).await.unwrap().unwrap();
    let particulars = Particulars { device: read.device, template: read.template, priority: read.priority };
    assert_eq!(particulars, new.particulars);
    // One without any has none.
    let plain = helpdesk.ticket(&ticket(world, "two").await).await.unwrap().unwrap();
    assert_eq!((plain.device, plain.template), (None, None));
}

pub async fn a_customer_takes_back_what_nobody_owns(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    // Twice: it may have happened and its answer been lost.
    for _ in 0..2 {
        let Cancellation::Cancelled(snapshot) = helpdesk.cancel(&id).await.unwrap() else { panic!("nobody owns it") };
        assert_eq!((snapshot.status.closed, snapshot.status.label.as_str()), (true, "rejected"));
    }
    let id = ticket(world, "two").await;
    world.anna_takes(&id).await;
    let outcome = helpdesk.cancel(&id).await.unwrap();
    let Cancellation::OwnedBy(owner, snapshot) = outcome else { panic!("anna owns it") };
    assert_eq!((owner.name.as_str(), snapshot.status.closed), ("Anna Agent", false));
    assert!(!helpdesk.ticket(&id).await.unwrap().unwrap().status.closed);
}

/// Everything after `cursor`, however many calls it takes.
pub async fn all_changes(helpdesk: &dyn Helpdesk, cursor: &mut String) -> Vec<Change> {
    let mut all = Vec::new();
    loop {
        let changes = helpdesk.changes(Some(cursor)).await.unwrap();
        *cursor = changes.cursor;
        all.extend(changes.changes);
        if !changes.more {
            return all;
        }
    }
}

pub async fn the_feed_tells_everything_once_and_in_order(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let before = ticket(world, "before").await;
    let began = helpdesk.changes(None).await.unwrap();
    assert!(began.changes.is_empty());
    let mut cursor = began.cursor.clone();
    assert_eq!(all_changes(helpdesk, &mut cursor).await, []);

    let id = world.anna_opens("By mail", "Hello").await;
    let ours = helpdesk.post(&new_message(&id, customer("ada"), "From the room", "m1")).await.unwrap().unwrap();
    world.anna_takes(&id).await;
    world.anna_replies(&id, "From anna").await;
    let first = all_changes(helpdesk, &mut cursor).await;
    world.anna_notes(&id, "Between us").await;
    world.anna_closes(&id).await;
    helpdesk.post(&new_message(&before, agent("bert"), "Elsewhere", "m2")).await.unwrap();
    let second = all_changes(helpdesk, &mut cursor).await;
    assert_eq!(all_changes(helpdesk, &mut cursor).await, []);

    let all: Vec<Change> = first.iter().chain(&second).cloned().collect();
    let messages: Vec<(&TicketId, &MessageId)> =
        all.iter().filter_map(|change| Some((&change.ticket, change.message.as_ref()?))).collect();
    let mut told = Vec::new();
    for (ticket, message) in messages {
        let read = helpdesk.message(ticket, message).await.unwrap().unwrap();
        told.push((read.author.name, words(&read.body), read.visibility));
    }
    let expected = [
        ("Ada", "From the room", Visibility::Public),
        ("Anna Agent", "From anna", Visibility::Public),
        ("Anna Agent", "Between us", Visibility::Internal),
        ("Bert Berger", "Elsewhere", Visibility::Public),
    ];
    let told: Vec<_> =
        told.iter().map(|(name, text, visibility)| (name.as_str(), text.as_str(), *visibility)).collect();
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!(told, &expected);
    }
    // Opened, taken and closed.
    assert!(all.iter().filter(|change| change.ticket_changed && change.ticket == id).count() >= 3, "{all:?}");
    let echo = all.iter().find(|change| change.message.as_ref() == Some(&ours)).unwrap();
    assert_eq!(echo.marker, Some(event("m1")));
    assert_eq!(all.iter().filter(|change| change.marker.is_some()).count(), 2);

    // A position that was lost is asked for again: the same changes with the same ids.
    let mut again = began.cursor;
    let repeated = all_changes(helpdesk, &mut again).await;
    assert_eq!(ids(&repeated), ids(&all));
}

fn ids(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.id.as_str()).collect()
}

pub async fn what_is_not_there_is_told_so(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = ticket(world, "one").await;
    for missing in ["999", "0", "abc", "1/../2", "1' OR '1'='1"] {
        let ticket = TicketId::new(missing);
        assert_eq!(helpdesk.ticket(&ticket).await.unwrap(), None, "{missing}");
        let failure = helpdesk.message(&id, &MessageId::new(missing)).await.unwrap_err();
        assert_eq!((failure.next, failure.why), (Next::Dead, Why::NoTicket), "{missing}");
        let failure = helpdesk.post(&new_message(&ticket, customer("ada"), "Hello", "m1")).await.unwrap_err();
        assert_eq!(failure.next, Next::Dead, "{missing}: {failure}");
        assert_eq!(helpdesk.accept(&ticket, "anna").await.unwrap_err().next, Next::Dead, "{missing}");
    }
}
