//! The deciding half of a lane: strictly in order, each fact becomes effects in the transaction that marks it done.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::engine::Engine;
use super::lanes::Turn;
use super::locks::Of;
use super::panics::{Panicked, TRIES_MAX, caught, in_its_place};
use super::view::{
    BAD, TICKET, is_target_lane, is_ticket_lane, note_row, room_lane, sending_lane, sending_lanes, ticket_lane,
    ticket_of_lane, turn_lane,
};
use crate::bridge;
use crate::crash;
use crate::matrix;
use crate::model::{Admission, Effect, FETCH, Fact, RoomKind, Side};
use crate::observe::Unreadable;
use crate::store::{InboxRow, NewAdmission, NewInbox, NewOutbox, OUTCOME, Step, StoreError};

/// Rows of a lane that are read at once.
const PAGE: i64 = 100;
/// Before a database that refused is asked again.
const DATABASE_PAUSE: Duration = Duration::from_secs(1);

/// An offer that can't be sent for so long is not what somebody has just pointed at.
const OFFER_WAIT: Duration = Duration::from_secs(600);
const OFFER_PAUSE: Duration = Duration::from_millis(50);
/// A lane whose rows belong elsewhere is emptied in no time.
const FORMER_WAIT: Duration = Duration::from_secs(10);
const OPENING_WAIT: Duration = Duration::from_secs(60);
const FORMER_PAUSE: Duration = Duration::from_millis(2);

/// What became of a row.
enum Went {
    On,
    /// Rows that come before it may have come: the lane is read again.
    Again,
}

enum Placed {
    Here,
    Elsewhere(String),
    /// Behind rows that just came from elsewhere.
    Behind,
}

/// What the keys of what follows begin with. A message that came whole and one that was asked for, an outcome that was
/// understood at once and one that had to wait have the same: which of them it is depends on the moment, and whoever goes on
/// with an older copy of the database may meet the other one.
fn cause(row: &InboxRow, fact: &Fact) -> String {
    match fact {
        Fact::Posted(message) => format!("message/{}/{}", message.ticket, message.id),
        _ => row.key.strip_prefix(OUTCOME).unwrap_or(&row.key).to_owned(),
    }
}

impl Engine {
    pub(super) async fn decide_lane(self: Arc<Self>, lane: String) {
        while caught(Box::pin(self.decide_rows(&lane))).await.is_err() {
            self.pause_after_panic().await;
            let _running = self.deciding.reload(&lane);
        }
    }

    async fn decide_rows(self: &Arc<Self>, lane: &str) {
        loop {
            match self.deciding.next(lane) {
                Turn::Row(row) => {
                    if let Went::Again = self.decide_row(lane, row).await {
                        let _running = self.deciding.reload(lane);
                    }
                }
                Turn::Load => match self.backend.inbox_page(lane, 0, PAGE).await {
                    Ok(page) => {
                        let full = page.len() as i64 == PAGE;
                        self.deciding.paged(lane, page.iter().map(|row| row.seq), full);
                        for row in page {
                            if self.deciding.is_held(lane) {
                                break;
                            }
                            if let Went::Again = self.decide_row(lane, row).await {
                                let _running = self.deciding.reload(lane);
                                break;
                            }
                        }
                    }
                    Err(error) => {
                        self.database_failed(&error).await;
                        let _running = self.deciding.reload(lane);
                    }
                },
                Turn::End { refill } => {
                    // It has no worker any more: whoever panics here must not go on with it.
                    if refill && let Ok(Err(error)) = caught(self.refill_deciding()).await {
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

    /// A commit that failed may have been written although its answer was lost, and what came while we waited may come
    /// first: the lane is read again, for as long as the database is away.
    async fn decide_row(self: &Arc<Self>, lane: &str, row: InboxRow) -> Went {
        match caught(self.try_decide(lane, &row, false)).await {
            Ok(Ok(went)) => went,
            Ok(Err(error)) => {
                self.database_failed(&error).await;
                Went::Again
            }
            Err(Panicked) => Box::pin(self.decide_in_its_place(lane, &row)).await,
        }
    }

    /// It made us panic. What somebody sent from outside must not hold up its ticket for ever; what we made ourselves waits
    /// for a version without that mistake.
    async fn decide_in_its_place(self: &Arc<Self>, lane: &str, row: &InboxRow) -> Went {
        let times = self.panics.count(row.seq);
        if times >= TRIES_MAX && row.key.starts_with('$') {
            tracing::error!(
                lane,
                event = row.key,
                "an event makes ticketroom panic; it is left out, and its author told"
            );
            if let Ok(Ok(went)) = caught(self.try_decide(lane, row, true)).await {
                self.panics.forget(row.seq);
                return went;
            }
        }
        self.pause_after_panic().await;
        Went::Again
    }

    pub(super) async fn database_failed(&self, error: &StoreError) {
        match self.database_trouble.swap(true, Ordering::Relaxed) {
            false => tracing::error!(%error, "the database refused; trying until it does not"),
            true => tracing::debug!(%error, "the database still refuses"),
        }
        tokio::select! {
            biased;
            () = tokio::time::sleep(DATABASE_PAUSE) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Whether the event belongs into another lane by now.
    async fn has_moved(&self, lane: &str, row: &InboxRow) -> Result<bool, StoreError> {
        match matrix::peek(&row.body) {
            Ok(event) => Ok(self.lane_of(&event).await? != lane),
            Err(_) => Ok(false),
        }
    }

    /// The room may have become a ticket's since the event came in, or the event it points at an offer's.
    async fn place(self: &Arc<Self>, lane: &str, row: &InboxRow) -> Result<Placed, StoreError> {
        let Ok(event) = matrix::peek(&row.body) else { return Ok(Placed::Here) };
        if is_target_lane(lane) {
            self.wait_for_offers(&event).await?;
        }
        let now = self.lane_of(&event).await?;
        if now != lane {
            self.wait_for_opening(&now).await?;
            return Ok(Placed::Elsewhere(now));
        }
        if is_ticket_lane(lane)
            && let Some(former) = self.former_lane(&event).await?
            && !self.is_empty(&former).await?
        {
            // Earlier events of this place are still on their way from there to here.
            let emptied = async {
                while !self.is_empty(&former).await? {
                    tokio::time::sleep(FORMER_PAUSE).await;
                }
                Ok::<(), StoreError>(())
            };
            if let Ok(emptied) = tokio::time::timeout(FORMER_WAIT, emptied).await {
                return emptied.map(|()| Placed::Behind);
            }
        }
        Ok(Placed::Here)
    }

    /// Whether nothing waits in a lane: neither here nor, where the store may have what was not handed over, there.
    async fn is_empty(self: &Arc<Self>, lane: &str) -> Result<bool, StoreError> {
        if !self.deciding.is_idle(lane) {
            return Ok(false);
        }
        if self.deciding.is_surely_idle(lane) || self.backend.inbox_page(lane, 0, 1).await?.is_empty() {
            return Ok(true);
        }
        self.wake_deciding(lane);
        Ok(false)
    }

    /// The room is a ticket's already, and its lane is about to hear of it: what was written here comes after that.
    async fn wait_for_opening(&self, lane: &str) -> Result<(), StoreError> {
        let Some(ticket) = ticket_of_lane(lane) else { return Ok(()) };
        let deadline = tokio::time::Instant::now() + OPENING_WAIT;
        while self.known.ticket(&ticket).await?.is_none() && tokio::time::Instant::now() < deadline {
            if self.stop.is_cancelled() {
                break;
            }
            tokio::time::sleep(FORMER_PAUSE).await;
        }
        Ok(())
    }

    /// An event may point at an offer that was sent and is not yet noted: until those under way are.
    async fn wait_for_offers(&self, event: &matrix::Peeked) -> Result<(), StoreError> {
        let Some(target) = event.target() else { return Ok(()) };
        let mut under_way = self.deciding.held_with(TICKET);
        let deadline = tokio::time::Instant::now() + OFFER_WAIT;
        loop {
            under_way.retain(|lane| self.deciding.is_held(lane));
            let known = self.backend.event(&target).await?.is_some();
            if known || under_way.is_empty() || tokio::time::Instant::now() > deadline || self.stop.is_cancelled() {
                return Ok(());
            }
            tokio::time::sleep(OFFER_PAUSE).await;
        }
    }

    /// `instead`: it is left out, and its author told.
    async fn try_decide(self: &Arc<Self>, lane: &str, row: &InboxRow, instead: bool) -> Result<Went, StoreError> {
        crash::point("before-deciding");
        if row.key.starts_with('$') && !instead {
            match Box::pin(self.place(lane, row)).await? {
                Placed::Here => {}
                Placed::Behind => return Ok(Went::Again),
                Placed::Elsewhere(now) => {
                    let moved = Step { inbox_moved: vec![(row.seq, now.clone())], ..Step::default() };
                    crash::point("before-move-commit");
                    self.commit(moved).await?;
                    crash::point("after-move-commit");
                    self.reload_deciding(&now);
                    return Ok(Went::On);
                }
            }
        }
        let _turn = self.locks.lock(Of::Lane, turn_lane(lane)).await;
        if turn_lane(lane) != lane && self.has_moved(lane, row).await? {
            return Ok(Went::Again);
        }
        if self.deciding.is_held(lane) {
            // While we waited (for our turn, or for the database) something was decided that has to be understood first.
            return Ok(Went::Again);
        }
        let mut step = Step { inbox_done: vec![row.seq], ..Step::default() };
        let mut _counting = None;
        let fact = if instead { in_its_place(&row.body) } else { self.fact(row, &mut step) };
        if let Some(mut fact) = fact {
            if let Some(server) = self.counted_server(&fact).await? {
                // Until it is written: whoever comes next has to see it counted.
                _counting = Some(self.locks.lock(Of::Server, &server).await);
            }
            let mut view = Box::pin(self.view(lane, &fact)).await?;
            if let Fact::Posted(message) = &fact
                && (view.ticket.is_none() || self.is_fetching(lane).await?)
            {
                // The ticket is being opened, or was never seen: it is looked at first. Or earlier messages are being
                // fetched: this one goes the same way, behind them.
                fact = Fact::Changed {
                    ticket: message.ticket.clone(),
                    batch: format!("message-{}", message.id),
                    message: Some(message.id.clone()),
                    ticket_changed: view.ticket.is_none(),
                };
                view = Box::pin(self.view(lane, &fact)).await?;
            }
            step.events.extend(note_row(&fact, &view));
            crash::point("before-rules");
            let effects = bridge::decide(&fact, &view);
            self.plan(lane, &cause(row, &fact), effects, &mut step)?;
        }
        if step.outbox.iter().any(|row| row.holds) {
            self.deciding.hold(lane);
        }
        crash::point("before-decision-commit");
        let committed = self.commit(step).await;
        crash::point("after-decision-commit");
        if committed.is_err() {
            let _running = self.hold_as_stored(lane).await;
        }
        committed.map(|_| Went::On)
    }

    /// Whether messages of this ticket are on their way to us that come before those of the inbox.
    async fn is_fetching(&self, lane: &str) -> Result<bool, StoreError> {
        if self.sending(Side::Helpdesk).lanes.is_surely_idle(lane) {
            return Ok(false);
        }
        self.backend.outbox_has(Side::Helpdesk, lane, FETCH).await
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
                    tracing::warn!(error = %Unreadable(&error), lane = row.lane, "an event can't be understood; it was left out");
                    None
                }
            };
        }
        match serde_json::from_str(&row.body) {
            Ok(fact) => Some(fact),
            Err(error) => {
                tracing::error!(error = %Unreadable(&error), key = row.key, "a stored fact can't be read; it was left out");
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
                Effect::RememberRoom(room) => {
                    // In the ticket's own lane, so that what was written before stands behind its opening.
                    if let RoomKind::Ticket(ticket) = &room.kind
                        && lane == ticket_lane(ticket)
                    {
                        step.lanes_joined.push((room_lane(&room.id), ticket_lane(ticket)));
                    }
                    step.rooms.push(room);
                }
                Effect::Admit { kind, user, room } => step.admissions.push(NewAdmission {
                    key: format!("{cause}/{kind:?}"),
                    kind,
                    who: if kind == Admission::Refusal { room.to_string() } else { user.to_string() },
                    server: user.server_name().to_string(),
                }),
                Effect::RememberLanguage { user, language } => step.languages.push((user, language)),
                Effect::ForgetRoom { room } => step.forget_rooms.push(room),
                Effect::RetryDeadLetters { ticket } => step.revived.extend(sending_lanes(&ticket_lane(&ticket))),
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
                    let attempting = side == Side::Helpdesk
                        && !effect.is_read()
                        && first
                        && self.sending(side).lanes.is_surely_idle(lane);
                    step.outbox.push(NewOutbox {
                        key,
                        lane: sending_lane(lane, &effect, first),
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
