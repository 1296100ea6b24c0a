//! One at a time for each ticket, however long Request Tracker takes for another one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

#[derive(Default)]
pub(super) struct Turns {
    /// Only of tickets at which somebody is or waits.
    tickets: Mutex<HashMap<u64, Arc<Turn<()>>>>,
}

impl Turns {
    /// Waits until nobody else is at this ticket.
    pub async fn at(&self, ticket: u64) -> OwnedMutexGuard<()> {
        let turn = {
            let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
            tickets.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(tickets.entry(ticket).or_default())
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn who_is_at_one_ticket_keeps_nobody_from_another() {
        let turns = Turns::default();
        let one = turns.at(1).await;
        assert!(turns.at(1).now_or_never().is_none());
        let two = turns.at(2).now_or_never();
        assert!(two.is_some());
        drop((one, two));
        assert!(turns.at(1).now_or_never().is_some());
        assert_eq!(turns.tickets.lock().unwrap().len(), 1, "what nobody is at is forgotten");
    }
}
