//! What the helpdesk in memory is told to do wrong.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::model::{Failure, Why};

/// A fault of one write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is saved, and it is known.
    Unreachable,
    /// Nothing is saved, but that is not known (a timeout).
    LostBeforeSaving,
    /// It is saved, but the answer is a failure (500 after saving).
    LostAfterSaving,
    /// It is saved, and the answer never comes.
    HangAfterSaving,
    /// The answer never comes, and nothing is saved.
    HangBeforeSaving,
    /// It is saved, and whoever reads the answer panics.
    PanicAfterSaving,
    /// Its web server takes nothing of this size.
    TooLarge,
    /// Refused for good.
    Refused(String),
}

pub(super) struct Faults {
    next: Mutex<VecDeque<Fault>>,
    down: watch::Sender<Outage>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outage {
    None,
    /// Every call fails at once.
    Down,
    /// Every call waits until it is over.
    Hangs,
}

impl Default for Faults {
    fn default() -> Self {
        Self { next: Mutex::default(), down: watch::Sender::new(Outage::None) }
    }
}

impl Faults {
    pub fn push(&self, fault: Fault, times: usize) {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).extend(std::iter::repeat_n(fault, times));
    }

    pub fn left(&self) -> usize {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub fn forget(&self) {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub fn set_down(&self, down: bool) {
        self.down.send_replace(if down { Outage::Down } else { Outage::None });
    }

    pub fn set_hanging(&self, hangs: bool) {
        self.down.send_replace(if hangs { Outage::Hangs } else { Outage::None });
    }

    pub async fn before_read(&self) -> Result<(), Failure> {
        let mut outage = self.down.subscribe();
        let now = outage.wait_for(|outage| *outage != Outage::Hangs).await;
        match now.map(|outage| *outage) {
            Ok(Outage::Down) => Err(Failure::retry("the helpdesk cannot be reached")),
            _ => Ok(()),
        }
    }

    /// What is to happen after the write, if it is not to fail before.
    pub async fn before_write(&self) -> Result<Option<Fault>, Failure> {
        self.before_read().await?;
        let fault = self.next.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match fault {
            Some(Fault::Unreachable) => Err(Failure::retry("the helpdesk cannot be reached")),
            Some(Fault::LostBeforeSaving) => Err(Failure::uncertain("the helpdesk did not answer in time")),
            Some(Fault::TooLarge) => Err(Failure::dead("too large").because(Why::TooLarge)),
            Some(Fault::Refused(reason)) => Err(Failure::dead(reason.clone()).because(Why::said(reason))),
            Some(Fault::HangBeforeSaving) => std::future::pending().await,
            later => Ok(later),
        }
    }

    pub async fn after_write(&self, fault: Option<Fault>) -> Result<(), Failure> {
        match fault {
            Some(Fault::LostAfterSaving) => Err(Failure::uncertain("the helpdesk failed (500)")),
            Some(Fault::HangAfterSaving) => std::future::pending().await,
            #[allow(clippy::panic, reason = "what it was told to do")]
            Some(Fault::PanicAfterSaving) => panic!("as it was told to"),
            _ => Ok(()),
        }
    }
}
