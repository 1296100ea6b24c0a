//! What waits in the database, for health and metrics.

use super::sql::{PostgresStore, SqliteStore};
use super::{Backlog, StoreError};

macro_rules! backlog {
    ($name:ty) => {
        impl $name {
            pub(super) async fn read_backlog(&self) -> Result<Backlog, StoreError> {
                // What waits aside for another homeserver (`a:`) says nothing of ours.
                // One statement, one moment: nothing is seen on its way from one queue to the next in neither.
                let rows: Vec<(i64, Option<i64>)> = sqlx::query_as(
                    "SELECT waiting, oldest FROM ( \
                     SELECT 1 AS part, COUNT(*) AS waiting, MIN(received_ms) AS oldest FROM inbox WHERE state = 0 \
                     UNION ALL SELECT 2, COUNT(*), MIN(CASE WHEN lane LIKE 'a:%' THEN NULL ELSE created_ms END) \
                     FROM outbox WHERE state < 2 AND side = 'matrix' \
                     UNION ALL SELECT 3, COUNT(*), MIN(created_ms) FROM outbox WHERE state < 2 AND side = 'helpdesk' \
                     UNION ALL SELECT 4, COUNT(*), MIN(created_ms) FROM outbox WHERE state = 3 \
                     ) AS parts ORDER BY part",
                )
                .fetch_all(&self.readers)
                .await?;
                let part = |index: usize| rows.get(index).copied().unwrap_or_default();
                let ((inbox, inbox_oldest_ms), (dead, _)) = (part(0), part(3));
                let ((outbox_matrix, matrix_oldest_ms), (outbox_helpdesk, helpdesk_oldest_ms)) = (part(1), part(2));
                Ok(Backlog {
                    inbox,
                    inbox_oldest_ms,
                    outbox_matrix,
                    outbox_helpdesk,
                    matrix_oldest_ms,
                    helpdesk_oldest_ms,
                    dead,
                })
            }
        }
    };
}

backlog!(SqliteStore);
backlog!(PostgresStore);
