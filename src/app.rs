//! Wiring: from a configuration to the running bridge.

use std::sync::Arc;

use anyhow::bail;

use crate::{config::Config, helpdesk::Helpdesk};

/// Runs until it is told to stop.
pub async fn run(_config: Config) -> anyhow::Result<()> {
    bail!("the parts are not wired yet")
}

/// The helpdesk that the configuration names.
pub fn open_helpdesk(_config: &Config) -> anyhow::Result<Arc<dyn Helpdesk>> {
    bail!("the helpdesk is not wired yet")
}

/// Opens the database and brings its tables up to date.
pub async fn open_database(_config: &Config) -> anyhow::Result<()> {
    bail!("the database is not wired yet")
}
