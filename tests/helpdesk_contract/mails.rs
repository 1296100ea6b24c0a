//! Claims about mails that answer mails: none of them has an id of ours, or one that the helpdesk made.

use ticketroom::model::{Answers, MessageId, TicketId, Visibility};

use super::worlds::World;
use crate::common::fixtures::words;

/// What the last message of a mail answers.
async fn answers(
    world: &dyn World,
    cursor: &mut String,
    ticket: &TicketId,
    text: &str,
) -> (MessageId, Option<Answers>) {
    let helpdesk = world.helpdesk();
    let changes = helpdesk.changes(Some(cursor)).await.unwrap();
    *cursor = changes.cursor;
    let message = changes.changes.into_iter().filter_map(|change| change.message).next_back().expect("the mail");
    let read = helpdesk.message(ticket, &message).await.unwrap().unwrap();
    assert_eq!(words(&read.body), text);
    (message, read.answers)
}

pub async fn a_mail_names_the_mail_it_answers(world: &dyn World) {
    let ticket = world.mail("carla", None, "1@carla.test", &[], "It leaks").await;
    let other = world.mail("carla", None, "other@carla.test", &[], "It smells").await;
    let mut cursor = world.helpdesk().changes(None).await.unwrap().cursor;
    let mut known = Vec::new();
    let opening = || Some(MessageId::opening());
    // Who writes it, its id, what it answers and what that answered, and the message that is.
    for (n, (who, id, answered, expected)) in [
        ("anna", "2@anna.test", vec!["1@carla.test"], None),
        ("carla", "3@carla.test", vec!["2@anna.test", "1@carla.test"], Some(0)),
        // Another program's letters, and another ticket.
        ("anna", "4@anna.test", vec!["3@CARLA.test"], None),
        ("anna", "5@anna.test", vec!["other@carla.test"], None),
        // What is answered never came here: the nearest that did.
        ("anna", "6@anna.test", vec!["unseen@dora.test", "3@carla.test", "2@anna.test", "1@carla.test"], Some(1)),
        // Nor does who writes on after their own first mail answer anybody.
        ("carla", "7@carla.test", vec!["unseen@desk.test", "1@carla.test"], None),
        ("carla", "8@carla.test", vec![], None),
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!("Mail {n}");
        world.mail(who, Some(&ticket), id, &answered, &text).await;
        let (message, answers) = answers(world, &mut cursor, &ticket, &text).await;
        let expected = if n == 0 { opening() } else { expected.and_then(|n: usize| known.get(n).cloned()) };
        let expected = expected.map(|message| Answers { message, visibility: Visibility::Public, marker: None });
        assert_eq!(answers, expected, "{id}");
        known.push(message);
    }
    assert_ne!(ticket, other);
}
