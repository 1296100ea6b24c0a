//! The deciding half of a lane: strictly in order, each fact becomes effects in the transaction that marks it done.

use std::sync::Arc;
use std::time::Duration;

use super::crash;
use super::engine::Engine;
use super::lanes::Turn;
use super::view::{BAD, ticket_lane};
use crate::bridge;
use crate::matrix;
use crate::model::{Effect, Fact};
use crate::store::{InboxRow, NewInbox, NewOutbox, Step, StoreError};

/// Rows of a lane that are read at once.
const PAGE: i64 = 100;
/// Before a database that refused is asked again.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);

impl Engine {
    pub(super) async fn decide_lane(self: Arc<Self>, lane: String) {
        loop {
            match self.deciding.next(&lane) {
                Turn::Row(row) => self.decide_row(&lane, row).await,
                Turn::Load => match self.backend.inbox_page(&lane, 0, PAGE).await {
                    Ok(page) => {
                        let full = page.len() as i64 == PAGE;
                        self.deciding.paged(&lane, page.iter().map(|row| row.seq), full);
                        for row in page {
                            if self.deciding.is_held(&lane) {
                                break;
                            }
                            self.decide_row(&lane, row).await;
                        }
                    }
                    Err(error) => {
                        self.database_failed(&error).await;
                        let _running = self.deciding.wake(&lane);
                    }
                },
                Turn::End { refill } => {
                    if refill && let Err(error) = self.refill_deciding().await {
                        self.database_failed(&error).await;
                    }
                    return;
                }
            }
            if self.stop.is_cancelled() {
                return;
            }
        }
    }

    /// Until it is written: a database that is away for a while loses nothing.
    async fn decide_row(self: &Arc<Self>, lane: &str, row: InboxRow) {
        while let Err(error) = self.try_decide(lane, &row).await {
            self.database_failed(&error).await;
            if self.stop.is_cancelled() {
                return;
            }
        }
    }

    pub(super) async fn database_failed(&self, error: &StoreError) {
        tracing::error!(%error, "the database refused; trying again");
        tokio::select! {
            () = tokio::time::sleep(DATABASE_PAUSE) => {}
            () = self.stop.cancelled() => {}
        }
    }

    async fn try_decide(self: &Arc<Self>, lane: &str, row: &InboxRow) -> Result<(), StoreError> {
        let _turn = self.locks.lock(lane).await;
        let mut step = Step { inbox_done: vec![row.seq], ..Step::default() };
        if row.key.starts_with('$') {
            // The room may have become a ticket's since the event came in.
            if let Ok(event) = matrix::peek(&row.body) {
                let now = self.lane_of(&event).await?;
                if now != lane {
                    let moved = Step { inbox_moved: vec![(row.seq, now.clone())], ..Step::default() };
                    self.commit(moved).await?;
                    self.wake_deciding(&now);
                    return Ok(());
                }
            }
        }
        if let Some(fact) = self.fact(row, &mut step) {
            let view = self.view(lane, &fact).await?;
            let effects = bridge::decide(&fact, &view);
            self.plan(lane, &row.key, effects, &mut step)?;
        }
        if step.outbox.iter().any(|row| row.holds) {
            self.deciding.hold(lane);
        }
        crash::point("before-decision-commit");
        let committed = self.commit(step).await;
        crash::point("after-decision-commit");
        if committed.is_err() && !self.backend.lane_is_held(lane).await.unwrap_or(true) {
            let _running = self.deciding.release(lane);
        }
        committed.map(drop)
    }

    fn fact(&self, row: &InboxRow, step: &mut Step) -> Option<Fact> {
        if row.lane == BAD {
            return None;
        }
        if row.key.starts_with('$') {
            return match matrix::understand(&row.body, &self.settings) {
                Ok(understood) => {
                    step.names.extend(understood.name);
                    understood.fact
                }
                Err(error) => {
                    tracing::warn!(%error, lane = row.lane, "an event can't be understood; it was left out");
                    None
                }
            };
        }
        match serde_json::from_str(&row.body) {
            Ok(fact) => Some(fact),
            Err(error) => {
                tracing::error!(%error, key = row.key, "a stored fact can't be read; it was left out");
                None
            }
        }
    }

    /// Effects as rows of the outbox, and what the store does by itself.
    pub(super) fn plan(
        &self,
        lane: &str,
        cause: &str,
        effects: Vec<Effect>,
        step: &mut Step,
    ) -> Result<(), StoreError> {
        for (index, effect) in effects.into_iter().enumerate() {
            let key = effect.natural_key().unwrap_or_else(|| format!("{cause}/{index}"));
            match effect {
                Effect::RememberTicket(ticket) => step.tickets.push(*ticket),
                Effect::RememberRoom(room) => step.rooms.push(room),
                Effect::ForgetRoom { room } => step.forget_rooms.push(room),
                Effect::Tell { ticket, fact } => {
                    step.inbox.push(NewInbox {
                        key: format!("tell/{key}"),
                        lane: ticket_lane(&ticket),
                        body: json(&fact)?,
                    });
                }
                effect => {
                    let Some(side) = effect.side() else { continue };
                    // The homeserver's transaction ids make repeating harmless: only the helpdesk needs to be warned of.
                    let first = !step.outbox.iter().any(|row| row.side == side);
                    let attempting = side == crate::model::Side::Helpdesk
                        && !effect.is_read()
                        && first
                        && self.sending(side).lanes.is_idle(lane);
                    step.outbox.push(NewOutbox {
                        key,
                        lane: lane.to_owned(),
                        side,
                        holds: effect.holds_lane(),
                        body: json(&effect)?,
                        attempting,
                    });
                }
            }
        }
        Ok(())
    }
}

pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}
