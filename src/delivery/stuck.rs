//! A room that the homeserver refuses to make holds its ticket for ever: after a few attempts somebody is told.

use std::sync::Arc;

use super::engine::Engine;
use crate::bridge;
use crate::model::{Effect, Fact, Failure};
use crate::observe::metrics as names;
use crate::store::{OutboxRow, Step, StoreError};

/// Attempts that may be refused before somebody is told; once.
const PATIENT_ATTEMPTS: i64 = 5;

impl Engine {
    pub(super) async fn tell_of_stuck(self: &Arc<Self>, row: &OutboxRow, effect: &Effect, failure: &Failure) {
        // Not at that very one: it may have failed for another reason.
        if row.attempts < PATIENT_ATTEMPTS {
            return;
        }
        let fact = Fact::Stuck { effect: Box::new(effect.clone()), why: failure.why.clone() };
        while let Err(error) = self.decide_stuck(row, &fact).await {
            self.database_failed(&error).await;
            if self.stop.is_cancelled() {
                return;
            }
        }
    }

    async fn decide_stuck(self: &Arc<Self>, row: &OutboxRow, fact: &Fact) -> Result<(), StoreError> {
        // Its own lane is what is stuck.
        let lane = format!("stuck:{}", row.lane);
        let effects = bridge::decide(fact, &self.view(&lane, fact).await?);
        if effects.is_empty() {
            return Ok(());
        }
        let mut step = Step::default();
        self.plan(&lane, &format!("stuck/{}", row.key), effects, &mut step)?;
        // Told before, it is not told again.
        if !self.commit(step).await?.outbox.is_empty() {
            metrics::counter!(names::DEAD_LETTERS_TOTAL, "side" => crate::store::side_to_db(row.side)).increment(1);
        }
        Ok(())
    }
}
