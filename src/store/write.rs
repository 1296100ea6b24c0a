//! The writing half of the SQL: what a group of steps changes, in one transaction.

use std::borrow::Cow;
use std::collections::HashMap;

use sqlx::{AssertSqlSafe, QueryBuilder, Row};

use super::rows::side_to_db;
use super::sql::{PostgresStore, SqliteStore};
use super::{Applied, InboxRow, OutboxRow, OutboxState, Step, StoreError};
use crate::model::{MessageId, RoomKind};

/// Rows in one INSERT: SQLite takes 32,766 parameters, a row has at most eight.
pub const ROWS_PER_INSERT: usize = 500;

/// The last of several writes of the same row in one group wins, as it would one after the other.
fn last_by<'a, T, K: std::hash::Hash + Eq>(items: impl Iterator<Item = &'a T>, key: impl Fn(&'a T) -> K) -> Vec<&'a T> {
    let mut at: HashMap<K, usize> = HashMap::new();
    let mut last: Vec<&'a T> = Vec::new();
    for item in items {
        match at.entry(key(item)) {
            std::collections::hash_map::Entry::Occupied(slot) => {
                if let Some(place) = last.get_mut(*slot.get()) {
                    *place = item;
                }
            }
            std::collections::hash_map::Entry::Vacant(slot) => {
                slot.insert(last.len());
                last.push(item);
            }
        }
    }
    last
}

fn encode<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn room_columns(kind: &RoomKind) -> (Option<&str>, Option<&str>) {
    match kind {
        RoomKind::Ticket(ticket) => (Some(ticket.as_str()), None),
        RoomKind::Desk(desk) => (None, Some(desk.as_str())),
        RoomKind::Waiting { .. } | RoomKind::Door { .. } => (None, None),
    }
}

/// PostgreSQL refuses NUL in text, and a step that is refused would be tried for ever.
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

macro_rules! writes {
    ($name:ty, $database:ty, $fence:literal) => {
        impl $name {
            /// All steps or none, and only if nobody has taken over.
            pub(super) async fn write(
                &self,
                fence: i64,
                now_ms: i64,
                steps: &[Step],
            ) -> Result<Vec<Applied>, StoreError> {
                let mut tx = self.writer.begin().await?;
                let mut applied = vec![Applied::default(); steps.len()];
                let (ours,): (i64,) = sqlx::query_as(AssertSqlSafe($fence)).fetch_one(&mut *tx).await?;
                if ours != fence {
                    return Err(StoreError::Fenced);
                }
                Self::insert_inbox(&mut tx, now_ms, steps, &mut applied).await?;
                Self::insert_outbox(&mut tx, now_ms, steps, &mut applied).await?;
                Self::write_queues(&mut tx, steps).await?;
                Self::write_knowledge(&mut tx, steps).await?;
                tx.commit().await?;
                Ok(applied)
            }

            async fn insert_inbox(
                tx: &mut sqlx::Transaction<'_, $database>,
                now_ms: i64,
                steps: &[Step],
                applied: &mut [Applied],
            ) -> Result<(), StoreError> {
                let rows: Vec<_> =
                    steps.iter().enumerate().flat_map(|(i, step)| step.inbox.iter().map(move |row| (i, row))).collect();
                for chunk in rows.chunks(ROWS_PER_INSERT) {
                    let mut query = QueryBuilder::<$database>::new("INSERT INTO inbox (key, lane, body, received_ms) ");
                    query.push_values(chunk, |mut line, (_, row)| {
                        line.push_bind(&row.key).push_bind(&row.lane).push_bind(storable(&row.body)).push_bind(now_ms);
                    });
                    query.push(" ON CONFLICT (key) DO NOTHING RETURNING seq, key");
                    let mut seqs = HashMap::with_capacity(chunk.len());
                    for row in query.build().fetch_all(&mut **tx).await? {
                        seqs.insert(row.try_get::<String, _>(1)?, row.try_get::<i64, _>(0)?);
                    }
                    for (step, row) in chunk {
                        let Some((key, seq)) = seqs.remove_entry(&row.key) else { continue };
                        if let Some(applied) = applied.get_mut(*step) {
                            applied.inbox.push(InboxRow { seq, key, lane: row.lane.clone(), body: row.body.clone() });
                        }
                    }
                }
                Ok(())
            }

            async fn insert_outbox(
                tx: &mut sqlx::Transaction<'_, $database>,
                now_ms: i64,
                steps: &[Step],
                applied: &mut [Applied],
            ) -> Result<(), StoreError> {
                let rows: Vec<_> =
                    steps.iter().enumerate().flat_map(|(i, step)| step.outbox.iter().map(move |row| (i, row))).collect();
                for chunk in rows.chunks(ROWS_PER_INSERT) {
                    let mut query = QueryBuilder::<$database>::new(
                        "INSERT INTO outbox (key, lane, side, holds, body, created_ms, state) ",
                    );
                    query.push_values(chunk, |mut line, (_, row)| {
                        let state = if row.attempting { OutboxState::Attempting } else { OutboxState::Waiting };
                        line.push_bind(&row.key)
                            .push_bind(&row.lane)
                            .push_bind(side_to_db(row.side))
                            .push_bind(i64::from(row.holds))
                            .push_bind(storable(&row.body))
                            .push_bind(now_ms)
                            .push_bind(state.to_db());
                    });
                    query.push(" ON CONFLICT (key) DO NOTHING RETURNING seq, key");
                    let mut seqs = HashMap::with_capacity(chunk.len());
                    for row in query.build().fetch_all(&mut **tx).await? {
                        seqs.insert(row.try_get::<String, _>(1)?, row.try_get::<i64, _>(0)?);
                    }
                    for (step, row) in chunk {
                        let Some((key, seq)) = seqs.remove_entry(&row.key) else { continue };
                        if let Some(applied) = applied.get_mut(*step) {
                            applied.outbox.push(OutboxRow {
                                seq,
                                key,
                                lane: row.lane.clone(),
                                side: row.side,
                                holds: row.holds,
                                body: row.body.clone(),
                                created_ms: now_ms,
                                // Nobody has called yet: "attempting" on disk is for the one who comes after a crash.
                                state: OutboxState::Waiting,
                                attempts: 0,
                                not_before_ms: 0,
                                noted: row.attempting,
                            });
                        }
                    }
                }
                Ok(())
            }

            /// `prefix`, then `seq IN (…)` for all of these.
            async fn for_seqs(
                tx: &mut sqlx::Transaction<'_, $database>,
                prefix: &'static str,
                seqs: &[i64],
            ) -> Result<(), StoreError> {
                for chunk in seqs.chunks(ROWS_PER_INSERT) {
                    let mut query = QueryBuilder::<$database>::new(prefix);
                    query.push(" WHERE seq IN (");
                    let mut list = query.separated(", ");
                    for seq in chunk {
                        list.push_bind(*seq);
                    }
                    query.push(")");
                    query.build().execute(&mut **tx).await?;
                }
                Ok(())
            }

            async fn write_queues(tx: &mut sqlx::Transaction<'_, $database>, steps: &[Step]) -> Result<(), StoreError> {
                let collect = |of: fn(&Step) -> &Vec<i64>| steps.iter().flat_map(of).copied().collect::<Vec<_>>();
                Self::for_seqs(tx, "UPDATE inbox SET state = 1, body = ''", &collect(|step| &step.inbox_done)).await?;
                for (seq, lane) in steps.iter().flat_map(|step| &step.inbox_moved) {
                    sqlx::query("UPDATE inbox SET lane = $1 WHERE seq = $2").bind(lane).bind(seq).execute(&mut **tx).await?;
                }
                for (from, to) in steps.iter().flat_map(|step| &step.lanes_joined) {
                    sqlx::query("UPDATE inbox SET lane = $1 WHERE lane = $2 AND state = 0")
                        .bind(to)
                        .bind(from)
                        .execute(&mut **tx)
                        .await?;
                }
                Self::for_seqs(
                    tx,
                    "UPDATE outbox SET state = 1",
                    &collect(|step| &step.attempting),
                )
                .await?;
                Self::for_seqs(tx, "UPDATE outbox SET state = 2, body = ''", &collect(|step| &step.sent)).await?;
                for (seq, reason) in steps.iter().flat_map(|step| &step.dead) {
                    sqlx::query("UPDATE outbox SET state = 3, note = $1 WHERE seq = $2")
                        .bind(storable(reason))
                        .bind(seq)
                        .execute(&mut **tx)
                        .await?;
                }
                for later in steps.iter().flat_map(|step| &step.later) {
                    let state = if later.uncertain { OutboxState::Attempting } else { OutboxState::Waiting };
                    sqlx::query(
                        "UPDATE outbox SET state = $1, not_before_ms = $2, note = $3, attempts = attempts + 1 WHERE seq = $4",
                    )
                    .bind(state.to_db())
                    .bind(later.not_before_ms)
                    .bind(storable(&later.note))
                    .bind(later.seq)
                    .execute(&mut **tx)
                    .await?;
                }
                Ok(())
            }

            async fn write_knowledge(tx: &mut sqlx::Transaction<'_, $database>, steps: &[Step]) -> Result<(), StoreError> {
                for ticket in last_by(steps.iter().flat_map(|step| &step.tickets), |ticket| &ticket.snapshot.id) {
                    sqlx::query(
                        "INSERT INTO tickets (ticket, body) VALUES ($1, $2) \
                         ON CONFLICT (ticket) DO UPDATE SET body = excluded.body",
                    )
                    .bind(ticket.snapshot.id.as_str())
                    .bind(encode(ticket)?)
                    .execute(&mut **tx)
                    .await?;
                }
                for room in last_by(steps.iter().flat_map(|step| &step.rooms), |room| &room.id) {
                    let (ticket, desk) = room_columns(&room.kind);
                    sqlx::query(
                        "INSERT INTO rooms (room_id, kind, ticket, desk) VALUES ($1, $2, $3, $4) \
                         ON CONFLICT (room_id) DO UPDATE SET kind = excluded.kind, ticket = excluded.ticket, desk = excluded.desk",
                    )
                    .bind(room.id.as_str())
                    .bind(encode(&room.kind)?)
                    .bind(ticket)
                    .bind(desk)
                    .execute(&mut **tx)
                    .await?;
                }
                for room in steps.iter().flat_map(|step| &step.forget_rooms) {
                    sqlx::query("DELETE FROM rooms WHERE room_id = $1").bind(room.as_str()).execute(&mut **tx).await?;
                }
                let events: Vec<_> = steps.iter().flat_map(|step| &step.events).collect();
                for chunk in events.chunks(ROWS_PER_INSERT) {
                    let mut query =
                        QueryBuilder::<$database>::new("INSERT INTO events (event_id, room_id, ticket, message) ");
                    query.push_values(chunk, |mut line, row| {
                        line.push_bind(row.event.as_str())
                            .push_bind(row.room.as_str())
                            .push_bind(row.ticket.as_str())
                            .push_bind(row.message.as_ref().map(MessageId::as_str));
                    });
                    query.push(" ON CONFLICT (event_id) DO NOTHING");
                    query.build().execute(&mut **tx).await?;
                }
                for (user, name) in last_by(steps.iter().flat_map(|step| &step.names), |(user, _)| user) {
                    sqlx::query(
                        "INSERT INTO names (user_id, name) VALUES ($1, $2) \
                         ON CONFLICT (user_id) DO UPDATE SET name = excluded.name",
                    )
                    .bind(user.as_str())
                    .bind(storable(name))
                    .execute(&mut **tx)
                    .await?;
                }
                for (name, value) in last_by(steps.iter().flat_map(|step| &step.cursors), |(name, _)| name) {
                    sqlx::query(
                        "INSERT INTO cursors (name, value) VALUES ($1, $2) \
                         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    )
                    .bind(*name)
                    .bind(value)
                    .execute(&mut **tx)
                    .await?;
                }
                Ok(())
            }
        }
    };
}

// PostgreSQL: whoever takes over waits until this transaction has ended, and sees all that it wrote. SQLite has one
// writer at a time by itself.
writes!(SqliteStore, sqlx::Sqlite, "SELECT fence FROM instance WHERE id = 1");
writes!(PostgresStore, sqlx::Postgres, "SELECT fence FROM instance WHERE id = 1 FOR SHARE");
