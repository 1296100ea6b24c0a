//! The migrations, built into the binary. Both databases keep the same numbers.

use std::borrow::Cow;

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

macro_rules! migrations {
    ($folder:literal: $($version:literal $name:literal),+ $(,)?) => {
        Migrator::with_migrations(vec![$(
            Migration::new(
                $version,
                Cow::Borrowed($name),
                MigrationType::Simple,
                SqlStr::from_static(include_str!(concat!("../../migrations/", $folder, "/", $name, ".sql"))),
                false,
            )
        ),+])
    };
}

pub fn sqlite() -> Migrator {
    migrations!(
        "sqlite": 1 "0001_delivery", 2 "0002_languages", 3 "0003_codes", 4 "0004_replicas", 5 "0005_lookups", 6 "0006_outcomes"
    )
}

pub fn postgres() -> Migrator {
    migrations!(
        "postgres": 1 "0001_delivery", 2 "0002_languages", 3 "0003_codes", 4 "0004_replicas", 5 "0005_lookups", 6 "0006_outcomes"
    )
}
