//! The desks' spaces: made when first needed, and known again by their alias.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ruma::OwnedRoomId;

use super::decide::json;
use super::engine::Engine;
use super::locks::Of;
use super::view::ticket_lane;
use crate::crash;
use crate::model::{Desk, DeskId, Effect, Failure, Room, RoomKind, Side};
use crate::store::{NewOutbox, Step, StoreError};

/// Tickets that are read at once.
const PAGE: i64 = 500;

/// Those that were asked for since the start.
#[derive(Default)]
pub(super) struct Spaces(Mutex<HashMap<DeskId, OwnedRoomId>>);

impl Spaces {
    fn get(&self, desk: &DeskId) -> Option<OwnedRoomId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(desk).cloned()
    }

    fn put(&self, desk: &DeskId, space: &OwnedRoomId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(desk.clone(), space.clone());
    }
}

impl Engine {
    pub(super) async fn ensure_desk_space(self: &Arc<Self>, desk: &Desk) -> Result<OwnedRoomId, Failure> {
        let stored = |error: StoreError| Failure::retry(error.to_string());
        // One at a time, or two would race for the alias.
        let _turn = self.locks.lock(Of::Space, desk.id.as_str()).await;
        if let Some(space) = self.spaces.get(&desk.id) {
            return Ok(space);
        }
        if let Some(space) = self.matrix.find_space(desk).await? {
            // It is written down once it is whole; one that is not was left behind half made.
            let known = self.known.room(&space).await.map_err(stored)?;
            if known.is_some_and(|room| room.kind == RoomKind::Space(desk.id.clone())) {
                self.spaces.put(&desk.id, &space);
                return Ok(space);
            }
        }
        let desk_room = self.ensure_desk_room(desk).await?;
        let space = self.matrix.desk_space(desk, &desk_room).await?;
        crash::point("space-made");
        let room = Room { id: space.clone(), kind: RoomKind::Space(desk.id.clone()) };
        let outbox = self.already_open(desk).await.map_err(stored)?;
        self.commit(Step { rooms: vec![room], outbox, ..Step::default() }).await.map_err(stored)?;
        self.invite_agents(desk, &space).await;
        self.spaces.put(&desk.id, &space);
        Ok(space)
    }

    /// Rooms of the desk's tickets that were there before the space: shown in it, each in its ticket's turn.
    async fn already_open(&self, desk: &Desk) -> Result<Vec<NewOutbox>, StoreError> {
        let mut rows = Vec::new();
        let mut last = String::new();
        loop {
            let page = self.backend.tickets_behind(&last, PAGE).await?;
            let Some(behind) = page.last() else { return Ok(rows) };
            last = behind.snapshot.id.to_string();
            for ticket in page.iter().filter(|ticket| !ticket.locked && ticket.snapshot.desk == desk.id) {
                let Some(room) = ticket.room.clone() else { continue };
                let effect = Effect::Shelve { desk: desk.clone(), room, shown: true };
                rows.push(NewOutbox {
                    key: format!("shelve/{}/{}", desk.id, ticket.snapshot.id),
                    lane: ticket_lane(&ticket.snapshot.id),
                    side: Side::Matrix,
                    holds: false,
                    body: json(&effect)?,
                    attempting: false,
                });
            }
        }
    }
}
