//! Finds what the homeserver holds and did not tell us, and makes the rooms that have to be there.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use ruma::OwnedRoomId;
use ruma::api::client::appservice::request_ping;
use tokio::time::Instant;

use super::decide::json;
use super::engine::Engine;
use super::inbox;
use super::locks::Of;
use super::restored::InTurn;
use super::view::room_lane;
use crate::crash;
use crate::matrix::backfill;
use crate::model::{Desk, Fact, Failure, Room, RoomKind, Side};
use crate::observe::Component;
use crate::observe::metrics::HOMESERVER_REACHES_US;
use crate::store::{InboxRow, NewInbox, Step, StoreError, UNORDERED};

pub const CURSOR: &str = "homeserver_sync";

/// After so long in which the homeserver could not be asked, what it brought is taken in the order in which it came: five
/// minutes by default (`delivery.retry_first_ms`), since one that is restarted again and again answers now and then.
const ORDER_PATIENCE_FACTOR: u32 = 600;
/// Between two looks at what happened since an older copy of the database was made.
const AGAIN: Duration = Duration::from_secs(1);
/// Unordered events that are put in order at once.
const ORDER_PAGE: i64 = 1000;

impl Engine {
    /// At start, after each outage, and periodically; and whenever the order of what came is in doubt.
    pub(super) async fn reconcile_homeserver(self: Arc<Self>) {
        let mut recovered = self.sending(Side::Matrix).breaker.recoveries();
        let mut whole_at = Instant::now();
        let mut failing: Option<(u32, Instant)> = None;
        loop {
            let began = Instant::now();
            let is_whole = began >= whole_at;
            let reads_again = self.restored.reads_again();
            let has_waited = failing.is_some_and(|(_, since)| since.elapsed() >= self.order_patience());
            let next = match self.reconcile_once(is_whole, reads_again, has_waited).await {
                Ok(is_complete) => {
                    if failing.take().is_some() {
                        tracing::info!("the homeserver answers again");
                    }
                    self.readiness.set_up(Component::Homeserver);
                    if is_whole {
                        whole_at = Instant::now() + self.limits.reconcile_interval;
                    }
                    if self.restored.reads_again() {
                        self.order.doubt();
                        Instant::now() + AGAIN
                    } else {
                        if is_whole && !reads_again && is_complete {
                            self.restored.has_read(Side::Matrix);
                        }
                        self.order.settle(began);
                        self.order.ends().map_or(whole_at, |ends| whole_at.min(ends))
                    }
                }
                Err(failure) => {
                    let (failures, since) = failing.map_or((1, began), |(failures, since)| (failures + 1, since));
                    failing = Some((failures, since));
                    self.readiness.set_down(Component::Homeserver, "it cannot be caught up with; see the log");
                    if failures == 1 {
                        tracing::warn!(
                            reason = failure.reason,
                            "the homeserver cannot be caught up with; trying again"
                        );
                    }
                    if since.elapsed() >= self.order_patience()
                        && let Err(error) = self.take_as_it_came().await
                    {
                        tracing::error!(%error, "what the homeserver brought cannot be put in order yet");
                    }
                    Instant::now() + self.outage_wait(failures.into())
                }
            };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                _ = recovered.changed() => whole_at = Instant::now(),
                () = self.reconcile_now.notified() => whole_at = Instant::now(),
                // Whoever brings something can be asked, too.
                () = self.order.came.notified() => {}
                () = tokio::time::sleep_until(next) => {}
            }
        }
    }

    /// Reads what the homeserver has, and puts what it brought unordered in its place. `is_whole`: everywhere; otherwise
    /// only where something is unordered. `reads_again`: from where an older copy of the database stopped, and no room is
    /// left out as long as that may help. `false`: some rooms are still to be read.
    async fn reconcile_once(
        self: &Arc<Self>,
        is_whole: bool,
        reads_again: bool,
        has_waited: bool,
    ) -> Result<bool, Failure> {
        let stored = |error: StoreError| Failure::retry(error.to_string());
        let bot = &self.settings.bot;
        self.matrix.ghosts.ensure(bot, "Ticketroom").await?;
        // What an older copy does not know, a room that was made since, is known by and by, and nothing is read of it before:
        // all is read again from where the copy stopped, until nothing waits any more and nothing new is found
        // (docs/decisions/0023).
        let is_settled = !reads_again || self.knows_all_rooms().await.map_err(stored)?;
        // Before the homeserver is asked: what it brought by then, and what is older, is among its answers.
        let mut unordered = self.backend.inbox_page(UNORDERED, 0, ORDER_PAGE).await.map_err(stored)?;
        let since = self.backend.cursor(CURSOR).await.map_err(stored)?;
        crash::point("before-catching-up");
        let _turn = self.gaps.turn().await;
        let before = self.unread().await.map_err(stored)?;
        let mut unread = before.clone();
        let open: Vec<_> = before.iter().map(|unread| unread.gap.clone()).collect();
        let mut found = backfill(&self.matrix.homeserver, bot, since.as_deref(), &open).await?;
        let all = reads_again && !has_waited;
        found.events.extend(self.note_gaps(found.gaps, all, &mut unread).await?);
        let texts: Vec<&str> = found.events.iter().map(String::as_str).collect();
        let mut rows = inbox::rows(self, &texts).await.map_err(stored)?;
        for (room, by) in found.invites {
            if self.known.room(&room).await.map_err(stored)?.is_some() {
                continue;
            }
            let event = ruma::owned_event_id!("$invitation");
            let fact = Fact::Invited { room: room.clone(), event, by, contact: None };
            let key = format!("invite/{room}/{}", found.next);
            rows.push(NewInbox { key, lane: room_lane(&room), body: json(&fact).map_err(stored)? });
        }
        let mut step = Step { ordered: rows, cursors: vec![(CURSOR, found.next)], ..Step::default() };
        let doors = if is_whole || reads_again { None } else { Some(self.doors_of(&unordered).await.map_err(stored)?) };
        self.reconcile_contacts(doors.as_ref(), all, &mut unread, &mut step).await?;
        let brought: HashSet<String> = unordered.iter().map(|row| row.key.clone()).collect();
        unordered = self.hold_back(unordered, &mut unread, self.order_patience()).await.map_err(stored)?;
        self.keep_unread(&before, &unread, &mut step).map_err(stored)?;
        let mut again = None;
        if reads_again {
            let InTurn { rows, waiting } = self.restored.in_turn(std::mem::take(&mut step.ordered), is_settled);
            unordered.retain(|row| !waiting.contains(&row.key));
            let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
            step.ordered = rows;
            again = Some((std::mem::take(&mut step.cursors), keys, waiting.is_empty()));
        }
        self.put_in_order(unordered, &mut step).await.map_err(stored)?;
        crash::point("before-catch-up-commit");
        let applied = self.commit(step).await.map_err(stored)?;
        crash::point("after-catch-up-commit");
        if unread.len() > before.len() {
            self.gaps.opened();
        }
        if brought.len() as i64 == ORDER_PAGE && !reads_again {
            self.order.came.notify_one();
        }
        let events = applied.inbox.iter().filter(|row| !brought.contains(&row.key)).count();
        if let Some((cursors, keys, is_all)) = again {
            self.restored.took(keys);
            if is_settled && is_all && events == 0 && unread.is_empty() {
                self.commit(Step { cursors, ..Step::default() }).await.map_err(stored)?;
                self.restored.has_read(Side::Matrix);
            }
        }
        if !is_whole {
            return Ok(unread.is_empty());
        }
        if events > 0 {
            tracing::info!(events, "found what the homeserver had not told us");
        }
        // Without it the homeserver delivers its backlog in up to 512 seconds; only now, so that what it lost comes first.
        crash::point("before-ping");
        let ping = request_ping::v1::Request::new(self.appservice_id.clone());
        let reaches_us = metrics::gauge!(HOMESERVER_REACHES_US);
        match self.matrix.homeserver.call_as_service(ping).await {
            Ok(_) => reaches_us.set(1.0),
            Err(error) if error.is_repeating() => {
                reaches_us.set(1.0);
                tracing::debug!("the homeserver delivers its backlog already");
            }
            Err(error) => {
                if error.is_ping_that_did_not_arrive() {
                    reaches_us.set(0.0);
                }
                tracing::warn!(%error, "the homeserver does not reach us; run `ticketroom check`");
            }
        }
        Ok(unread.is_empty())
    }

    fn order_patience(&self) -> Duration {
        self.limits.retry_first.saturating_mul(ORDER_PATIENCE_FACTOR)
    }

    /// Whether the helpdesk told of all its tickets since the start, and all that follows from it and from what was read here
    /// is done; what is still to be put in order does not count.
    async fn knows_all_rooms(&self) -> Result<bool, StoreError> {
        if !self.restored.has_read_helpdesk() {
            return Ok(false);
        }
        let unordered = self.backend.inbox_page(UNORDERED, 0, ORDER_PAGE).await?.len() as i64;
        let backlog = self.backend.backlog().await?;
        Ok(backlog.inbox <= unordered && backlog.outbox_matrix + backlog.outbox_helpdesk == 0)
    }

    /// What was unordered and is not among what was found (a room that the bot does not see) keeps its order, behind that.
    async fn put_in_order(&self, unordered: Vec<InboxRow>, step: &mut Step) -> Result<(), StoreError> {
        let found: HashSet<&str> = step.ordered.iter().map(|row| row.key.as_str()).collect();
        let left: Vec<_> = unordered.into_iter().filter(|row| !found.contains(row.key.as_str())).collect();
        let texts: Vec<&str> = left.iter().map(|row| row.body.as_str()).collect();
        let rows = inbox::rows(self, &texts).await?;
        let kept: HashSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
        // Its room was given up meanwhile.
        step.inbox_done.extend(left.iter().filter(|row| !kept.contains(row.key.as_str())).map(|row| row.seq));
        step.ordered.extend(rows);
        Ok(())
    }

    /// Late is worse than in another order.
    async fn take_as_it_came(&self) -> Result<(), StoreError> {
        let unordered = self.backend.inbox_page(UNORDERED, 0, ORDER_PAGE).await?;
        if unordered.is_empty() {
            return Ok(());
        }
        tracing::warn!(
            events = unordered.len(),
            "the homeserver cannot be asked whether it holds older messages than those it brought: they are taken as they came"
        );
        let mut step = Step::default();
        self.put_in_order(unordered, &mut step).await?;
        self.commit(step).await?;
        Ok(())
    }

    /// Every desk has its room from the start, with its agents in it.
    pub(super) async fn prepare_desks(self: Arc<Self>) {
        let mut failures = 0;
        while let Err(failure) = self.prepare_desks_once().await {
            if failures == 0 {
                tracing::warn!(reason = failure.reason, "the desks' rooms cannot be made yet; trying again");
            }
            failures += 1;
            let asked = self.sending(Side::Helpdesk).breaker.asked_left();
            let wait = self.outage_wait(failures).max(asked.unwrap_or_default());
            tokio::select! {
                biased;
                () = tokio::time::sleep(wait) => {}
                () = self.stop.cancelled() => return,
            }
        }
    }

    async fn prepare_desks_once(self: &Arc<Self>) -> Result<(), Failure> {
        self.matrix.ghosts.ensure(&self.settings.bot, "Ticketroom").await?;
        self.leave_alone(Side::Helpdesk)?;
        let desks = self.helpdesk.desks().await.inspect_err(|failure| {
            self.sending(Side::Helpdesk).breaker.failed(failure.asked());
        })?;
        let mut all = Vec::new();
        for desk in desks {
            let mut rooms = vec![self.ensure_desk_room(&desk).await?];
            if self.settings.spaces {
                rooms.push(self.ensure_desk_space(&desk).await?);
            }
            for room in &rooms {
                self.invite_agents(&desk, room).await;
            }
            all.push((desk, rooms));
        }
        self.follow_agents(&all).await
    }

    pub(super) async fn ensure_desk_room(self: &Arc<Self>, desk: &Desk) -> Result<OwnedRoomId, Failure> {
        let stored = |error: StoreError| Failure::retry(error.to_string());
        // One at a time, or two would race for the alias.
        let _turn = self.locks.lock(Of::Desk, desk.id.as_str()).await;
        if let Some(room) = self.backend.desk_room(&desk.id).await.map_err(stored)? {
            return Ok(room.id);
        }
        let id = self.matrix.desk_room(desk).await?;
        crash::point("desk-room-made");
        let room = Room { id: id.clone(), kind: RoomKind::Desk(desk.id.clone()) };
        self.commit(Step { rooms: vec![room], ..Step::default() }).await.map_err(stored)?;
        self.invite_agents(desk, &id).await;
        Ok(id)
    }
}
