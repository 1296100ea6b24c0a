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

/// Whether a commit of SQLite waits for the disk. What follows it there does so for both, and only a machine that stops
/// loses it: with all that we did in the meantime.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flush {
    Now,
    Later,
}

pub(super) struct Script<DB: Database> {
    earlier: Vec<QueryBuilder<DB>>,
    last: QueryBuilder<DB>,
    is_one: bool,
    flush: Flush,
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
        Self { earlier: Vec::new(), last: QueryBuilder::new(sql), is_one: false, flush: Flush::Now }
    }

    pub fn statements(self) -> impl Iterator<Item = QueryBuilder<Postgres>> {
        self.earlier.into_iter().chain([self.last])
    }
}

/// As the connection was opened.
const SYNCHRONOUS: &str = "PRAGMA synchronous = FULL";
const RAISE_FENCE: &str = "UPDATE instance SET fence = fence + 1 WHERE id = 1 RETURNING fence";

impl SqliteStore {
    /// One statement beside the scripts: how many rows it changed.
    pub(super) async fn change(&self, statement: Query<'_, Sqlite, SqliteArguments>) -> Result<u64, StoreError> {
        Ok(statement.execute(&mut *self.writer.lock().await).await?.rows_affected())
    }

    pub(super) async fn raise_fence(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(RAISE_FENCE).fetch_one(&mut *self.writer.lock().await).await?)
    }

    pub(super) fn script(fence: i64, flush: Flush) -> Script<Sqlite> {
        let begin = match flush {
            Flush::Now => "BEGIN IMMEDIATE",
            Flush::Later => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
        };
        let mut script = Script { earlier: Vec::new(), last: QueryBuilder::new(begin), is_one: true, flush };
        // Adds a row only where somebody has taken over, and then it breaks the table's key, which ends the script.
        script
            .statement("INSERT INTO instance (id, fence) SELECT id, fence FROM instance WHERE id = 1 AND fence <> ")
            .push_bind(fence);
        script
    }

    /// The rows that its statements return, in their order.
    pub(super) async fn run(&self, mut script: Script<Sqlite>, fence: i64) -> Result<Vec<SqliteRow>, StoreError> {
        script.statement("COMMIT");
        if script.flush == Flush::Later {
            script.statement(SYNCHRONOUS);
        }
        let is_short = script.last.sql().as_str().len() <= REMEMBERED_BYTES;
        let mut connection = self.writer.lock().await;
        let result = script.last.build().persistent(is_short).fetch_all(&mut *connection).await;
        let Err(error) = result else { return Ok(result?) };
        // Whatever was done of it is undone. Where nothing is open this fails, as it should; and a transaction that stayed
        // open all the same makes the next script fail at its first statement and end here, too.
        let _nothing_open = sqlx::query("ROLLBACK").execute(&mut *connection).await;
        let _is_so_already = sqlx::query(SYNCHRONOUS).execute(&mut *connection).await;
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

    /// Always flushed: a server that is killed alone would have what was written before another flush as if it had not been,
    /// in the middle of what we do.
    pub(super) fn script(_fence: i64, _flush: Flush) -> Script<Postgres> {
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

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions as _;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
    use tokio::sync::Mutex;

    use super::*;
    use crate::store::{Step, migrations};

    const FULL: i64 = 2;

    async fn mode(store: &SqliteStore) -> i64 {
        sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *store.writer.lock().await).await.unwrap()
    }

    #[tokio::test]
    async fn what_comes_after_a_commit_that_did_not_wait_for_the_disk_does() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("t.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let readers = SqlitePoolOptions::new().connect_with(options.clone()).await.unwrap();
        migrations::sqlite().run(&readers).await.unwrap();
        let store = SqliteStore::new(Mutex::new(options.connect().await.unwrap()), readers);
        let fence = store.raise_fence().await.unwrap();
        let settles = [Step { sent: vec![1], ..Step::default() }];
        assert!(settles[0].only_settles());
        assert!(!Step { sent: vec![1], inbox_done: vec![1], ..Step::default() }.only_settles());
        store.write(fence, 1, &settles).await.unwrap();
        assert_eq!(mode(&store).await, FULL);
        assert!(store.write(fence + 1, 1, &settles).await.is_err(), "somebody has taken over");
        assert_eq!(mode(&store).await, FULL);
        store.write(fence, 1, &settles).await.unwrap();
    }
}
