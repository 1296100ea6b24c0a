//! Claims about what becomes of tickets: merged into others, made internal.

use ticketroom::model::Visibility;

use super::claims::all_changes;
use super::worlds::World;
use crate::common::fixtures::{customer, event, new_message, words};

pub async fn a_merged_ticket_says_where_it_went(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let (one, two) = (world.anna_opens("One", "1").await, world.anna_opens("Two", "2").await);
    let mut cursor = helpdesk.changes(None).await.unwrap().cursor;
    world.anna_merges(&one, &two).await;
    let merged = helpdesk.ticket(&one).await.unwrap().unwrap();
    let into = merged.merged_into.expect("its successor");
    assert_eq!((&into.id, into.number.as_str()), (&two, two.as_str()));
    assert_eq!((merged.id, merged.status.closed), (one.clone(), true));
    let other = helpdesk.ticket(&two).await.unwrap().unwrap();
    assert_eq!((other.merged_into, other.status.closed), (None, false));
    let changes = all_changes(helpdesk, &mut cursor).await;
    assert!(changes.iter().any(|change| change.ticket == one && change.ticket_changed), "{changes:?}");
}

pub async fn what_is_written_to_a_merged_ticket_stands_in_the_other_one(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let (one, two) = (world.anna_opens("One", "1").await, world.anna_opens("Two", "2").await);
    world.anna_merges(&one, &two).await;
    let mut cursor = helpdesk.changes(None).await.unwrap().cursor;
    let written = helpdesk.post(&new_message(&one, customer("ada"), "Too late", "m1")).await.unwrap().unwrap();
    assert_eq!(helpdesk.find_message(&one, &event("m1")).await.unwrap(), Some(written.clone()));
    let changes = all_changes(helpdesk, &mut cursor).await;
    let told: Vec<_> = changes.iter().filter(|change| change.message.is_some()).collect();
    let [told] = told.as_slice() else { panic!("one message: {changes:?}") };
    // It bears no marker of the other ticket's, so that its room shows it.
    assert_eq!((&told.ticket, told.message.as_ref(), &told.marker), (&two, Some(&written), &None));
    let read = helpdesk.message(&two, &written).await.unwrap().unwrap();
    assert_eq!((words(&read.body).as_str(), read.author.name.as_str()), ("Too late", "Ada"));
    assert_eq!((read.visibility, read.marker), (Visibility::Public, None));
}

pub async fn merging_tells_no_message_again(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let (one, two) = (world.anna_opens("One", "1").await, world.anna_opens("Two", "2").await);
    world.anna_replies(&one, "An answer").await;
    world.anna_notes(&one, "A note").await;
    helpdesk.post(&new_message(&one, customer("ada"), "A question", "m1")).await.unwrap();
    let mut cursor = helpdesk.changes(None).await.unwrap().cursor;
    world.anna_merges(&one, &two).await;
    let changes = all_changes(helpdesk, &mut cursor).await;
    let messages: Vec<_> = changes.iter().filter(|change| change.message.is_some()).collect();
    assert!(messages.is_empty(), "{messages:?}");
}

pub async fn an_internal_ticket_says_so(world: &dyn World) {
    let helpdesk = world.helpdesk();
    let id = world.anna_opens("One", "1").await;
    assert!(!helpdesk.ticket(&id).await.unwrap().unwrap().internal);
    let mut cursor = helpdesk.changes(None).await.unwrap().cursor;
    for internal in [true, false, true] {
        world.anna_makes_internal(&id, internal).await;
        assert_eq!(helpdesk.ticket(&id).await.unwrap().unwrap().internal, internal);
        let changes = all_changes(helpdesk, &mut cursor).await;
        assert!(changes.iter().any(|change| change.ticket == id && change.ticket_changed), "{changes:?}");
    }
}
