//! What answers the homeserver in every instance: the engine where this one leads, and otherwise the inbox beside the
//! leader, so that events are taken in whichever instance they come to.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use ruma::UserId;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::contacts::has_contact;
use super::engine::Engine;
use super::inbox::rows_by;
use super::known::Known;
use super::order::Order;
use crate::clock::Clock;
use crate::matrix::{Before, Ghosts, Intake, NotTaken};
use crate::model::Settings;
use crate::observe::metrics::TAKEN_BESIDE;
use crate::store::{Beside, StoreError};

/// Takes events in beside the leader.
pub struct Standing {
    pub beside: Beside,
    pub settings: Arc<Settings>,
    pub ghosts: Ghosts,
    pub clock: Arc<dyn Clock>,
    pub order: Order,
}

/// Where the homeserver knocks.
pub struct Doorway {
    standing: OnceLock<Standing>,
    engine: OnceLock<Arc<Engine>>,
}

impl Doorway {
    /// Nothing is taken in before `stand_by` or `lead`.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { standing: OnceLock::new(), engine: OnceLock::new() })
    }

    /// From now on events are taken in beside the leader.
    pub fn stand_by(&self, standing: Standing) {
        let _first = self.standing.set(standing);
    }

    /// From now on this instance leads.
    pub fn lead(&self, engine: Arc<Engine>) {
        let _first = self.engine.set(engine);
    }

    /// The helpdesk says that something changed. False: this instance does not look.
    pub fn hint(&self) -> bool {
        self.engine.get().is_some_and(|engine| engine.hint())
    }
}

fn not_taken(error: StoreError) -> NotTaken {
    NotTaken(error.to_string())
}

impl Standing {
    async fn take(&self, events: Vec<Box<RawValue>>, before: Before) -> Result<(), NotTaken> {
        // Nobody here looks for what is older: the leader does once it sees the rows.
        self.order.settle(Instant::now());
        let texts: Vec<&str> = events.iter().map(|event| event.get()).collect();
        let backend = self.beside.backend();
        // The leader changes what is known: nothing is remembered from one transaction to the next.
        let known = Known::new(Arc::clone(&backend));
        let rows = rows_by(&known, &*backend, &self.settings, &texts).await.map_err(not_taken)?;
        let rows = self.order.arrived(rows, before);
        if !rows.is_empty() {
            self.beside.take(self.clock.now_ms(), rows).await.map_err(not_taken)?;
            metrics::counter!(TAKEN_BESIDE).increment(1);
        }
        Ok(())
    }
}

#[async_trait]
impl Intake for Doorway {
    async fn take(&self, events: Vec<Box<RawValue>>, before: Before) -> Result<(), NotTaken> {
        match (self.engine.get(), self.standing.get()) {
            (Some(engine), _) => engine.take(events, before).await,
            (None, Some(standing)) => standing.take(events, before).await,
            (None, None) => Err(NotTaken("this instance is starting".to_owned())),
        }
    }

    async fn has_user(&self, user: &UserId) -> Result<bool, NotTaken> {
        match (self.engine.get(), self.standing.get()) {
            (Some(engine), _) => engine.has_user(user).await,
            (None, Some(standing)) => {
                has_contact(&standing.settings, &*standing.beside.backend(), &standing.ghosts, user).await
            }
            (None, None) => Err(NotTaken("this instance is starting".to_owned())),
        }
    }
}
