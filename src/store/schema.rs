//! Which version the database's tables have, and whether this program may use them.

use sqlx::migrate::Migrator;
use sqlx::{PgConnection, SqliteConnection};

use super::StoreError;

/// The newest migration that this program knows.
pub(super) fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// A program that does not know a table's newer shape would lose what the newer one keeps there.
pub(super) fn refuse_newer(theirs: i64, ours: i64) -> Result<(), StoreError> {
    if theirs > ours { Err(StoreError::Newer { theirs, ours }) } else { Ok(()) }
}

const TABLE_POSTGRES: &str = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
const TABLE_SQLITE: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations')";
const VERSION: &str = "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM _sqlx_migrations WHERE success";

/// 0: nobody has used it yet.
pub(super) async fn of_postgres(connection: &mut PgConnection) -> Result<i64, StoreError> {
    if !sqlx::query_scalar::<_, bool>(TABLE_POSTGRES).fetch_one(&mut *connection).await? {
        return Ok(0);
    }
    Ok(sqlx::query_scalar(VERSION).fetch_one(connection).await?)
}

/// 0: nobody has used it yet.
pub(super) async fn of_sqlite(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    if !sqlx::query_scalar::<_, bool>(TABLE_SQLITE).fetch_one(&mut *connection).await? {
        return Ok(0);
    }
    Ok(sqlx::query_scalar(VERSION).fetch_one(connection).await?)
}
