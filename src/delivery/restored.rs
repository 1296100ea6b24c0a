//! A database that is an older copy than what was run on (`ticketroom restored`): until both sides have told what happened
//! since, whatever is to be sent may have been sent already, and is looked for first.

use std::sync::atomic::{AtomicBool, Ordering};

use super::engine::Engine;
use crate::model::Side;
use crate::store::{Backend, RESTORED, Step, StoreError};

#[derive(Debug)]
pub(super) struct Restored {
    is_in_doubt: AtomicBool,
    /// All that the side held has been read since the start.
    homeserver_is_read: AtomicBool,
    helpdesk_is_read: AtomicBool,
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

    fn has_read_both(&self) -> bool {
        self.homeserver_is_read.load(Ordering::Acquire) && self.helpdesk_is_read.load(Ordering::Acquire)
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
