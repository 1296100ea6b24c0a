//! Group commit: one transaction carries the steps of many lanes, so that a disk flush is shared under load and nothing
//! waits for one when idle.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::{Applied, Backend, Step, StoreError};
use crate::clock::Clock;

/// Steps in one transaction: bounds how long one commit can take.
const MAX_STEPS: usize = 256;
/// Steps waiting for the committer; callers wait beyond that.
const QUEUE: usize = 4096;

/// What became of a commit.
pub enum Written<'a> {
    /// This step is on disk, and added this.
    Applied(&'a Step, &'a Applied),
    /// A commit failed: perhaps before it was written, perhaps after. What it would have added is told to nobody.
    InDoubt,
}

/// Told in commit order, before the caller of the step is and before anything else is written.
pub type OnWritten = Box<dyn Fn(Written<'_>) + Send + Sync>;

struct Job {
    step: Step,
    done: oneshot::Sender<Result<Applied, StoreError>>,
}

/// Handle to the task that writes.
#[derive(Clone)]
pub struct Committer {
    jobs: mpsc::Sender<Job>,
}

impl Committer {
    pub fn start(backend: Arc<dyn Backend>, fence: i64, clock: Arc<dyn Clock>, on_written: OnWritten) -> Self {
        let (jobs, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(run(backend, fence, clock, on_written, receiver));
        Self { jobs }
    }

    /// Returns once the step is on disk.
    pub async fn commit(&self, step: Step) -> Result<Applied, StoreError> {
        let (done, answer) = oneshot::channel();
        self.jobs.send(Job { step, done }).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

async fn run(
    backend: Arc<dyn Backend>,
    fence: i64,
    clock: Arc<dyn Clock>,
    on_written: OnWritten,
    mut jobs: mpsc::Receiver<Job>,
) {
    let mut group = Vec::with_capacity(MAX_STEPS);
    while jobs.recv_many(&mut group, MAX_STEPS).await > 0 {
        let (steps, answers): (Vec<Step>, Vec<_>) = group.drain(..).map(|job| (job.step, job.done)).unzip();
        match backend.commit(fence, clock.now_ms(), &steps).await {
            Ok(applied) => {
                for ((step, applied), answer) in steps.iter().zip(applied).zip(answers) {
                    on_written(Written::Applied(step, &applied));
                    let _gone = answer.send(Ok(applied));
                }
            }
            Err(error) if steps.len() == 1 => {
                on_written(Written::InDoubt);
                for answer in answers {
                    let _gone = answer.send(Err(copy(&error)));
                }
            }
            // One bad step must not fail its neighbours: each gets a transaction of its own.
            Err(_) => {
                on_written(Written::InDoubt);
                let mut away = None;
                for (step, answer) in steps.into_iter().zip(answers) {
                    if let Some(error) = &away {
                        let _gone = answer.send(Err(copy(error)));
                        continue;
                    }
                    let result = backend.commit(fence, clock.now_ms(), std::slice::from_ref(&step)).await;
                    let result = result.map(|mut applied| applied.pop().unwrap_or_default());
                    match &result {
                        Ok(applied) => on_written(Written::Applied(&step, applied)),
                        Err(error) => {
                            on_written(Written::InDoubt);
                            away = is_away(error).then(|| copy(error));
                        }
                    }
                    let _gone = answer.send(result);
                }
            }
        }
    }
}

/// Whether nobody else's step would fare better: each would wait for the same connection.
fn is_away(error: &StoreError) -> bool {
    match error {
        StoreError::Database(error) => error.as_database_error().is_none(),
        StoreError::Fenced | StoreError::Closed => true,
        StoreError::Migration(_) | StoreError::Refused(_) | StoreError::Corrupt(_) | StoreError::InUse => false,
    }
}

fn copy(error: &StoreError) -> StoreError {
    match error {
        StoreError::Fenced => StoreError::Fenced,
        StoreError::Closed => StoreError::Closed,
        StoreError::InUse => StoreError::InUse,
        other => StoreError::Refused(other.to_string()),
    }
}
