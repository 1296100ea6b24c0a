//! Leaves out what is late and not true any more: after an outage nobody reads ten notices of which nine are stale.

use std::time::Duration;

use super::engine::Engine;
use super::retry;
use crate::bridge;
use crate::model::Effect;
use crate::store::{OutboxRow, OutboxState, Step};

/// What is younger is no late news: everything is said.
const LATE: Duration = Duration::from_secs(10);
/// Rows behind a notice among which a later one of its kind is looked for.
const PAGE: i64 = 50;

impl Engine {
    /// To be asked right before the call: whether a later notice waits on disk that says the same anew. Sending is always
    /// right, so whenever that is not certain the answer is no.
    pub(super) async fn is_outdated(&self, row: &OutboxRow, effect: &Effect) -> bool {
        let is_late = self.clock.now_ms() - row.created_ms >= retry::millis(LATE);
        // What may be under way, or was given up and is wanted all the same, is sent.
        if !is_late || row.state != OutboxState::Waiting || !bridge::gets_outdated(effect) {
            return false;
        }
        match self.backend.outbox_page(row.side, &row.lane, row.seq, PAGE).await {
            Ok(later) => {
                bridge::is_outdated(effect, later.iter().map_while(|row| serde_json::from_str(&row.body).ok()))
            }
            Err(error) => {
                tracing::debug!(%error, "what waits behind a notice cannot be read; it is sent");
                false
            }
        }
    }

    /// On disk before anything that waits behind it is sent: it would be sent after that by whoever comes after a crash.
    pub(super) async fn leave_out(&self, row: &OutboxRow) {
        tracing::debug!(lane = row.lane, key = row.key, "left out: a later notice says what is true now");
        self.commit_until_written(Step { sent: vec![row.seq], ..Step::default() }).await;
        self.count(row.side, "outdated");
    }
}
