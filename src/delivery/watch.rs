//! Notices that the homeserver died, where a proxy hides it: a request that hangs there breaks then. It costs one request each
//! half minute.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::engine::Engine;
use crate::matrix::{CallError, hang};

/// How long a request hangs.
const HOLD: Duration = Duration::from_secs(25);
/// Before the next one, where the last one came back early: not every server lets it hang.
const EARLY_PAUSE: Duration = Duration::from_secs(1);

impl Engine {
    pub async fn watch_homeserver(self: Arc<Self>) {
        self.go_on(Self::watch).await;
    }

    async fn watch(self: Arc<Self>) {
        let (mut since, mut failures) = (None, 0);
        loop {
            let (began, is_first) = (Instant::now(), since.is_none());
            let wait = match self.hang(since.take()).await {
                Ok(next) => {
                    if failures > 0 {
                        // Only now does it deliver again, and can be asked.
                        self.order.doubt();
                        self.reconcile_now.notify_one();
                    }
                    (since, failures) = (Some(next), 0);
                    if is_first || began.elapsed() > HOLD / 2 { Duration::ZERO } else { EARLY_PAUSE }
                }
                Err(error) if error.is_outage() => {
                    self.order.doubt();
                    failures += 1;
                    self.outage_wait(failures)
                }
                Err(error) => {
                    tracing::debug!(%error, "the homeserver lets no request hang");
                    HOLD
                }
            };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Until nothing happened for a while. Returns where to go on.
    async fn hang(&self, since: Option<String>) -> Result<String, CallError> {
        let watcher = self.settings.watcher();
        self.matrix.ghosts.ensure(&watcher, "Ticketroom").await?;
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(CallError::Impossible("the program ends".to_owned())),
            next = hang(&self.matrix.homeserver, &watcher, since, HOLD) => next,
        }
    }
}
