//! A part of the program that panics: what it was at work on is tried again and then given up, and everything else goes on.
//!
//! A panic is a mistake of ours that somebody's words may have met. Left alone it would end the worker of that ticket until
//! the next start, or ended the periodic work that all tickets need.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;

use super::engine::Engine;
use crate::matrix;
use crate::model::{Fact, Uncarried};

/// So often the same is tried: what went wrong once may have been the moment.
pub(super) const TRIES_MAX: i64 = 3;

#[derive(Debug)]
pub(super) struct Panicked;

/// What the work comes to. The hook has logged where it panicked; its state is dropped with it, and what others see of it is
/// behind locks that are whole between two statements, or on disk.
pub(super) async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|_| Panicked)
}

/// How often rows of the inbox made us panic.
#[derive(Debug, Default)]
pub(super) struct Panics(Mutex<HashMap<i64, i64>>);

impl Panics {
    pub fn count(&self, seq: i64) -> i64 {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(seq).or_default();
        *count += 1;
        *count
    }

    pub fn forget(&self, seq: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&seq);
    }
}

impl Engine {
    /// Periodic work that goes on until the engine stops.
    pub(super) async fn go_on<W: Future<Output = ()>>(self: Arc<Self>, work: fn(Arc<Self>) -> W) {
        while caught(work(Arc::clone(&self))).await.is_err() && !self.stop.is_cancelled() {
            self.pause_after_panic().await;
        }
    }

    /// Two seconds by default: what panics each time must not fill the log.
    pub(super) async fn pause_after_panic(&self) {
        tokio::select! {
            biased;
            () = tokio::time::sleep(self.uncertain_wait()) => {}
            () = self.stop.cancelled() => {}
        }
    }
}

/// What is decided on instead of an event that we stumble over again and again: whoever wrote it is told that it did not
/// arrive. `None`: nobody waits for it.
pub(super) fn in_its_place(body: &str) -> Option<Fact> {
    let event = matrix::peek(body).ok()?;
    let is_message = event.state_key.is_none() && event.kind != "m.reaction";
    let (room, sender, event) = (event.room_id, event.sender, event.event_id);
    is_message.then_some(Fact::Unsupported { room, event, sender, what: Uncarried::Other })
}
