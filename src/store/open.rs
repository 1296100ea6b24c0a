//! Opens the database that `database.uri` names: lock, migrations, and the fence against every earlier instance.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::Access;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, PgPool};
use tokio::sync::Mutex;

use super::in_time::{InTime, with_signs_of_life};
use super::lease::{self, CLAIM_TERM, LONG_STATEMENT, PAUSED_TRANSACTION};
use super::lock::{InstanceLock, lock_file, lock_path};
use super::sql::{PostgresStore, SqliteStore};
use super::{Backend, Standby, StoreError, migrations, schema, standby};
use crate::net::Claim;

/// Readers beside the one writer.
const READERS: u32 = 4;
/// Pages that a connection keeps in memory, in KiB (SQLite's own default is 2,000): messages of tickets that nobody wrote
/// in for long touch pages all over the file. Memory is taken only as pages are read.
const PAGE_CACHE_KIB: u32 = 16_384;
/// How long a statement waits for another process that looks into the SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What became of an instance that wants to use a database.
pub enum Joined {
    /// It leads.
    Leader(Opened),
    /// Another one does.
    Standby(Box<Standby>),
}

impl Joined {
    /// What the instance may rely on when it calls others, once it leads.
    pub fn claim(&self) -> Claim {
        match self {
            Self::Leader(opened) => opened.lock.claim(),
            Self::Standby(_) => Claim::for_a_term(CLAIM_TERM),
        }
    }
}

pub struct Opened {
    pub backend: Arc<dyn Backend>,
    pub fence: i64,
    pub lock: InstanceLock,
}

/// `sqlite:PATH`, `sqlite://PATH` or `postgres://…`; for whoever has it alone.
pub async fn open(uri: &str) -> Result<Opened, StoreError> {
    match join(uri).await? {
        Joined::Leader(opened) => Ok(opened),
        Joined::Standby(_) => Err(StoreError::InUse),
    }
}

/// The same, beside others where the database has room for them.
pub async fn join(uri: &str) -> Result<Joined, StoreError> {
    if !is_postgres(uri) {
        return open_sqlite(uri).await.map(Joined::Leader);
    }
    let mut connection = lease::connect(uri).await?;
    let theirs = schema::of_postgres(&mut connection).await?;
    schema::refuse_newer(theirs, schema::newest(&migrations::postgres()))?;
    let pool = postgres_pool(uri, Some(LONG_STATEMENT)).await?;
    let store = Arc::new(PostgresStore::new(InTime::new(pool.clone()), InTime::new(pool)));
    if lease::try_lock(&mut connection).await? {
        return standby::take_over(uri, connection, store, None).await.map(Joined::Leader);
    }
    Ok(Joined::Standby(Box::new(Standby::new(uri, connection, store))))
}

/// `statement_timeout`: after so long the server itself gives a statement up; what nobody waits for any more must not fill
/// it with sessions. `None`: for changing tables.
pub(super) async fn postgres_pool(uri: &str, statement_timeout: Option<&'static str>) -> Result<PgPool, StoreError> {
    let options = PgPoolOptions::new().max_connections(READERS + 2).acquire_timeout(CONNECT_TIMEOUT);
    let options = with_signs_of_life(options).after_connect(move |connection, _| {
        Box::pin(async move {
            sqlx::query(PAUSED_TRANSACTION).execute(&mut *connection).await?;
            if let Some(set) = statement_timeout {
                sqlx::query(set).execute(connection).await?;
            }
            Ok(())
        })
    });
    Ok(options.connect(uri).await?)
}

async fn open_sqlite(uri: &str) -> Result<Opened, StoreError> {
    let options = sqlite_options(uri)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: a commit survives the loss of power, not only of the process.
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", format!("-{PAGE_CACHE_KIB}"))
        // What it needs to undo a single statement goes beyond 64 KiB in a busy commit, and would be written to a file.
        .pragma("temp_store", "memory");
    let lock = lock_file(options.get_filename())?;
    restrict_to_owner(options.get_filename())?;
    // By a pool of their own: a future that lends a single connection to them can't be moved between threads.
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    let migrator = migrations::sqlite();
    schema::refuse_newer(schema::of_sqlite(&mut *pool.acquire().await?).await?, schema::newest(&migrator))?;
    migrator.run(&pool).await?;
    pool.close().await;
    let writer = options.connect().await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .connect_with(options.read_only(true))
        .await?;
    finish(Arc::new(SqliteStore::new(Mutex::new(writer), readers)), lock).await
}

/// Whether the database can be used, without changing anything: beside a running bridge, and before the first start.
pub async fn probe(uri: &str) -> Result<(), StoreError> {
    if is_postgres(uri) {
        use sqlx::Connection;
        let mut connection = sqlx::PgConnection::connect(uri).await?;
        let theirs = schema::of_postgres(&mut connection).await?;
        return schema::refuse_newer(theirs, schema::newest(&migrations::postgres()));
    }
    let options = sqlite_options(uri)?;
    let path = options.get_filename().to_owned();
    if path.exists() {
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options.create_if_missing(false)).await?;
        let theirs = schema::of_sqlite(&mut *pool.acquire().await?).await?;
        schema::refuse_newer(theirs, schema::newest(&migrations::sqlite()))?;
        sqlx::query("SELECT fence FROM instance").fetch_one(&pool).await?;
    }
    // It is made at the first start, and its files beside it at each, where we may.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let may = |path: &Path, access| rustix::fs::access(path, access).is_ok();
    if !folder.is_dir() || !may(folder, Access::WRITE_OK | Access::EXEC_OK) {
        return Err(StoreError::Refused(format!(
            "there is no folder {} that can be written to → let the user that Ticketroom runs as write there",
            folder.display()
        )));
    }
    for file in [path.clone(), lock_path(&path)] {
        if file.exists() && !may(&file, Access::READ_OK | Access::WRITE_OK) {
            return Err(StoreError::Refused(format!(
                "{} can't be written to → give it to the user that Ticketroom runs as",
                file.display()
            )));
        }
    }
    Ok(())
}

/// Refuses what is not there: an empty database, made by mistake, would say that there is nothing.
pub fn must_exist(uri: &str) -> Result<(), StoreError> {
    match file_of(uri)? {
        Some(file) if !file.exists() => Err(StoreError::Refused(format!(
            "there is no database {} → run this in the folder that the bridge runs in, or name the file in full in \
             database.uri",
            std::path::absolute(&file).unwrap_or(file).display()
        ))),
        _ => Ok(()),
    }
}

/// The database beside the bridge that may be running on it: to read and write codes, and nothing else. It is made where
/// there is none yet.
pub async fn beside(uri: &str) -> Result<Arc<dyn Backend>, StoreError> {
    match attach(uri).await {
        Ok(backend) if backend.codes().await.is_ok() => return Ok(backend),
        _ => {}
    }
    // Not there, or of an older version: made so by whoever has it alone.
    match open(uri).await {
        Ok(opened) => Ok(opened.backend),
        Err(StoreError::InUse) => {
            // It may have been made in this very moment.
            let backend = attach(uri).await?;
            backend.codes().await.map_err(|_| {
                StoreError::Refused(
                    "the bridge that runs on this database is of a version without codes: restart it with this one"
                        .to_owned(),
                )
            })?;
            Ok(backend)
        }
        Err(error) => Err(error),
    }
}

async fn attach(uri: &str) -> Result<Arc<dyn Backend>, StoreError> {
    if is_postgres(uri) {
        let pool = postgres_pool(uri, Some(LONG_STATEMENT)).await?;
        let theirs = schema::of_postgres(&mut *pool.acquire().await?).await?;
        schema::refuse_newer(theirs, schema::newest(&migrations::postgres()))?;
        return Ok(Arc::new(PostgresStore::new(InTime::new(pool.clone()), InTime::new(pool))));
    }
    let options = sqlite_options(uri)?.create_if_missing(false).synchronous(SqliteSynchronous::Full);
    let mut writer = options.connect().await?;
    schema::refuse_newer(schema::of_sqlite(&mut writer).await?, schema::newest(&migrations::sqlite()))?;
    let readers = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    Ok(Arc::new(SqliteStore::new(Mutex::new(writer), readers)))
}

/// Where the database is, if it is a file.
pub(super) fn file_of(uri: &str) -> Result<Option<PathBuf>, StoreError> {
    match is_postgres(uri) {
        true => Ok(None),
        false => Ok(Some(sqlite_options(uri)?.get_filename().to_owned())),
    }
}

fn is_postgres(uri: &str) -> bool {
    uri.starts_with("postgres:") || uri.starts_with("postgresql:")
}

pub(super) fn sqlite_options(uri: &str) -> Result<SqliteConnectOptions, StoreError> {
    if !uri.starts_with("sqlite:") {
        return Err(StoreError::Refused(
            "database.uri must begin with sqlite: or postgres:, for example sqlite:ticketroom.db".to_owned(),
        ));
    }
    Ok(SqliteConnectOptions::from_str(uri)?.busy_timeout(BUSY_TIMEOUT))
}

/// The database holds customers' words: nobody else on the machine may read it.
fn restrict_to_owner(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|error| StoreError::Refused(format!("the database {} cannot be opened: {error}", path.display())))
}

async fn finish(backend: Arc<dyn Backend>, lock: InstanceLock) -> Result<Opened, StoreError> {
    let fence = backend.next_fence().await?;
    Ok(Opened { backend, fence, lock })
}
