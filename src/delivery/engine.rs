//! The parts of delivery, wired together, and the workers that move the lanes on.

use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::breaker::Breaker;
use super::elsewhere;
use super::files::{Missing, Short};
use super::gaps::Gaps;
use super::invited::Uninvited;
use super::known::Known;
use super::lanes::{Lanes, Queued};
use super::locks::Locks;
use super::order::Order;
use super::panics::Panics;
use super::receipts::Receipts;
use super::restored::Restored;
use super::rests::Rests;
use super::retry::{self, Backoff, Trying};
use super::settling::Settling;
use super::spaces::Spaces;
use crate::clock::Clock;
use crate::helpdesk::Helpdesk;
use crate::matrix::MatrixSide;
use crate::model::{Settings, Side};
use crate::observe::{Component, Readiness};
use crate::store::{Applied, Backend, Committer, InboxRow, OutboxRow, Step, StoreError, UNORDERED, Written};

/// Lanes that are worked on at once, per queue; more wait in the store.
pub(super) const MAX_ACTIVE_LANES: usize = 16_384;
/// An outage is over at most this long before it is noticed.
const OUTAGE_WAIT_MAX: Duration = Duration::from_secs(5);

/// For calls under way when we are to end: less than what systemd grants before it kills (90 seconds).
const FAREWELL: Duration = Duration::from_secs(45);

/// Two seconds by default (`delivery.retry_first_ms`).
const UNCERTAIN_WAIT_FACTOR: u32 = 4;

/// Ten seconds by default.
const STILL_WRITING_FACTOR: u32 = 20;

impl Queued for InboxRow {
    fn seq(&self) -> i64 {
        self.seq
    }
}

impl Queued for OutboxRow {
    fn seq(&self) -> i64 {
        self.seq
    }
}

/// How much at once, and how long.
#[derive(Clone, Debug)]
pub struct Limits {
    pub matrix_parallel: usize,
    pub helpdesk_parallel: usize,
    pub give_up_after: Duration,
    pub poll_interval: Duration,
    pub reconcile_interval: Duration,
    pub retry_first: Duration,
    pub retry_max: Duration,
    /// How long a message may wait before its author is told.
    pub tell_waiting_after: Duration,
    pub keep_done: Duration,
}

/// What the engine is made of.
pub struct Parts {
    pub backend: Arc<dyn Backend>,
    pub fence: i64,
    pub matrix: MatrixSide,
    pub helpdesk: Arc<dyn Helpdesk>,
    pub settings: Arc<Settings>,
    pub clock: Arc<dyn Clock>,
    pub limits: Limits,
    pub readiness: Readiness,
    pub files: Files,
    /// The registration's id, to ask the homeserver for a ping.
    pub appservice_id: String,
}

/// Which files are carried, and where they lie meanwhile.
pub struct Files {
    pub rules: crate::files::Rules,
    pub spool: crate::files::Spool,
    /// Carried at once, and as many again that lie on other homeservers; they take none of the places that words have.
    pub parallel: usize,
}

/// One side's sending half.
pub(super) struct Sending {
    pub lanes: Lanes<OutboxRow>,
    pub settling: Settling,
    pub rests: Rests,
    pub permits: Semaphore,
    pub breaker: Breaker,
}

pub struct Engine {
    pub(super) backend: Arc<dyn Backend>,
    /// It refused and was said to: each outage is told once.
    pub(super) database_trouble: AtomicBool,
    pub(super) matrix: MatrixSide,
    pub(super) helpdesk: Arc<dyn Helpdesk>,
    pub(super) settings: Arc<Settings>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limits: Limits,
    pub(super) known: Known,
    pub(super) locks: Locks,
    pub(super) deciding: Lanes<InboxRow>,
    to_matrix: Sending,
    to_helpdesk: Sending,
    pub(super) files: Files,
    pub(super) transfers: Semaphore,
    /// Places for files that lie on other homeservers.
    pub(super) far_transfers: Semaphore,
    pub(super) missing: Missing,
    pub(super) short: Short,
    /// Places for what other homeservers have to answer.
    pub(super) elsewhere: Semaphore,
    committer: OnceLock<Committer>,
    broken: OnceLock<()>,
    /// What was under way then was so in another process.
    pub(super) started: Instant,
    pub(super) trying: Trying,
    pub(super) receipts: Receipts,
    /// Over rows of the inbox, and of the outbox.
    pub(super) panics: Panics,
    pub(super) panics_sending: Panics,
    pub(super) restored: Restored,
    /// When the helpdesk last told completely what changed; milliseconds since 1970.
    pub(super) feed_told_ms: AtomicI64,
    pub(super) poll_now: Notify,
    /// The keeper looks at the queues before its time.
    pub(super) look_now: Notify,
    /// The homeserver is caught up with before its time.
    pub(super) reconcile_now: Notify,
    pub(super) uninvited: Uninvited,
    pub(super) gaps: Gaps,
    pub(super) order: Order,
    /// The desks' spaces that are known to be there.
    pub(super) spaces: Spaces,
    pub(super) readiness: Readiness,
    pub(super) appservice_id: String,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl Engine {
    /// Reads what was left open; nothing runs yet.
    pub async fn new(parts: Parts) -> Result<Arc<Self>, StoreError> {
        let held = parts.backend.held_lanes().await?;
        let restored = Restored::read(&*parts.backend).await?;
        let sending = |parallel: usize| Sending {
            lanes: Lanes::new(MAX_ACTIVE_LANES, []),
            settling: Settling::default(),
            rests: Rests::new(parts.limits.retry_max),
            permits: Semaphore::new(parallel.max(1)),
            breaker: Breaker::new(),
        };
        let engine = Arc::new(Self {
            known: Known::new(Arc::clone(&parts.backend)),
            locks: Locks::new(),
            deciding: Lanes::new(MAX_ACTIVE_LANES, held),
            to_matrix: sending(parts.limits.matrix_parallel),
            to_helpdesk: sending(parts.limits.helpdesk_parallel),
            transfers: Semaphore::new(parts.files.parallel.max(1)),
            far_transfers: Semaphore::new(parts.files.parallel.max(1)),
            missing: Missing::default(),
            short: Short::default(),
            elsewhere: Semaphore::new(elsewhere::PLACES),
            files: parts.files,
            committer: OnceLock::new(),
            broken: OnceLock::new(),
            started: Instant::now(),
            trying: Trying::new(parts.clock.now_ms()),
            receipts: Receipts::default(),
            panics: Panics::default(),
            panics_sending: Panics::default(),
            restored,
            feed_told_ms: AtomicI64::new(parts.clock.now_ms()),
            poll_now: Notify::new(),
            look_now: Notify::new(),
            reconcile_now: Notify::new(),
            uninvited: Uninvited::default(),
            gaps: Gaps::default(),
            order: Order::default(),
            spaces: Spaces::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            backend: parts.backend,
            database_trouble: AtomicBool::default(),
            matrix: parts.matrix,
            helpdesk: parts.helpdesk,
            settings: parts.settings,
            clock: parts.clock,
            limits: parts.limits,
            readiness: parts.readiness,
            appservice_id: parts.appservice_id,
        });
        let told = Arc::downgrade(&engine);
        let committer = Committer::start(
            Arc::clone(&engine.backend),
            parts.fence,
            Arc::clone(&engine.clock),
            Box::new(move |written| {
                let Some(engine) = told.upgrade() else { return };
                match written {
                    Written::Applied(step, applied) => engine.applied(step, applied),
                    Written::ByOthers => engine.taken_by_others(),
                    Written::InDoubt => engine.doubt(),
                }
            }),
        );
        let _first = engine.committer.set(committer);
        Ok(engine)
    }

    /// Starts the workers on what is waiting, and everything periodic.
    pub async fn start(self: &Arc<Self>) -> Result<(), StoreError> {
        self.refill_deciding().await?;
        self.refill_sending(Side::Matrix).await?;
        self.refill_sending(Side::Helpdesk).await?;
        self.spawn(Arc::clone(self).go_on(Self::keep));
        self.spawn(Arc::clone(self).go_on(Self::send_receipts));
        self.spawn(Arc::clone(self).go_on(Self::tell_of_overdue));
        self.spawn(Arc::clone(self).go_on(Self::reconcile_homeserver));
        self.spawn(Arc::clone(self).go_on(Self::prepare_desks));
        self.spawn(Arc::clone(self).go_on(Self::read_gaps));
        self.spawn(Arc::clone(self).go_on(Self::invite_again));
        self.spawn(Arc::clone(self).go_on(Self::follow_helpdesk));
        Ok(())
    }

    /// Returns when the engine has to stop by itself.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// It stopped by a mistake of ours: started again, it goes on where it was.
    pub fn is_broken(&self) -> bool {
        self.broken.get().is_some()
    }

    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Ends the periodic work; calls under way are waited for, but not for ever: what is cut off is looked up at the next
    /// start, as after a crash.
    pub async fn shut_down(&self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(FAREWELL, self.tasks.wait()).await.is_err() {
            tracing::warn!("calls under way did not end in time; what became of them is looked up at the next start");
        }
    }

    pub(super) fn spawn(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    pub(super) fn sending(&self, side: Side) -> &Sending {
        match side {
            Side::Matrix => &self.to_matrix,
            Side::Helpdesk => &self.to_helpdesk,
        }
    }

    pub(super) async fn commit(&self, step: Step) -> Result<Applied, StoreError> {
        let Some(committer) = self.committer.get() else { return Err(StoreError::Closed) };
        self.noted(committer.commit(Box::new(step)).await)
    }

    /// In no hurry: it shares the flush of the next step.
    pub(super) async fn commit_in_company(&self, step: Step) -> Result<Applied, StoreError> {
        let Some(committer) = self.committer.get() else { return Err(StoreError::Closed) };
        self.noted(committer.commit_in_company(Box::new(step)).await)
    }

    fn noted(&self, result: Result<Applied, StoreError>) -> Result<Applied, StoreError> {
        match &result {
            Ok(_) => self.readiness.set_up(Component::Database),
            Err(_) => {
                self.readiness.set_down(Component::Database, "it refuses to write; see the log");
            }
        }
        match &result {
            Err(StoreError::Fenced) => {
                metrics::counter!(crate::observe::metrics::FENCED_WRITES).increment(1);
                tracing::error!("another instance has taken over: a write of this one was refused, and it stops");
                self.stop.cancel();
            }
            Err(StoreError::Closed) if !self.is_stopped() => {
                tracing::error!(
                    "nothing can be written any more, by a mistake in ticketroom that the log names: it stops"
                );
                let _first = self.broken.set(());
                self.stop.cancel();
            }
            _ => {}
        }
        result
    }

    /// Something may have been written that nobody was told of: the store is asked for all that waits, before anything
    /// that is written later is handed over and overtakes it.
    fn doubt(&self) {
        self.known.forget();
        self.deciding.doubt();
        self.to_matrix.lanes.doubt();
        self.to_helpdesk.lanes.doubt();
        self.look_now.notify_one();
    }

    /// Another instance has put events into the inbox: the lanes are read again, before anything that was written later is
    /// handed over and overtakes them.
    fn taken_by_others(self: &Arc<Self>) {
        self.deciding.doubt();
        let engine = Arc::clone(self);
        self.spawn(async move {
            if let Err(error) = engine.refill_deciding().await {
                tracing::error!(%error, "what others took in cannot be read yet");
                engine.look_now.notify_one();
            }
        });
    }

    /// Another instance may have put events into the inbox: the next commit tells.
    pub async fn look_for_others(&self) {
        if let Err(error) = self.commit(Step::default()).await {
            tracing::warn!(%error, "whether others took something in cannot be told yet");
        }
    }

    /// In commit order, before anybody acts on it.
    fn applied(self: &Arc<Self>, step: &Step, applied: &Applied) {
        self.known.learn(step);
        for (_, lane) in &step.lanes_joined {
            self.reload_deciding(lane);
        }
        for lane in &step.revived {
            for side in [Side::Matrix, Side::Helpdesk] {
                if self.sending(side).lanes.reload(lane) {
                    self.start_sending(side, lane);
                }
            }
        }
        for row in &applied.inbox {
            if row.lane == UNORDERED {
                self.order.came.notify_one();
            } else if self.deciding.push(&row.lane, row.clone()) {
                self.spawn(Arc::clone(self).decide_lane(row.lane.clone()));
            }
        }
        for row in &applied.outbox {
            if self.sending(row.side).lanes.push(&row.lane, row.clone()) {
                self.start_sending(row.side, &row.lane);
            }
        }
    }

    pub(super) fn retry_wait(&self, attempts: i64, asked: Option<Duration>) -> Duration {
        let backoff = Backoff { first: self.limits.retry_first, longest: self.limits.retry_max };
        retry::wait(attempts, asked, backoff, &*self.clock)
    }

    /// Before a write that may have happened is looked up: whoever did not answer in time may still be writing it.
    pub(super) fn uncertain_wait(&self) -> Duration {
        self.limits.retry_first.saturating_mul(UNCERTAIN_WAIT_FACTOR)
    }

    /// Whether a write of the process before us may still be under way: the helpdesk goes on with it although whoever asked
    /// for it is dead, and is slow when it is busy.
    pub(super) fn may_still_be_written(&self, age_ms: i64) -> bool {
        let running = self.started.elapsed();
        let window = self.limits.retry_first.saturating_mul(STILL_WRITING_FACTOR);
        // What is too old to wait has one more try at once.
        running < window && age_ms > retry::millis(running) && age_ms < retry::millis(self.limits.give_up_after)
    }

    /// Before a side that is down is asked again by what watches it.
    pub(super) fn outage_wait(&self, failures: i64) -> Duration {
        let backoff = Backoff { first: self.limits.retry_first, longest: OUTAGE_WAIT_MAX };
        retry::wait(failures - 1, None, backoff, &*self.clock)
    }
}
