//! The configuration names other agents than at the last start: the tickets are told, each in its lane, and who is no agent any
//! more leaves the desks' rooms.

use std::sync::Arc;

use ruma::OwnedRoomId;

use super::decide::json;
use super::engine::Engine;
use super::view::ticket_lane;
use crate::bridge;
use crate::model::{Agent, Desk, Fact, Failure, Next};
use crate::observe::Who;
use crate::store::{NewInbox, Step, StoreError};

/// The agents of the configuration, as the rooms know them.
const CURSOR: &str = "agents";
/// Tickets that are read at once.
const PAGE: i64 = 500;

impl Engine {
    /// Everything in here may be done twice. `rooms`: of each desk its room, and its space.
    pub(super) async fn follow_agents(self: &Arc<Self>, rooms: &[(Desk, Vec<OwnedRoomId>)]) -> Result<(), Failure> {
        let stored = |error: StoreError| Failure::retry(error.to_string());
        let now = json(&self.settings.agents).map_err(stored)?;
        let before = self.backend.cursor(CURSOR).await.map_err(stored)?;
        if before.as_ref() == Some(&now) {
            return Ok(());
        }
        // At the first start nobody was told anything.
        let is_first = before.is_none();
        let former: Vec<Agent> = before.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        for (desk, rooms) in rooms {
            // Who is no agent at all may be here for a ticket of theirs, too.
            let was_here = |agent: &Agent| agent.serves(desk) || self.settings.agent(&agent.matrix).is_none();
            for agent in former.iter().filter(|agent| was_here(agent) && !self.is_agent_of(agent, desk)) {
                for room in rooms {
                    self.remove_agent(agent, desk, room).await?;
                }
            }
        }
        let inbox = if is_first { Vec::new() } else { self.tickets_of_agents().await.map_err(stored)? };
        self.commit(Step { inbox, cursors: vec![(CURSOR, now)], ..Step::default() }).await.map_err(stored)?;
        Ok(())
    }

    fn is_agent_of(&self, agent: &Agent, desk: &Desk) -> bool {
        self.settings.agents_of(desk).any(|now| now.matrix == agent.matrix)
    }

    async fn remove_agent(&self, agent: &Agent, desk: &Desk, room: &OwnedRoomId) -> Result<(), Failure> {
        let reason = self.settings.texts.words().removed_agent();
        let Err(error) = self.matrix.ghosts.kick(room, &agent.matrix, &reason).await else { return Ok(()) };
        let failure = Failure::from(error);
        if failure.next != Next::Dead {
            return Err(failure);
        }
        let (desk, reason) = (&desk.name, failure.reason);
        tracing::warn!(reason, desk, agent = %Who(&agent.matrix), "who is no agent any more cannot be removed from the desk's room: do it by hand");
        Ok(())
    }

    /// A word to each ticket whose room is not as the configuration asks for now.
    async fn tickets_of_agents(&self) -> Result<Vec<NewInbox>, StoreError> {
        let (mut rows, mut last) = (Vec::new(), String::new());
        // The same agents may come and go more than once: it is told each time.
        let now = self.clock.now_ms();
        loop {
            let page = self.backend.tickets_behind(&last, PAGE).await?;
            let Some(behind) = page.last() else { return Ok(rows) };
            last = behind.snapshot.id.to_string();
            for ticket in page.iter().filter(|ticket| bridge::agents_concern(ticket, &self.settings)) {
                let id = &ticket.snapshot.id;
                let (key, lane) = (format!("agents/{now}/{id}"), ticket_lane(id));
                rows.push(NewInbox { key, lane, body: json(&Fact::AgentsChanged)? });
            }
        }
    }
}
