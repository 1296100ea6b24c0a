//! Whether we can do our work, by the parts that it depends on: each part's keeper says so itself.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    Database,
    Homeserver,
    Helpdesk,
}

impl Component {
    pub const ALL: [Self; 3] = [Self::Database, Self::Homeserver, Self::Helpdesk];

    /// Whether nothing can be accepted without it. An outage of homeserver or helpdesk is what the boxes are for: were
    /// we not ready then, an orchestrator would cut the homeserver off from a bridge that can take its messages.
    fn is_needed_to_accept(self) -> bool {
        matches!(self, Self::Database)
    }
}

/// As it is shown at `/health/ready`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// All parts answer.
    Ready,
    /// Messages are accepted and kept; what needs the missing part waits.
    Degraded,
    /// Nothing can be accepted.
    NotReady,
}

/// Shared by all who know something; clones are the same one.
#[derive(Clone, Debug)]
pub struct Readiness {
    reasons: Arc<RwLock<BTreeMap<Component, Option<String>>>>,
}

impl Default for Readiness {
    fn default() -> Self {
        let starting = Component::ALL.into_iter().map(|component| (component, Some("starting".to_owned())));
        Self { reasons: Arc::new(RwLock::new(starting.collect())) }
    }
}

impl Readiness {
    pub fn set_up(&self, component: Component) {
        self.set(component, None);
    }

    /// `reason` is shown to whoever asks: no secret and no address of a person in it.
    pub fn set_down(&self, component: Component, reason: impl Into<String>) {
        self.set(component, Some(reason.into()));
    }

    fn set(&self, component: Component, reason: Option<String>) {
        self.reasons.write().unwrap_or_else(PoisonError::into_inner).insert(component, reason);
    }

    /// `None` in a component's place: it answers.
    pub fn reasons(&self) -> BTreeMap<Component, Option<String>> {
        self.reasons.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn state(&self) -> State {
        let reasons = self.reasons();
        let down = || reasons.iter().filter(|(_, reason)| reason.is_some()).map(|(component, _)| *component);
        if down().any(Component::is_needed_to_accept) {
            State::NotReady
        } else if down().next().is_some() {
            State::Degraded
        } else {
            State::Ready
        }
    }
}
