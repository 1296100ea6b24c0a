//! Starts the workers of lanes that have something to do: one that was handed a row, or was found waiting in the store.

use std::sync::Arc;

use super::engine::{Engine, MAX_ACTIVE_LANES};
use crate::model::Side;
use crate::store::{StoreError, UNORDERED};

/// Lanes that are asked for at once.
const REFILL: i64 = 2 * MAX_ACTIVE_LANES as i64;

impl Engine {
    pub(super) fn wake_deciding(self: &Arc<Self>, lane: &str) {
        if self.deciding.wake(lane) {
            self.spawn(Arc::clone(self).decide_lane(lane.to_owned()));
        }
    }

    pub(super) fn reload_deciding(self: &Arc<Self>, lane: &str) {
        if self.deciding.reload(lane) {
            self.spawn(Arc::clone(self).decide_lane(lane.to_owned()));
        }
    }

    pub(super) fn wake_sending(self: &Arc<Self>, side: Side, lane: &str) {
        if self.sending(side).lanes.wake(lane) {
            self.start_sending(side, lane);
        }
    }

    pub(super) fn start_sending(self: &Arc<Self>, side: Side, lane: &str) {
        self.spawn(Arc::clone(self).send_lane(side, lane.to_owned()));
    }

    /// Lanes that wait in the store, oldest first.
    pub(super) async fn refill_deciding(self: &Arc<Self>) -> Result<(), StoreError> {
        let doubts = self.deciding.doubts();
        let lanes = self.backend.inbox_lanes(REFILL).await?;
        for lane in &lanes {
            if lane == UNORDERED {
                // Left by the process before us, or taken in by an instance that stands by.
                self.order.doubt();
                self.order.came.notify_one();
            } else {
                self.wake_deciding(lane);
            }
        }
        if (lanes.len() as i64) < REFILL {
            self.deciding.cleared(doubts);
        }
        Ok(())
    }

    pub(super) async fn refill_sending(self: &Arc<Self>, side: Side) -> Result<(), StoreError> {
        let queue = &self.sending(side).lanes;
        let doubts = queue.doubts();
        let lanes = self.backend.outbox_lanes(side, REFILL).await?;
        for lane in &lanes {
            if queue.remind(lane) {
                self.start_sending(side, lane);
            }
        }
        if (lanes.len() as i64) < REFILL {
            queue.cleared(doubts);
        }
        Ok(())
    }
}
