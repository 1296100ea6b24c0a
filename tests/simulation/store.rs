//! The real store on SQLite. Its threads are waited for while the run's time stands still, so that they can't be seen in it.

use std::sync::{Arc, LazyLock};

use ticketroom::store::{self, Applied, Opened, Step, StoreError};
use tokio::runtime::Runtime;

use super::sim::Sim;
use crate::flaky::{Trouble, refused};

/// Where sqlx finds the timers and tasks that it wants; nothing of the run is in it.
static ASIDE: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());

/// Waits for it without giving way to anything else.
pub fn aside<T>(call: impl Future<Output = T>) -> T {
    let _entered = ASIDE.enter();
    futures_executor::block_on(tokio::task::unconstrained(call))
}

pub fn open(file: &std::path::Path) -> Opened {
    aside(store::open(&format!("sqlite:{}", file.display()))).unwrap()
}

pub struct Disk(pub Arc<Sim>);

impl Trouble for Disk {
    async fn read<T: Send>(&self, call: impl Future<Output = Result<T, StoreError>> + Send) -> Result<T, StoreError> {
        // Reads fail, too, but far less often than writes.
        if self.0.chance(self.0.rates().store / 20.0) {
            self.0.strike("store: a read refused");
            return Err(StoreError::Database(sqlx::Error::PoolTimedOut));
        }
        aside(call)
    }

    async fn commit(
        &self,
        steps: &[Step],
        call: impl Future<Output = Result<Vec<Applied>, StoreError>> + Send,
    ) -> Result<Vec<Applied>, StoreError> {
        let sim = &self.0;
        sim.point().await;
        sim.pause(0, 3).await;
        let rate = sim.rates().store;
        if sim.chance(rate) {
            sim.strike("store: a commit refused (busy, full)");
            return Err(if sim.chance(0.5) {
                refused("database or disk is full")
            } else {
                StoreError::Database(sqlx::Error::PoolTimedOut)
            });
        }
        let applied = aside(call)?;
        sim.note(|| told(steps, &applied));
        sim.point().await;
        sim.pause(0, 2).await;
        if sim.chance(rate) {
            sim.strike("store: a commit's answer lost");
            return Err(refused("the connection broke"));
        }
        Ok(applied)
    }
}

/// What a commit changed in the queues.
fn told(steps: &[Step], applied: &[Applied]) -> String {
    let mut line = "commit:".to_owned();
    for (step, applied) in steps.iter().zip(applied) {
        let rows = applied.inbox.iter().map(|row| format!("+{}:{} in {}", row.seq, row.key, row.lane));
        let effects = applied.outbox.iter().map(|row| format!(">{}:{} in {}", row.seq, row.key, row.lane));
        let done = step.inbox_done.iter().map(|seq| format!("-{seq}"));
        let sent = step.sent.iter().map(|seq| format!("={seq}"));
        let words: Vec<String> = rows.chain(done).chain(effects).chain(sent).collect();
        line.push_str(&format!(" [{}]", words.join(" ")));
    }
    line
}
