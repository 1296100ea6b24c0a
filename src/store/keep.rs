//! The leader's side of the lease: gives its signs of life, notices that it was replaced, and that others wrote.

use std::sync::Arc;

use sqlx::PgConnection;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::StoreError;
use super::lease::{self, BEAT_EVERY, Beaten, CHANNEL};
use super::lock::InstanceLock;
use crate::net::{Asked, Claim};

/// The connection that holds the lock, and where to connect anew.
pub struct PostgresLock {
    pub(super) uri: String,
    pub(super) connection: PgConnection,
}

/// Leadership that is being kept.
pub struct Keeping {
    /// Done when another instance has taken over.
    pub lost: CancellationToken,
    /// Somebody else may have written into the inbox.
    pub others_wrote: Arc<Notify>,
    end: DropGuard,
    task: Option<JoinHandle<()>>,
    _lock: Option<InstanceLock>,
}

impl Keeping {
    /// Nobody can take it as long as this process lives.
    pub(super) fn for_life(lock: InstanceLock) -> Self {
        let end = CancellationToken::new().drop_guard();
        let (lost, others_wrote) = (CancellationToken::new(), Arc::default());
        Self { lost, others_wrote, end, task: None, _lock: Some(lock) }
    }

    pub(super) fn of_postgres(lock: PostgresLock, fence: i64, claim: Claim) -> Self {
        let (lost, others_wrote, end) = (CancellationToken::new(), Arc::<Notify>::default(), CancellationToken::new());
        tokio::spawn(listen(lock.uri.clone(), Arc::clone(&others_wrote), end.clone()));
        let beating = Beating {
            fence,
            claim,
            lost: lost.clone(),
            others_wrote: Arc::clone(&others_wrote),
            end: end.clone(),
            uri: lock.uri,
            is_locked: true,
            taken: None,
        };
        let task = Some(tokio::spawn(beating.run(lock.connection)));
        Self { lost, others_wrote, end: end.drop_guard(), task, _lock: None }
    }

    /// Lets the next one take over at once: nothing of ours is under way any more.
    pub async fn release(self) {
        drop(self.end);
        if let Some(task) = self.task {
            let _ended = task.await;
        }
    }
}

struct Beating {
    fence: i64,
    claim: Claim,
    lost: CancellationToken,
    others_wrote: Arc<Notify>,
    end: CancellationToken,
    uri: String,
    /// On the connection that we have now.
    is_locked: bool,
    taken: Option<i64>,
}

impl Beating {
    async fn run(mut self, connection: PgConnection) {
        let mut connection = Some(connection);
        while !self.end.is_cancelled() {
            let began = Instant::now();
            match self.beat(&mut connection).await {
                Ok(()) => {}
                Err(StoreError::Fenced) => {
                    tracing::error!("another instance has taken over this database: this one stops");
                    self.lost.cancel();
                    return;
                }
                Err(error) => {
                    // Perhaps the lock went with the connection: until the database says so, it is not ours.
                    self.claim.revoke();
                    connection = None;
                    tracing::warn!(%error, "no sign of life can be given; nothing is sent until the database answers");
                }
            }
            tokio::select! {
                () = tokio::time::sleep_until(began + BEAT_EVERY) => {}
                () = self.end.cancelled() => {}
            }
        }
        self.claim.revoke();
        if let Some(mut connection) = connection
            && let Err(error) = lease::release(&mut connection, self.fence).await
        {
            tracing::warn!(%error, "the next instance will have to wait a few seconds for this one");
        }
    }

    async fn beat(&mut self, connection: &mut Option<PgConnection>) -> Result<(), StoreError> {
        let connection = match connection {
            Some(connection) => connection,
            None => {
                self.is_locked = false;
                connection.insert(lease::connect(&self.uri).await?)
            }
        };
        // Where somebody else has it by now, they raise the fence. Where it is our own of before, that connection ends
        // sooner or later, and the fence is ours until then.
        if !self.is_locked {
            self.is_locked = lease::try_lock(connection).await?;
        }
        let asked = Asked::now();
        match lease::beat(connection, self.fence).await? {
            Beaten::Ours { taken } => {
                self.claim.renew(asked);
                if self.taken.replace(taken) != Some(taken) {
                    self.others_wrote.notify_one();
                }
                Ok(())
            }
            Beaten::Fenced => Err(StoreError::Fenced),
        }
    }
}

/// A hint that is there at once; without it the next sign of life tells.
async fn listen(uri: String, others_wrote: Arc<Notify>, end: CancellationToken) {
    let listening = async {
        let mut listener = PgListener::connect(&uri).await?;
        listener.listen(CHANNEL).await?;
        loop {
            // It connects anew by itself.
            listener.recv().await?;
            others_wrote.notify_one();
        }
    };
    let ended: Option<Result<(), sqlx::Error>> = end.run_until_cancelled(listening).await;
    if let Some(Err(error)) = ended {
        tracing::warn!(%error, "the database's hints cannot be heard; what others take in is found within a second");
    }
}
