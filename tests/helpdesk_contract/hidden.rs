//! What the bridge may not see does not keep it from what it may see: of a real Request Tracker and of its stand-in alike.

use serde_json::json;
use ticketroom::helpdesk::Helpdesk;
use ticketroom::helpdesk::request_tracker::{Config, Internal, open};
use ticketroom::model::{Failure, TicketId};

use super::claims::{all_changes, general};
use super::stand_in;
use super::worlds::Real;
use crate::common::fixtures::{new_ticket, words};
use crate::tracker::{ANNA_TOKEN, Tracker};

/// A helpdesk in which changes of a custom field happen that the bridge may not see.
#[async_trait::async_trait]
trait Secretive: Sync {
    fn hide(&self, count: usize);
    async fn anna_replies(&self, ticket: &TicketId, text: &str);
    /// Whether it tells which of its fields we need.
    fn open(&self, tells_fields: bool) -> Box<dyn Helpdesk>;
}

#[async_trait::async_trait]
impl Secretive for Real {
    fn hide(&self, count: usize) {
        self.rt.sql(&format!(
            "insert or ignore into CustomFields (id, Name, Type, LookupType)
             values (900, 'Salary', 'Freeform', 'RT::Queue-RT::Ticket');
             with recursive n(i) as (select 1 union all select i + 1 from n where i < {count})
             insert into Transactions (ObjectType, ObjectId, Type, Field, NewValue, Creator, Created)
             select 'RT::Ticket', 1, 'CustomField', '900', 'much', 1, '2026-01-01 00:00:00' from n"
        ));
    }

    async fn anna_replies(&self, ticket: &TicketId, text: &str) {
        super::worlds::World::anna_replies(self, ticket, text).await;
    }

    fn open(&self, tells_fields: bool) -> Box<dyn Helpdesk> {
        Box::new(open(config(self.rt.config(), tells_fields), self.rt.http.clone()).unwrap())
    }
}

#[async_trait::async_trait]
impl Secretive for Tracker {
    fn hide(&self, count: usize) {
        (0..count).for_each(|_| self.world().change_hidden(1));
    }

    async fn anna_replies(&self, ticket: &TicketId, text: &str) {
        let (mut world, ticket) = (self.world(), ticket.as_str().parse().unwrap());
        let anna = world.who(ANNA_TOKEN).unwrap_or_else(|_| panic!("anna"));
        let message = json!({ "Content": text, "ContentType": "text/plain" });
        world
            .write(anna, ticket, "Correspond", &message, Vec::new())
            .unwrap_or_else(|refused| panic!("{}", refused.why));
    }

    fn open(&self, tells_fields: bool) -> Box<dyn Helpdesk> {
        Box::new(stand_in::adapter(self, |of| config(of, tells_fields)))
    }
}

fn config(config: Config, tells_fields: bool) -> Config {
    let internal =
        (!tells_fields).then(|| Internal { field: "Seen in some queues".to_owned(), value: "yes".to_owned() });
    Config { internal, ..config }
}

async fn told(helpdesk: &dyn Helpdesk, cursor: &mut String) -> Result<Vec<String>, Failure> {
    let mut texts = Vec::new();
    for change in all_changes(helpdesk, cursor).await {
        if let Some(message) = change.message {
            let read = helpdesk.message(&change.ticket, &message).await?;
            texts.extend(read.map(|read| words(&read.body)));
        }
    }
    Ok(texts)
}

async fn the_feed_goes_on(world: &dyn Secretive, tells_fields: bool) {
    let helpdesk = world.open(tells_fields);
    let helpdesk = helpdesk.as_ref();
    let desk = general(helpdesk).await;
    let ticket = helpdesk.create_ticket(&new_ticket(&desk.id, "It leaks", "one")).await.unwrap();
    let mut cursor = helpdesk.changes(None).await.unwrap().cursor;
    world.hide(620);
    world.anna_replies(&ticket, "behind many").await;
    world.hide(30);
    world.anna_replies(&ticket, "behind few").await;
    assert_eq!(told(helpdesk, &mut cursor).await.unwrap(), ["behind many", "behind few"]);

    // Somebody who starts now is told nothing of the past, although the newest changes are hidden.
    world.hide(420);
    let fresh = world.open(tells_fields);
    let fresh = fresh.as_ref();
    let mut cursor = fresh.changes(None).await.unwrap().cursor;
    assert_eq!(all_changes(fresh, &mut cursor).await, []);
    world.anna_replies(&ticket, "later").await;
    let later = world.open(tells_fields);
    assert_eq!(told(later.as_ref(), &mut cursor).await.unwrap(), ["later"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_goes_on_behind_changes_that_we_may_not_see() {
    let real = Real::start().await;
    the_feed_goes_on(&real, true).await;
    the_feed_goes_on(&real, false).await;
    assert!(!real.rt.log().contains("[error]"), "{}", real.rt.log());
}

#[tokio::test]
async fn the_stand_in_hides_as_the_real_one_does() {
    the_feed_goes_on(&Tracker::start().await, true).await;
    the_feed_goes_on(&Tracker::start().await, false).await;
}

/// Where somebody has nothing to do, one question is enough.
#[tokio::test]
async fn an_idle_helpdesk_is_asked_once_each_time() {
    let tracker = Tracker::start().await;
    let helpdesk = Secretive::open(&tracker, true);
    let desk = general(helpdesk.as_ref()).await;
    let ticket = helpdesk.create_ticket(&new_ticket(&desk.id, "It leaks", "one")).await.unwrap();
    let mut cursor = helpdesk.changes(None).await.unwrap().cursor;
    Secretive::anna_replies(&tracker, &ticket, "Hello").await;
    assert_eq!(all_changes(helpdesk.as_ref(), &mut cursor).await.len(), 1);
    // It is looked behind what may be hidden once.
    assert_eq!(all_changes(helpdesk.as_ref(), &mut cursor).await, []);
    let before = tracker.calls();
    for _ in 0..5 {
        assert_eq!(all_changes(helpdesk.as_ref(), &mut cursor).await, []);
    }
    assert_eq!(tracker.calls() - before, 5);
}
