//! What waits for long because a side is away: the rules are asked whom to tell. Only the first message of each lane and
//! place, and only once: what stands behind it waits for the same.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::engine::Engine;
use super::locks::Of;
use super::retry;
use crate::bridge;
use crate::crash;
use crate::model::{Effect, Fact, FileSpeech, MessageId, Place, Side, Speech};
use crate::store::{OutboxRow, Step, StoreError};

/// How often it is looked, at most.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Lanes that are told of in one look: after a long outage there are many, and telling them is not urgent.
const LANES: usize = 100;
/// Lanes with nothing to tell of, behind which others are looked for.
const MAX_SILENT: usize = 5000;
/// Lanes that are remembered as told.
const MAX_TOLD: usize = 10_000;
/// Of those, so many are looked at again in one look: somebody may have written there from elsewhere since.
const AGAIN: usize = 100;
/// Rows of a lane among which its first messages are looked for.
const PAGE: i64 = 20;

/// Of one side.
#[derive(Default)]
struct Told {
    /// Lanes that still wait, and where it was told in each.
    lanes: HashMap<String, Vec<Option<Place>>>,
    /// Counts the looks, so that each of many lanes comes to its turn.
    looks: usize,
    /// How many lanes wait for long with nothing to tell of; others stand behind them.
    silent: usize,
}

impl Engine {
    pub(super) async fn tell_of_overdue(self: Arc<Self>) {
        let pause = LOOK_EVERY.min(self.limits.tell_waiting_after / 4).max(Duration::from_millis(20));
        let mut told = [Told::default(), Told::default()];
        loop {
            tokio::select! {
                biased;
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => return,
            }
            for (side, told) in [Side::Helpdesk, Side::Matrix].into_iter().zip(&mut told) {
                if let Err(error) = self.tell_of_overdue_on(side, told).await {
                    tracing::debug!(%error, "what waits cannot be read");
                }
            }
        }
    }

    async fn tell_of_overdue_on(self: &Arc<Self>, side: Side, told: &mut Told) -> Result<(), StoreError> {
        let is_down = self.sending(side).breaker.is_open();
        let limit = told.lanes.len() + told.silent.min(MAX_SILENT) + LANES;
        let lanes = self.backend.outbox_lanes(side, i64::try_from(limit).unwrap_or(i64::MAX)).await?;
        let waiting: HashSet<&String> = lanes.iter().collect();
        told.lanes.retain(|lane, _| waiting.contains(lane));
        told.silent = 0;
        let before_ms = self.clock.now_ms() - retry::millis(self.limits.tell_waiting_after);
        let each = told.lanes.len() / AGAIN + 1;
        told.looks = told.looks.wrapping_add(1);
        let mut turn = told.looks;
        for lane in &lanes {
            let places = told.lanes.get(lane);
            turn = turn.wrapping_add(usize::from(places.is_some()));
            let is_due = if places.is_some() { turn.is_multiple_of(each) } else { told.lanes.len() < MAX_TOLD };
            if !is_due {
                continue;
            }
            let mut places = places.cloned().unwrap_or_default();
            let rows = self.waiting(side, lane, 0, PAGE).await?;
            let messages: Vec<_> = rows.iter().filter_map(|row| Some((row, message(row)?))).collect();
            if messages.is_empty() {
                told.silent += usize::from(rows.first().is_some_and(|first| first.created_ms <= before_ms));
                continue;
            }
            // What has not even been tried, on a side that answers, is only busy.
            let is_stuck = is_down || rows.first().is_some_and(|first| first.attempts > 0);
            for (row, effect) in messages.into_iter().filter(|(row, _)| is_stuck && row.created_ms <= before_ms) {
                let place = written_at(&effect);
                if !places.contains(&place) {
                    self.tell_of(row, effect).await?;
                    places.push(place);
                    told.lanes.insert(lane.clone(), places.clone());
                }
            }
        }
        Ok(())
    }

    /// What is done and not yet written as done does not wait any more.
    async fn waiting(&self, side: Side, lane: &str, after_seq: i64, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        let done = self.sending(side).settling.all();
        let mut rows = self.backend.outbox_page(side, lane, after_seq, limit).await?;
        rows.retain(|row| !done.contains(&row.seq));
        Ok(rows)
    }

    async fn tell_of(self: &Arc<Self>, row: &OutboxRow, effect: Effect) -> Result<(), StoreError> {
        let _turn = self.locks.lock(Of::Lane, &row.lane).await;
        let now = self.waiting(row.side, &row.lane, row.seq - 1, 1).await?;
        if now.first().is_none_or(|first| first.seq != row.seq) {
            return Ok(());
        }
        let fact = Fact::Overdue(Box::new(effect));
        let view = self.view(&row.lane, &fact).await?;
        let mut step = Step::default();
        self.plan(&row.lane, &format!("overdue/{}", row.key), bridge::decide(&fact, &view), &mut step)?;
        crash::point("before-overdue-commit");
        self.commit(step).await.map(drop)
    }

    /// Whether somebody waits to hear that this arrived. Of a young one only what is known by heart is asked for: nobody
    /// was told that it waits.
    pub(super) async fn is_awaited(&self, row: &OutboxRow, effect: &Effect) -> bool {
        if !matches!(effect, Effect::Post { .. } | Effect::Say(_) | Effect::SayFile(_)) {
            return false;
        }
        let Some(id) = super::view::ticket_of_lane(&row.lane) else { return false };
        let is_old = self.clock.now_ms() - row.created_ms >= retry::millis(self.limits.tell_waiting_after);
        // What opened the ticket is as old as the wish for a room.
        let is_opening = carried(effect).is_some_and(MessageId::is_opening);
        let ticket = if is_old || is_opening {
            self.known.ticket(&id).await.ok().flatten()
        } else {
            self.known.ticket_by_heart(&id)
        };
        ticket.is_some_and(|ticket| bridge::is_awaited(effect, &ticket))
    }
}

/// What somebody wrote, in either direction.
fn message(row: &OutboxRow) -> Option<Effect> {
    let effect: Effect = serde_json::from_str(&row.body).ok()?;
    let is_message = match &effect {
        Effect::Post { from, .. } => from.is_some(),
        // Of a ticket room: what opened the ticket waits for it.
        Effect::CreateTicket { .. } | Effect::CreateTicketRoom { .. } => true,
        _ => carried(&effect).is_some(),
    };
    is_message.then_some(effect)
}

/// The helpdesk's message that it says in a room.
fn carried(effect: &Effect) -> Option<&MessageId> {
    match effect {
        Effect::Say(Speech { carries, .. }) | Effect::SayFile(FileSpeech { carries, .. }) => {
            carries.as_ref().map(|(_, message)| message)
        }
        _ => None,
    }
}

fn written_at(message: &Effect) -> Option<Place> {
    match message {
        Effect::Post { from, .. } => from.clone(),
        _ => None,
    }
}
