//! What customers were let do: counted by the rows themselves, so that nothing counts twice and no counter can be wrong.

use ruma::{RoomId, UserId};

use super::script::Script;
use super::sql::{PostgresStore, SqliteStore};
use super::{Step, StoreError};
use crate::model::{Admission, Used};

fn kind_to_db(kind: Admission) -> &'static str {
    match kind {
        Admission::Ticket => "ticket",
        Admission::Room => "room",
        Admission::Refusal => "refusal",
        Admission::Edit => "edit",
    }
}

macro_rules! admissions {
    ($name:ty, $database:ty) => {
        impl $name {
            pub(super) fn insert_admissions(script: &mut Script<$database>, now_ms: i64, steps: &[Step]) {
                for row in steps.iter().flat_map(|step| &step.admissions) {
                    script
                        .statement("INSERT INTO admissions (key, kind, user_id, server, at_ms) ")
                        .push_values([row], |mut line, row| {
                            line.push_bind(&row.key)
                                .push_bind(kind_to_db(row.kind))
                                .push_bind(&row.who)
                                .push_bind(&row.server)
                                .push_bind(now_ms);
                        })
                        .push(" ON CONFLICT (key) DO NOTHING");
                }
            }

            pub(super) async fn read_used(
                &self,
                user: &UserId,
                room: &RoomId,
                since_ms: i64,
            ) -> Result<Used, StoreError> {
                let counts: Vec<(i64, i64)> = sqlx::query_as(
                    "SELECT part, amount FROM ( \
                     SELECT CAST(1 AS BIGINT) AS part, COUNT(*) AS amount FROM admissions \
                     WHERE user_id = $1 AND kind = 'ticket' AND at_ms > $4 \
                     UNION ALL SELECT 2, COUNT(*) FROM tickets WHERE opener = $1 AND is_open = 1 \
                     UNION ALL SELECT 3, COUNT(*) FROM admissions WHERE server = $2 AND kind = 'ticket' AND at_ms > $4 \
                     UNION ALL SELECT 4, COUNT(*) FROM admissions WHERE user_id = $1 AND kind = 'room' AND at_ms > $4 \
                     UNION ALL SELECT 5, COUNT(*) FROM admissions WHERE server = $2 AND kind = 'room' AND at_ms > $4 \
                     UNION ALL SELECT 6, COUNT(*) FROM admissions WHERE user_id = $3 AND kind = 'refusal' AND at_ms > $4 \
                     UNION ALL SELECT 7, COUNT(*) FROM admissions WHERE user_id = $1 AND kind = 'edit' AND at_ms > $4 \
                     ) AS parts",
                )
                .bind(user.as_str())
                .bind(user.server_name().as_str())
                .bind(room.as_str())
                .bind(since_ms)
                .fetch_all(&self.readers)
                .await?;
                let part = |part: i64| {
                    let found = counts.iter().find(|(number, _)| *number == part);
                    found.and_then(|(_, amount)| u64::try_from(*amount).ok()).unwrap_or_default()
                };
                Ok(Used {
                    tickets_of_customer: part(1),
                    open_of_customer: part(2),
                    tickets_of_server: part(3),
                    rooms_of_customer: part(4),
                    rooms_of_server: part(5),
                    told: part(6) > 0,
                    told_no_edits: part(7) > 0,
                })
            }
        }
    };
}

admissions!(SqliteStore, sqlx::Sqlite);
admissions!(PostgresStore, sqlx::Postgres);
