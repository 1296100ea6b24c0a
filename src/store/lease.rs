//! Who leads, on PostgreSQL: a lock that dies with its connection, a fence that every write checks, and a sign of life.
//!
//! The lock tells at once that a leader has died. The sign of life tells of one that is stopped or cut off and whose
//! connection lives on: its lock is taken away. The fence makes sure that either writes nothing afterwards, and
//! `net::Claim` that it says nothing to anybody else.

use std::time::Duration;

use sqlx::{Connection, PgConnection};

use super::StoreError;
use super::in_time::within;

/// Between two signs of life.
pub(super) const BEAT_EVERY: Duration = Duration::from_secs(1);
/// How long after a sign of life the leader may call others.
pub(super) const CLAIM_TERM: Duration = Duration::from_secs(4);
/// A leader that gives none for so long loses its lock. Longer than the claim, and than a paused transaction is let be.
pub(super) const EVICT_AFTER: Duration = Duration::from_secs(15);
/// How often a standby looks whether the lock is free.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A database that does not answer in this time is away.
pub(super) const ANSWER_MAX: Duration = Duration::from_secs(3);

/// Whoever listens hears that somebody else than the leader wrote into the inbox.
pub(super) const CHANNEL: &str = "ticketroom_inbox";

/// "ticket" as a number; advisory locks are per database.
const ADVISORY_LOCK: i64 = 0x7469_636b_6574;

/// A process that is paused between two statements must not hold up all others: its transaction is ended for it.
pub(super) const PAUSED_TRANSACTION: &str = "SET idle_in_transaction_session_timeout = '5s'";

/// A statement that takes longer is given up by the server; less than we wait for its answer.
pub(super) const LONG_STATEMENT: &str = "SET statement_timeout = '15s'";

/// The leader's state as a standby sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sign {
    pub fence: i64,
    pub beat: i64,
    pub released: i64,
}

pub(super) async fn connect(uri: &str) -> Result<PgConnection, StoreError> {
    Ok(answered(PgConnection::connect(uri)).await?)
}

/// Within `ANSWER_MAX`.
pub(super) async fn answered<T, E: From<sqlx::Error>>(question: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    within(ANSWER_MAX, question).await
}

/// Whether nobody else had it; it is ours as long as the connection lives.
pub(super) async fn try_lock(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let lock = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(ADVISORY_LOCK);
    Ok(answered(lock.fetch_one(connection)).await?)
}

/// `None`: the tables are of a version that has none, or not there at all.
pub(super) async fn sign(connection: &mut PgConnection) -> Result<Option<Sign>, StoreError> {
    let is_there = sqlx::query_scalar("SELECT to_regclass('lease') IS NOT NULL");
    if !answered(is_there.fetch_one(&mut *connection)).await? {
        return Ok(None);
    }
    let row =
        sqlx::query_as("SELECT fence, beat, released FROM instance, lease WHERE instance.id = 1 AND lease.id = 1");
    let (fence, beat, released) = answered(row.fetch_one(connection)).await?;
    Ok(Some(Sign { fence, beat, released }))
}

/// What the leader learns from its own sign of life.
pub(super) enum Beaten {
    /// How often others wrote into the inbox.
    Ours {
        taken: i64,
    },
    Fenced,
}

/// Whoever takes over waits until this is written, and none is written after that.
pub(super) async fn beat(connection: &mut PgConnection, fence: i64) -> Result<Beaten, StoreError> {
    let beat = sqlx::query_scalar(
        "WITH mine AS (SELECT fence, taken FROM instance WHERE id = 1 FOR SHARE) \
         UPDATE lease SET beat = beat + 1 FROM mine WHERE lease.id = 1 AND mine.fence = $1 RETURNING mine.taken",
    );
    let taken = answered(beat.bind(fence).fetch_optional(connection)).await?;
    Ok(taken.map_or(Beaten::Fenced, |taken| Beaten::Ours { taken }))
}

/// The leader ends in good order: nobody needs to wait for it.
pub(super) async fn release(connection: &mut PgConnection, fence: i64) -> Result<(), StoreError> {
    let release = sqlx::query("UPDATE lease SET released = $1 WHERE id = 1").bind(fence);
    answered(release.execute(connection)).await?;
    Ok(())
}

/// The session that holds the lock.
pub(super) async fn holder(connection: &mut PgConnection) -> Result<Option<i32>, StoreError> {
    let holder = sqlx::query_scalar(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
         AND (classid::BIGINT << 32) + objid::BIGINT = $1",
    );
    Ok(answered(holder.bind(ADVISORY_LOCK).fetch_optional(connection)).await?)
}

/// Takes the lock away by ending the session of `holder`. Whether there was one.
pub(super) async fn evict(connection: &mut PgConnection, holder: i32) -> Result<bool, StoreError> {
    let ended = sqlx::query_scalar("SELECT pg_terminate_backend($1)").bind(holder);
    Ok(answered(ended.fetch_one(connection)).await?)
}
