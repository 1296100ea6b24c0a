//! Claims about the helpdesk's part in what people are told: its words in their language, why something can't be
//! delivered, and our own word of that in the ticket.

use ticketroom::model::{Author, Next, Side, TicketId, Visibility, Why};
use ticketroom::text::from_html;
use ticketroom::texts::Texts;

use super::claims::{all_changes, general};
use super::worlds::World;
use crate::common::fixtures::{customer, event, new_message, new_ticket, words};

const GERMAN: &str = include_str!("../../locales/de/ticket.ftl");

pub async fn statuses_and_priorities_are_words_that_the_texts_translate(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let desk = general(helpdesk).await;
    let mut new = new_ticket(&desk.id, "It leaks", "one");
    new.particulars.priority = Some("High".to_owned());
    let id = helpdesk.create_ticket(&new).await.unwrap();
    let made = helpdesk.ticket(&id).await.unwrap().unwrap();
    let closed = helpdesk.set_closed(&id, true).await.unwrap();
    let open = helpdesk.set_closed(&id, false).await.unwrap();
    let other = helpdesk.create_ticket(&new_ticket(&desk.id, "It smells", "two")).await.unwrap();
    helpdesk.cancel(&other).await.unwrap();
    let cancelled = helpdesk.ticket(&other).await.unwrap().unwrap();
    let labels = [made.status.label, closed.status.label, open.status.label, cancelled.status.label];
    assert_eq!(labels, ["new", "resolved", "open", "rejected"]);
    for word in labels.into_iter().chain(made.priority) {
        // Looked for in the messages `status_name` and `priority_name`; what is not there is said as it is.
        assert!(GERMAN.contains(&format!("\n    [{word}] ")), "{word}");
    }
}

pub async fn what_can_never_be_delivered_says_why_in_any_language(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let missing = TicketId::new("999");
    let failure = helpdesk.post(&new_message(&missing, customer("ada"), "Hello", "m1")).await.unwrap_err();
    assert_eq!((failure.next, &failure.why), (Next::Dead, &Why::NoTicket), "{failure}");
    let [english, german] = ["en", "de"].map(|language| {
        let texts = Texts::built_in(language);
        texts.words().why(&failure.why, Side::Helpdesk)
    });
    assert!(!english.is_empty() && english != german, "{english} {german}");
}

pub async fn our_own_word_is_a_note_that_is_known_again_and_reopens_nothing(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let desk = general(helpdesk).await;
    let id = helpdesk.create_ticket(&new_ticket(&desk.id, "It leaks", "one")).await.unwrap();
    helpdesk.set_closed(&id, true).await.unwrap();
    let mut cursor = helpdesk.changes(None).await.unwrap().cursor;
    let mut note = new_message(&id, Author::Bridge, "Not in the room yet", "m1");
    note.visibility = Visibility::Internal;
    let message = helpdesk.post(&note).await.unwrap().unwrap();
    assert_eq!(helpdesk.find_message(&id, &event("m1")).await.unwrap(), Some(message.clone()));
    let read = helpdesk.message(&id, &message).await.unwrap().unwrap();
    assert_eq!((read.visibility, words(&read.body).as_str()), (Visibility::Internal, "Not in the room yet"));
    assert_eq!((read.author.name.as_str(), read.marker), ("Ticketroom", Some(event("m1"))));
    // The feed tells it with its marker, so that it does not come back as somebody's note.
    let told = all_changes(helpdesk, &mut cursor).await;
    let told: Vec<_> = told.into_iter().filter_map(|change| Some((change.message?, change.marker))).collect();
    assert_eq!(told, [(message, Some(event("m1")))]);
    assert!(helpdesk.ticket(&id).await.unwrap().unwrap().status.closed);
}

pub async fn formatted_words_come_out_as_they_went_in(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let desk = general(helpdesk).await;
    let id = helpdesk.create_ticket(&new_ticket(&desk.id, "It leaks", "one")).await.unwrap();
    for (n, html) in [
        "<b>bold</b>, <i>italic</i>, <b><i>both</i></b>, <u>under</u> and <s>struck</s>",
        "see <a href=\"https://kb.example.org/valve?a=1&amp;b=2\">the <b>valve</b></a>",
        "close <code>valve 7</code> first<br>and look again",
        "<p>one</p><ul><li>first</li><li>second<ol><li>inner</li><li>next</li></ol></li></ul><p>two</p>",
        "<blockquote><p>what was said</p></blockquote><p>and the answer</p>",
        "<p>run</p><pre><code>ls -l\n  | grep &lt;valve&gt;</code></pre><p>now</p>",
        "<table><thead><tr><th>Part</th><th>Count</th></tr></thead><tbody><tr><td>valve</td><td>2</td></tr></tbody></table>",
        "<h2>Title</h2><p>words</p><hr><p>more</p>",
    ]
    .into_iter()
    .enumerate()
    {
        let mut new = new_message(&id, customer("ada"), "", &format!("m{n}"));
        new.body = from_html(html);
        let message = helpdesk.post(&new).await.unwrap().unwrap();
        let read = helpdesk.message(&id, &message).await.unwrap().unwrap();
        assert_eq!(read.body, new.body, "{html}");
    }
    // A helpdesk's page may begin each list with one: the numbers are what was written.
    let mut new = new_message(&id, customer("ada"), "", "numbers");
    new.body = from_html("<ol start=\"24\"><li>December</li><li>is late</li></ol>");
    let message = helpdesk.post(&new).await.unwrap().unwrap();
    let read = helpdesk.message(&id, &message).await.unwrap().unwrap();
    let shown = ticketroom::text::to_plain(&read.body);
    assert!(shown.contains("24. December") && shown.contains("25. is late"), "{shown}");
    // A helpdesk's page hides nothing: who reads it is told that it was hidden.
    let mut new = new_message(&id, customer("ada"), "", "spoiler");
    new.body = from_html("who did it: <span data-mx-spoiler>the valve</span>");
    let message = helpdesk.post(&new).await.unwrap().unwrap();
    let read = helpdesk.message(&id, &message).await.unwrap().unwrap();
    assert!(words(&read.body).contains("the valve"), "{:?}", read.body);
}
