//! PostgreSQL that does not answer: whatever is asked of it has a time limit, and the connection that missed it is closed.
//!
//! A connection can be cut off without either end hearing of it (a firewall has forgotten it, a machine is gone). What is
//! asked there waits as long as the kernel has patience: a quarter of an hour, or for ever.

use std::io;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sqlx::pool::PoolConnectionMetadata;
use sqlx::postgres::{PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Connection, Either, Error, Execute, Executor, PgConnection, PgPool, Postgres, SqlStr, Transaction};

use super::StoreError;

/// For one transaction or reading, with waiting for a connection: a busy disk may take seconds. What has a reader waiting
/// at the other end (a homeserver's transaction, a health check) has a shorter limit of its own.
pub(super) const QUESTION_MAX: Duration = Duration::from_secs(20);
/// For a sign of life of a connection that nobody uses: it needs no disk.
const SIGN_MAX: Duration = Duration::from_secs(2);

/// The question's answer, if it comes in time.
pub(super) async fn within<T, E: From<Error>>(
    limit: Duration,
    question: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    tokio::time::timeout(limit, question).await.unwrap_or_else(|_| {
        let why = format!("no answer within {} seconds", limit.as_secs());
        Err(Error::Io(io::Error::new(io::ErrorKind::TimedOut, why)).into())
    })
}

/// Of a pool with these options, each connection gives a sign of life before it is used, and when it comes back: one that
/// was left in the middle of a question would otherwise keep its place for as long as the question lasts.
pub(super) fn with_signs_of_life(options: PgPoolOptions) -> PgPoolOptions {
    fn lives(connection: &mut PgConnection, _: PoolConnectionMetadata) -> BoxFuture<'_, Result<bool, Error>> {
        Box::pin(async move { within(SIGN_MAX, connection.ping()).await.map(|()| true) })
    }
    options.test_before_acquire(false).before_acquire(lives).after_release(lives)
}

/// Connections that answer in time, or fail.
#[derive(Clone, Debug)]
pub struct InTime(PgPool);

impl InTime {
    pub fn new(pool: PgPool) -> Self {
        Self(pool)
    }

    /// What it does has no limit: for what may take long.
    pub fn unlimited(&self) -> &PgPool {
        &self.0
    }

    /// One transaction: wholly there in time, or not known to be there.
    pub async fn transaction<T>(
        &self,
        work: impl AsyncFnOnce(&mut Transaction<'_, Postgres>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        within(QUESTION_MAX, async {
            let mut tx = self.0.begin().await?;
            let done = work(&mut tx).await?;
            tx.commit().await?;
            Ok(done)
        })
        .await
    }
}

impl<'p> Executor<'p> for &'_ InTime {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let pool = self.0.clone();
        let all = async move { within(QUESTION_MAX, pool.fetch_many(query).try_collect::<Vec<_>>()).await };
        let rows = stream::once(all).map_ok(|rows| stream::iter(rows).map(Ok));
        rows.try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let pool = self.0.clone();
        Box::pin(async move { within(QUESTION_MAX, pool.fetch_optional(query)).await })
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        let pool = self.0.clone();
        Box::pin(async move { within(QUESTION_MAX, pool.prepare_with(sql, parameters)).await })
    }
}
