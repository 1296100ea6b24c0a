//! Whether the homeserver may hold events that are older than those it brings: what comes then is not decided on before
//! somebody has looked.
//!
//! A transaction that was under way when Synapse died is repeated later than newer ones are sent, and so is one that was
//! made while a series of repetitions ended. Both come after a new connection, and soon: a while later all is in order.
//! In a room that we have just entered it never told us what was written before.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::view::BAD;
use crate::matrix::Before;
use crate::observe::metrics::INBOX_IN_ORDER;
use crate::store::{NewInbox, UNORDERED};

/// How long after the first transaction of a connection something may be left behind.
const DOUBT: Duration = Duration::from_secs(10);

/// Trusts nothing at first.
#[derive(Debug)]
pub struct Order {
    doubted_until: Mutex<Option<Instant>>,
    /// Lanes of rooms that we enter, or (since when) have entered without having looked yet.
    entered: Mutex<HashMap<String, Option<Instant>>>,
    /// Something came that is to be put in order, or may be on its way.
    pub(super) came: Notify,
}

impl Default for Order {
    fn default() -> Self {
        Self { doubted_until: Mutex::new(Some(Instant::now() + DOUBT)), entered: Mutex::default(), came: Notify::new() }
    }
}

impl Order {
    fn change(&self, change: impl FnOnce(&mut Option<Instant>)) -> Option<Instant> {
        let mut until = self.doubted_until.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut until);
        *until
    }

    pub(super) fn doubt(&self) {
        self.change(|until| *until = Some(Instant::now() + DOUBT));
        metrics::gauge!(INBOX_IN_ORDER).set(0.0);
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<String, Option<Instant>>> {
        self.entered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on the homeserver tells us what is written in this lane's room.
    pub(super) fn entering(&self, lane: &str) {
        self.rooms().insert(lane.to_owned(), None);
    }

    /// It has answered, or has not: whoever looks from now on sees what was written there before.
    pub(super) fn entered(&self, lane: &str) {
        self.rooms().insert(lane.to_owned(), Some(Instant::now()));
    }

    /// When to look for the last time.
    pub(super) fn ends(&self) -> Option<Instant> {
        self.change(|_| ())
    }

    /// Somebody looked, and began to then.
    pub(super) fn settle(&self, began: Instant) {
        self.rooms().retain(|_, since| since.is_none_or(|since| since > began));
        let doubted = self.change(|until| *until = until.filter(|until| began < *until));
        if doubted.is_none() {
            metrics::gauge!(INBOX_IN_ORDER).set(1.0);
        }
    }

    /// What the homeserver brought: for the lanes where it is in order, and otherwise for nobody yet.
    pub(super) fn arrived(&self, mut rows: Vec<NewInbox>, before: Before) -> Vec<NewInbox> {
        if before == Before::Nothing {
            self.doubt();
            if rows.is_empty() {
                // Nothing that is written down will wake who looks, and they have to know when to look for the last time.
                self.came.notify_one();
            }
        }
        let (all, rooms) = (self.ends().is_some(), self.rooms());
        for row in rows.iter_mut().filter(|row| row.lane != BAD && (all || rooms.contains_key(&row.lane))) {
            UNORDERED.clone_into(&mut row.lane);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(order: &Order, before: Before) -> String {
        let row = NewInbox { key: "$e".to_owned(), lane: "t:1".to_owned(), body: String::new() };
        order.arrived(vec![row], before).remove(0).lane
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_over_a_new_connection_is_unordered_until_somebody_looked_a_while_later() {
        let order = Order::default();
        assert_eq!(lane(&order, Before::Taken), UNORDERED, "at the start");
        order.settle(Instant::now());
        assert_eq!(lane(&order, Before::Taken), UNORDERED, "too early");
        tokio::time::advance(DOUBT).await;
        assert_eq!(lane(&order, Before::Taken), UNORDERED, "nobody looked");
        order.settle(Instant::now());
        assert_eq!(lane(&order, Before::Taken), "t:1");
        assert_eq!(lane(&order, Before::Nothing), UNORDERED);
        let began = Instant::now();
        tokio::time::advance(DOUBT).await;
        order.settle(began);
        assert_eq!(lane(&order, Before::Taken), UNORDERED, "who looked began too early");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_written_in_a_room_that_we_enter_waits_for_what_was_written_before() {
        let order = Order::default();
        order.settle(Instant::now() + DOUBT);
        order.entering("t:1");
        order.settle(Instant::now());
        assert_eq!(lane(&order, Before::Taken), UNORDERED, "we may be in since somebody looked");
        let began = Instant::now();
        tokio::time::advance(Duration::from_millis(1)).await;
        order.entered("t:1");
        order.settle(began);
        assert_eq!(lane(&order, Before::Taken), UNORDERED, "who looked began too early");
        order.entering("t:2");
        order.settle(Instant::now());
        assert_eq!(lane(&order, Before::Taken), "t:1", "and other rooms don't matter");
    }

    #[tokio::test(start_paused = true)]
    async fn who_looks_hears_of_a_connection_that_brought_nothing_of_use() {
        let order = Order::default();
        order.settle(Instant::now() + DOUBT);
        assert!(order.ends().is_none());
        assert!(order.arrived(Vec::new(), Before::Nothing).is_empty());
        tokio::time::timeout(Duration::from_secs(1), order.came.notified()).await.unwrap();
        assert!(order.ends().is_some());
    }
}
