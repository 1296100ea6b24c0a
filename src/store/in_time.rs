//! PostgreSQL that does not answer: whatever is asked of it has a time limit, and the connection that missed it is closed.
//!
//! A connection can be cut off without either end hearing of it (a firewall has forgotten it, a machine is gone). What is
//! asked there waits as long as the kernel has patience: a quarter of an hour, or for ever.

use std::io;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sqlx::pool::{PoolConnection, PoolConnectionMetadata};
use sqlx::postgres::{PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Connection, Either, Error, Execute, Executor, PgConnection, PgPool, Postgres, SqlStr, Transaction};
use tokio::runtime::Handle;

use super::StoreError;

/// For one transaction or reading, with waiting for a connection: a busy disk may take seconds.
pub(super) const QUESTION_MAX: Duration = Duration::from_secs(20);
/// For a sign of life of a connection that nobody uses: it needs no disk.
const SIGN_MAX: Duration = Duration::from_secs(2);
/// Before the server is asked again whether a transaction whose end nobody heard of has ended.
const END_PAUSE: Duration = Duration::from_secs(1);

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

/// Of a pool with these options, each connection gives a sign of life before it is used.
pub(super) fn with_signs_of_life(options: PgPoolOptions) -> PgPoolOptions {
    fn lives(connection: &mut PgConnection, _: PoolConnectionMetadata) -> BoxFuture<'_, Result<bool, Error>> {
        Box::pin(async move { within(SIGN_MAX, connection.ping()).await.map(|()| true) })
    }
    options.test_before_acquire(false).before_acquire(lives)
}

/// A connection of the pool. It has to give a sign of life when it comes back, too, and one that was left in the middle of
/// a question gives none: the pool would keep its place for as long as the kernel has patience.
struct Borrowed(Option<PoolConnection<Postgres>>);

impl Borrowed {
    async fn from(pool: &PgPool) -> Result<Self, Error> {
        Ok(Self(Some(pool.acquire().await?)))
    }

    fn connection(&mut self) -> Result<&mut PgConnection, Error> {
        self.0.as_deref_mut().ok_or(Error::PoolClosed)
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let (Some(mut connection), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(async move {
                // Where this is not waited for any longer the connection is closed, and its place free.
                let _in_time = tokio::time::timeout(SIGN_MAX, connection.return_to_pool()).await;
            });
        }
    }
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

    /// One transaction: wholly there in time, or failed and not to come any more.
    pub async fn transaction<T>(
        &self,
        work: impl AsyncFnOnce(&mut Transaction<'_, Postgres>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut has_begun = false;
        let result = within(QUESTION_MAX, async {
            let mut borrowed = Borrowed::from(&self.0).await?;
            let mut tx = borrowed.connection()?.begin().await?;
            has_begun = true;
            let done = work(&mut tx).await?;
            tx.commit().await?;
            Ok(done)
        })
        .await;
        if has_begun && result.as_ref().is_err_and(is_cut_off) {
            self.until_ended().await;
        }
        result
    }

    /// The server may still be at work on a transaction that we have given up, and write it down later. Each of ours holds
    /// this row (`FOR SHARE`) from its first statement to its end. Whoever reads or repeats what it was about has to know
    /// which end that was.
    async fn until_ended(&self) {
        let behind = || sqlx::query("SELECT 1 FROM instance WHERE id = 1 FOR UPDATE").execute(self);
        while let Err(error) = behind().await {
            tracing::warn!(%error, "whether the last transaction was written cannot be told yet");
            tokio::time::sleep(END_PAUSE).await;
        }
    }
}

/// Whether nothing came from the server. What it says itself it says when the transaction has ended.
fn is_cut_off(error: &StoreError) -> bool {
    matches!(error, StoreError::Database(error) if error.as_database_error().is_none())
}

impl<'p> Executor<'p> for &'_ InTime {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let pool = self.0.clone();
        let all = async move {
            within(QUESTION_MAX, async {
                let mut borrowed = Borrowed::from(&pool).await?;
                borrowed.connection()?.fetch_many(query).try_collect::<Vec<_>>().await
            })
            .await
        };
        let rows = stream::once(all).map_ok(|rows| stream::iter(rows).map(Ok));
        rows.try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let pool = self.0.clone();
        Box::pin(async move {
            within(QUESTION_MAX, async {
                let mut borrowed = Borrowed::from(&pool).await?;
                borrowed.connection()?.fetch_optional(query).await
            })
            .await
        })
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        let pool = self.0.clone();
        Box::pin(async move {
            within(QUESTION_MAX, async {
                let mut borrowed = Borrowed::from(&pool).await?;
                borrowed.connection()?.prepare_with(sql, parameters).await
            })
            .await
        })
    }
}
