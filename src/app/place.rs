//! An instance's way to its place: the leader's at once, or beside the leader until that one is gone.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::helpdesk::{default_desk, open_helpdesk};
use super::hints;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::delivery::{Doorway, Order, Standing};
use crate::helpdesk::Helpdesk;
use crate::matrix::{self, Ghosts, Homeserver, HomeserverOptions, Intake, Line};
use crate::model::{Desk, DeskId, Settings};
use crate::net::{self, Claim};
use crate::observe::metrics::LEADER;
use crate::observe::{Component, Readiness, Role};
use crate::store::{Backend, Joined, Keeping, Opened, Standby};

/// So long the homeserver waits for its first answer, where the helpdesk takes its time.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers that are under way when the program is to stop have so long.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Answers the homeserver until the program stops.
pub(super) type Server = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(super) struct Place<'a> {
    pub config: &'a Config,
    pub readiness: &'a Readiness,
    pub stop: &'a CancellationToken,
}

/// What an instance that leads has.
pub(super) struct Leading {
    pub backend: Arc<dyn Backend>,
    pub fence: i64,
    pub kept: Keeping,
    pub homeserver: Arc<Homeserver>,
    pub helpdesk: Arc<dyn Helpdesk>,
    pub settings: Arc<Settings>,
    pub doorway: Arc<Doorway>,
    /// Started where it was needed before; otherwise when the engine is there.
    pub server: Server,
}

impl Place<'_> {
    /// `None`: told to stop before.
    pub async fn until_leading(
        &self,
        joined: Joined,
        listener: tokio::net::TcpListener,
        mut stopped: impl Future<Output = ()> + Unpin,
    ) -> anyhow::Result<Option<Leading>> {
        let claim = joined.claim();
        let (standby, mut kept) = match joined {
            // From here on it says that it lives, however long the helpdesk takes.
            Joined::Leader(opened) => (None, Some(keep(opened, &claim))),
            Joined::Standby(standby) => (Some(standby), None),
        };
        if standby.is_some() {
            tracing::info!("another instance leads: this one stands by");
            self.readiness.set_role(Role::Standby);
            metrics::gauge!(LEADER).set(0.0);
        }
        let helpdesk = open_helpdesk(self.config, claim.clone())?;
        let doorway = Doorway::new();
        let server = self.server(listener, &doorway);
        let Some((desks, mut server)) = self.desks(&*helpdesk, server, &mut stopped).await? else { return Ok(None) };
        let (default_desk, desks) = desks;
        let mut settings = self.config.settings(default_desk, &desks);
        let can = helpdesk.capabilities();
        (settings.library.searches_articles, settings.library.searches_blocks) = (can.articles, can.blocks);
        let settings = Arc::new(settings);
        if let Some(standby) = standby {
            doorway.stand_by(self.standing(&standby, &settings)?);
            self.readiness.set_starting(false);
            server = started(server);
            let opened = tokio::select! {
                opened = self.lead(*standby) => opened?,
                () = &mut stopped => {
                    self.stop.cancel();
                    server.await;
                    return Ok(None);
                }
            };
            self.readiness.set_role(Role::Leader);
            kept = Some(keep(opened, &claim));
        }
        let Some(Kept { backend, fence, kept }) = kept else { return Ok(None) };
        tokio::select! {
            // Nothing is said before the first sign of life.
            () = claim.held() => {}
            () = kept.lost.cancelled() => {}
            () = &mut stopped => return Ok(None),
        }
        let homeserver = Arc::new(self.homeserver()?.with_claim(claim));
        Ok(Some(Leading { backend, fence, kept, homeserver, helpdesk, settings, doorway, server }))
    }

    /// The helpdesk's desks, and the listener: started, where they take their time. `None`: told to stop before.
    async fn desks(
        &self,
        helpdesk: &dyn Helpdesk,
        mut server: Server,
        mut stopped: impl Future<Output = ()> + Unpin,
    ) -> anyhow::Result<Option<((DeskId, Vec<Desk>), Server)>> {
        let mut desks = std::pin::pin!(default_desk(helpdesk, self.config, self.readiness));
        let soon = tokio::select! {
            desks = tokio::time::timeout(PATIENCE, &mut desks) => desks.ok(),
            () = &mut stopped => return Ok(None),
        };
        if let Some(desks) = soon {
            return Ok(Some((desks?, server)));
        }
        // For the homeserver an answer that is pending is worse than one that says to come again.
        server = started(server);
        tokio::select! {
            desks = desks => Ok(Some((desks?, server))),
            () = stopped => {
                self.stop.cancel();
                server.await;
                Ok(None)
            }
        }
    }

    async fn lead(&self, standby: Standby) -> anyhow::Result<Opened> {
        let told = |result: Result<(), &crate::store::StoreError>| match result {
            Ok(()) => self.readiness.set_up(Component::Database),
            Err(error) => self.readiness.set_down(Component::Database, error.to_string()),
        };
        Ok(standby.lead(told).await?)
    }

    /// Making a contact user is harmless, whoever does it.
    fn standing(&self, standby: &Standby, settings: &Arc<Settings>) -> anyhow::Result<Standing> {
        Ok(Standing {
            beside: standby.beside(),
            settings: Arc::clone(settings),
            ghosts: Ghosts::new(Arc::new(self.homeserver()?), settings.bot.clone()),
            clock: Arc::new(SystemClock),
            order: Order::default(),
        })
    }

    fn homeserver(&self) -> anyhow::Result<Homeserver> {
        let options = HomeserverOptions {
            address: self.config.homeserver.address.clone(),
            as_token: self.config.appservice.as_token.clone(),
            request_timeout: net::HOMESERVER_TIMEOUT,
        };
        Ok(Homeserver::new(options, net::homeserver_client()?))
    }

    fn server(&self, listener: tokio::net::TcpListener, doorway: &Arc<Doorway>) -> Server {
        let intake: Arc<dyn Intake> = Arc::<Doorway>::clone(doorway);
        let appservice = &self.config.appservice;
        let mut router = matrix::router(intake, appservice.hs_token.clone(), appservice.max_transaction_bytes);
        if let Some(token) = &self.config.hint_token {
            let doorway = Arc::clone(doorway);
            router = router.merge(hints::router(Arc::new(move || doorway.hint()), token.clone()));
        }
        let service = router.into_make_service_with_connect_info::<Line>();
        let server = axum::serve(listener, service).with_graceful_shutdown(self.stop.clone().cancelled_owned());
        let stop = self.stop.clone();
        Box::pin(async move {
            let forsaken = async {
                stop.cancelled().await;
                tokio::time::sleep(LAST_ANSWERS).await;
            };
            tokio::select! {
                ended = server.into_future() => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "the listener for the homeserver ended");
                    }
                }
                // A request that never ends is none that anybody waits for.
                () = forsaken => tracing::warn!("connections are left that do not end"),
            }
        })
    }
}

/// Answers from now on, however it is waited for.
fn started(server: Server) -> Server {
    let served = tokio::spawn(server);
    Box::pin(async move {
        let _ended = served.await;
    })
}

struct Kept {
    backend: Arc<dyn Backend>,
    fence: i64,
    kept: Keeping,
}

fn keep(opened: Opened, claim: &Claim) -> Kept {
    let kept = opened.lock.keep(opened.fence, claim.clone());
    Kept { backend: opened.backend, fence: opened.fence, kept }
}
