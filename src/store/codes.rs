//! Intake codes in the database: read by the bridge, written by the command line.

use sqlx::Row;

use super::StoreError;
use super::sql::{PostgresStore, SqliteStore};
use crate::model::{Code, CodeId};

const COLUMNS: &str = "id, name, device, template, language, disabled";

macro_rules! codes {
    ($name:ty, $row:ty) => {
        impl $name {
            fn code_row(row: &$row) -> Result<Code, StoreError> {
                let disabled: i64 = row.try_get(5)?;
                Ok(Code {
                    id: CodeId::new(row.try_get::<String, _>(0)?),
                    name: row.try_get(1)?,
                    device: row.try_get(2)?,
                    template: row.try_get(3)?,
                    language: row.try_get(4)?,
                    disabled: disabled != 0,
                })
            }

            pub(super) async fn read_code(&self, code: &CodeId) -> Result<Option<Code>, StoreError> {
                let query = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM codes WHERE id = $1"));
                let row = sqlx::query(query).bind(code.as_str()).fetch_optional(&self.readers).await?;
                row.as_ref().map(Self::code_row).transpose()
            }

            pub(super) async fn read_codes(&self) -> Result<Vec<Code>, StoreError> {
                let query = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM codes ORDER BY made_ms, id"));
                sqlx::query(query).fetch_all(&self.readers).await?.iter().map(Self::code_row).collect()
            }

            pub(super) async fn insert_code(&self, code: &Code, now_ms: i64) -> Result<bool, StoreError> {
                let insert = "INSERT INTO codes (id, name, device, template, language, disabled, made_ms) \
                              VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
                let insert = sqlx::query(insert)
                    .bind(code.id.as_str())
                    .bind(&code.name)
                    .bind(&code.device)
                    .bind(&code.template)
                    .bind(&code.language)
                    .bind(i64::from(code.disabled))
                    .bind(now_ms);
                Ok(self.change(insert).await? > 0)
            }

            pub(super) async fn set_disabled(&self, code: &CodeId, disabled: bool) -> Result<bool, StoreError> {
                let update = sqlx::query("UPDATE codes SET disabled = $1 WHERE id = $2");
                Ok(self.change(update.bind(i64::from(disabled)).bind(code.as_str())).await? > 0)
            }
        }
    };
}

codes!(SqliteStore, sqlx::sqlite::SqliteRow);
codes!(PostgresStore, sqlx::postgres::PgRow);
