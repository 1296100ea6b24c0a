//! What a group of steps writes, as statements, and how each database runs them in one transaction.
//!
//! For SQLite all of them are one script: each answer of its thread costs two switches between threads, which is more than
//! a small statement itself.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Database, Postgres, QueryBuilder, Sqlite, Transaction};

use super::StoreError;
use super::sql::{PostgresStore, SqliteStore};

/// Longer scripts (many rows) are hardly ever the same again: remembering them would cost memory and win nothing.
const REMEMBERED_BYTES: usize = 2000;

pub(super) struct Script<DB: Database> {
    earlier: Vec<QueryBuilder<DB>>,
    last: QueryBuilder<DB>,
    is_one: bool,
}

impl<DB: Database> Script<DB> {
    /// The next statement; what is pushed belongs to it. Placeholders are made by `push_bind` alone.
    pub fn statement(&mut self, sql: &'static str) -> &mut QueryBuilder<DB> {
        if self.is_one {
            self.last.push("; ");
            self.last.push(sql)
        } else {
            self.earlier.push(std::mem::replace(&mut self.last, QueryBuilder::new(sql)));
            &mut self.last
        }
    }
}

impl Script<Postgres> {
    /// One statement after the other, this one first.
    pub fn beginning(sql: &'static str) -> Self {
        Self { earlier: Vec::new(), last: QueryBuilder::new(sql), is_one: false }
    }

    pub fn statements(self) -> impl Iterator<Item = QueryBuilder<Postgres>> {
        self.earlier.into_iter().chain([self.last])
    }
}

const RAISE_FENCE: &str = "UPDATE instance SET fence = fence + 1 WHERE id = 1 RETURNING fence";

impl SqliteStore {
    /// One statement beside the scripts: how many rows it changed.
    pub(super) async fn change(&self, statement: Query<'_, Sqlite, SqliteArguments>) -> Result<u64, StoreError> {
        Ok(statement.execute(&mut *self.writer.lock().await).await?.rows_affected())
    }

    pub(super) async fn raise_fence(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(RAISE_FENCE).fetch_one(&mut *self.writer.lock().await).await?)
    }

    pub(super) fn script(fence: i64) -> Script<Sqlite> {
        let mut script = Script { earlier: Vec::new(), last: QueryBuilder::new("BEGIN IMMEDIATE"), is_one: true };
        // Adds a row only where somebody has taken over, and then it breaks the table's key, which ends the script.
        script
            .statement("INSERT INTO instance (id, fence) SELECT id, fence FROM instance WHERE id = 1 AND fence <> ")
            .push_bind(fence);
        script
    }

    /// The rows that its statements return, in their order.
    pub(super) async fn run(&self, mut script: Script<Sqlite>, fence: i64) -> Result<Vec<SqliteRow>, StoreError> {
        script.statement("COMMIT");
        let is_short = script.last.sql().as_str().len() <= REMEMBERED_BYTES;
        let mut connection = self.writer.lock().await;
        let result = script.last.build().persistent(is_short).fetch_all(&mut *connection).await;
        let Err(error) = result else { return Ok(result?) };
        // Whatever was done of it is undone. Where nothing is open this fails, as it should; and a transaction that stayed
        // open all the same makes the next script fail at its first statement and end here, too.
        let _nothing_open = sqlx::query("ROLLBACK").execute(&mut *connection).await;
        if error.as_database_error().is_some_and(|error| error.is_unique_violation()) {
            let now: i64 =
                sqlx::query_scalar("SELECT fence FROM instance WHERE id = 1").fetch_one(&mut *connection).await?;
            if now != fence {
                return Err(StoreError::Fenced);
            }
        }
        Err(error.into())
    }
}

impl PostgresStore {
    pub(super) async fn change(&self, statement: Query<'_, Postgres, PgArguments>) -> Result<u64, StoreError> {
        Ok(statement.execute(&self.writer).await?.rows_affected())
    }

    pub(super) async fn raise_fence(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(RAISE_FENCE).fetch_one(&self.writer).await?)
    }

    pub(super) fn script(_fence: i64) -> Script<Postgres> {
        // Whoever takes over waits until this transaction has ended, and sees all that it wrote.
        Script::beginning("SELECT fence, taken FROM instance WHERE id = 1 FOR SHARE")
    }

    /// The rows that its statements return, in their order.
    pub(super) async fn run(&self, script: Script<Postgres>, fence: i64) -> Result<Vec<PgRow>, StoreError> {
        let write = async |tx: &mut Transaction<'_, Postgres>| {
            let mut statements = script.statements();
            let mut taken = None;
            if let Some(mut first) = statements.next() {
                let (now, by_others): (i64, i64) = first.build_query_as().fetch_one(&mut **tx).await?;
                if now != fence {
                    return Err(StoreError::Fenced);
                }
                taken = Some(by_others);
            }
            let mut rows = Vec::new();
            for mut statement in statements {
                rows.extend(statement.build().fetch_all(&mut **tx).await?);
            }
            Ok((rows, taken))
        };
        let (rows, taken) = self.writer.transaction(write).await?;
        if let Some(taken) = taken {
            self.others.saw(taken);
        }
        Ok(rows)
    }
}
