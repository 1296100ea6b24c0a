//! An instance that stands by: it takes events in beside the leader, and watches until it can take the leader's place.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgConnection;
use tokio::time::Instant;

use super::in_time::{QUESTION_MAX, within};
use super::keep::PostgresLock;
use super::lease::{self, BEAT_EVERY, CLAIM_TERM, EVICT_AFTER, LOOK_EVERY, Sign};
use super::lock::InstanceLock;
use super::open::{Opened, postgres_pool};
use super::sql::PostgresStore;
use super::{Backend, NewInbox, StoreError, migrations, schema};

/// What a standby may write.
#[derive(Clone)]
pub struct Beside {
    store: Arc<PostgresStore>,
    version: i64,
}

impl Beside {
    pub fn backend(&self) -> Arc<dyn Backend> {
        Arc::<PostgresStore>::clone(&self.store)
    }

    /// On disk when it returns; rows that are there already are left as they are.
    pub async fn take(&self, now_ms: i64, rows: Vec<NewInbox>) -> Result<(), StoreError> {
        self.store.take_beside(now_ms, rows, self.version).await
    }
}

/// What a look at the leader showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    version: i64,
    sign: Option<Sign>,
    /// Its session: another standby that was faster holds the lock before anything else of it can be seen.
    holder: Option<i32>,
}

pub struct Standby {
    uri: String,
    /// `None`: it broke.
    connection: Option<PgConnection>,
    beside: Beside,
    watched: Option<(Seen, Instant)>,
    /// A database that was away has forgotten all locks: the leader may take its own again first.
    patient_until: Instant,
}

impl Standby {
    pub(super) fn new(uri: &str, connection: PgConnection, store: Arc<PostgresStore>) -> Self {
        let beside = Beside { store, version: schema::newest(&migrations::postgres()) };
        let (uri, connection) = (uri.to_owned(), Some(connection));
        Self { uri, connection, beside, watched: None, patient_until: Instant::now() }
    }

    pub fn beside(&self) -> Beside {
        self.beside.clone()
    }

    /// Returns when this instance leads. `told` hears after each look whether events can be taken in meanwhile.
    pub async fn lead(mut self, mut told: impl FnMut(Result<(), &StoreError>)) -> Result<Opened, StoreError> {
        loop {
            match self.look().await {
                Ok(None) => break,
                Ok(Some(seen)) => {
                    schema::refuse_newer(seen.version, self.beside.version)?;
                    told(if seen.version < self.beside.version { Err(&StoreError::Older) } else { Ok(()) });
                    if let Err(error) = self.watch(seen).await {
                        tracing::warn!(%error, "the leader's lock cannot be taken away");
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the leader cannot be watched; trying again");
                    told(Err(&error));
                    (self.connection, self.watched) = (None, None);
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let Some(connection) = self.connection.take() else { return Err(StoreError::Closed) };
        tracing::info!("the leader is gone: this instance takes over");
        take_over(&self.uri, connection, self.beside.store, Some(self.watched)).await
    }

    /// `None`: the lock is ours.
    async fn look(&mut self) -> Result<Option<Seen>, StoreError> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            None => {
                let connection = self.connection.insert(lease::connect(&self.uri).await?);
                self.patient_until = Instant::now() + 3 * BEAT_EVERY;
                connection
            }
        };
        if Instant::now() >= self.patient_until && lease::try_lock(connection).await? {
            return Ok(None);
        }
        let version = lease::answered(schema::of_postgres(connection)).await?;
        let sign = lease::sign(connection).await?;
        Ok(Some(Seen { version, sign, holder: lease::holder(connection).await? }))
    }

    /// A leader that gives no sign of life, or that is of an older version than we, has to go. One that brings the tables
    /// up to date may take its time: it changes the fence or the version first.
    async fn watch(&mut self, mut seen: Seen) -> Result<(), StoreError> {
        if seen.version < self.beside.version {
            seen.sign = seen.sign.map(|sign| Sign { beat: 0, ..sign });
        }
        let since = match self.watched {
            Some((before, since)) if before == seen => since,
            _ => {
                self.watched = Some((seen, Instant::now()));
                return Ok(());
            }
        };
        let has_signs = seen.sign.is_some() || seen.version < self.beside.version;
        if since.elapsed() < EVICT_AFTER || !has_signs {
            return Ok(());
        }
        let (Some(connection), Some(holder)) = (&mut self.connection, seen.holder) else { return Ok(()) };
        if lease::evict(connection, holder).await? {
            tracing::warn!("the leader gave no sign of life, or is of an older version: its lock was taken away");
        }
        Ok(())
    }
}

/// The lock is ours: fences out whoever led before and brings the tables up to date. `watched`: what was seen of the one
/// before, by an instance that stood by; one that found the lock free has nobody to wait for.
#[allow(clippy::option_option, reason = "whether it stood by, and what it saw then")]
pub(super) async fn take_over(
    uri: &str,
    mut connection: PgConnection,
    store: Arc<PostgresStore>,
    watched: Option<Option<(Seen, Instant)>>,
) -> Result<Opened, StoreError> {
    let migrator = migrations::postgres();
    let theirs = lease::answered(schema::of_postgres(&mut connection)).await?;
    schema::refuse_newer(theirs, schema::newest(&migrator))?;
    if theirs == 0 {
        migrator.run(store.writer.unlimited()).await?;
    }
    // Changing the tables takes as long as it takes; seeing that there is nothing to change does not.
    let limit = if theirs == schema::newest(&migrator) { QUESTION_MAX } else { Duration::MAX };
    let fence = store.next_fence().await?;
    let sign = lease::sign(&mut connection).await?;
    let wait_until = match watched {
        None => None,
        Some(_) if sign.is_some_and(|sign| sign.released == fence - 1) => None,
        // What was under way there may still be for as long as its claim lasts.
        Some(Some((before, since))) if before.sign.map(|sign| sign.beat) == sign.map(|sign| sign.beat) => {
            Some(since + CLAIM_TERM)
        }
        Some(_) => Some(Instant::now() + CLAIM_TERM),
    };
    let pool = postgres_pool(uri, None).await?;
    let mut ready = tokio::spawn(async move {
        if let Some(at) = wait_until {
            tokio::time::sleep_until(at).await;
        }
        let result = within(limit, async { Ok::<(), StoreError>(migrator.run(&pool).await?) }).await;
        // A connection that was left in the middle of a question is not waited for.
        let _closed = tokio::time::timeout(QUESTION_MAX, pool.close()).await;
        result
    });
    // The others shall see that we live, however long the tables take.
    let result = loop {
        if sign.is_some() {
            lease::beat(&mut connection, fence).await?;
        }
        if let Ok(result) = tokio::time::timeout(BEAT_EVERY, &mut ready).await {
            break result;
        }
    };
    result.map_err(|_| StoreError::Closed)??;
    let lock = InstanceLock::Postgres(PostgresLock { uri: uri.to_owned(), connection });
    Ok(Opened { backend: store, fence, lock })
}
