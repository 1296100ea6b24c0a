//! What was read or written lately, so that a message costs no read of the database. The store is the truth.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};

use crate::model::{Room, RoomKind, Ticket, TicketId};
use crate::store::{Backend, Step, StoreError};

/// Entries of each kind; forgotten all at once when there are more.
const MAX_ENTRIES: usize = 4096;

struct Cache<K, V>(Mutex<HashMap<K, V>>);

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn get<Q: ?Sized + Hash + Eq>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.lock().ok()?.get(key).cloned()
    }

    /// What was written is newer than what was read.
    fn written(&self, key: K, value: V) {
        if let Ok(mut map) = self.0.lock() {
            if map.len() >= MAX_ENTRIES {
                map.clear();
            }
            map.insert(key, value);
        }
    }

    fn forget(&self) {
        if let Ok(mut map) = self.0.lock() {
            map.clear();
        }
    }

    fn read(&self, key: K, value: V) -> V {
        let Ok(mut map) = self.0.lock() else { return value };
        if map.len() >= MAX_ENTRIES {
            map.clear();
        }
        map.entry(key).or_insert(value).clone()
    }
}

pub struct Known {
    backend: Arc<dyn Backend>,
    rooms: Cache<OwnedRoomId, Option<RoomKind>>,
    tickets: Cache<TicketId, Option<Arc<Ticket>>>,
    names: Cache<OwnedUserId, Option<String>>,
}

impl Known {
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, rooms: Cache::new(), tickets: Cache::new(), names: Cache::new() }
    }

    /// Nobody knows whether a step was committed: the store tells.
    pub fn forget(&self) {
        self.rooms.forget();
        self.tickets.forget();
        self.names.forget();
    }

    /// A step was committed.
    pub fn learn(&self, step: &Step) {
        for room in &step.rooms {
            self.rooms.written(room.id.clone(), Some(room.kind.clone()));
        }
        for room in &step.forget_rooms {
            self.rooms.written(room.clone(), None);
        }
        for ticket in &step.tickets {
            self.tickets.written(ticket.snapshot.id.clone(), Some(Arc::new(ticket.clone())));
        }
        for (user, name) in &step.names {
            self.names.written(user.clone(), Some(name.clone()));
        }
    }

    pub async fn room(&self, room: &RoomId) -> Result<Option<Room>, StoreError> {
        let kind = match self.rooms.get(room) {
            Some(kind) => kind,
            None => {
                let kind = self.backend.room(room).await?.map(|room| room.kind);
                self.rooms.read(room.to_owned(), kind)
            }
        };
        Ok(kind.map(|kind| Room { id: room.to_owned(), kind }))
    }

    pub async fn ticket(&self, ticket: &TicketId) -> Result<Option<Arc<Ticket>>, StoreError> {
        if let Some(ticket) = self.tickets.get(ticket) {
            return Ok(ticket);
        }
        let found = self.backend.ticket(ticket).await?.map(Arc::new);
        Ok(self.tickets.read(ticket.clone(), found))
    }

    pub async fn name(&self, user: &UserId) -> Result<Option<String>, StoreError> {
        if let Some(name) = self.names.get(user) {
            return Ok(name);
        }
        let found = self.backend.name(user).await?;
        Ok(self.names.read(user.to_owned(), found))
    }
}
