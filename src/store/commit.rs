//! Group commit: one transaction carries the steps of many lanes, so that a disk flush is shared under load and nothing
//! waits for one when idle.

use std::sync::Arc;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;
use tokio::sync::{mpsc, oneshot};

use super::{Applied, Backend, Step, StoreError};
use crate::clock::Clock;
use crate::crash;

/// Steps in one transaction: bounds how long one commit can take.
const MAX_STEPS: usize = 256;
/// Steps waiting for the committer; callers wait beyond that.
const QUEUE: usize = 4096;
/// How long a step that is in no hurry waits for one that is.
const COMPANY_WAIT: Duration = Duration::from_millis(20);

/// What became of a commit.
pub enum Written<'a> {
    /// This step is on disk, and added this.
    Applied(&'a Step, &'a Applied),
    /// Others than we have put rows into the inbox, before what is told next.
    ByOthers,
    /// A commit failed: perhaps before it was written, perhaps after. What it would have added is told to nobody.
    InDoubt,
}

/// Told in commit order, before the caller of the step is and before anything else is written.
pub type OnWritten = Box<dyn Fn(Written<'_>) + Send + Sync>;

struct Job {
    step: Box<Step>,
    hurries: bool,
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

    /// Returns once the step is on disk. Boxed: thousands wait for it, each in several futures within each other.
    pub async fn commit(&self, step: Box<Step>) -> Result<Applied, StoreError> {
        self.hand_over(step, true).await
    }

    /// The same, for what nothing waits for: where little is going on it shares the flush of the next step.
    pub async fn commit_in_company(&self, step: Box<Step>) -> Result<Applied, StoreError> {
        self.hand_over(step, false).await
    }

    async fn hand_over(&self, step: Box<Step>, hurries: bool) -> Result<Applied, StoreError> {
        let (done, answer) = oneshot::channel();
        self.jobs.send(Job { step, hurries, done }).await.map_err(|_| StoreError::Closed)?;
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
        // The first to hand over a step wakes us at once, before others that are ready, too, have handed over theirs: these
        // come first, and share the flush.
        tokio::task::yield_now().await;
        take_waiting(&mut jobs, &mut group);
        if !group.iter().any(|job| job.hurries) {
            wait_for_company(&mut jobs, &mut group).await;
        }
        let (steps, answers): (Vec<Step>, Vec<_>) = group.drain(..).map(|job| (*job.step, job.done)).unzip();
        crash::point("before-group-commit");
        match backend.commit(fence, clock.now_ms(), &steps).await {
            Ok(applied) => {
                crash::point("after-group-commit");
                tell_of_others(&*backend, &on_written);
                for ((step, applied), answer) in steps.iter().zip(applied).zip(answers) {
                    on_written(Written::Applied(step, &applied));
                    let _gone = answer.send(Ok(applied));
                }
            }
            Err(error) if steps.len() == 1 || is_locked(&error) => {
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
                        Ok(applied) => {
                            tell_of_others(&*backend, &on_written);
                            on_written(Written::Applied(&step, applied));
                        }
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

/// What waits already, as far as there is room.
fn take_waiting(jobs: &mut mpsc::Receiver<Job>, group: &mut Vec<Job>) {
    while group.len() < MAX_STEPS
        && let Ok(job) = jobs.try_recv()
    {
        group.push(job);
    }
}

fn tell_of_others(backend: &dyn Backend, on_written: &OnWritten) {
    if backend.others_wrote() {
        on_written(Written::ByOthers);
    }
}

/// Until something comes that hurries, or the group is full.
async fn wait_for_company(jobs: &mut mpsc::Receiver<Job>, group: &mut Vec<Job>) {
    let company = async {
        while group.len() < MAX_STEPS && !group.iter().any(|job| job.hurries) {
            if jobs.recv_many(group, MAX_STEPS - group.len()).await == 0 {
                return;
            }
        }
    };
    let _either = tokio::time::timeout(COMPANY_WAIT, company).await;
}

/// Whether nobody else's step would fare better: each would wait for the same connection.
fn is_away(error: &StoreError) -> bool {
    match error {
        // Cancelled by the server, since it took too long there (57014): it does for everybody.
        StoreError::Database(error) => {
            error.as_database_error().is_none_or(|error| error.code().as_deref() == Some("57014"))
        }
        StoreError::Fenced | StoreError::Closed => true,
        StoreError::Migration(_)
        | StoreError::Refused(_)
        | StoreError::Corrupt(_)
        | StoreError::InUse
        | StoreError::Newer { .. }
        | StoreError::Older => false,
    }
}

/// Whether somebody else held SQLite's file for as long as a statement waits: no step is to blame, and each that was tried
/// alone would wait as long again.
fn is_locked(error: &StoreError) -> bool {
    /// `SQLITE_BUSY`, in the lowest byte of the extended codes.
    const BUSY: u32 = 5;
    let StoreError::Database(sqlx::Error::Database(error)) = error else { return false };
    let code = error.try_downcast_ref::<SqliteError>().and_then(DatabaseError::code);
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == BUSY)
}

fn copy(error: &StoreError) -> StoreError {
    match error {
        StoreError::Fenced => StoreError::Fenced,
        StoreError::Closed => StoreError::Closed,
        StoreError::InUse => StoreError::InUse,
        other => StoreError::Refused(other.to_string()),
    }
}
