//! What instances that do not lead write: events, into the inbox. The leader learns of it with its next commit, before it
//! hands anything over that was written later.

use std::sync::atomic::{AtomicI64, Ordering};

use sqlx::{Postgres, Transaction};

use super::lease::CHANNEL;
use super::script::Script;
use super::sql::PostgresStore;
use super::{NewInbox, Step, StoreError, schema};

/// How often others wrote, as the leader's commits saw it.
#[derive(Debug)]
pub struct Others {
    seen: AtomicI64,
    told: AtomicI64,
}

impl Default for Others {
    /// What was written before the first commit is told with it.
    fn default() -> Self {
        Self { seen: AtomicI64::new(0), told: AtomicI64::new(-1) }
    }
}

impl Others {
    pub(super) fn saw(&self, taken: i64) {
        self.seen.store(taken, Ordering::SeqCst);
    }

    pub(super) fn wrote(&self) -> bool {
        let seen = self.seen.load(Ordering::SeqCst);
        self.told.swap(seen, Ordering::SeqCst) != seen
    }
}

impl PostgresStore {
    /// Takes rows in beside the leader. Its row in `instance` is changed first: so this stands either wholly before or
    /// wholly behind each of the leader's commits, and the rows' numbers tell the order.
    pub(super) async fn take_beside(&self, now_ms: i64, rows: Vec<NewInbox>, version: i64) -> Result<(), StoreError> {
        let mut script = Script::beginning("UPDATE instance SET taken = taken + 1 WHERE id = 1");
        let step = Step { arrived: rows, ..Step::default() };
        Self::insert_inbox(&mut script, now_ms, std::slice::from_ref(&step));
        let take = async |tx: &mut Transaction<'_, Postgres>| {
            fits(schema::of_postgres(tx).await?, version)?;
            for mut statement in script.statements() {
                statement.build().execute(&mut **tx).await?;
            }
            // And again: now the tables can't be changed any more; a newer instance may just have done so.
            fits(schema::of_postgres(tx).await?, version)?;
            sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(&mut **tx).await?;
            Ok(())
        };
        self.writer.transaction(take).await
    }
}

fn fits(theirs: i64, ours: i64) -> Result<(), StoreError> {
    schema::refuse_newer(theirs, ours)?;
    if theirs < ours { Err(StoreError::Older) } else { Ok(()) }
}
