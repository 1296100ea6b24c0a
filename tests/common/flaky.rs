//! A database that refuses when it is told to, in front of a real one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use ruma::{EventId, OwnedUserId, RoomId, UserId};
use ticketroom::model::{Code, CodeId, DeskId, MessageId, Room, Side, Ticket, TicketId, Used};
use ticketroom::store::{Applied, Backend, Backlog, EventRow, InboxRow, OutboxRow, Step, StoreError};

/// A step that bears this key in its inbox is always refused.
pub const POISON: &str = "poison";

#[derive(Default)]
pub struct Troubles {
    /// Nothing works.
    pub down: AtomicBool,
    /// So many commits are written and reported as failed: the connection broke before the answer.
    pub unanswered: AtomicUsize,
}

pub struct Flaky {
    pub inner: Arc<dyn Backend>,
    pub troubles: Arc<Troubles>,
}

impl Flaky {
    fn up(&self) -> Result<(), StoreError> {
        if self.troubles.down.load(Ordering::SeqCst) { Err(refused("it is away")) } else { Ok(()) }
    }
}

fn refused(why: &str) -> StoreError {
    StoreError::Refused(why.to_owned())
}

#[async_trait]
impl Backend for Flaky {
    async fn commit(&self, fence: i64, now_ms: i64, steps: &[Step]) -> Result<Vec<Applied>, StoreError> {
        self.up()?;
        if steps.iter().flat_map(|step| &step.inbox).any(|row| row.key == POISON) {
            return Err(refused("this step is not wanted"));
        }
        let applied = self.inner.commit(fence, now_ms, steps).await?;
        let fewer = |left: usize| left.checked_sub(1);
        match self.troubles.unanswered.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer) {
            Ok(_) => Err(refused("the connection broke")),
            Err(_) => Ok(applied),
        }
    }

    async fn next_fence(&self) -> Result<i64, StoreError> {
        self.inner.next_fence().await
    }

    async fn room(&self, room: &RoomId) -> Result<Option<Room>, StoreError> {
        self.up()?;
        self.inner.room(room).await
    }

    async fn desk_room(&self, desk: &DeskId) -> Result<Option<Room>, StoreError> {
        self.up()?;
        self.inner.desk_room(desk).await
    }

    async fn rooms(&self, rooms: &[&RoomId]) -> Result<Vec<Room>, StoreError> {
        self.up()?;
        self.inner.rooms(rooms).await
    }

    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Ticket>, StoreError> {
        self.up()?;
        self.inner.ticket(ticket).await
    }

    async fn tickets(&self, tickets: &[&TicketId]) -> Result<Vec<Ticket>, StoreError> {
        self.up()?;
        self.inner.tickets(tickets).await
    }

    async fn event(&self, event: &EventId) -> Result<Option<EventRow>, StoreError> {
        self.up()?;
        self.inner.event(event).await
    }

    async fn event_of(&self, ticket: &TicketId, message: &MessageId) -> Result<Option<EventRow>, StoreError> {
        self.up()?;
        self.inner.event_of(ticket, message).await
    }

    async fn name(&self, user: &UserId) -> Result<Option<String>, StoreError> {
        self.up()?;
        self.inner.name(user).await
    }

    async fn names(&self, users: &[&OwnedUserId]) -> Result<Vec<(OwnedUserId, String)>, StoreError> {
        self.up()?;
        self.inner.names(users).await
    }
    async fn languages(&self, users: &[&OwnedUserId]) -> Result<Vec<(OwnedUserId, String)>, StoreError> {
        self.up()?;
        self.inner.languages(users).await
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.up()?;
        self.inner.cursor(name).await
    }

    async fn known_keys(&self, keys: &[String]) -> Result<Vec<String>, StoreError> {
        self.up()?;
        self.inner.known_keys(keys).await
    }

    async fn inbox_page(&self, lane: &str, after_seq: i64, limit: i64) -> Result<Vec<InboxRow>, StoreError> {
        self.up()?;
        self.inner.inbox_page(lane, after_seq, limit).await
    }

    async fn outbox_page(
        &self,
        side: Side,
        lane: &str,
        after_seq: i64,
        limit: i64,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        self.up()?;
        self.inner.outbox_page(side, lane, after_seq, limit).await
    }

    async fn inbox_lanes(&self, limit: i64) -> Result<Vec<String>, StoreError> {
        self.up()?;
        self.inner.inbox_lanes(limit).await
    }

    async fn outbox_lanes(&self, side: Side, limit: i64) -> Result<Vec<String>, StoreError> {
        self.up()?;
        self.inner.outbox_lanes(side, limit).await
    }

    async fn held_lanes(&self) -> Result<Vec<String>, StoreError> {
        self.up()?;
        self.inner.held_lanes().await
    }

    async fn lane_is_held(&self, lane: &str) -> Result<bool, StoreError> {
        self.up()?;
        self.inner.lane_is_held(lane).await
    }

    async fn code(&self, code: &CodeId) -> Result<Option<Code>, StoreError> {
        self.up()?;
        self.inner.code(code).await
    }

    async fn codes(&self) -> Result<Vec<Code>, StoreError> {
        self.up()?;
        self.inner.codes().await
    }

    async fn add_code(&self, code: &Code, now_ms: i64) -> Result<bool, StoreError> {
        self.up()?;
        self.inner.add_code(code, now_ms).await
    }

    async fn disable_code(&self, code: &CodeId, disabled: bool) -> Result<bool, StoreError> {
        self.up()?;
        self.inner.disable_code(code, disabled).await
    }

    async fn used(&self, user: &UserId, room: &RoomId, since_ms: i64) -> Result<Used, StoreError> {
        self.up()?;
        self.inner.used(user, room, since_ms).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.up()?;
        self.inner.backlog().await
    }

    async fn prune(&self, before_ms: i64) -> Result<u64, StoreError> {
        self.up()?;
        self.inner.prune(before_ms).await
    }
}
