//! Dead letters in the database: what was given up, kept with its reason until an administrator or agent decides.

use sqlx::Row;

use super::rows::OutboxState;
use super::sql::{PostgresStore, SqliteStore};
use super::{OutboxRow, StoreError};

/// An effect that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    pub row: OutboxRow,
    pub reason: String,
}

/// Again from the start, as if it had just been decided; it may have happened, so it is looked for first.
pub(super) const REVIVE: &str =
    "UPDATE outbox SET state = 1, attempts = 0, not_before_ms = 0, note = '', created_ms = ";

macro_rules! dead_letters {
    ($name:ty) => {
        impl $name {
            pub(super) async fn read_dead_letters(
                &self,
                after_seq: i64,
                limit: i64,
            ) -> Result<Vec<DeadLetter>, StoreError> {
                let rows = sqlx::query(
                    "SELECT seq, key, lane, side, holds, body, created_ms, state, attempts, not_before_ms, note \
                     FROM outbox WHERE state = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                )
                .bind(OutboxState::Dead.to_db())
                .bind(after_seq)
                .bind(limit)
                .fetch_all(&self.readers)
                .await?;
                rows.iter()
                    .map(|row| Ok(DeadLetter { row: Self::outbox_row(row)?, reason: row.try_get(10)? }))
                    .collect()
            }

            pub(super) async fn revive(&self, seq: i64, now_ms: i64) -> Result<bool, StoreError> {
                let revive = sqlx::AssertSqlSafe(format!("{REVIVE} $1 WHERE state = 3 AND seq = $2"));
                Ok(self.change(sqlx::query(revive).bind(now_ms).bind(seq)).await? > 0)
            }

            pub(super) async fn drop_dead(&self, seq: i64) -> Result<bool, StoreError> {
                let drop = sqlx::query("UPDATE outbox SET state = 2, body = '' WHERE state = 3 AND seq = $1");
                Ok(self.change(drop.bind(seq)).await? > 0)
            }
        }
    };
}

dead_letters!(SqliteStore);
dead_letters!(PostgresStore);
