//! Looks after the queues: what waits is measured, what was turned away is picked up, what is long done is forgotten.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;

use super::engine::Engine;
use super::retry;
use crate::crash;
use crate::model::Side;
use crate::observe::{Component, Measure, metrics as names};

const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Before the queues are looked at again because the database refused something.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);
/// Every how many looks old rows are deleted, and what was not used lately is forgotten: an hour.
const PRUNE_EVERY: u64 = 240;
/// Between two helpings of old rows.
const BETWEEN_FORGETTING: Duration = Duration::from_millis(50);

impl Engine {
    pub(super) async fn keep(self: Arc<Self>) {
        let mut looks: u64 = 0;
        loop {
            self.measure().await;
            // A safety net: whatever a worker dropped is found here.
            let refilled = async {
                self.refill_deciding().await?;
                self.refill_sending(Side::Matrix).await?;
                self.refill_sending(Side::Helpdesk).await
            };
            if let Err(error) = refilled.await {
                tracing::error!(%error, "the queues cannot be read");
            }
            if let Err(error) = self.end_doubt().await {
                tracing::error!(%error, "whether a restored database is settled cannot be written down");
            }
            if looks.is_multiple_of(PRUNE_EVERY) {
                crash::point("before-forgetting");
                self.forget_old().await;
                self.known.grow_older();
            }
            crash::point("queues-looked-after");
            looks += 1;
            tokio::select! {
                biased;
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = async {
                    self.look_now.notified().await;
                    tokio::time::sleep(AFTER_TROUBLE).await;
                } => {}
                () = self.stop.cancelled() => return,
            }
        }
    }
}

impl Engine {
    /// A little at a time: whoever has something to write comes in between.
    async fn forget_old(&self) {
        let before = self.clock.now_ms() - retry::millis(self.limits.keep_done);
        let mut forgotten = 0;
        while !self.stop.is_cancelled() {
            match self.backend.prune(before).await {
                Ok(0) => break,
                Ok(rows) => forgotten += rows,
                Err(error) => {
                    tracing::error!(%error, "old rows cannot be deleted");
                    break;
                }
            }
            tokio::time::sleep(BETWEEN_FORGETTING).await;
        }
        if forgotten > 0 {
            tracing::info!(rows = forgotten, "forgot what was done long ago");
        }
    }
}

#[async_trait]
impl Measure for Engine {
    async fn measure(&self) {
        let backlog = match self.backend.backlog().await {
            Ok(backlog) => backlog,
            Err(error) => {
                if !self.database_trouble.swap(true, Ordering::Relaxed) {
                    tracing::error!(%error, "the queues cannot be measured: the database refuses");
                }
                self.readiness.set_down(Component::Database, "it cannot be read; see the log");
                return;
            }
        };
        self.readiness.set_up(Component::Database);
        if self.database_trouble.swap(false, Ordering::Relaxed) {
            tracing::info!("the database answers again");
        }
        let now = self.clock.now_ms();
        #[allow(clippy::cast_precision_loss, reason = "a gauge")]
        let age = |oldest: Option<i64>| oldest.map_or(0.0, |oldest| (now - oldest).max(0) as f64 / 1000.0);
        #[allow(clippy::cast_precision_loss, reason = "a gauge")]
        let number = |count: i64| count as f64;
        metrics::gauge!(names::INBOX_WAITING).set(number(backlog.inbox));
        metrics::gauge!(names::INBOX_OLDEST).set(age(backlog.inbox_oldest_ms));
        metrics::gauge!(names::OUTBOX_WAITING, "side" => "matrix").set(number(backlog.outbox_matrix));
        metrics::gauge!(names::OUTBOX_WAITING, "side" => "helpdesk").set(number(backlog.outbox_helpdesk));
        metrics::gauge!(names::OUTBOX_OLDEST, "side" => "matrix").set(age(backlog.matrix_oldest_ms));
        metrics::gauge!(names::OUTBOX_OLDEST, "side" => "helpdesk").set(age(backlog.helpdesk_oldest_ms));
        metrics::gauge!(names::FEED_LAG).set(age(Some(self.feed_told_ms.load(Ordering::Relaxed))));
        metrics::gauge!(names::DEAD_LETTERS).set(number(backlog.dead));
    }
}
