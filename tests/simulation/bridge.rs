//! The bridge as it is, put together on the simulated sides.

use std::sync::Arc;
use std::time::Duration;

use ruma::OwnedUserId;
use secrecy::SecretString;
use ticketroom::clock::Clock;
use ticketroom::delivery::{Engine, Files, Limits, Parts};
use ticketroom::helpdesk::Helpdesk;
use ticketroom::matrix::{self, Ghosts, HomeserverOptions, Intake, MatrixSide};
use ticketroom::model::{Agent, DeskId, Quotas, Settings};
use ticketroom::observe::Readiness;
use ticketroom::store::{Backend, StoreError};

use super::network::Network;
use super::run::World;
use super::sim::SimClock;
use super::store::{self, Disk};
use crate::flaky::Flaky;
use crate::homeserver::{AS_TOKEN, DOMAIN, HS_TOKEN};

/// Before a bridge that could not start is started again.
const RESTART: Duration = Duration::from_secs(1);

pub fn user(localpart: &str) -> String {
    format!("@{localpart}:{DOMAIN}")
}

/// Again and again, as a service manager does.
pub async fn boot(world: &Arc<World>) {
    while let Err(error) = start(world).await {
        world.sim.note(|| format!("bridge: not started: {error}"));
        tokio::time::sleep(RESTART).await;
    }
    world.sim.note(|| "bridge: started".to_owned());
}

async fn start(world: &Arc<World>) -> Result<(), StoreError> {
    let sim = &world.sim;
    let fence = store::aside(world.opened.backend.next_fence())?;
    let backend: Arc<dyn Backend> =
        Arc::new(Flaky { inner: Arc::clone(&world.opened.backend), troubles: Arc::new(Disk(Arc::clone(sim))) });
    let settings = Arc::new(settings());
    let options = HomeserverOptions {
        address: "http://homeserver.test/".parse().unwrap(),
        as_token: SecretString::from(AS_TOKEN),
        request_timeout: Duration::from_secs(10),
    };
    let homeserver = Arc::new(matrix::Homeserver::over(options, Arc::new(Network(Arc::clone(&world.home)))));
    let engine = Engine::new(Parts {
        backend,
        fence,
        matrix: MatrixSide {
            ghosts: Ghosts::new(Arc::clone(&homeserver), settings.bot.clone()),
            homeserver,
            settings: Arc::clone(&settings),
            room_version: None,
            not_ours: matrix::NotOurs::default(),
        },
        helpdesk: Arc::clone(&world.line) as Arc<dyn Helpdesk>,
        settings,
        clock: Arc::new(SimClock(Arc::clone(sim))) as Arc<dyn Clock>,
        limits: limits(),
        files: Files {
            rules: ticketroom::files::Rules::default(),
            spool: ticketroom::files::Spool::open(&world.folder.path().join("spool")).unwrap(),
            parallel: 2,
        },
        readiness: Readiness::default(),
        appservice_id: "ticketroom".to_owned(),
    })
    .await?;
    let intake: Arc<dyn Intake> = Arc::new(Arc::clone(&engine));
    let router = matrix::router(intake, SecretString::from(HS_TOKEN), 32 * 1024 * 1024);
    if let Err(error) = engine.start().await {
        // The program ends, and what it had begun ends with it.
        engine.shut_down().await;
        return Err(error);
    }
    world.home.connect_anew();
    *world.home.bridge.lock().unwrap() = Some(router);
    world.home.news.notify_one();
    Ok(())
}

fn limits() -> Limits {
    Limits {
        matrix_parallel: 8,
        helpdesk_parallel: 8,
        give_up_after: Duration::from_secs(24 * 3600),
        poll_interval: Duration::from_secs(1),
        reconcile_interval: Duration::from_secs(60),
        retry_first: Duration::from_millis(500),
        retry_max: Duration::from_secs(30),
        tell_waiting_after: Duration::from_secs(60),
        keep_done: Duration::from_secs(24 * 3600),
    }
}

fn settings() -> Settings {
    let agent = |login: &str, name: &str| Agent {
        login: login.to_owned(),
        matrix: OwnedUserId::try_from(user(login)).unwrap(),
        name: name.to_owned(),
        desks: Vec::new(),
    };
    Settings {
        bot: OwnedUserId::try_from(user("_desk_bot")).unwrap(),
        server: DOMAIN.try_into().unwrap(),
        prefix: "_desk_".to_owned(),
        agents: vec![agent("anna", "Anna Agent"), agent("bert", "Bert Berger")],
        default_desk: DeskId::new("1"),
        templates: Vec::new(),
        quotas: Quotas::default(),
        video: Default::default(),
        give_up_after_s: 3600,
        library: ticketroom::model::Library::default(),
        texts: Arc::new(ticketroom::texts::Texts::built_in("en")),
        spaces: false,
        low_priority: false,
    }
}
