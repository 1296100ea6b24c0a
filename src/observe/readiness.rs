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

/// What an instance does among those on one database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It delivers, or is about to.
    #[default]
    Leader,
    /// It takes in what the homeserver brings, and waits until it has to lead.
    Standby,
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
    inner: Arc<RwLock<Inner>>,
}

#[derive(Debug)]
struct Inner {
    role: Role,
    /// What the homeserver brings is sent back, with the request to come again.
    starting: bool,
    reasons: BTreeMap<Component, Option<String>>,
}

impl Default for Readiness {
    fn default() -> Self {
        let starting = Component::ALL.into_iter().map(|component| (component, Some("starting".to_owned())));
        Self {
            inner: Arc::new(RwLock::new(Inner { role: Role::Leader, starting: false, reasons: starting.collect() })),
        }
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
        self.inner.write().unwrap_or_else(PoisonError::into_inner).reasons.insert(component, reason);
    }

    /// `None` in a component's place: it answers.
    pub fn reasons(&self) -> BTreeMap<Component, Option<String>> {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        // A standby calls nobody: it has nothing to say of the others.
        let is_asked = |component: &Component| inner.role == Role::Leader || component.is_needed_to_accept();
        inner.reasons.iter().filter(|(part, _)| is_asked(part)).map(|(part, why)| (*part, why.clone())).collect()
    }

    /// Whether nothing can be taken in yet, whatever the parts do.
    pub fn set_starting(&self, starting: bool) {
        self.inner.write().unwrap_or_else(PoisonError::into_inner).starting = starting;
    }

    fn is_starting(&self) -> bool {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).starting
    }

    pub fn role(&self) -> Role {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).role
    }

    pub fn set_role(&self, role: Role) {
        self.inner.write().unwrap_or_else(PoisonError::into_inner).role = role;
    }

    pub fn state(&self) -> State {
        let reasons = self.reasons();
        let down = || reasons.iter().filter(|(_, reason)| reason.is_some()).map(|(component, _)| *component);
        if self.is_starting() || down().any(Component::is_needed_to_accept) {
            State::NotReady
        } else if down().next().is_some() {
            State::Degraded
        } else {
            State::Ready
        }
    }
}
