//! Wiring: from a configuration to the running bridge.

use std::future::IntoFuture;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::SystemClock;
use crate::config::{self, Config};
use crate::delivery::{Engine, Files, Limits, Parts};
use crate::files::Spool;
use crate::helpdesk::memory::{self, MemoryHelpdesk};
use crate::helpdesk::{Helpdesk, request_tracker};
use crate::matrix::{self, Ghosts, Homeserver, HomeserverOptions, Intake, MatrixSide};
use crate::model::{Desk, DeskId};
use crate::net::{self, HelpdeskLimits};
use crate::observe::{self, Component, Health, Readiness};
use crate::store;

/// Done rows are kept this long, so that an event which comes again is known again: longer than any outage.
const KEEP_DONE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Between two questions of a helpdesk that does not answer at the start.
const HELPDESK_PAUSE: Duration = Duration::from_secs(3);

/// Runs until it is told to stop.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let metrics = observe::metrics::install()?;
    let readiness = Readiness::default();
    let health = observe::bind(&config.observe).await?;
    let (hostname, port) = (config.appservice.hostname.as_str(), config.appservice.port);
    let listener = tokio::net::TcpListener::bind((hostname, port)).await.with_context(|| {
        format!("can't listen on {hostname}:{port} for the homeserver → free it, or set appservice.port")
    })?;
    let opened = store::open(config.database.uri.expose_secret()).await?;
    readiness.set_up(Component::Database);
    let stop = tokio_util::sync::CancellationToken::new();
    let gauges: Arc<OnceLock<Arc<dyn observe::Measure>>> = Arc::default();
    tokio::spawn({
        let health_of = Health { readiness: readiness.clone(), metrics, gauges: Arc::clone(&gauges) };
        let health_stop = stop.clone();
        async move {
            if let Err(error) = observe::serve(health, health_of, health_stop.cancelled_owned()).await {
                tracing::error!(%error, "health and metrics ended");
            }
        }
    });

    let helpdesk = open_helpdesk(&config)?;
    let mut stopped = Box::pin(told_to_stop()?);
    let (default_desk, desks) = tokio::select! {
        desk = default_desk(&*helpdesk, &config, &readiness) => desk?,
        () = &mut stopped => return Ok(()),
    };
    let settings = Arc::new(config.settings(default_desk, &desks));
    let homeserver = Arc::new(Homeserver::new(
        HomeserverOptions {
            address: config.homeserver.address.clone(),
            as_token: config.appservice.as_token.clone(),
            request_timeout: net::HOMESERVER_TIMEOUT,
        },
        net::homeserver_client()?,
    ));
    let engine = Engine::new(Parts {
        backend: opened.backend,
        fence: opened.fence,
        matrix: MatrixSide {
            ghosts: Ghosts::new(Arc::clone(&homeserver), settings.bot.clone()),
            homeserver,
            settings: Arc::clone(&settings),
            room_version: config.homeserver.room_version.clone(),
            not_ours: matrix::NotOurs::default(),
        },
        helpdesk,
        settings,
        clock: Arc::new(SystemClock),
        limits: limits(&config),
        files: files(&config)?,
        readiness,
        appservice_id: config.appservice.id.clone(),
    })
    .await?;
    let measured: Arc<dyn observe::Measure> = Arc::<Engine>::clone(&engine);
    let _first = gauges.set(measured);
    let intake: Arc<dyn Intake> = Arc::new(Arc::clone(&engine));
    let router = matrix::router(intake, config.appservice.hs_token.clone(), config.appservice.max_transaction_bytes);
    let server = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let server = tokio::spawn(server.into_future());
    engine.start().await?;
    tracing::info!(hostname, port, "ready for the homeserver");

    tokio::select! {
        () = stopped => tracing::info!("told to stop: what is under way is finished first"),
        () = engine.stopped() => {}
    }
    let fenced = engine.is_stopped();
    stop.cancel();
    engine.shut_down().await;
    let _ended = server.await;
    drop(opened.lock);
    if fenced {
        bail!("another instance has taken over this database");
    }
    Ok(())
}

/// What an earlier run left in the spool folder is gone after this.
fn files(config: &Config) -> anyhow::Result<Files> {
    let folder = config.files.spool_folder.clone().unwrap_or_else(|| {
        // By the port, so that two bridges on one machine keep to themselves.
        std::env::temp_dir().join(format!("ticketroom-spool-{}", config.appservice.port))
    });
    let spool = Spool::open(&folder).with_context(|| {
        format!("can't use {} for files on their way → make it writable, or set files.spool_folder", folder.display())
    })?;
    Ok(Files { rules: config.files.rules.clone(), spool, parallel: config.files.parallel })
}

fn limits(config: &Config) -> Limits {
    Limits {
        matrix_parallel: config.delivery.matrix_parallel,
        helpdesk_parallel: config.delivery.helpdesk_parallel,
        give_up_after: config.delivery.give_up_after(),
        poll_interval: config.helpdesk.poll_interval(),
        reconcile_interval: config.delivery.reconcile_interval(),
        retry_first: config.delivery.retry_first(),
        retry_max: config.delivery.retry_max(),
        keep_done: KEEP_DONE,
    }
}

/// Until the helpdesk tells: without its desks no ticket can be opened, and a wrong name shall be said at once.
async fn default_desk(
    helpdesk: &dyn Helpdesk,
    config: &Config,
    readiness: &Readiness,
) -> anyhow::Result<(DeskId, Vec<Desk>)> {
    let mut failures = 0_u32;
    loop {
        match helpdesk.desks().await {
            Ok(desks) => {
                readiness.set_up(Component::Helpdesk);
                let wanted = config.helpdesk.default_desk();
                let found = match wanted {
                    Some(wanted) => config::find_desk(&desks, wanted),
                    None => desks.first(),
                };
                let names = || desks.iter().map(|desk| desk.name.as_str()).collect::<Vec<_>>().join(", ");
                let found = found.map(|desk| desk.id.clone()).with_context(|| {
                    format!(
                        "the helpdesk shows no queue `{}` → set the default queue to one of: {}, or give the bridge's \
                         user the right to see it",
                        wanted.unwrap_or("(any)"),
                        names()
                    )
                })?;
                for template in &config.templates {
                    if template.queue.as_deref().is_some_and(|queue| config::find_desk(&desks, queue).is_none()) {
                        bail!(
                            "the helpdesk shows no queue like that of the template `{}` → set it to one of: {}, or give \
                             the bridge's user the right to see it",
                            template.name,
                            names()
                        );
                    }
                }
                return Ok((found, desks));
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

fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// The helpdesk that the configuration names.
pub fn open_helpdesk(config: &Config) -> anyhow::Result<Arc<dyn Helpdesk>> {
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
                open_status: tracker.open_status.clone(),
                internal: tracker
                    .internal_field
                    .clone()
                    .map(|field| request_tracker::Internal { field, value: tracker.internal_value.clone() }),
                article_class: tracker.article_class.clone(),
                block_class: tracker.block_class.clone(),
                article_url: tracker.article_url.clone(),
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

/// Whether the database can be used; changes nothing, so that it may be asked beside the running bridge.
pub async fn probe_database(config: &Config) -> anyhow::Result<()> {
    Ok(store::probe(config.database.uri.expose_secret()).await?)
}
