//! The desks' spaces: made when first needed, and known again by their alias.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ruma::OwnedRoomId;

use super::engine::Engine;
use crate::model::{Desk, DeskId, Failure, Room, RoomKind};
use crate::store::{Step, StoreError};

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
        let _turn = self.locks.lock(&format!("space:{}", desk.id)).await;
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
        let room = Room { id: space.clone(), kind: RoomKind::Space(desk.id.clone()) };
        self.commit(Step { rooms: vec![room], ..Step::default() }).await.map_err(stored)?;
        self.invite_agents(desk, &space).await;
        self.spaces.put(&desk.id, &space);
        Ok(space)
    }
}
