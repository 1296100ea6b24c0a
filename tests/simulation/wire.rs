//! Calls on their way: what left a bridge that died meanwhile may still arrive, a little later or never.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;

use super::sim::Sim;

type Op = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Ops {
    last: u64,
    /// Under way; nobody but its caller knows when it arrives.
    flying: BTreeMap<u64, Op>,
    /// Nobody waits for these any more: when they arrive.
    late: Vec<(i64, Op)>,
}

#[derive(Default)]
pub struct Wire {
    ops: Mutex<Ops>,
    more: Notify,
}

impl Wire {
    /// Whatever it changes is changed when `arrive` is called, if ever.
    pub fn depart(&self, op: impl FnOnce() + Send + 'static) -> u64 {
        let mut ops = self.ops.lock().unwrap();
        ops.last += 1;
        let id = ops.last;
        ops.flying.insert(id, Box::new(op));
        id
    }

    pub fn arrive(&self, id: u64) {
        let op = self.ops.lock().unwrap().flying.remove(&id);
        if let Some(op) = op {
            op();
        }
    }

    /// It never arrives.
    pub fn lose(&self, id: u64) {
        self.ops.lock().unwrap().flying.remove(&id);
    }

    /// Its caller gives up; it arrives then.
    pub fn delay(&self, id: u64, at_ms: i64) {
        let mut ops = self.ops.lock().unwrap();
        if let Some(op) = ops.flying.remove(&id) {
            ops.late.push((at_ms, op));
            self.more.notify_one();
        }
    }

    /// The bridge died: of its calls some arrive, within this time.
    pub fn orphan(&self, sim: &Sim, within_ms: u64) {
        let mut ops = self.ops.lock().unwrap();
        for (_, op) in std::mem::take(&mut ops.flying) {
            if sim.chance(0.6) {
                ops.late.push((sim.now_ms() + sim.between(0, within_ms) as i64, op));
            }
        }
    }

    pub async fn run(self: Arc<Self>, sim: Arc<Sim>) {
        loop {
            let due: Vec<Op> = {
                let mut ops = self.ops.lock().unwrap();
                let now = sim.now_ms();
                let late = std::mem::take(&mut ops.late);
                let (due, later) = late.into_iter().partition(|(at, _)| *at <= now);
                ops.late = later;
                let due: Vec<(i64, Op)> = due;
                due.into_iter().map(|(_, op)| op).collect()
            };
            for op in due {
                op();
            }
            let next = self.ops.lock().unwrap().late.iter().map(|(at, _)| *at).min();
            let wait = next.map_or(Duration::from_secs(3600), |at| {
                Duration::from_millis(u64::try_from(at - sim.now_ms()).unwrap_or(0))
            });
            let _either = tokio::time::timeout(wait, self.more.notified()).await;
        }
    }
}
