//! A circuit breaker per side: when nothing gets through, everybody waits and one at a time tries.

use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// Failures in a row, of whatever ticket, until the side counts as down.
const TOLERATED: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// How long the others wait for whoever tries: it may be somebody with a large file.
const PROBE_PATIENCE: Duration = Duration::from_secs(15);

#[derive(Default)]
struct State {
    failures: u32,
    /// Nobody calls before.
    closed_until: Option<Instant>,
    /// The other side asked for this pause itself.
    asked: bool,
    /// Whoever is trying whether it works again, by number, and for how long that is waited for.
    probing: Option<(u64, Instant)>,
    /// Who tried so far.
    probes: u64,
}

pub struct Breaker {
    state: Mutex<State>,
    /// The probe has ended, one way or the other.
    probed: Notify,
    /// Counts recoveries, for those who have to catch up after an outage.
    recoveries: watch::Sender<u64>,
}

/// Leave to call. Whoever tries for the others, and then finds that there is no need to call or fails for another reason,
/// drops it: the next one tries.
#[must_use]
pub struct Pass<'a> {
    breaker: &'a Breaker,
    probe: Option<u64>,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let Some(probe) = self.probe else { return };
        let Ok(mut state) = self.breaker.state.lock() else { return };
        if state.probing.is_some_and(|(number, _)| number == probe) {
            state.probing = None;
            drop(state);
            self.breaker.probed.notify_waiters();
        }
    }
}

enum Go {
    Now(Option<u64>),
    At(Instant),
    /// Or then.
    WhenProbed(Instant),
}

impl Breaker {
    pub fn new() -> Self {
        Self { state: Mutex::new(State::default()), probed: Notify::new(), recoveries: watch::Sender::new(0) }
    }

    /// Returns when a call may be made.
    pub async fn ready(&self) -> Pass<'_> {
        loop {
            // Before the state is looked at: what ends right after that is not missed.
            let probed = self.probed.notified();
            match self.go() {
                Go::Now(probe) => return Pass { breaker: self, probe },
                Go::At(until) => tokio::time::sleep_until(until).await,
                Go::WhenProbed(at_latest) => drop(tokio::time::timeout_at(at_latest, probed).await),
            }
        }
    }

    fn go(&self) -> Go {
        let Ok(mut state) = self.state.lock() else { return Go::Now(None) };
        let now = Instant::now();
        match (state.closed_until, state.probing) {
            (None, _) => Go::Now(None),
            (Some(until), _) if now < until => Go::At(until),
            (Some(_), Some((_, patience))) if now < patience => Go::WhenProbed(patience),
            (Some(_), _) => {
                state.probes += 1;
                state.probing = Some((state.probes, now + PROBE_PATIENCE));
                Go::Now(Some(state.probes))
            }
        }
    }

    pub fn is_open(&self) -> bool {
        self.state.lock().is_ok_and(|state| state.closed_until.is_some())
    }

    /// How much longer the other side wants to be left alone; `None`: it did not ask for that.
    pub fn asked_left(&self) -> Option<Duration> {
        let state = self.state.lock().ok()?;
        let until = state.closed_until.filter(|_| state.asked)?;
        Some(until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }

    /// A call got an answer, whatever it said.
    pub fn succeeded(&self) {
        let recovered = self.state.lock().is_ok_and(|mut state| {
            if state.asked && state.closed_until.is_some_and(|until| Instant::now() < until) {
                // A call from before we were asked to wait.
                return false;
            }
            let recovered = state.closed_until.is_some();
            *state = State { probes: state.probes, ..State::default() };
            recovered
        });
        if recovered {
            self.probed.notify_waiters();
            self.recoveries.send_modify(|count| *count += 1);
        }
    }

    /// A call did not get through; the other side may have asked to wait.
    pub fn failed(&self, asked: Option<Duration>) {
        let Ok(mut state) = self.state.lock() else { return };
        state.failures = state.failures.saturating_add(1);
        if asked.is_none() && state.closed_until.is_some_and(|until| Instant::now() < until) {
            // A call from before the pause, or one that asks for itself: it must not put the next attempt off.
            return;
        }
        state.probing = None;
        if let Some(asked) = asked {
            state.closed_until = state.closed_until.max(Some(Instant::now() + asked));
            state.asked = true;
        } else if state.failures >= TOLERATED {
            let doublings = (state.failures - TOLERATED).min(10);
            let pause = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
            state.closed_until = state.closed_until.max(Some(Instant::now() + pause));
        }
        drop(state);
        self.probed.notify_waiters();
    }

    pub fn recoveries(&self) -> watch::Receiver<u64> {
        self.recoveries.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_side_that_is_down_is_left_alone_and_then_probed_by_one() {
        let breaker = Breaker::new();
        for _ in 0..TOLERATED {
            let _pass = breaker.ready().await;
            breaker.failed(None);
        }
        assert!(breaker.is_open());
        let before = Instant::now();
        let _probe = breaker.ready().await;
        assert!(Instant::now() >= before + FIRST_PAUSE);
        let second = tokio::time::timeout(PROBE_PATIENCE / 2, breaker.ready()).await;
        assert!(second.is_err(), "only one may probe");
        breaker.succeeded();
        let _pass = breaker.ready().await;
        assert!(!breaker.is_open());
        assert_eq!(*breaker.recoveries().borrow(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_probes_with_a_large_file_is_not_waited_for() {
        let breaker = Breaker::new();
        for _ in 0..TOLERATED {
            breaker.failed(None);
        }
        let slow = breaker.ready().await;
        let before = Instant::now();
        let next = breaker.ready().await;
        assert_eq!(before.elapsed(), PROBE_PATIENCE);
        drop(slow);
        let third = tokio::time::timeout(PROBE_PATIENCE / 2, breaker.ready()).await;
        assert!(third.is_err(), "it is the other one's turn");
        drop(next);
        let _third = breaker.ready().await;
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_probes_and_has_no_need_to_call_lets_the_next_one_try() {
        let breaker = Breaker::new();
        for _ in 0..TOLERATED {
            breaker.failed(None);
        }
        let probe = breaker.ready().await;
        let (next, ()) = tokio::join!(tokio::time::timeout(PROBE_PATIENCE / 2, breaker.ready()), async {
            tokio::task::yield_now().await;
            drop(probe);
        });
        let next = next.expect("somebody else tries");
        breaker.failed(None);
        let third = breaker.ready().await;
        drop(next);
        let fourth = tokio::time::timeout(PROBE_PATIENCE / 2, breaker.ready()).await;
        assert!(fourth.is_err(), "one who has long failed does not end another one's try");
        drop(third);
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_after_closes_at_once() {
        let breaker = Breaker::new();
        assert_eq!(breaker.asked_left(), None);
        breaker.failed(Some(Duration::from_secs(9)));
        assert_eq!(breaker.asked_left(), Some(Duration::from_secs(9)));
        let before = Instant::now();
        breaker.succeeded();
        assert!(breaker.is_open(), "a call from before does not end the pause");
        let _pass = breaker.ready().await;
        assert!(Instant::now() >= before + Duration::from_secs(9));
        breaker.succeeded();
        assert!(!breaker.is_open());
    }
}
