//! The helpdesk that the configuration names, opened and asked for its desks.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::config::{self, Config};
use crate::helpdesk::memory::{self, MemoryHelpdesk};
use crate::helpdesk::{Helpdesk, request_tracker};
use crate::model::{Desk, DeskId};
use crate::net::{self, Claim, HelpdeskLimits};
use crate::observe::{Component, Readiness};

/// Between two questions of a helpdesk that does not answer at the start.
const HELPDESK_PAUSE: Duration = Duration::from_secs(3);

/// Until the helpdesk tells: without its desks no ticket can be opened, and a wrong name shall be said at once.
pub(super) async fn default_desk(
    helpdesk: &dyn Helpdesk,
    config: &Config,
    readiness: &Readiness,
) -> anyhow::Result<(DeskId, Vec<Desk>)> {
    let mut failures = 0_u32;
    loop {
        match helpdesk.desks().await {
            Ok(desks) => {
                readiness.set_up(Component::Helpdesk);
                for unknown in unknown_desks(&desks, config) {
                    tracing::warn!(
                        option = unknown.place,
                        queue = unknown.desk,
                        "the helpdesk shows no queue of this name, so that {}",
                        unknown.effect
                    );
                }
                return Ok((wanted_desk(&desks, config)?, desks));
            }
            Err(failure) => {
                readiness.set_down(Component::Helpdesk, "it does not tell its queues; see the log");
                if failures == 0 {
                    tracing::warn!(reason = failure.reason, "the helpdesk does not answer; waiting for it");
                }
                failures += 1;
                tokio::time::sleep(HELPDESK_PAUSE).await;
            }
        }
    }
}

/// The default queue; fails where the configuration names one that is not there.
pub fn wanted_desk(desks: &[Desk], config: &Config) -> anyhow::Result<DeskId> {
    let wanted = config.helpdesk.default_desk();
    let found = match wanted {
        Some(wanted) => config::find_desk(desks, wanted),
        None => desks.first(),
    };
    let names = || desks.iter().map(|desk| desk.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = found.map(|desk| desk.id.clone()).with_context(|| {
        format!(
            "the helpdesk shows no queue `{}` → set the default queue to one of: {}, or give the bridge's user the right \
             to see it",
            wanted.unwrap_or("(any)"),
            names()
        )
    })?;
    for template in &config.templates {
        if template.queue.as_deref().is_some_and(|queue| config::find_desk(desks, queue).is_none()) {
            bail!(
                "the helpdesk shows no queue like that of the template `{}` → set it to one of: {}, or give the bridge's \
                 user the right to see it",
                template.name,
                names()
            );
        }
    }
    Ok(found)
}

/// A queue of the configuration that the helpdesk does not show, and without which the bridge runs all the same.
pub struct UnknownDesk {
    pub desk: String,
    /// Whose it is, for an administrator. Not for the log: a login may be a mail address.
    pub of: String,
    /// The option that names it.
    pub place: String,
    /// What comes of it.
    pub effect: &'static str,
}

/// Nothing else would say so: who names a queue that is not there is served as if it were left out.
pub fn unknown_desks(desks: &[Desk], config: &Config) -> Vec<UnknownDesk> {
    let mut found = Vec::new();
    let mut look = |named: &[String], of: String, place: String, effect| {
        for desk in named.iter().filter(|desk| config::find_desk(desks, desk).is_none()) {
            found.push(UnknownDesk { desk: desk.clone(), of: of.clone(), place: place.clone(), effect });
        }
    };
    for (at, agent) in config.agents.iter().enumerate() {
        let of = format!("the agent \"{}\"", agent.login);
        look(&agent.desks, of, format!("agents[{at}].desks"), "the agent is not invited to its room");
    }
    for (at, block) in config.blocks.iter().enumerate() {
        let of = format!("the building block \"{}\"", block.name);
        look(&block.desks, of, format!("blocks[{at}].queues"), "nobody finds the building block there");
    }
    let (of, place) = ("video.off_for".to_owned(), "video.off_for.desks".to_owned());
    look(&config.video.off_for.desks, of, place, "video sessions are not off there");
    found
}

/// The helpdesk that the configuration names.
pub fn open_helpdesk(config: &Config, claim: Claim) -> anyhow::Result<Arc<dyn Helpdesk>> {
    Ok(match &config.helpdesk {
        config::Helpdesk::RequestTracker(tracker) => {
            let limits = HelpdeskLimits {
                timeout: Duration::from_secs(tracker.request_timeout_s),
                parallel: config.delivery.helpdesk_parallel,
            };
            let options = request_tracker::Config {
                web_url: tracker.web_url.clone(),
                request_timeout_s: tracker.request_timeout_s,
                max_parallel_requests: config.delivery.helpdesk_parallel,
                closed_status: tracker.closed_status.clone(),
                cancelled_status: tracker.cancelled_status.clone(),
                open_status: tracker.open_status.clone(),
                agents: config.agents.iter().map(|agent| (agent.login.clone(), agent.name.clone())).collect(),
                internal: tracker
                    .internal_field
                    .clone()
                    .map(|field| request_tracker::Internal { field, value: tracker.internal_value.clone() }),
                article_class: tracker.article_class.clone(),
                block_class: tracker.block_class.clone(),
                article_url: tracker.article_url.clone(),
                claim,
                texts: Arc::clone(&config.texts),
                ..request_tracker::Config::new(tracker.url.clone(), tracker.token.clone())
            };
            Arc::new(request_tracker::open(options, net::helpdesk_client(limits)?)?)
        }
        config::Helpdesk::Memory { control_port, .. } => {
            let helpdesk = Arc::new(MemoryHelpdesk::new());
            if let Some(port) = control_port {
                memory::start_control(Arc::clone(&helpdesk), *port)?;
            }
            helpdesk
        }
    })
}
