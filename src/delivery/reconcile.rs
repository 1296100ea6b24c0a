//! Finds what the homeserver holds and did not tell us, and makes the rooms that have to be there.

use std::sync::Arc;

use ruma::api::client::appservice::request_ping;
use ruma::{OwnedRoomId, RoomId};

use super::decide::json;
use super::engine::Engine;
use super::inbox;
use super::locks::Of;
use super::view::room_lane;
use crate::crash;
use crate::matrix::backfill;
use crate::model::{Desk, Fact, Failure, Room, RoomKind, Side};
use crate::observe::{Component, Who};
use crate::store::{NewInbox, Step, StoreError};

pub const CURSOR: &str = "homeserver_sync";

impl Engine {
    /// At start, after each outage, and periodically.
    pub(super) async fn reconcile_homeserver(self: Arc<Self>) {
        let mut recovered = self.sending(Side::Matrix).breaker.recoveries();
        let mut failures = 0;
        loop {
            let wait = match self.reconcile_once().await {
                Ok(()) => {
                    if failures > 0 {
                        tracing::info!("the homeserver answers again");
                    }
                    failures = 0;
                    self.readiness.set_up(Component::Homeserver);
                    self.limits.reconcile_interval
                }
                Err(failure) => {
                    failures += 1;
                    self.readiness.set_down(Component::Homeserver, "it cannot be caught up with; see the log");
                    if failures == 1 {
                        tracing::warn!(
                            reason = failure.reason,
                            "the homeserver cannot be caught up with; trying again"
                        );
                    }
                    self.outage_wait(failures)
                }
            };
            tokio::select! {
                biased;
                () = tokio::time::sleep(wait) => {}
                _ = recovered.changed() => {}
                () = self.reconcile_now.notified() => {}
                () = self.stop.cancelled() => return,
            }
        }
    }

    async fn reconcile_once(self: &Arc<Self>) -> Result<(), Failure> {
        let stored = |error: StoreError| Failure::retry(error.to_string());
        let bot = &self.settings.bot;
        self.matrix.ghosts.ensure(bot, "Ticketroom").await?;
        let since = self.backend.cursor(CURSOR).await.map_err(stored)?;
        crash::point("before-catching-up");
        let found = backfill(&self.matrix.homeserver, bot, since.as_deref()).await?;
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
        let step = Step { inbox: rows, cursors: vec![(CURSOR, found.next)], ..Step::default() };
        crash::point("before-catch-up-commit");
        let applied = self.commit(step).await.map_err(stored)?;
        crash::point("after-catch-up-commit");
        if !applied.inbox.is_empty() {
            tracing::info!(events = applied.inbox.len(), "found what the homeserver had not told us");
        }
        self.reconcile_contacts().await?;
        // Without it the homeserver delivers its backlog in up to 512 seconds; only now, so that what it lost comes first.
        crash::point("before-ping");
        let ping = request_ping::v1::Request::new(self.appservice_id.clone());
        if let Err(error) = self.matrix.homeserver.call_as_service(ping).await {
            tracing::warn!(%error, "the homeserver does not reach us; run `ticketroom check`");
        }
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
        for desk in desks {
            let room = self.ensure_desk_room(&desk).await?;
            self.invite_agents(&desk, &room).await;
            if self.settings.spaces {
                let space = self.ensure_desk_space(&desk).await?;
                self.invite_agents(&desk, &space).await;
            }
        }
        Ok(())
    }

    pub(super) async fn invite_agents(&self, desk: &Desk, room: &RoomId) {
        for agent in self.settings.agents_of(desk) {
            if let Err(error) = self.matrix.ghosts.invite_once(room, &agent.matrix).await {
                tracing::warn!(%error, desk = desk.name, agent = %Who(&agent.matrix), "an agent cannot be invited to the desk's room");
            }
        }
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
