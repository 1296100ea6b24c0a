//! A fresh database for one test.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use ticketroom::store::{Opened, StoreError, open};

pub struct Database {
    uri: String,
    _folder: Option<tempfile::TempDir>,
}

impl Database {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let uri = format!("sqlite:{}", folder.path().join("ticketroom.db").display());
        Self { uri, _folder: Some(folder) }
    }

    /// Panics with what to start if there is none.
    pub async fn postgres() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("TICKETROOM_TEST_POSTGRES") else {
            panic!(
                "TICKETROOM_TEST_POSTGRES is not set: start a server with `scripts/start-postgres /tmp/SOME-DIR PORT` and \
                 set it to postgres://ticketroom@127.0.0.1:PORT/postgres (./test does both)"
            );
        };
        #[allow(clippy::disallowed_methods, reason = "a name that no earlier run had")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let name = format!("test_{}_{now}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let mut admin = PgConnection::connect(&server).await.unwrap_or_else(|error| {
            panic!("TICKETROOM_TEST_POSTGRES cannot be reached ({error}): start it with scripts/start-postgres")
        });
        admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        let mut uri: url::Url = server.parse().unwrap();
        uri.set_path(&name);
        Self { uri: uri.into(), _folder: None }
    }

    pub fn uri(&self) -> &str {
        &self.uri
    }

    pub async fn open(&self) -> Opened {
        self.try_open().await.unwrap()
    }

    pub async fn try_open(&self) -> Result<Opened, StoreError> {
        open(&self.uri).await
    }

    /// A statement past the bridge.
    pub async fn execute(&self, statement: &'static str) {
        if self.uri.starts_with("sqlite") {
            SqliteConnection::connect(&self.uri).await.unwrap().execute(statement).await.unwrap();
        } else {
            PgConnection::connect(&self.uri).await.unwrap().execute(statement).await.unwrap();
        }
    }
}
