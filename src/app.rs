//! Wiring: from a configuration to the running bridge.

mod helpdesk;
pub mod hints;
mod place;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};

pub use self::helpdesk::{open_helpdesk, unknown_desks, wanted_desk};
use self::place::{Leading, Place};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::crash;
use crate::delivery::{Engine, Files, Limits, Parts};
use crate::files::Spool;
use crate::matrix::{self, Ghosts, MatrixSide};
use crate::observe::{self, Component, Health, Readiness};
use crate::store;

/// Done rows are kept this long, so that an event which comes again is known again: longer than any outage.
const KEEP_DONE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Runs until it is told to stop.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let metrics = observe::metrics::install()?;
    let readiness = Readiness::default();
    let health = observe::bind(&config.observe).await?;
    let (hostname, port) = (config.appservice.hostname.as_str(), config.appservice.port);
    let listener = tokio::net::TcpListener::bind((hostname, port)).await.with_context(|| {
        format!("can't listen on {hostname}:{port} for the homeserver → free it, or set appservice.port")
    })?;
    readiness.set_starting(true);
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
    // Bringing the tables up to date may take a while, in which health is asked for already.
    let joined = store::join(config.database.uri.expose_secret()).await?;
    readiness.set_up(Component::Database);
    let mut stopped = Box::pin(told_to_stop()?);
    let place = Place { config: &config, readiness: &readiness, stop: &stop };
    let Some(leading) = place.until_leading(joined, listener, &mut stopped).await? else { return Ok(()) };
    let Leading { fence, backend, kept, homeserver, helpdesk, settings, doorway, server } = leading;
    metrics::gauge!(observe::metrics::LEADER).set(1.0);
    let engine = Engine::new(Parts {
        backend,
        fence,
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
        readiness: readiness.clone(),
        appservice_id: config.appservice.id.clone(),
    })
    .await?;
    let measured: Arc<dyn observe::Measure> = Arc::<Engine>::clone(&engine);
    let _first = gauges.set(measured);
    doorway.lead(Arc::clone(&engine));
    readiness.set_starting(false);
    let server = tokio::spawn(server);
    crash::point("before-start");
    engine.start().await?;
    let watch = tokio::spawn(Arc::clone(&engine).watch_homeserver());
    tracing::info!(hostname, port, "ready for the homeserver");

    let others = async {
        loop {
            kept.others_wrote.notified().await;
            engine.look_for_others().await;
        }
    };
    tokio::select! {
        () = stopped => tracing::info!("told to stop: what is under way is finished first"),
        () = engine.stopped() => {}
        () = kept.lost.cancelled() => {}
        () = others => {}
    }
    let fenced = engine.is_stopped() || kept.lost.is_cancelled();
    stop.cancel();
    engine.shut_down().await;
    let _ended = tokio::join!(server, watch);
    kept.release().await;
    if engine.is_broken() {
        bail!("a mistake in ticketroom, which the log names, ended its writing → start it again: nothing is lost");
    }
    if fenced {
        bail!("another instance has taken over this database; started again, this one stands by");
    }
    Ok(())
}

/// What an earlier run left in the spool folder is gone after this.
fn files(config: &Config) -> anyhow::Result<Files> {
    let (folder, spool) = if let Some(folder) = &config.files.spool_folder {
        (folder.clone(), Spool::open(folder))
    } else {
        // By the port, so that two bridges on one machine keep to themselves.
        let folder = std::env::temp_dir().join(format!("ticketroom-spool-{}", config.appservice.port));
        let spool = Spool::open_shared_place(&folder);
        (folder, spool)
    };
    let spool = spool.with_context(|| {
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
        tell_waiting_after: config.delivery.tell_waiting_after(),
        keep_done: KEEP_DONE,
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

/// Whether the database can be used; changes nothing, so that it may be asked beside the running bridge.
pub async fn probe_database(config: &Config) -> anyhow::Result<()> {
    Ok(store::probe(config.database.uri.expose_secret()).await?)
}
