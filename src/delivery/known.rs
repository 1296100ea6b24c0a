//! What was read or written lately, so that a message costs no read of the database. The store is the truth.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};

use super::generations::Generations;
use crate::model::{Room, RoomKind, Ticket, TicketId};
use crate::store::{Backend, Step, StoreError};

/// Rooms, names and languages in each generation: some 100 to 250 bytes each.
const MAX_ENTRIES: usize = 131_072;
/// Bytes of tickets in each generation: some 100,000 of them, as many as are written in at once on a large helpdesk.
const MAX_TICKET_BYTES: usize = 256 << 20;

/// So many entries are freed at once where they are dropped.
const MAX_FREED_HERE: usize = 1000;

struct Cache<K, V> {
    kept: Mutex<Generations<K, V>>,
    size: fn(&V) -> usize,
}

impl<K: Hash + Eq + Send + 'static, V: Clone + Send + 'static> Cache<K, V> {
    fn new(most: usize, size: fn(&V) -> usize) -> Self {
        Self { kept: Mutex::new(Generations::new(most)), size }
    }

    fn of_entries() -> Self {
        Self::new(MAX_ENTRIES, |_| 1)
    }

    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whatever is dropped by it is freed elsewhere: of 100,000 tickets that takes longer than an answer may.
    fn change<T>(&self, change: impl FnOnce(&mut Generations<K, V>) -> T) -> T {
        let mut kept = self.lock();
        let result = change(&mut kept);
        let dropped = kept.dropped();
        drop(kept);
        if dropped.iter().map(HashMap::len).sum::<usize>() > MAX_FREED_HERE {
            tokio::task::spawn_blocking(|| drop(dropped));
        }
        result
    }

    fn get<Q: ?Sized + Hash + Eq>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.change(|kept| kept.get(key).cloned())
    }

    /// What was written is newer than what was read.
    fn written(&self, key: K, value: V) {
        let size = (self.size)(&value);
        self.change(|kept| kept.insert(key, value, size));
    }

    /// To be asked before the store is, and given to `read`.
    fn turns(&self) -> u64 {
        self.lock().turns()
    }

    /// Not kept if what was written meanwhile may have been dropped: something newer may have been among it.
    fn read(&self, key: K, value: V, turns: u64) -> V {
        let size = (self.size)(&value);
        self.change(|kept| {
            if !kept.remembers_since(turns) {
                return value;
            }
            if let Some(newer) = kept.get(&key) {
                return newer.clone();
            }
            kept.insert(key, value.clone(), size);
            value
        })
    }

    fn missing<'k>(&self, keys: impl IntoIterator<Item = &'k K>) -> Vec<&'k K> {
        let kept = self.lock();
        let mut seen = HashSet::new();
        keys.into_iter().filter(|key| !kept.contains(key) && seen.insert(*key)).collect()
    }
}

/// About what it takes in memory: its own fields, and twice of what it is as text for what they point at.
fn bytes(ticket: &Option<Arc<Ticket>>) -> usize {
    let text = ticket.as_deref().and_then(|ticket| serde_json::to_string(ticket).ok());
    size_of::<Ticket>() + 2 * text.map_or(0, |text| text.len())
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
        Self {
            backend,
            rooms: Cache::of_entries(),
            tickets: Cache::new(MAX_TICKET_BYTES, bytes),
            names: Cache::of_entries(),
            languages: Cache::of_entries(),
        }
    }

    /// Nobody knows whether a step was committed: the store tells.
    pub fn forget(&self) {
        self.rooms.change(Generations::clear);
        self.tickets.change(Generations::clear);
        self.names.change(Generations::clear);
        self.languages.change(Generations::clear);
    }

    /// What was not used since this was called last is dropped when it is called next: memory is taken by what is in use.
    pub fn grow_older(&self) {
        self.rooms.change(Generations::turn);
        self.tickets.change(Generations::turn);
        self.names.change(Generations::turn);
        self.languages.change(Generations::turn);
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
                let turns = self.rooms.turns();
                let kind = self.backend.room(room).await?.map(|room| room.kind);
                self.rooms.read(room.to_owned(), kind, turns)
            }
        };
        Ok(kind.map(|kind| Room { id: room.to_owned(), kind }))
    }

    pub async fn ticket(&self, ticket: &TicketId) -> Result<Option<Arc<Ticket>>, StoreError> {
        if let Some(ticket) = self.tickets.get(ticket) {
            return Ok(ticket);
        }
        let turns = self.tickets.turns();
        let found = self.backend.ticket(ticket).await?.map(Arc::new);
        Ok(self.tickets.read(ticket.clone(), found, turns))
    }

    /// Without asking the store.
    pub fn ticket_by_heart(&self, ticket: &TicketId) -> Option<Arc<Ticket>> {
        self.tickets.get(ticket).flatten()
    }

    pub async fn name(&self, user: &UserId) -> Result<Option<String>, StoreError> {
        if let Some(name) = self.names.get(user) {
            return Ok(name);
        }
        let turns = self.names.turns();
        let found = self.backend.name(user).await?;
        Ok(self.names.read(user.to_owned(), found, turns))
    }

    /// The language that somebody chose.
    pub async fn language(&self, user: &OwnedUserId) -> Result<Option<String>, StoreError> {
        if let Some(language) = self.languages.get(user) {
            return Ok(language);
        }
        let turns = self.languages.turns();
        let found = self.backend.languages(&[user]).await?.into_iter().map(|(_, language)| language).next();
        Ok(self.languages.read(user.clone(), found, turns))
    }

    /// Reads at once what messages in these rooms, by these users, will be decided on.
    pub async fn prepare(&self, rooms: &[OwnedRoomId], users: &[OwnedUserId]) -> Result<(), StoreError> {
        self.prepare_rooms(rooms).await?;
        let tickets: Vec<TicketId> = rooms
            .iter()
            .filter_map(|room| match self.rooms.get(room)? {
                Some(RoomKind::Ticket(ticket)) => Some(ticket),
                _ => None,
            })
            .collect();
        self.prepare_tickets(&tickets).await?;
        self.prepare_languages(users).await?;
        let missing = self.names.missing(users);
        if !missing.is_empty() {
            let turns = self.names.turns();
            for (user, name) in self.backend.names(&missing).await? {
                self.names.read(user, Some(name), turns);
            }
        }
        Ok(())
    }

    /// The same for what these tickets' messages will be decided on.
    pub async fn prepare_tickets(&self, tickets: &[TicketId]) -> Result<(), StoreError> {
        let missing = self.tickets.missing(tickets);
        if missing.is_empty() {
            return Ok(());
        }
        let turns = self.tickets.turns();
        let mut customers = Vec::new();
        for ticket in self.backend.tickets(&missing).await? {
            customers.extend(ticket.snapshot.customers.iter().filter_map(|it| it.matrix.clone()));
            // A copy has no spare room behind its lists, as what was read from text has.
            self.tickets.read(ticket.snapshot.id.clone(), Some(Arc::new(ticket.clone())), turns);
        }
        self.prepare_languages(&customers).await
    }

    async fn prepare_rooms(&self, rooms: &[OwnedRoomId]) -> Result<(), StoreError> {
        let missing = self.rooms.missing(rooms);
        if missing.is_empty() {
            return Ok(());
        }
        let turns = self.rooms.turns();
        let ids: Vec<&RoomId> = missing.iter().map(|room| room.as_ref()).collect();
        for room in self.backend.rooms(&ids).await? {
            self.rooms.read(room.id, Some(room.kind), turns);
        }
        Ok(())
    }

    async fn prepare_languages(&self, users: &[OwnedUserId]) -> Result<(), StoreError> {
        let missing = self.languages.missing(users);
        if missing.is_empty() {
            return Ok(());
        }
        let turns = self.languages.turns();
        let mut found: HashMap<_, _> = self.backend.languages(&missing).await?.into_iter().collect();
        for user in missing {
            // Hardly anybody has chosen one: that is known, too.
            self.languages.read(user.clone(), found.remove(user), turns);
        }
        Ok(())
    }
}
