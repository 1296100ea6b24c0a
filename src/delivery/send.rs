//! The sending half of a lane and side: one effect after the other, each written down before and after.

use std::sync::Arc;
use std::time::Duration;

use super::blame::Blamed;
use super::breaker::Pass;
use super::engine::Engine;
use super::lanes::Turn;
use super::panics::{Panicked, TRIES_MAX, caught};
use super::retry;
use super::view::{deciding_lane, is_aside};
use crate::crash;
use crate::matrix::Attempt;
use crate::model::{Effect, Failure, Next, Outcome, Side};
use crate::observe::Unreadable;
use crate::store::{Later, OutboxRow, OutboxState, Step, StoreError};

const PAGE: i64 = 50;
/// What is too old already is still tried if the other side is back within this time.
const PATIENCE: Duration = Duration::from_millis(100);
/// Nothing is given up for its age before it was tried for so long: a bridge that was off for a day may be up before its
/// helpdesk is.
const TRIED_AT_LEAST: Duration = Duration::from_secs(600);
/// Before what was too early is tried again; and the longer it has waited, the longer it still may.
const NOT_YET: Duration = Duration::from_millis(300);
const NOT_YET_SHARE: u32 = 16;

/// Calls have time limits of their own; this one is for those that forgot it.
const CALL_LIMIT: Duration = Duration::from_secs(300);

/// The same for those that carry files.
const TRANSFER_LIMIT: Duration = Duration::from_secs(3600);

async fn within(limit: Duration, call: impl Future<Output = Result<Outcome, Blamed>>) -> Result<Outcome, Blamed> {
    match tokio::time::timeout(limit, call).await {
        Ok(result) => result,
        Err(_) => Err(Failure::uncertain("no answer for a long time").into()),
    }
}

fn panicked(times: i64) -> Failure {
    let reason = "ticketroom panicked over it; the log tells where";
    // What it meets when it is looked up may be what it panics over.
    if times <= TRIES_MAX { Failure::uncertain(reason) } else { Failure::dead(reason) }
}

/// What became of a row.
enum Went {
    Done,
    /// It stays first in its lane for so long.
    Later {
        rest: Duration,
    },
}

impl Engine {
    pub(super) async fn send_lane(self: Arc<Self>, side: Side, lane: String) {
        while caught(self.send_rows(side, &lane)).await.is_err() {
            // It may have been sent: it is left as what it is on disk, and looked up now.
            self.pause_after_panic().await;
            let _running = self.sending(side).lanes.reload(&lane);
        }
    }

    async fn send_rows(self: &Arc<Self>, side: Side, lane: &str) {
        let lanes = &self.sending(side).lanes;
        loop {
            if self.stop.is_cancelled() {
                return;
            }
            match lanes.next(lane) {
                Turn::Row(row) => {
                    if let Went::Later { rest } = self.send_row(row).await {
                        self.rest(side, lane, rest);
                        return;
                    }
                }
                Turn::Load => {
                    let done = self.sending(side).settling.all();
                    match self.backend.outbox_page(side, lane, 0, PAGE).await {
                        Ok(page) => {
                            lanes.paged(lane, page.iter().map(|row| row.seq), page.len() as i64 == PAGE);
                            for row in page.into_iter().filter(|row| !done.contains(&row.seq)) {
                                if let Went::Later { rest } = self.send_row(row).await {
                                    self.rest(side, lane, rest);
                                    return;
                                }
                            }
                        }
                        Err(error) => {
                            self.database_failed(&error).await;
                            let _running = lanes.reload(lane);
                        }
                    }
                }
                Turn::End { refill } => {
                    // It has no worker any more: whoever panics here must not go on with it.
                    if refill && let Ok(Err(error)) = caught(self.refill_sending(side)).await {
                        self.database_failed(&error).await;
                    }
                    return;
                }
            }
        }
    }

    /// The lane waits for so long.
    fn rest(self: &Arc<Self>, side: Side, lane: &str, rest: Duration) {
        self.sending(side).lanes.rest(lane);
        let (engine, lane) = (Arc::clone(self), lane.to_owned());
        self.spawn(async move {
            tokio::select! {
                biased;
                () = tokio::time::sleep(rest) => engine.wake_sending(side, &lane),
                () = engine.stop.cancelled() => {}
            }
        });
    }

    async fn send_row(self: &Arc<Self>, row: OutboxRow) -> Went {
        let rest = self.sending(row.side).rests.left(&row, self.clock.now_ms());
        if !rest.is_zero() {
            return Went::Later { rest };
        }
        let effect: Effect = match serde_json::from_str(&row.body) {
            Ok(effect) => effect,
            Err(error) => {
                let reason = Unreadable(&error).to_string();
                tracing::error!(reason, key = row.key, "a stored effect can't be read; it is kept as a dead letter");
                self.count(row.side, "dead");
                let step = Step { dead: vec![(row.seq, reason)], ..Step::default() };
                self.commit_until_written(step).await;
                return Went::Done;
            }
        };
        if row.state == OutboxState::Attempting {
            crash::point("before-uncertain-wait");
            // It was under way when the process before us died, and may still be: looked up too early, it is not there.
            tokio::time::sleep_until(self.started + self.uncertain_wait()).await;
        }
        let sending = self.sending(row.side);
        let pass = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Went::Later { rest: Duration::MAX },
            pass = self.may_call(&row) => pass,
        };
        if Box::pin(self.is_left_out(&row, &effect)).await {
            return Went::Done;
        }
        let Some(pass) = pass else {
            let failure = Failure::retry("it could not be reached for too long");
            return Box::pin(self.failed(&row, &effect, failure)).await;
        };
        if let Err(error) = self.announce(&row, &effect).await {
            return Box::pin(self.failed(&row, &effect, Blamed::from(error).failure)).await;
        }
        // Files take their time: they have places of their own, so that no other ticket's words wait for them.
        let elsewhere = self.asks_elsewhere(&row.lane, &effect).await;
        let has_files = !effect.files().is_empty();
        let permits = match (has_files, elsewhere) {
            (true, false) => &self.transfers,
            (true, true) => &self.far_transfers,
            (false, true) => &self.elsewhere,
            (false, false) => &sending.permits,
        };
        let Ok(permit) = permits.acquire().await else { return Went::Later { rest: Duration::MAX } };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return Went::Later { rest: Duration::MAX },
            // While nobody knows whether another instance has taken over, nothing is said.
            () = self.matrix.homeserver.claim().held() => {}
        }
        // On the heap, since thousands of lanes can wait for their turn above: they need no room for it yet.
        let enters = matches!(effect, Effect::Join { .. }).then(|| deciding_lane(&row.lane));
        enters.inspect(|lane| self.order.entering(lane));
        let result = caught(Box::pin(self.carry_out(&row, &effect))).await;
        enters.inspect(|lane| self.order.entered(lane));
        let result = result.unwrap_or_else(|Panicked| Err(Blamed::ours(panicked(self.panics_sending.count(row.seq)))));
        // Of files it is known whose fault it was. What another homeserver may have refused says nothing of ours.
        if has_files || !elsewhere || result.is_ok() {
            self.note_health(row.side, &result);
        }
        // From here on somebody else may try whether the side is there again.
        drop((pass, permit));
        match result.map_err(|blamed| blamed.failure) {
            Ok(outcome) => {
                self.count(row.side, "done");
                self.note_receipt(&effect, &outcome).await;
                let told = self.is_told(&row, &effect, &outcome).await;
                if outcome == Outcome::Ok && !told {
                    self.settle_soon(&row);
                } else {
                    Box::pin(self.settle_until_written(&row, &effect, outcome, told)).await;
                }
                if enters.is_some() {
                    // What was written there before we came is not told to us; it is there to be read.
                    self.reconcile_now.notify_one();
                }
                Went::Done
            }
            Err(failure) => Box::pin(self.failed(&row, &effect, failure)).await,
        }
    }

    async fn is_left_out(&self, row: &OutboxRow, effect: &Effect) -> bool {
        let left_out = self.is_outdated(row, effect).await || self.is_unwanted(row, effect).await;
        if left_out {
            self.leave_out(row).await;
        }
        left_out
    }

    /// On disk before the helpdesk is called, and before there is a place for the call: many lanes share a flush, and a
    /// place is for calls alone. Whoever comes after a crash looks up what may have arrived.
    async fn announce(&self, row: &OutboxRow, effect: &Effect) -> Result<(), StoreError> {
        if row.side == Side::Matrix || row.noted || row.state == OutboxState::Attempting || effect.is_read() {
            return Ok(());
        }
        crash::point("before-attempting-commit");
        self.commit(Step { attempting: vec![row.seq], ..Step::default() }).await?;
        crash::point("after-attempting-commit");
        Ok(())
    }

    async fn carry_out(self: &Arc<Self>, row: &OutboxRow, effect: &Effect) -> Result<Outcome, Blamed> {
        let was_tried = row.state == OutboxState::Attempting;
        let uncertain = was_tried || self.restored.is_in_doubt();
        let limit = if effect.files().is_empty() { CALL_LIMIT } else { TRANSFER_LIMIT };
        crash::point("before-send");
        let result = match row.side {
            Side::Matrix => {
                if let Some(outcome) = self.known_without_looking(effect).await? {
                    return Ok(outcome);
                }
                let desk_room = self.other_room(effect).await?;
                let contact = self.contact(effect).await?;
                let reply = self.as_reply(effect, &row.lane, desk_room.as_deref()).await?;
                let effect = reply.as_ref().unwrap_or(effect);
                let attempt = Attempt {
                    contact: contact.as_ref(),
                    key: &row.key,
                    desk_room: desk_room.as_deref(),
                    created_ms: row.created_ms,
                    now_ms: self.clock.now_ms(),
                    revived: uncertain,
                    failures: row.attempts,
                };
                let call = async {
                    match effect {
                        Effect::SayFile(speech) => self.say_file(effect, speech, &attempt).await,
                        Effect::MoveDesk { desk, from, to } => self.move_desk(desk, from, to).await,
                        _ => Ok(self.matrix.carry_out(effect, &attempt).await?),
                    }
                };
                within(limit, call).await
            }
            Side::Helpdesk => {
                if !effect.is_read() {
                    crash::point("before-helpdesk-write");
                }
                // It may have asked while a place was waited for.
                self.leave_alone(Side::Helpdesk)?;
                let call = self.to_helpdesk(effect, uncertain, self.clock.now_ms() - row.created_ms);
                let result = within(limit, call).await;
                if !effect.is_read() {
                    crash::point("after-helpdesk-write");
                }
                result
            }
        };
        crash::point("after-send");
        result
    }

    /// Waits until the side may be called. `None`: it is down, and the row has waited for too long.
    async fn may_call(&self, row: &OutboxRow) -> Option<Pass<'_>> {
        let breaker = &self.sending(row.side).breaker;
        let give_up_after = self.gives_up_in(row).max(PATIENCE);
        if row.holds {
            return Some(breaker.ready().await);
        }
        tokio::time::timeout(give_up_after, breaker.ready()).await.ok()
    }

    /// Fails where this side asked to be left alone and the time is not over.
    pub(super) fn leave_alone(&self, side: Side) -> Result<(), Failure> {
        match self.sending(side).breaker.asked_left() {
            None => Ok(()),
            Some(left) => {
                let failure = Failure::retry("it asked to be left alone for a while");
                Err(Failure { next: Next::Retry { after: Some(left) }, ..failure })
            }
        }
    }

    /// How long the row may wait yet: it is as old as it may become, and has been tried for a while.
    fn gives_up_in(&self, row: &OutboxRow) -> Duration {
        self.gives_up_what_began(row.created_ms)
    }

    pub(super) fn gives_up_what_began(&self, began_ms: i64) -> Duration {
        let now = self.clock.now_ms();
        let by_age = began_ms + retry::millis(self.limits.give_up_after) - now;
        let tried = self.trying.lasted(now);
        let untried = TRIED_AT_LEAST.min(self.limits.give_up_after).saturating_sub(tried);
        Duration::from_millis(u64::try_from(by_age).unwrap_or(0)).max(untried)
    }

    /// Gives the row up, or notes when to try it again.
    async fn failed(self: &Arc<Self>, row: &OutboxRow, effect: &Effect, failure: Failure) -> Went {
        let now = self.clock.now_ms();
        let age = Duration::from_millis(u64::try_from(now - row.created_ms).unwrap_or(0));
        let too_old = self.gives_up_in(row).is_zero();
        let is_dead = failure.next == Next::Dead;
        // What was refused for good is given up, and what waited too long, but for rooms without which nothing goes on.
        let gives_up = is_dead || (too_old && effect.ages());
        if gives_up && effect.can_be_done_without() {
            self.count(row.side, "dead");
            tracing::error!(lane = row.lane, key = row.key, reason = failure.reason, "given up");
            self.settle_until_written(row, effect, Outcome::Dead { reason: failure.reason, why: failure.why }, true)
                .await;
            return Went::Done;
        }
        if failure.next == Next::Aside && !is_aside(&row.lane) {
            self.put_aside(row, &failure).await;
            return Went::Done;
        }
        if is_dead {
            self.tell_of_stuck(row, effect, &failure).await;
        }
        let asked = match failure.next {
            Next::Retry { after } | Next::Uncertain { after } => after,
            Next::NotYet => Some(NOT_YET.max((age / NOT_YET_SHARE).min(self.limits.retry_max))),
            Next::Aside | Next::Dead => None,
        };
        let uncertain = failure.is_uncertain() || row.state == OutboxState::Attempting;
        let mut wait = self.retry_wait(row.attempts, asked);
        if !failure.is_not_yet() {
            // "At once" (`Retry-After: 0`, or a date that is past) would be a hot loop.
            wait = wait.max(self.limits.retry_first);
        }
        if failure.is_uncertain() {
            wait = wait.max(self.uncertain_wait());
        }
        let at_ms = now + retry::millis(wait);
        self.count(row.side, if uncertain { "uncertain" } else { "retry" });
        if !failure.is_not_yet() {
            let (lane, key, attempts, retry_in_ms) = (&row.lane, &row.key, row.attempts + 1, at_ms - now);
            let reason = &failure.reason;
            match row.attempts {
                0 => tracing::warn!(lane, key, retry_in_ms, reason, "not delivered yet"),
                _ => tracing::debug!(lane, key, attempts, retry_in_ms, reason, "still not delivered"),
            }
        }
        let later = Later { seq: row.seq, not_before_ms: at_ms, uncertain, note: failure.reason };
        self.sending(row.side).rests.begin(row.seq, wait);
        crash::point("before-later-commit");
        self.commit_until_written(Step { later: vec![later], ..Step::default() }).await;
        crash::point("after-later-commit");
        Went::Later { rest: wait }
    }

    pub(super) async fn commit_until_written(&self, step: Step) {
        while let Err(error) = self.commit(step.clone()).await {
            self.database_failed(&error).await;
            if self.stop.is_cancelled() {
                return;
            }
        }
    }

    async fn settle_until_written(self: &Arc<Self>, row: &OutboxRow, effect: &Effect, outcome: Outcome, told: bool) {
        loop {
            let result: Result<(), StoreError> = self.settle(row, effect, &outcome, told).await;
            let Err(error) = result else { return };
            self.database_failed(&error).await;
            if self.stop.is_cancelled() {
                return;
            }
            // It may have been written although the answer was lost: what follows from it must not follow twice.
            loop {
                match self.backend.outbox_page(row.side, &row.lane, row.seq - 1, 1).await {
                    Ok(page) if page.first().is_none_or(|first| first.seq != row.seq) => return,
                    Ok(_) => break,
                    Err(error) => self.database_failed(&error).await,
                }
                if self.stop.is_cancelled() {
                    return;
                }
            }
        }
    }
}
