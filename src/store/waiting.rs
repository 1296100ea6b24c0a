//! Whether something certain still waits in the outbox.

use super::StoreError;
use super::rows::side_to_db;
use super::sql::{PostgresStore, SqliteStore};
use crate::model::Side;

macro_rules! waiting {
    ($name:ty) => {
        impl $name {
            pub(super) async fn waits_in_outbox(
                &self,
                side: Side,
                lane: &str,
                prefix: &str,
            ) -> Result<bool, StoreError> {
                let row = sqlx::query(
                    "SELECT 1 FROM outbox WHERE state < 2 AND side = $1 AND lane = $2 \
                     AND substr(key, 1, length($3)) = $3 LIMIT 1",
                )
                .bind(side_to_db(side))
                .bind(lane)
                .bind(prefix)
                .fetch_optional(&self.readers)
                .await?;
                Ok(row.is_some())
            }
        }
    };
}

waiting!(SqliteStore);
waiting!(PostgresStore);
