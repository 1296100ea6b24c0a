//! What waits for somebody behind a side, such as another homeserver that is away, waits beside its lane: the ticket goes on.

use super::engine::Engine;
use super::view::{aside_lane, deciding_lane, is_aside, ticket_of_lane};
use crate::bridge;
use crate::model::{Effect, Failure};
use crate::store::{NewOutbox, OutboxRow, OutboxState, Step};

impl Engine {
    /// In one step: whoever comes after a crash finds it in one of the two lanes.
    pub(super) async fn put_aside(&self, row: &OutboxRow, failure: &Failure) {
        tracing::warn!(
            lane = row.lane,
            key = row.key,
            reason = failure.reason,
            "put aside: it is tried again, and nothing waits for it"
        );
        let aside = NewOutbox {
            key: format!("aside/{}", row.key),
            lane: aside_lane(&row.lane),
            side: row.side,
            holds: false,
            body: row.body.clone(),
            attempting: false,
        };
        self.commit_until_written(Step { sent: vec![row.seq], outbox: vec![aside], ..Step::default() }).await;
        self.count(row.side, "aside");
    }

    /// Whether what waited aside, or was given up and is tried again, came too late: the ticket went on meanwhile.
    pub(super) async fn is_unwanted(&self, row: &OutboxRow, effect: &Effect) -> bool {
        if !is_aside(&row.lane) && row.state == OutboxState::Waiting {
            return false;
        }
        let Some(id) = ticket_of_lane(deciding_lane(&row.lane)) else { return false };
        match self.known.ticket(&id).await {
            Ok(ticket) => ticket.is_some_and(|ticket| bridge::is_unwanted(effect, &ticket, &self.settings)),
            Err(error) => {
                tracing::debug!(%error, "whether it is still wanted cannot be read; it is tried");
                false
            }
        }
    }
}
