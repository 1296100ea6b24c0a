//! `ticketroom check`: what is right, what is wrong and how to mend it, one finding for each thing that must hold.
//!
//! It talks to the homeserver by plain HTTP and not by our Matrix side, so that it still works when that does not.

mod desks;
mod homeserver;
mod listener;
mod ping;
mod registration;

use std::{future::Future, path::Path, sync::Arc};

use crate::{
    config::Config,
    helpdesk::{Finding, Helpdesk},
};

/// Looks at everything and tells each finding as soon as it is there.
pub async fn check(
    config: &Config,
    config_file: &Path,
    database: impl Future<Output = anyhow::Result<()>>,
    helpdesk: anyhow::Result<Arc<dyn Helpdesk>>,
    mut tell: impl FnMut(Finding),
) {
    tell(right(format!("configuration {}", config_file.display())));
    tell(match database.await {
        Ok(()) => right("database can be used"),
        Err(error) => wrong("database", format!("{error:#}: correct database.uri, or start the database")),
    });
    tell(registration::check(config, config_file));
    for finding in homeserver::check(config).await {
        tell(finding);
    }
    match helpdesk {
        Ok(helpdesk) => {
            helpdesk.probe().await.into_iter().for_each(&mut tell);
            // Where they can't be read that was told.
            if let Ok(desks) = helpdesk.desks().await {
                desks::check(&desks, config).into_iter().for_each(&mut tell);
            }
        }
        Err(error) => tell(wrong("helpdesk", format!("{error:#}: correct the section helpdesk"))),
    }
}

/// One line for people and for `grep`.
pub fn line(finding: &Finding) -> String {
    match (&finding.mend, &finding.untold) {
        (Some(mend), _) => format!("WRONG {} → {mend}", finding.what),
        (None, Some(untold)) => format!("?     {} → {untold}", finding.what),
        (None, None) => format!("ok    {}", finding.what),
    }
}

fn right(what: impl Into<String>) -> Finding {
    Finding { what: what.into(), ..Finding::default() }
}

fn wrong(what: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding { what: what.into(), mend: Some(mend.into()), ..Finding::default() }
}
