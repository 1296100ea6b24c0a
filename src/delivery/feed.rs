//! Follows the helpdesk's feed of changes: onto disk together with the place where we stopped reading.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::decide::json;
use super::engine::Engine;
use super::view::ticket_lane;
use crate::crash;
use crate::helpdesk::Changes;
use crate::model::{Fact, Side, TicketId};
use crate::observe::Component;
use crate::store::{NewInbox, Step, StoreError};

pub const CURSOR: &str = "helpdesk_feed";

/// Between two questions that hints ask for: each costs the helpdesk as much as one that was due.
const HINTED_PAUSE: Duration = Duration::from_millis(500);

impl Engine {
    /// Somebody told us that something changed; we would have found it a little later.
    /// False: we have been replaced.
    pub fn hint(&self) -> bool {
        self.poll_now.notify_one();
        !self.is_stopped()
    }

    pub(super) async fn follow_helpdesk(self: Arc<Self>) {
        let mut failures = 0;
        loop {
            let wait = match self.poll_once().await {
                Ok(true) => Duration::ZERO,
                Ok(false) => {
                    self.restored.has_read(Side::Helpdesk);
                    if failures > 0 {
                        tracing::info!("the helpdesk answers again");
                    }
                    failures = 0;
                    self.feed_told_ms.store(self.clock.now_ms(), Ordering::Relaxed);
                    self.limits.poll_interval
                }
                Err(reason) => {
                    failures += 1;
                    if failures == 1 {
                        tracing::warn!(reason, "the helpdesk's changes cannot be read; trying again");
                    }
                    let asked = self.sending(Side::Helpdesk).breaker.asked_left();
                    self.outage_wait(failures).max(asked.unwrap_or_default())
                }
            };
            // However many hints there are, they do not hurry us; and none does while the helpdesk is away.
            let at_least = if failures == 0 { wait.min(HINTED_PAUSE) } else { wait };
            let told = async {
                tokio::time::sleep(at_least).await;
                self.poll_now.notified().await;
            };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
                () = told => {}
            }
        }
    }

    /// Reads one page. True: there is more.
    async fn poll_once(&self) -> Result<bool, String> {
        let stored = |error: StoreError| error.to_string();
        let before = self.backend.cursor(CURSOR).await.map_err(stored)?;
        let breaker = &self.sending(Side::Helpdesk).breaker;
        self.leave_alone(Side::Helpdesk).map_err(|failure| failure.reason)?;
        crash::point("before-feed-read");
        let result = self.helpdesk.changes(before.as_deref()).await;
        let changes = match result {
            Ok(changes) => {
                breaker.succeeded();
                self.readiness.set_up(Component::Helpdesk);
                changes
            }
            Err(failure) => {
                breaker.failed(failure.asked());
                self.readiness.set_down(Component::Helpdesk, "its changes cannot be read; see the log");
                return Err(failure.reason);
            }
        };
        let more = changes.more;
        if changes.changes.is_empty() && before.as_deref() == Some(changes.cursor.as_str()) {
            return Ok(more);
        }
        let tickets: Vec<TicketId> = changes.changes.iter().map(|change| change.ticket.clone()).collect();
        self.known.prepare_tickets(&tickets).await.map_err(stored)?;
        let step = step(changes).map_err(stored)?;
        crash::point("before-feed-commit");
        self.commit(step).await.map_err(stored)?;
        crash::point("after-feed-commit");
        Ok(more)
    }
}

fn step(changes: Changes) -> Result<Step, StoreError> {
    let mut step = Step { cursors: vec![(CURSOR, changes.cursor)], ..Step::default() };
    // Changes of one ticket in one page are looked at together.
    let mut batches: HashMap<TicketId, String> = HashMap::new();
    for change in changes.changes {
        // Our own words come back: there is nothing to learn from them.
        if change.marker.is_some() && !change.ticket_changed {
            continue;
        }
        let batch = batches.entry(change.ticket.clone()).or_insert_with(|| change.id.clone()).clone();
        let fact = match change.content {
            Some(content) if !change.ticket_changed => Fact::Posted(content),
            _ => Fact::Changed {
                ticket: change.ticket.clone(),
                batch,
                message: change.message,
                ticket_changed: change.ticket_changed,
            },
        };
        let key = format!("helpdesk/{}", change.id);
        step.inbox.push(NewInbox { key, lane: ticket_lane(&change.ticket), body: json(&fact)? });
    }
    Ok(step)
}
