//! A database that is an older copy than what was run on (`ticketroom restored`): until both sides have told what happened
//! since, whatever is to be sent may have been sent already, and is looked for first.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::engine::Engine;
use super::view::is_target_lane;
use crate::matrix;
use crate::model::Side;
use crate::store::{Backend, NewInbox, RESTORED, Step, StoreError};

/// How long what happened since the copy is read again at most, once both sides answer. Something may wait for days (another homeserver is away),
/// and people who write all the time leave no moment in which nothing is new.
const AGAIN_MAX: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(super) struct Restored {
    is_in_doubt: AtomicBool,
    /// All that the side held has been read since the start.
    homeserver_is_read: AtomicBool,
    helpdesk_is_read: AtomicBool,
    /// Since when both sides answer.
    began: OnceLock<Instant>,
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
            began: OnceLock::new(),
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
        let is_open = self.is_in_doubt() && !self.homeserver_is_read.load(Ordering::Acquire);
        is_open && self.began.get().is_none_or(|began| began.elapsed() < AGAIN_MAX)
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
        if self.has_read_helpdesk() {
            let _first = self.began.set(Instant::now());
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::view::{room_lane, target_lane};

    fn restored() -> Restored {
        Restored {
            is_in_doubt: AtomicBool::new(true),
            homeserver_is_read: AtomicBool::new(false),
            helpdesk_is_read: AtomicBool::new(true),
            began: OnceLock::new(),
            taken: Mutex::default(),
        }
    }

    /// A row of an event in this room that points at something unknown, or at nothing.
    fn row(key: &str, room: &str, points: bool) -> NewInbox {
        let body =
            serde_json::json!({ "event_id": key, "room_id": room, "sender": "@a:hs", "type": "any", "content": {} });
        let target = ruma::event_id!("$draft");
        let room = ruma::RoomId::parse(room).unwrap();
        let lane = if points { target_lane(target) } else { room_lane(&room) };
        NewInbox { key: key.to_owned(), lane, body: body.to_string() }
    }

    fn keys(in_turn: &InTurn) -> Vec<&str> {
        in_turn.rows.iter().map(|row| row.key.as_str()).collect()
    }

    #[test]
    fn what_points_at_something_unknown_waits_and_what_comes_after_it_in_its_room() {
        let restored = restored();
        let found = || {
            vec![
                row("$add", "!desk:hs", false),
                row("$tap", "!desk:hs", true),
                row("$more", "!desk:hs", false),
                row("$other", "!other:hs", false),
            ]
        };
        let first = restored.in_turn(found(), true);
        assert_eq!(keys(&first), ["$add", "$other"], "what comes before it is new");
        assert_eq!(first.waiting.len(), 2);
        restored.took(first.rows.into_iter().map(|row| row.key));
        assert_eq!(keys(&restored.in_turn(found(), false)), ["$add", "$other"], "something is still to be decided on");
        let last = restored.in_turn(found(), true);
        assert_eq!(keys(&last), ["$add", "$tap", "$more", "$other"], "nothing will make it known");
        assert!(last.waiting.is_empty());
    }
}
