//! Claims about the helpdesk's part in what people are told: its words in their language, why something can't be
//! delivered, and our own word of that in the ticket.

use ticketroom::model::{Author, Next, Side, TicketId, Visibility, Why};
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
