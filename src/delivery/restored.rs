//! A database that is an older copy than what was run on (`ticketroom restored`): until both sides have told what happened
//! since, whatever is to be sent may have been sent already, and is looked for first.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::engine::Engine;
use super::view::is_target_lane;
use crate::matrix;
use crate::model::Side;
use crate::store::{Backend, NewInbox, RESTORED, Step, StoreError};

#[derive(Debug)]
pub(super) struct Restored {
    is_in_doubt: AtomicBool,
    /// All that the side held has been read since the start.
    homeserver_is_read: AtomicBool,
    helpdesk_is_read: AtomicBool,
    /// Keys of what was taken of that in this process.
    taken: Mutex<HashSet<String>>,
}

/// What is taken of what was read again, and what has to wait for it.
pub(super) struct InTurn {
    pub rows: Vec<NewInbox>,
    pub waiting: HashSet<String>,
}

impl Restored {
    pub async fn read(backend: &dyn Backend) -> Result<Self, StoreError> {
        let is_marked = backend.cursor(RESTORED).await?.is_some_and(|mark| !mark.is_empty());
        if is_marked {
            tracing::warn!(
                "the database was restored: what may have been delivered since the copy was made is looked for first"
            );
        }
        Ok(Self {
            is_in_doubt: AtomicBool::new(is_marked),
            homeserver_is_read: AtomicBool::new(false),
            helpdesk_is_read: AtomicBool::new(false),
            taken: Mutex::default(),
        })
    }

    pub fn is_in_doubt(&self) -> bool {
        self.is_in_doubt.load(Ordering::Acquire)
    }

    pub fn has_read(&self, side: Side) {
        let is_read = match side {
            Side::Matrix => &self.homeserver_is_read,
            Side::Helpdesk => &self.helpdesk_is_read,
        };
        is_read.store(true, Ordering::Release);
    }

    pub fn has_read_helpdesk(&self) -> bool {
        self.helpdesk_is_read.load(Ordering::Acquire)
    }

    /// Whether the homeserver is to be read from where the copy stopped.
    pub fn reads_again(&self) -> bool {
        self.is_in_doubt() && !self.homeserver_is_read.load(Ordering::Acquire)
    }

    /// Agents' reactions and answers point at what was said since the copy was made (an offer, a draft), which is known once
    /// what led to it was decided on again: they wait, and in their room what comes after them. `is_settled`: all that was
    /// taken is done, so that the first one points at nothing that will be known.
    pub fn in_turn(&self, rows: Vec<NewInbox>, is_settled: bool) -> InTurn {
        let taken = self.taken();
        let mut in_turn = InTurn { rows: Vec::new(), waiting: HashSet::new() };
        let (mut took_new, mut shut) = (false, None);
        for row in rows {
            let room = matrix::peek(&row.body).ok().map(|event| event.room_id);
            let is_new = !taken.contains(&row.key);
            let points_at_nothing = is_new && is_target_lane(&row.lane) && (took_new || !is_settled);
            if points_at_nothing || (room.is_some() && room == shut) {
                shut = room;
                in_turn.waiting.insert(row.key);
            } else {
                took_new |= is_new;
                in_turn.rows.push(row);
            }
        }
        in_turn
    }

    /// These are on disk.
    pub fn took(&self, keys: impl IntoIterator<Item = String>) {
        self.taken().extend(keys);
    }

    fn taken(&self) -> MutexGuard<'_, HashSet<String>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_read_both(&self) -> bool {
        self.homeserver_is_read.load(Ordering::Acquire) && self.has_read_helpdesk()
    }
}

impl Engine {
    /// Nothing of the time that the database does not know waits any more: from now on all goes its usual way.
    pub(super) async fn end_doubt(&self) -> Result<(), StoreError> {
        let restored = &self.restored;
        if !restored.is_in_doubt() || !restored.has_read_both() {
            return Ok(());
        }
        let backlog = self.backend.backlog().await?;
        if backlog.inbox + backlog.outbox_matrix + backlog.outbox_helpdesk > 0 {
            return Ok(());
        }
        self.commit(Step { cursors: vec![(RESTORED, String::new())], ..Step::default() }).await?;
        restored.is_in_doubt.store(false, Ordering::Release);
        tracing::info!("what happened since the copy of the database was made is settled");
        Ok(())
    }
}
