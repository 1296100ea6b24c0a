//! What everything in a run shares: its time, its randomness, its trace, and how badly things go at the moment.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use ticketroom::clock::Clock;
use tokio::sync::Notify;
use tokio::time::Instant;

/// 2023-11-14.
const EPOCH_MS: i64 = 1_700_000_000_000;

/// How likely each trouble is at the moment, per call (0..1).
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    /// The bridge's calls to the homeserver.
    pub homeserver: f64,
    /// The homeserver's transactions.
    pub push: f64,
    pub helpdesk: f64,
    /// Commits.
    pub store: f64,
}

pub struct Trace {
    hasher: DefaultHasher,
    pub count: u64,
    /// Only where somebody wants to read it.
    pub lines: Option<Vec<String>>,
}

pub struct Sim {
    /// Virtual milliseconds that earlier processes lasted, and when the present one began.
    time: Mutex<(i64, Option<Instant>)>,
    random: Mutex<StdRng>,
    trace: Mutex<Trace>,
    rates: Mutex<Rates>,
    struck: Mutex<BTreeMap<&'static str, u64>>,
    /// How wrong the bridge's clock is.
    pub skew_ms: AtomicI64,
    ops: AtomicU64,
    /// The bridge dies at this operation; 0: it doesn't.
    die_at: AtomicU64,
    pub died: Notify,
    /// Until when each side asked to be left alone, and calls that came all the same.
    pub asked: Mutex<BTreeMap<&'static str, i64>>,
    pub called_in_pause: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

impl Sim {
    pub fn new(seed: u64, keep_trace: bool) -> Arc<Self> {
        Arc::new(Self {
            time: Mutex::new((0, None)),
            random: Mutex::new(StdRng::seed_from_u64(seed)),
            trace: Mutex::new(Trace { hasher: DefaultHasher::new(), count: 0, lines: keep_trace.then(Vec::new) }),
            rates: Mutex::default(),
            struck: Mutex::default(),
            skew_ms: AtomicI64::new(0),
            ops: AtomicU64::new(0),
            die_at: AtomicU64::new(0),
            died: Notify::new(),
            asked: Mutex::default(),
            called_in_pause: Mutex::default(),
        })
    }

    /// Milliseconds since the run began.
    pub fn now_ms(&self) -> i64 {
        let (before, since) = *lock(&self.time);
        before + since.map_or(0, |since| since.elapsed().as_millis() as i64)
    }

    pub fn wall_ms(&self) -> i64 {
        EPOCH_MS + self.now_ms()
    }

    /// A process (a runtime with its own virtual time) begins.
    pub fn enter(&self) {
        lock(&self.time).1 = Some(Instant::now());
    }

    pub fn leave(&self) {
        let now = self.now_ms();
        *lock(&self.time) = (now, None);
    }

    pub fn chance(&self, likely: f64) -> bool {
        likely > 0.0 && lock(&self.random).random::<f64>() < likely
    }

    pub fn between(&self, from: u64, to: u64) -> u64 {
        lock(&self.random).random_range(from..=to)
    }

    pub async fn pause(&self, from_ms: u64, to_ms: u64) {
        let wait = self.between(from_ms, to_ms);
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }

    pub fn rates(&self) -> Rates {
        *lock(&self.rates)
    }

    pub fn set_rates(&self, rates: Rates) {
        *lock(&self.rates) = rates;
    }

    /// A trouble really happened.
    pub fn strike(&self, what: &'static str) {
        *lock(&self.struck).entry(what).or_default() += 1;
        self.note(|| format!("fault: {what}"));
    }

    pub fn struck(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.struck).clone()
    }

    pub fn note(&self, line: impl FnOnce() -> String) {
        let now = self.now_ms();
        let mut trace = lock(&self.trace);
        let line = format!("{now:>9} {}", line());
        line.hash(&mut trace.hasher);
        trace.count += 1;
        if let Some(lines) = &mut trace.lines {
            lines.push(line);
        }
    }

    /// What happened, as a number; the same seed gives the same.
    pub fn digest(&self) -> (u64, u64) {
        let trace = lock(&self.trace);
        (trace.hasher.finish(), trace.count)
    }

    pub fn lines(&self) -> Vec<String> {
        lock(&self.trace).lines.clone().unwrap_or_default()
    }

    /// The bridge dies so many operations from now.
    pub fn die_in(&self, ops: u64) {
        self.die_at.store(self.ops.load(Ordering::SeqCst) + ops.max(1), Ordering::SeqCst);
    }

    /// A moment at which the bridge may die: whoever is in it never goes on.
    pub async fn point(&self) {
        let op = self.ops.fetch_add(1, Ordering::SeqCst) + 1;
        if op == self.die_at.load(Ordering::SeqCst) {
            // What was just heard died with it, and what others of it still begin in this instant is nobody's call.
            lock(&self.asked).clear();
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// That side answered that it wants to be left alone.
    pub fn ask_pause(&self, side: &'static str, wait_ms: u64) {
        let until = self.now_ms() + wait_ms as i64;
        let mut asked = lock(&self.asked);
        let entry = asked.entry(side).or_default();
        *entry = (*entry).max(until);
    }

    /// To be told of each call that the bridge begins.
    pub fn check_pause(&self, side: &'static str, call: &str) {
        if lock(&self.asked).get(side).is_some_and(|until| self.now_ms() < *until) {
            lock(&self.called_in_pause).push(format!("{} {side} {call}", self.now_ms()));
        }
    }
}

/// The bridge's clock: the run's, and as wrong as it is made.
pub struct SimClock(pub Arc<Sim>);

impl Clock for SimClock {
    fn now_ms(&self) -> i64 {
        self.0.wall_ms() + self.0.skew_ms.load(Ordering::SeqCst)
    }

    fn jitter(&self) -> f64 {
        lock(&self.0.random).random()
    }
}
