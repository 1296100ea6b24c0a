//! The simulated homeserver: the one of the fast tests, with what Synapse keeps on disk, what only in memory, and what a
//! kill does to both (facts: measured on Synapse, and read in `synapse/appservice/scheduler.py`).

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use serde_json::Value;
use ticketroom::matrix::Line;
use tokio::sync::Notify;

use super::ambush::Moment;
use super::sim::Sim;
use super::wire::Wire;
use crate::homeserver::World;

/// The half that pushes events to the application service.
#[derive(Default)]
pub struct Sender {
    /// On disk: transactions that were made and not answered, by id.
    pub stored: BTreeMap<u64, Vec<Value>>,
    /// On disk: the application service counts as down.
    pub down: bool,
    /// In memory: events behind the transaction that is under way.
    pub queue: VecDeque<Value>,
    /// In memory: events of which a transaction is being made.
    pub taken: Vec<Value>,
    /// Nobody makes transactions: the next event is taken at once, and alone.
    pub idle: bool,
    /// In memory: events that are being handled and are not in the queue yet.
    pub unhandled: VecDeque<Value>,
    /// On disk, since the position up to which events were handled is written after that.
    pub unsaved: VecDeque<Value>,
    pub next_txn: u64,
    /// Whether somebody repeats what was not answered, and when next.
    pub recovering: bool,
    pub recover_at_ms: i64,
    pub backoff: u32,
    /// It is being repeated right now.
    pub repeating: bool,
    /// Synapse looks for what it has to repeat only when the first event of interest comes after its start.
    pub is_started: bool,
    /// A transaction waits for its answer.
    pub in_flight: bool,
}

pub struct Home {
    pub sim: Arc<Sim>,
    pub wire: Arc<Wire>,
    world: Mutex<World>,
    sender: Mutex<Sender>,
    /// The process: another one after each kill.
    epoch: AtomicU64,
    up: AtomicBool,
    /// It is killed at this moment, and away for so long.
    pub armed: Mutex<Option<(Moment, u64)>>,
    /// How many events there were when it was started: it looks for unhandled ones when the next one comes.
    asleep_at: AtomicUsize,
    /// Ends what is under way when it is killed.
    pub died: Notify,
    /// A proxy in front of it answers 502.
    pub unreachable: AtomicBool,
    /// The connection on which it delivers: another one after each failure.
    pub line: Mutex<Line>,
    pub lines: AtomicU64,
    /// Where the bridge listens, while it does.
    pub bridge: Mutex<Option<Router>>,
    pub news: Notify,
    pub queued: Notify,
    pub recover: Notify,
}

impl Home {
    pub fn new(sim: &Arc<Sim>, wire: &Arc<Wire>) -> Arc<Self> {
        let mut world = World::new(12);
        // So few that rooms have to be read to their end.
        world.timeline_max = 3;
        let clock = Arc::clone(sim);
        world.clock = Arc::new(move || clock.wall_ms());
        Arc::new(Self {
            sim: Arc::clone(sim),
            wire: Arc::clone(wire),
            world: Mutex::new(world),
            sender: Mutex::new(Sender { next_txn: 1, is_started: true, ..Sender::default() }),
            epoch: AtomicU64::new(0),
            up: AtomicBool::new(true),
            armed: Mutex::default(),
            asleep_at: AtomicUsize::new(0),
            died: Notify::new(),
            unreachable: AtomicBool::new(false),
            line: Mutex::default(),
            lines: AtomicU64::new(0),
            bridge: Mutex::default(),
            news: Notify::new(),
            queued: Notify::new(),
            recover: Notify::new(),
        })
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub fn sender(&self) -> MutexGuard<'_, Sender> {
        self.sender.lock().unwrap()
    }

    /// What somebody does in a client; `None` while it is down.
    pub fn act<T>(&self, act: impl FnOnce(&mut World) -> T) -> Option<T> {
        if !self.is_up() {
            return None;
        }
        let result = act(&mut self.world());
        self.news.notify_one();
        Some(result)
    }

    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    pub fn is_up(&self) -> bool {
        self.up.load(Ordering::SeqCst)
    }

    /// What is to be handled now.
    pub fn news(&self) -> VecDeque<Value> {
        let (mut world, mut sender) = (self.world(), self.sender());
        let is_awake = self.is_up() && world.stream.len() > self.asleep_at.load(Ordering::SeqCst);
        // Otherwise the bridge died in the middle of the last ones.
        if is_awake && sender.unhandled.is_empty() {
            sender.unhandled = std::mem::take(&mut world.unpushed);
            let news = sender.unhandled.clone();
            sender.unsaved.extend(news);
        }
        if is_awake { sender.unhandled.clone() } else { VecDeque::new() }
    }

    pub fn connect_anew(&self) {
        self.lines.fetch_add(1, Ordering::SeqCst);
        *self.line.lock().unwrap() = Line::default();
    }

    /// As kill -9 does.
    pub fn kill(&self) {
        self.sim.strike("homeserver: killed");
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.up.store(false, Ordering::SeqCst);
        self.connect_anew();
        let (mut world, mut sender) = (self.world(), self.sender());
        world.answers_by_path.clear();
        if !sender.queue.is_empty() || !sender.taken.is_empty() {
            self.sim.strike("homeserver: events lost that only memory had");
        }
        if sender.in_flight {
            self.sim.strike("homeserver: a transaction was under way when it died");
        }
        sender.queue.clear();
        sender.taken.clear();
        sender.unhandled.clear();
        // What was handled and not yet noted as handled is handled again, in another transaction.
        let again = std::mem::take(&mut sender.unsaved);
        if !again.is_empty() {
            self.sim.strike("homeserver: events again under a new transaction id");
        }
        for event in again.into_iter().rev() {
            world.unpushed.push_front(event);
        }
        sender.recovering = false;
        sender.repeating = false;
        sender.in_flight = false;
        sender.is_started = false;
        self.died.notify_waiters();
    }

    pub fn start(&self) {
        self.asleep_at.store(self.world().stream.len(), Ordering::SeqCst);
        let mut sender = self.sender();
        // On SQLite the ids begin again behind what is stored.
        sender.next_txn = sender.stored.keys().last().map_or(1, |last| last + 1);
        self.up.store(true, Ordering::SeqCst);
        drop(sender);
        self.sim.note(|| "homeserver: started".to_owned());
        self.news.notify_one();
        self.queued.notify_one();
        self.recover.notify_one();
    }

    /// The bridge asked for a ping: what is to be repeated is repeated now. `false`: Synapse answers 502, because it
    /// repeats already and does not expect to be asked then.
    pub fn ping(&self) -> bool {
        let mut sender = self.sender();
        if sender.repeating {
            return false;
        }
        if sender.recovering {
            sender.recover_at_ms = self.sim.now_ms();
            drop(sender);
            self.recover.notify_one();
        }
        true
    }
}
