//! The result of an effect: written down together with all that follows from it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::MutexGuard;

use super::decide::json;
use super::engine::Engine;
use super::locks::Of;
use super::view::{deciding_lane, target_lane, ticket_lane, ticket_of_lane};
use crate::bridge;
use crate::crash;
use crate::model::{Effect, Fact, FileSpeech, MessageId, Outcome, Place, RoomKind, Speech};
use crate::store::{EventRow, NewInbox, OUTCOME, OutboxRow, Step, StoreError};

/// While earlier outcomes of the same lane are understood.
const OUTCOME_PAUSE: Duration = Duration::from_millis(5);

impl Engine {
    /// Whether the rules want to know what came of it. Otherwise nothing follows but that the row is done.
    pub(super) async fn is_told(&self, row: &OutboxRow, effect: &Effect, outcome: &Outcome) -> bool {
        effect.wants_outcome()
            || matches!(outcome, Outcome::Dead { .. } | Outcome::Without { .. })
            || self.is_awaited(row, effect).await
    }

    /// Nobody has to wait until this is written: soon, in company of what comes next. A crash before that is one after
    /// sending: the row is looked up, or repeated under its transaction id.
    pub(super) fn settle_soon(self: &Arc<Self>, row: &OutboxRow) {
        let (engine, side, seq) = (Arc::clone(self), row.side, row.seq);
        self.sending(side).settling.add(seq);
        self.spawn(async move {
            crash::point("before-plain-settle-commit");
            let step = Step { sent: vec![seq], ..Step::default() };
            while let Err(error) = engine.commit_in_company(step.clone()).await {
                engine.database_failed(&error).await;
                if engine.stop.is_cancelled() {
                    return;
                }
            }
            engine.sending(side).settling.remove(seq);
            crash::point("after-plain-settle-commit");
        });
    }

    pub(super) async fn settle(
        self: &Arc<Self>,
        row: &OutboxRow,
        effect: &Effect,
        outcome: &Outcome,
        told: bool,
    ) -> Result<(), StoreError> {
        let lane = deciding_lane(&row.lane);
        let mut step = Step::default();
        match outcome {
            Outcome::Dead { reason, .. } => {
                crash::point("before-dead-letter");
                step.dead.push((row.seq, reason.clone()));
            }
            _ => step.sent.push(row.seq),
        }
        if let Some(row) = event_row(effect, outcome, lane) {
            if row.message.is_none() {
                crash::point("before-card-noted");
                step.lanes_joined.push((target_lane(&row.event), ticket_lane(&row.ticket)));
            }
            step.events.push(row);
        }
        if let (Effect::LearnName { user }, Outcome::Name(Some(name))) = (effect, outcome) {
            step.names.push((user.clone(), name.clone()));
        }
        if !told {
            return self.commit_settled(step).await;
        }
        // What was given up may be tried again: what follows then is not what followed from giving up.
        let cause = match outcome {
            Outcome::Dead { .. } => format!("{}>dead-{}", row.key, row.created_ms),
            _ => format!("{}>", row.key),
        };
        let _turn = self.turn(lane, row.holds).await?;
        let fact = Fact::Done { key: row.key.clone(), effect: Box::new(effect.clone()), outcome: outcome.clone() };
        if self.deciding.is_held(lane) && !row.holds {
            // The lane waits for something else: this outcome is understood after it, like everything else.
            crash::point("before-held-outcome");
            let key = format!("{OUTCOME}{cause}");
            step.inbox.push(NewInbox { key, lane: lane.to_owned(), body: json(&fact)? });
            return self.commit_settled(step).await;
        }
        let _counting = match self.counted_server(&fact).await? {
            Some(server) => Some(self.locks.lock(Of::Server, &server).await),
            None => None,
        };
        let view = self.view(lane, &fact).await?;
        let effects = bridge::decide(&fact, &view);
        self.plan(lane, &cause, effects, &mut step)?;
        let holds_on = step.outbox.iter().any(|next| next.holds);
        if holds_on {
            self.deciding.hold(lane);
        }
        let committed = self.commit_settled(step).await;
        let goes_on = match &committed {
            Ok(()) => row.holds && !holds_on && self.deciding.release(lane),
            Err(_) => self.hold_as_stored(lane).await,
        };
        if goes_on {
            self.spawn(Arc::clone(self).decide_lane(lane.to_owned()));
        }
        committed
    }

    /// The lane's turn, once no outcome that came before this one still waits to be understood.
    async fn turn(&self, lane: &str, holds: bool) -> Result<Option<MutexGuard<'_, ()>>, StoreError> {
        loop {
            let turn = self.locks.lock(Of::Lane, lane).await;
            if holds || self.deciding.is_held(lane) || self.deciding.is_idle(lane) {
                return Ok(turn);
            }
            let first = self.backend.inbox_page(lane, 0, 1).await?.pop();
            if first.is_none_or(|first| !first.key.starts_with(OUTCOME)) || self.stop.is_cancelled() {
                return Ok(turn);
            }
            drop(turn);
            tokio::time::sleep(OUTCOME_PAUSE).await;
        }
    }

    /// A commit failed, and nobody knows whether it was written: the store says whether the lane is held. To be asked
    /// while the lane's turn is ours, and until it is answered: held without a row that ends it, a lane would wait for
    /// ever. True: a worker has to be started.
    pub(super) async fn hold_as_stored(&self, lane: &str) -> bool {
        loop {
            match self.backend.lane_is_held(lane).await {
                Ok(true) => {
                    self.deciding.hold(lane);
                    return false;
                }
                Ok(false) => return self.deciding.release(lane),
                Err(error) => self.database_failed(&error).await,
            }
            if self.stop.is_cancelled() {
                return false;
            }
        }
    }

    async fn commit_settled(&self, step: Step) -> Result<(), StoreError> {
        crash::point("before-settle-commit");
        self.commit(step).await?;
        crash::point("after-settle-commit");
        Ok(())
    }
}

/// Events that later ones point at: offers, what stands in their threads, and what stands for a helpdesk's message.
fn event_row(effect: &Effect, outcome: &Outcome, lane: &str) -> Option<EventRow> {
    if let (Effect::CreateTicket { room, marker, .. }, Outcome::Ticket(snapshot)) = (effect, outcome.done()) {
        // From a door they are said again in the ticket's room; a waiting room becomes that one.
        let is_opening = matches!(room.kind, RoomKind::Waiting { .. });
        let message = is_opening.then(MessageId::opening)?;
        let (event, room, ticket) = (marker.clone(), room.id.clone(), snapshot.id.clone());
        return Some(EventRow { event, room, ticket, message: Some(message) });
    }
    let Outcome::Sent { room, event } = outcome.done() else { return None };
    let (ticket, message) = match effect {
        // What reactions and replies point at: an offer, what was prepared, and what a customer wishes for.
        Effect::Say(Speech { offer_of: Some(ticket), .. } | Speech { prepares: Some((ticket, _)), .. })
        | Effect::AskForVideo { ticket, .. } => (ticket.clone(), None),
        Effect::Say(Speech { carries: Some((ticket, message)), .. })
        | Effect::SayFile(FileSpeech { carries: Some((ticket, message)), .. }) => {
            (ticket.clone(), Some(message.clone()))
        }
        // In clients without threads an answer to it is a note.
        Effect::Say(Speech { place: Place::Thread { .. }, .. }) => (ticket_of_lane(lane)?, None),
        _ => return None,
    };
    Some(EventRow { event: event.clone(), room: room.clone(), ticket, message })
}
