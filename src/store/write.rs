//! The writing half of the SQL: what a group of steps changes, in one transaction.

use std::borrow::Cow;
use std::collections::HashMap;

use sqlx::{QueryBuilder, Row};

use super::dead_letters::REVIVE;
use super::rows::side_to_db;
use super::script::{Flush, Script};
use super::sql::{PostgresStore, SqliteStore};
use super::{Applied, InboxRow, NewInbox, OutboxRow, OutboxState, Step, StoreError, UNORDERED};
use crate::model::{MessageId, RoomKind, Ticket};

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
        RoomKind::FormerDesk(_)
        | RoomKind::Space(_)
        | RoomKind::Upgrade { .. }
        | RoomKind::Waiting { .. }
        | RoomKind::Door { .. } => (None, None),
    }
}

/// Who opened it in Matrix, and whether it is open.
fn ticket_columns(ticket: &Ticket) -> (Option<&str>, i64) {
    let snapshot = &ticket.snapshot;
    let opener = snapshot.customers.first().and_then(|person| person.matrix.as_deref());
    let opener = opener.filter(|_| snapshot.marker.is_some()).map(ruma::UserId::as_str);
    (opener, i64::from(!snapshot.status.closed))
}

/// PostgreSQL refuses NUL in text, and a step that is refused would be tried for ever.
fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// What a returned row is about; otherwise about the outbox.
const INBOX: i64 = 0;
const ARRIVED: i64 = 2;

/// The numbers that the inserted rows got, by their keys; rows that were there already are not among them.
#[derive(Default)]
struct Inserted {
    inbox: HashMap<String, (i64, String)>,
    /// Some of them may have been put in order since, and stand in `inbox`, too.
    arrived: HashMap<String, (i64, String)>,
    outbox: HashMap<String, i64>,
}

fn applied(steps: &[Step], now_ms: i64, mut inserted: Inserted) -> Vec<Applied> {
    let mut of = |step: &Step| {
        let mut applied = Applied::default();
        let mut take = |row: &NewInbox, inserted: &mut HashMap<String, (i64, String)>| {
            let Some((key, (seq, lane))) = inserted.remove_entry(&row.key) else { return };
            applied.inbox.push(InboxRow { seq, key, lane, body: row.body.clone() });
        };
        step.arrived.iter().for_each(|row| take(row, &mut inserted.arrived));
        step.inbox.iter().for_each(|row| take(row, &mut inserted.inbox));
        for row in &step.ordered {
            // A later step of the group brought it, and it comes before what was found together with it.
            match inserted.arrived.get(&row.key) {
                Some((_, lane)) if lane != UNORDERED => take(row, &mut inserted.arrived),
                _ => take(row, &mut inserted.inbox),
            }
        }
        for row in &step.outbox {
            let Some((key, seq)) = inserted.outbox.remove_entry(&row.key) else { continue };
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
        applied
    };
    steps.iter().map(&mut of).collect()
}

macro_rules! writes {
    ($name:ty, $database:ty) => {
        impl $name {
            /// All steps or none, and only if nobody has taken over.
            pub(super) async fn write(
                &self,
                fence: i64,
                now_ms: i64,
                steps: &[Step],
            ) -> Result<Vec<Applied>, StoreError> {
                let flush = if steps.iter().all(Step::only_settles) { Flush::Later } else { Flush::Now };
                let mut script = Self::script(fence, flush);
                Self::insert_inbox(&mut script, now_ms, steps);
                Self::insert_outbox(&mut script, now_ms, steps);
                Self::write_queues(&mut script, now_ms, steps);
                Self::write_knowledge(&mut script, steps)?;
                Self::insert_admissions(&mut script, now_ms, steps);
                let mut inserted = Inserted::default();
                for row in self.run(script, fence).await? {
                    let (of, seq, key): (i64, i64, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
                    match of {
                        INBOX => drop(inserted.inbox.insert(key, (seq, row.try_get(3)?))),
                        ARRIVED => drop(inserted.arrived.insert(key, (seq, row.try_get(3)?))),
                        _ => drop(inserted.outbox.insert(key, seq)),
                    }
                }
                Ok(applied(steps, now_ms, inserted))
            }

            pub(super) fn insert_inbox(script: &mut Script<$database>, now_ms: i64, steps: &[Step]) {
                // First: unordered where anything was so before, even if that is put in order now. Otherwise it would be handed
                // over before what stands in a later step.
                let arrived: Vec<_> = steps.iter().flat_map(|step| &step.arrived).collect();
                for chunk in arrived.chunks(ROWS_PER_INSERT) {
                    let query = script.statement(
                        "INSERT INTO inbox (key, lane, body, received_ms) SELECT column1, \
                         CASE WHEN EXISTS (SELECT 1 FROM inbox WHERE state = 0 AND lane = ",
                    );
                    query.push_bind(UNORDERED).push(") THEN ").push_bind(UNORDERED);
                    query.push(" ELSE column2 END, column3, column4 FROM (");
                    Self::inbox_values(query, now_ms, chunk);
                    query
                        .push(") AS arrived WHERE true")
                        .push(" ON CONFLICT (key) DO NOTHING RETURNING CAST(2 AS BIGINT), seq, key, lane");
                }
                let ordered: Vec<_> = steps.iter().flat_map(|step| &step.ordered).collect();
                for chunk in ordered.chunks(ROWS_PER_INSERT) {
                    let query = script.statement("DELETE FROM inbox WHERE state = 0 AND lane = ");
                    query.push_bind(UNORDERED).push(" AND key IN (");
                    let mut list = query.separated(", ");
                    for row in chunk {
                        list.push_bind(&row.key);
                    }
                    query.push(")");
                }
                let rows: Vec<_> = steps.iter().flat_map(|step| step.inbox.iter().chain(&step.ordered)).collect();
                for chunk in rows.chunks(ROWS_PER_INSERT) {
                    let query = script.statement("INSERT INTO inbox (key, lane, body, received_ms) ");
                    Self::inbox_values(query, now_ms, chunk);
                    query.push(" ON CONFLICT (key) DO NOTHING RETURNING CAST(0 AS BIGINT), seq, key, lane");
                }
            }

            fn inbox_values(query: &mut QueryBuilder<$database>, now_ms: i64, rows: &[&NewInbox]) {
                query.push_values(rows, |mut line, row| {
                    line.push_bind(&row.key).push_bind(&row.lane).push_bind(storable(&row.body)).push_bind(now_ms);
                });
            }

            fn insert_outbox(script: &mut Script<$database>, now_ms: i64, steps: &[Step]) {
                let rows: Vec<_> = steps.iter().flat_map(|step| &step.outbox).collect();
                for chunk in rows.chunks(ROWS_PER_INSERT) {
                    script
                        .statement("INSERT INTO outbox (key, lane, side, holds, body, created_ms, state) ")
                        .push_values(chunk, |mut line, row| {
                            let state = if row.attempting { OutboxState::Attempting } else { OutboxState::Waiting };
                            line.push_bind(&row.key)
                                .push_bind(&row.lane)
                                .push_bind(side_to_db(row.side))
                                .push_bind(i64::from(row.holds))
                                .push_bind(storable(&row.body))
                                .push_bind(now_ms)
                                .push_bind(state.to_db());
                        })
                        .push(" ON CONFLICT (key) DO NOTHING RETURNING CAST(1 AS BIGINT), seq, key");
                }
            }

            /// `update`, where `seq` is one of these.
            fn for_seqs(script: &mut Script<$database>, update: &'static str, seqs: &[i64]) {
                for chunk in seqs.chunks(ROWS_PER_INSERT) {
                    let query = script.statement(update).push(" WHERE seq IN (");
                    let mut list = query.separated(", ");
                    for seq in chunk {
                        list.push_bind(*seq);
                    }
                    query.push(")");
                }
            }

            fn write_queues(script: &mut Script<$database>, now_ms: i64, steps: &[Step]) {
                let collect = |of: fn(&Step) -> &Vec<i64>| steps.iter().flat_map(of).copied().collect::<Vec<_>>();
                let done = collect(|step| &step.inbox_done);
                Self::for_seqs(script, "UPDATE inbox SET state = 1, body = ''", &done);
                for (seq, lane) in steps.iter().flat_map(|step| &step.inbox_moved) {
                    let query = script.statement("UPDATE inbox SET lane = ").push_bind(lane);
                    query.push(" WHERE seq = ").push_bind(seq);
                }
                for (from, to) in steps.iter().flat_map(|step| &step.lanes_joined) {
                    let query = script.statement("UPDATE inbox SET lane = ").push_bind(to);
                    query.push(" WHERE state = 0 AND lane = ").push_bind(from);
                }
                let attempting = collect(|step| &step.attempting);
                Self::for_seqs(script, "UPDATE outbox SET state = 1", &attempting);
                let sent = collect(|step| &step.sent);
                Self::for_seqs(script, "UPDATE outbox SET state = 2, body = ''", &sent);
                for (seq, reason) in steps.iter().flat_map(|step| &step.dead) {
                    let query = script.statement("UPDATE outbox SET state = 3, note = ").push_bind(storable(reason));
                    query.push(" WHERE seq = ").push_bind(seq);
                }
                for lane in steps.iter().flat_map(|step| &step.revived) {
                    let query = script.statement(REVIVE).push_bind(now_ms);
                    query.push(" WHERE state = 3 AND lane = ").push_bind(lane);
                }
                for later in steps.iter().flat_map(|step| &step.later) {
                    let state = if later.uncertain { OutboxState::Attempting } else { OutboxState::Waiting };
                    let query = script.statement("UPDATE outbox SET attempts = attempts + 1, state = ");
                    query.push_bind(state.to_db());
                    query.push(", not_before_ms = ").push_bind(later.not_before_ms);
                    query.push(", note = ").push_bind(storable(&later.note));
                    query.push(" WHERE seq = ").push_bind(later.seq);
                }
            }

            fn write_knowledge(script: &mut Script<$database>, steps: &[Step]) -> Result<(), StoreError> {
                for ticket in last_by(steps.iter().flat_map(|step| &step.tickets), |ticket| &ticket.snapshot.id) {
                    let body = encode(ticket)?;
                    let (opener, is_open) = ticket_columns(ticket);
                    script
                        .statement("INSERT INTO tickets (ticket, body, opener, is_open) ")
                        .push_values([ticket], |mut line, ticket| {
                            line.push_bind(ticket.snapshot.id.as_str()).push_bind(&body);
                            line.push_bind(opener).push_bind(is_open);
                        })
                        .push(
                            " ON CONFLICT (ticket) DO UPDATE SET body = excluded.body, opener = excluded.opener, \
                             is_open = excluded.is_open",
                        );
                }
                for room in last_by(steps.iter().flat_map(|step| &step.rooms), |room| &room.id) {
                    let (ticket, desk) = room_columns(&room.kind);
                    let kind = encode(&room.kind)?;
                    script
                        .statement("INSERT INTO rooms (room_id, kind, ticket, desk) ")
                        .push_values([room], |mut line, room| {
                            line.push_bind(room.id.as_str()).push_bind(&kind).push_bind(ticket).push_bind(desk);
                        })
                        .push(
                            " ON CONFLICT (room_id) DO UPDATE SET kind = excluded.kind, ticket = excluded.ticket, \
                             desk = excluded.desk",
                        );
                }
                for room in steps.iter().flat_map(|step| &step.forget_rooms) {
                    script.statement("DELETE FROM rooms WHERE room_id = ").push_bind(room.as_str());
                }
                let events: Vec<_> = steps.iter().flat_map(|step| &step.events).collect();
                for chunk in events.chunks(ROWS_PER_INSERT) {
                    script
                        .statement("INSERT INTO events (event_id, room_id, ticket, message) ")
                        .push_values(chunk, |mut line, row| {
                            line.push_bind(row.event.as_str())
                                .push_bind(row.room.as_str())
                                .push_bind(row.ticket.as_str())
                                .push_bind(row.message.as_ref().map(MessageId::as_str));
                        })
                        .push(" ON CONFLICT (event_id) DO NOTHING");
                }
                for (user, name) in last_by(steps.iter().flat_map(|step| &step.names), |(user, _)| user) {
                    script
                        .statement("INSERT INTO names (user_id, name) ")
                        .push_values([name], |mut line, name| {
                            line.push_bind(user.as_str()).push_bind(storable(name));
                        })
                        .push(" ON CONFLICT (user_id) DO UPDATE SET name = excluded.name");
                }
                for (user, language) in last_by(steps.iter().flat_map(|step| &step.languages), |(user, _)| user) {
                    script
                        .statement("INSERT INTO languages (user_id, language) ")
                        .push_values([language], |mut line, language| {
                            line.push_bind(user.as_str()).push_bind(language);
                        })
                        .push(" ON CONFLICT (user_id) DO UPDATE SET language = excluded.language");
                }
                for (name, value) in last_by(steps.iter().flat_map(|step| &step.cursors), |(name, _)| name) {
                    script
                        .statement("INSERT INTO cursors (name, value) ")
                        .push_values([value], |mut line, value| {
                            line.push_bind(*name).push_bind(value);
                        })
                        .push(" ON CONFLICT (name) DO UPDATE SET value = excluded.value");
                }
                Ok(())
            }
        }
    };
}

writes!(SqliteStore, sqlx::Sqlite);
writes!(PostgresStore, sqlx::Postgres);
