//! The reading half of the SQL, one text for both databases: `$n` placeholders, `ON CONFLICT`, `RETURNING`, JSON as TEXT.
//!
//! A macro stamps the implementation for each database, because sqlx's types differ while the statements do not.

use async_trait::async_trait;
use ruma::{EventId, OwnedUserId, RoomId, UserId};
use sqlx::{QueryBuilder, Row};

use super::in_time::InTime;
use super::others::Others;
use super::rows::{side_from_db, side_to_db};
use super::write::ROWS_PER_INSERT;
use super::{Applied, Backend, Backlog, DeadLetter, EventRow, InboxRow, OutboxRow, OutboxState, Step, StoreError};
use crate::crash;
use crate::model::{Code, CodeId, DeskId, MessageId, Room, Side, Ticket, TicketId, Used};
use crate::observe::Unreadable;

fn decode<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::Corrupt(Unreadable(&error).to_string()))
}

/// Outcomes first, then the rest, each by an index: a lane with a long backlog is not sorted for each page.
const INBOX_PAGE: &str = "SELECT seq, key, lane, body FROM \
     (SELECT * FROM (SELECT 0 AS rank, seq, key, lane, body FROM inbox \
      WHERE state = 0 AND lane = $1 AND seq > $2 AND substr(key, 1, 5) = 'done/' ORDER BY seq LIMIT $3) AS outcomes \
      UNION ALL \
      SELECT * FROM (SELECT 1 AS rank, seq, key, lane, body FROM inbox \
      WHERE state = 0 AND lane = $1 AND seq > $2 AND substr(key, 1, 5) <> 'done/' ORDER BY seq LIMIT $3) AS others) \
     AS page ORDER BY rank, seq LIMIT $3";

/// Rows of each table that are forgotten at once: nothing else is written meanwhile.
const PRUNED_AT_ONCE: i64 = 1000;

macro_rules! store {
    ($name:ident, $database:ty, $writer:ty, $pool:ty, $row:ty) => {
        /// The tables in this database: one connection writes, the others read.
        pub struct $name {
            pub(super) writer: $writer,
            pub(super) readers: $pool,
            pub(super) others: Others,
        }

        impl $name {
            /// The rows for these keys: `select` ends with an open list of them.
            async fn rows_of<'k>(
                &self,
                select: &'static str,
                keys: impl ExactSizeIterator<Item = &'k str>,
            ) -> Result<Vec<$row>, StoreError> {
                let keys: Vec<&str> = keys.collect();
                let mut found = Vec::new();
                for chunk in keys.chunks(ROWS_PER_INSERT) {
                    let mut query = QueryBuilder::<$database>::new(select);
                    let mut list = query.separated(", ");
                    // Filled up with the last one, so that there are few statements, and the database knows them already.
                    let more = std::iter::repeat_n(chunk.last(), chunk.len().next_power_of_two() - chunk.len());
                    for key in chunk.iter().map(Some).chain(more).flatten() {
                        list.push_bind(*key);
                    }
                    query.push(")");
                    found.extend(query.build().fetch_all(&self.readers).await?);
                }
                Ok(found)
            }

            /// What is known of these users: `select` as in `rows_of`.
            async fn of_users(
                &self,
                select: &'static str,
                users: &[&OwnedUserId],
            ) -> Result<Vec<(OwnedUserId, String)>, StoreError> {
                let rows = self.rows_of(select, users.iter().map(|user| user.as_str())).await?;
                let known = |row: &$row| {
                    let user: String = row.try_get(0)?;
                    let user = OwnedUserId::try_from(user).map_err(|error| StoreError::Corrupt(error.to_string()))?;
                    Ok((user, row.try_get(1)?))
                };
                rows.iter().map(known).collect()
            }

            pub fn new(writer: $writer, readers: $pool) -> Self {
                Self { writer, readers, others: Others::default() }
            }

            fn inbox_row(row: &$row) -> Result<InboxRow, StoreError> {
                Ok(InboxRow {
                    seq: row.try_get(0)?,
                    key: row.try_get(1)?,
                    lane: row.try_get(2)?,
                    body: row.try_get(3)?,
                })
            }

            pub(super) fn outbox_row(row: &$row) -> Result<OutboxRow, StoreError> {
                let side: String = row.try_get(3)?;
                let holds: i64 = row.try_get(4)?;
                Ok(OutboxRow {
                    seq: row.try_get(0)?,
                    key: row.try_get(1)?,
                    lane: row.try_get(2)?,
                    side: side_from_db(&side),
                    holds: holds != 0,
                    body: row.try_get(5)?,
                    created_ms: row.try_get(6)?,
                    state: OutboxState::from_db(row.try_get(7)?),
                    attempts: row.try_get(8)?,
                    not_before_ms: row.try_get(9)?,
                    noted: false,
                })
            }
        }

        #[async_trait]
        impl Backend for $name {
            async fn commit(&self, fence: i64, now_ms: i64, steps: &[Step]) -> Result<Vec<Applied>, StoreError> {
                self.write(fence, now_ms, steps).await
            }

            fn others_wrote(&self) -> bool {
                self.others.wrote()
            }

            async fn next_fence(&self) -> Result<i64, StoreError> {
                crash::point("database-opened");
                let fence = self.raise_fence().await?;
                crash::point("fence-raised");
                Ok(fence)
            }

            async fn room(&self, room: &RoomId) -> Result<Option<Room>, StoreError> {
                Ok(self.rooms(&[room]).await?.pop())
            }

            async fn desk_room(&self, desk: &DeskId) -> Result<Option<Room>, StoreError> {
                let row = sqlx::query("SELECT room_id, kind FROM rooms WHERE desk = $1")
                    .bind(desk.as_str())
                    .fetch_optional(&self.readers)
                    .await?;
                row.map(|row| {
                    let id: String = row.try_get(0)?;
                    let id = RoomId::parse(id).map_err(|error| StoreError::Corrupt(error.to_string()))?;
                    Ok(Room { id, kind: decode(row.try_get(1)?)? })
                })
                .transpose()
            }

            async fn rooms(&self, rooms: &[&RoomId]) -> Result<Vec<Room>, StoreError> {
                const SELECT: &str = "SELECT room_id, kind FROM rooms WHERE room_id IN (";
                let rows = self.rows_of(SELECT, rooms.iter().map(|room| room.as_str())).await?;
                let room = |row: &$row| {
                    let id: String = row.try_get(0)?;
                    let id = RoomId::parse(id).map_err(|error| StoreError::Corrupt(error.to_string()))?;
                    Ok(Room { id, kind: decode(row.try_get(1)?)? })
                };
                rows.iter().map(room).collect()
            }

            async fn ticket(&self, ticket: &TicketId) -> Result<Option<Ticket>, StoreError> {
                let row = sqlx::query("SELECT body FROM tickets WHERE ticket = $1")
                    .bind(ticket.as_str())
                    .fetch_optional(&self.readers)
                    .await?;
                row.map(|row| decode(row.try_get(0)?)).transpose()
            }

            async fn tickets_behind(&self, ticket: &str, limit: i64) -> Result<Vec<Ticket>, StoreError> {
                let rows = sqlx::query("SELECT body FROM tickets WHERE ticket > $1 ORDER BY ticket LIMIT $2")
                    .bind(ticket)
                    .bind(limit)
                    .fetch_all(&self.readers)
                    .await?;
                rows.iter().map(|row| decode(row.try_get(0)?)).collect()
            }

            async fn tickets(&self, tickets: &[&TicketId]) -> Result<Vec<Ticket>, StoreError> {
                // As one row, a list in JSON: SQLite's thread wakes ours for each row.
                const SELECT: &str = "SELECT '[' || string_agg(body, ',') || ']' FROM tickets WHERE ticket IN (";
                let rows = self.rows_of(SELECT, tickets.iter().map(|ticket| ticket.as_str())).await?;
                let mut found: Vec<Ticket> = Vec::with_capacity(tickets.len());
                for row in &rows {
                    // Nothing where none of them is known.
                    if let Some(list) = row.try_get::<Option<&str>, _>(0)? {
                        found.append(&mut decode(list)?);
                    }
                }
                Ok(found)
            }

            async fn event(&self, event: &EventId) -> Result<Option<EventRow>, StoreError> {
                let row = sqlx::query("SELECT room_id, ticket, message FROM events WHERE event_id = $1")
                    .bind(event.as_str())
                    .fetch_optional(&self.readers)
                    .await?;
                row.map(|row| {
                    let room: String = row.try_get(0)?;
                    Ok(EventRow {
                        event: event.to_owned(),
                        room: RoomId::parse(room).map_err(|error| StoreError::Corrupt(error.to_string()))?,
                        ticket: TicketId::new(row.try_get::<String, _>(1)?),
                        message: row.try_get::<Option<String>, _>(2)?.map(MessageId::new),
                    })
                })
                .transpose()
            }

            async fn event_of(&self, ticket: &TicketId, message: &MessageId) -> Result<Option<EventRow>, StoreError> {
                let row =
                    sqlx::query("SELECT event_id, room_id FROM events WHERE ticket = $1 AND message = $2 LIMIT 1")
                        .bind(ticket.as_str())
                        .bind(message.as_str())
                        .fetch_optional(&self.readers)
                        .await?;
                row.map(|row| {
                    let (event, room): (String, String) = (row.try_get(0)?, row.try_get(1)?);
                    Ok(EventRow {
                        event: EventId::parse(event).map_err(|error| StoreError::Corrupt(error.to_string()))?,
                        room: RoomId::parse(room).map_err(|error| StoreError::Corrupt(error.to_string()))?,
                        ticket: ticket.clone(),
                        message: Some(message.clone()),
                    })
                })
                .transpose()
            }

            async fn name(&self, user: &UserId) -> Result<Option<String>, StoreError> {
                let row = sqlx::query("SELECT name FROM names WHERE user_id = $1")
                    .bind(user.as_str())
                    .fetch_optional(&self.readers)
                    .await?;
                Ok(row.map(|row| row.try_get(0)).transpose()?)
            }

            async fn names(&self, users: &[&OwnedUserId]) -> Result<Vec<(OwnedUserId, String)>, StoreError> {
                self.of_users("SELECT user_id, name FROM names WHERE user_id IN (", users).await
            }

            async fn languages(&self, users: &[&OwnedUserId]) -> Result<Vec<(OwnedUserId, String)>, StoreError> {
                self.of_users("SELECT user_id, language FROM languages WHERE user_id IN (", users).await
            }

            async fn cursor(&self, name: &str) -> Result<Option<String>, StoreError> {
                let row = sqlx::query("SELECT value FROM cursors WHERE name = $1")
                    .bind(name)
                    .fetch_optional(&self.readers)
                    .await?;
                Ok(row.map(|row| row.try_get(0)).transpose()?)
            }

            async fn known_keys(&self, keys: &[String]) -> Result<Vec<String>, StoreError> {
                const SELECT: &str = "SELECT key FROM inbox WHERE key IN (";
                let rows = self.rows_of(SELECT, keys.iter().map(String::as_str)).await?;
                rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
            }

            async fn inbox_page(&self, lane: &str, after_seq: i64, limit: i64) -> Result<Vec<InboxRow>, StoreError> {
                sqlx::query(INBOX_PAGE)
                    .bind(lane)
                    .bind(after_seq)
                    .bind(limit)
                    .fetch_all(&self.readers)
                    .await?
                    .iter()
                    .map(Self::inbox_row)
                    .collect()
            }

            async fn outbox_has(&self, side: Side, lane: &str, prefix: &str) -> Result<bool, StoreError> {
                self.waits_in_outbox(side, lane, prefix).await
            }

            async fn outbox_page(
                &self,
                side: Side,
                lane: &str,
                after_seq: i64,
                limit: i64,
            ) -> Result<Vec<OutboxRow>, StoreError> {
                sqlx::query(
                    "SELECT seq, key, lane, side, holds, body, created_ms, state, attempts, not_before_ms FROM outbox \
                     WHERE state < 2 AND side = $1 AND lane = $2 AND seq > $3 ORDER BY seq LIMIT $4",
                )
                .bind(side_to_db(side))
                .bind(lane)
                .bind(after_seq)
                .bind(limit)
                .fetch_all(&self.readers)
                .await?
                .iter()
                .map(Self::outbox_row)
                .collect()
            }

            async fn inbox_lanes(&self, limit: i64) -> Result<Vec<String>, StoreError> {
                let rows = sqlx::query(
                    "SELECT lane, MIN(seq) AS first FROM inbox WHERE state = 0 GROUP BY lane ORDER BY first LIMIT $1",
                )
                .bind(limit)
                .fetch_all(&self.readers)
                .await?;
                rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
            }

            async fn outbox_lanes(&self, side: Side, limit: i64) -> Result<Vec<String>, StoreError> {
                let rows = sqlx::query(
                    "SELECT lane, MIN(seq) AS first FROM outbox WHERE state < 2 AND side = $1 \
                     GROUP BY lane ORDER BY first LIMIT $2",
                )
                .bind(side_to_db(side))
                .bind(limit)
                .fetch_all(&self.readers)
                .await?;
                rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
            }

            async fn held_lanes(&self) -> Result<Vec<String>, StoreError> {
                let rows = sqlx::query("SELECT DISTINCT lane FROM outbox WHERE state < 2 AND holds = 1")
                    .fetch_all(&self.readers)
                    .await?;
                rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
            }

            async fn lane_is_held(&self, lane: &str) -> Result<bool, StoreError> {
                let row = sqlx::query("SELECT 1 FROM outbox WHERE state < 2 AND holds = 1 AND lane = $1 LIMIT 1")
                    .bind(lane)
                    .fetch_optional(&self.readers)
                    .await?;
                Ok(row.is_some())
            }

            async fn code(&self, code: &CodeId) -> Result<Option<Code>, StoreError> {
                self.read_code(code).await
            }

            async fn codes(&self) -> Result<Vec<Code>, StoreError> {
                self.read_codes().await
            }

            async fn add_code(&self, code: &Code, now_ms: i64) -> Result<bool, StoreError> {
                self.insert_code(code, now_ms).await
            }

            async fn disable_code(&self, code: &CodeId, disabled: bool) -> Result<bool, StoreError> {
                self.set_disabled(code, disabled).await
            }

            async fn used(&self, user: &UserId, room: &RoomId, since_ms: i64) -> Result<Used, StoreError> {
                self.read_used(user, room, since_ms).await
            }

            async fn dead_letters(&self, after_seq: i64, limit: i64) -> Result<Vec<DeadLetter>, StoreError> {
                self.read_dead_letters(after_seq, limit).await
            }

            async fn retry_dead_letter(&self, seq: i64, now_ms: i64) -> Result<bool, StoreError> {
                self.revive(seq, now_ms).await
            }

            async fn drop_dead_letter(&self, seq: i64) -> Result<bool, StoreError> {
                self.drop_dead(seq).await
            }

            async fn backlog(&self) -> Result<Backlog, StoreError> {
                self.read_backlog().await
            }

            async fn prune(&self, before_ms: i64) -> Result<u64, StoreError> {
                const OLD: [&str; 3] = [
                    "DELETE FROM inbox WHERE seq IN \
                     (SELECT seq FROM inbox WHERE state <> 0 AND received_ms < $1 LIMIT $2)",
                    "DELETE FROM outbox WHERE seq IN \
                     (SELECT seq FROM outbox WHERE state = 2 AND created_ms < $1 LIMIT $2)",
                    "DELETE FROM admissions WHERE key IN (SELECT key FROM admissions WHERE at_ms < $1 LIMIT $2)",
                ];
                let mut rows = 0;
                for delete in OLD {
                    rows += self.change(sqlx::query(delete).bind(before_ms).bind(PRUNED_AT_ONCE)).await?;
                }
                Ok(rows)
            }
        }
    };
}

// SQLite's writer is no pool: a pool asks a connection each time whether it is still there, and this one cannot go away.
store!(
    SqliteStore,
    sqlx::Sqlite,
    tokio::sync::Mutex<sqlx::SqliteConnection>,
    sqlx::SqlitePool,
    sqlx::sqlite::SqliteRow
);
store!(PostgresStore, sqlx::Postgres, InTime, InTime, sqlx::postgres::PgRow);
