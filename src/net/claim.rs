//! Whether we may still call others: an instance that may have been replaced says nothing more.
//!
//! A process that was stopped for a minute goes on in the middle of a function, and the call that it was about to make is
//! guarded by no database. So the right to call ends by itself, by both clocks: the one that only runs forward, and the
//! time of day, which also goes on while a machine sleeps.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;

use crate::clock;

/// When somebody asked for the right to go on.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    at: Instant,
    wall: SystemTime,
}

impl Asked {
    pub fn now() -> Self {
        Self { at: clock::instant(), wall: clock::wall() }
    }

    fn is_within(self, term: Duration, now: Self) -> bool {
        // A time of day that was put back says nothing; the other clock does.
        let awake = now.wall.duration_since(self.wall).is_ok_and(|passed| passed >= term);
        now.at.duration_since(self.at) < term && !awake
    }
}

/// Clones are the same one.
#[derive(Clone, Debug)]
pub struct Claim {
    /// `None`: for as long as the process lives.
    until: Option<Arc<Mutex<Option<Asked>>>>,
    term: Duration,
    changed: watch::Sender<()>,
}

impl Default for Claim {
    /// Nobody else can take our place: one instance, held by a lock that lives as long as it.
    fn default() -> Self {
        Self { until: None, term: Duration::ZERO, changed: watch::Sender::new(()) }
    }
}

impl Claim {
    /// Not held until it is renewed, and held for `term` from the moment in which that was asked for.
    pub fn for_a_term(term: Duration) -> Self {
        Self { until: Some(Arc::default()), term, changed: watch::Sender::new(()) }
    }

    pub fn renew(&self, asked: Asked) {
        self.set(Some(asked));
    }

    /// Nobody knows whether it is still ours.
    pub fn revoke(&self) {
        self.set(None);
    }

    fn set(&self, asked: Option<Asked>) {
        let Some(until) = &self.until else { return };
        *until.lock().unwrap_or_else(PoisonError::into_inner) = asked;
        self.changed.send_replace(());
    }

    /// To be asked right before a call.
    pub fn holds(&self) -> bool {
        self.holds_at(Asked::now())
    }

    fn holds_at(&self, now: Asked) -> bool {
        let Some(until) = &self.until else { return true };
        let asked = *until.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_some_and(|asked| asked.is_within(self.term, now))
    }

    /// Returns when it holds.
    pub async fn held(&self) {
        if self.holds() {
            return;
        }
        let mut changed = self.changed.subscribe();
        while !self.holds() {
            if changed.changed().await.is_err() {
                // Nobody is left who could renew it.
                std::future::pending::<()>().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERM: Duration = Duration::from_secs(4);

    fn later(asked: Asked, at: u64, wall: u64) -> Asked {
        Asked { at: asked.at + Duration::from_secs(at), wall: asked.wall + Duration::from_secs(wall) }
    }

    #[test]
    fn it_ends_by_itself_whichever_clock_went_on() {
        let (claim, asked) = (Claim::for_a_term(TERM), Asked::now());
        assert!(!claim.holds_at(asked), "before anybody gave it");
        claim.renew(asked);
        assert!(claim.holds_at(later(asked, 3, 3)));
        assert!(!claim.holds_at(later(asked, 4, 0)), "the process was stopped");
        assert!(!claim.holds_at(later(asked, 1, 4)), "the machine slept");
        claim.renew(later(asked, 4, 4));
        assert!(claim.holds_at(later(asked, 7, 7)));
        claim.revoke();
        assert!(!claim.holds_at(later(asked, 4, 4)));
    }

    #[test]
    fn a_time_of_day_that_is_put_back_takes_nothing_away() {
        let (claim, asked) = (Claim::for_a_term(TERM), Asked::now());
        claim.renew(asked);
        let back = Asked { at: asked.at + Duration::from_secs(1), wall: asked.wall - Duration::from_secs(3600) };
        assert!(claim.holds_at(back));
    }

    #[test]
    fn who_is_alone_always_has_it() {
        let claim = Claim::default();
        claim.revoke();
        assert!(claim.holds());
    }
}
