//! What was read or written lately, so that a message costs no read of the database. The store is the truth.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};

use crate::model::{Room, RoomKind, Ticket, TicketId};
use crate::store::{Backend, Step, StoreError};

/// Entries of each kind; forgotten all at once when there are more.
const MAX_ENTRIES: usize = 4096;

struct Map<K, V> {
    entries: HashMap<K, V>,
    /// How often everything was forgotten. Until the next time, what was written since stands in `entries`.
    emptied: u64,
}

impl<K: Hash + Eq, V> Map<K, V> {
    fn empty(&mut self) {
        self.entries.clear();
        self.emptied += 1;
    }

    fn make_room(&mut self) {
        if self.entries.len() >= MAX_ENTRIES {
            self.empty();
        }
    }
}

struct Cache<K, V>(Mutex<Map<K, V>>);

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    fn new() -> Self {
        Self(Mutex::new(Map { entries: HashMap::new(), emptied: 0 }))
    }

    fn lock(&self) -> MutexGuard<'_, Map<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get<Q: ?Sized + Hash + Eq>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.lock().entries.get(key).cloned()
    }

    /// What was written is newer than what was read.
    fn written(&self, key: K, value: V) {
        let mut map = self.lock();
        map.make_room();
        map.entries.insert(key, value);
    }

    fn forget(&self) {
        self.lock().empty();
    }

    /// To be asked before the store is, and given to `read`.
    fn emptied(&self) -> u64 {
        self.lock().emptied
    }

    /// Not kept if everything was forgotten meanwhile: something newer may have been among it.
    fn read(&self, key: K, value: V, emptied: u64) -> V {
        let mut map = self.lock();
        if map.emptied != emptied {
            return value;
        }
        if map.entries.len() >= MAX_ENTRIES {
            map.empty();
            return value;
        }
        map.entries.entry(key).or_insert(value).clone()
    }

    fn missing<'k>(&self, keys: impl IntoIterator<Item = &'k K>) -> Vec<&'k K> {
        let map = self.lock();
        let mut seen = HashSet::new();
        keys.into_iter().filter(|key| !map.entries.contains_key(*key) && seen.insert(*key)).collect()
    }
}

pub struct Known {
    backend: Arc<dyn Backend>,
    rooms: Cache<OwnedRoomId, Option<RoomKind>>,
    tickets: Cache<TicketId, Option<Arc<Ticket>>>,
    names: Cache<OwnedUserId, Option<String>>,
    languages: Cache<OwnedUserId, Option<String>>,
}

impl Known {
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, rooms: Cache::new(), tickets: Cache::new(), names: Cache::new(), languages: Cache::new() }
    }

    /// Nobody knows whether a step was committed: the store tells.
    pub fn forget(&self) {
        self.rooms.forget();
        self.tickets.forget();
        self.names.forget();
        self.languages.forget();
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
        for (user, language) in &step.languages {
            self.languages.written(user.clone(), Some(language.clone()));
        }
    }

    pub async fn room(&self, room: &RoomId) -> Result<Option<Room>, StoreError> {
        let kind = match self.rooms.get(room) {
            Some(kind) => kind,
            None => {
                let emptied = self.rooms.emptied();
                let kind = self.backend.room(room).await?.map(|room| room.kind);
                self.rooms.read(room.to_owned(), kind, emptied)
            }
        };
        Ok(kind.map(|kind| Room { id: room.to_owned(), kind }))
    }

    pub async fn ticket(&self, ticket: &TicketId) -> Result<Option<Arc<Ticket>>, StoreError> {
        if let Some(ticket) = self.tickets.get(ticket) {
            return Ok(ticket);
        }
        let emptied = self.tickets.emptied();
        let found = self.backend.ticket(ticket).await?.map(Arc::new);
        Ok(self.tickets.read(ticket.clone(), found, emptied))
    }

    pub async fn name(&self, user: &UserId) -> Result<Option<String>, StoreError> {
        if let Some(name) = self.names.get(user) {
            return Ok(name);
        }
        let emptied = self.names.emptied();
        let found = self.backend.name(user).await?;
        Ok(self.names.read(user.to_owned(), found, emptied))
    }

    /// The language that somebody chose.
    pub async fn language(&self, user: &OwnedUserId) -> Result<Option<String>, StoreError> {
        if let Some(language) = self.languages.get(user) {
            return Ok(language);
        }
        let emptied = self.languages.emptied();
        let found = self.backend.languages(&[user]).await?.into_iter().map(|(_, language)| language).next();
        Ok(self.languages.read(user.clone(), found, emptied))
    }

    /// Reads at once what messages in these rooms, by these users, will be decided on.
    pub async fn prepare(&self, rooms: &[OwnedRoomId], users: &[OwnedUserId]) -> Result<(), StoreError> {
        let missing = self.rooms.missing(rooms);
        if !missing.is_empty() {
            let emptied = self.rooms.emptied();
            let ids: Vec<&RoomId> = missing.iter().map(|room| room.as_ref()).collect();
            for room in self.backend.rooms(&ids).await? {
                self.rooms.read(room.id, Some(room.kind), emptied);
            }
        }
        let tickets: Vec<TicketId> = rooms
            .iter()
            .filter_map(|room| match self.rooms.get(room)? {
                Some(RoomKind::Ticket(ticket)) => Some(ticket),
                _ => None,
            })
            .collect();
        self.prepare_tickets(&tickets).await?;
        let missing = self.languages.missing(users);
        if !missing.is_empty() {
            let emptied = self.languages.emptied();
            let mut found: HashMap<_, _> = self.backend.languages(&missing).await?.into_iter().collect();
            for user in missing {
                // Hardly anybody has chosen one: that is known, too.
                self.languages.read(user.clone(), found.remove(user), emptied);
            }
        }
        let missing = self.names.missing(users);
        if !missing.is_empty() {
            let emptied = self.names.emptied();
            for (user, name) in self.backend.names(&missing).await? {
                self.names.read(user, Some(name), emptied);
            }
        }
        Ok(())
    }

    pub async fn prepare_tickets(&self, tickets: &[TicketId]) -> Result<(), StoreError> {
        let missing = self.tickets.missing(tickets);
        if missing.is_empty() {
            return Ok(());
        }
        let emptied = self.tickets.emptied();
        for ticket in self.backend.tickets(&missing).await? {
            self.tickets.read(ticket.snapshot.id.clone(), Some(Arc::new(ticket)), emptied);
        }
        Ok(())
    }
}
