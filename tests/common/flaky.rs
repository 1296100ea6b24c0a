//! A database that refuses when it is told to, in front of a real one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use ruma::{EventId, OwnedUserId, RoomId, UserId};
use ticketroom::model::{Code, CodeId, DeskId, MessageId, Room, Side, Ticket, TicketId, Used};
use ticketroom::store::{Applied, Backend, Backlog, DeadLetter, EventRow, InboxRow, OutboxRow, Step, StoreError};

/// Whoever asks for this one's name panics.
pub const BOMB: &str = "@bomb:hs.test";
/// A step that bears this key in its inbox is always refused.
pub const POISON: &str = "poison";

#[derive(Default)]
pub struct Troubles {
    /// Nothing works.
    pub down: AtomicBool,
    /// So many commits are written and reported as failed: the connection broke before the answer.
    pub unanswered: AtomicUsize,
    /// So many calls panic.
    pub panics: AtomicUsize,
    /// So many commits panic.
    pub commit_panics: AtomicUsize,
    /// So many commits came here.
    pub commits: AtomicUsize,
}

/// What happens to the calls on their way to the database.
pub trait Trouble: Send + Sync {
    fn read<T: Send>(
        &self,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> impl Future<Output = Result<T, StoreError>> + Send;

    fn commit(
        &self,
        steps: &[Step],
        call: impl Future<Output = Result<Vec<Applied>, StoreError>> + Send,
    ) -> impl Future<Output = Result<Vec<Applied>, StoreError>> + Send;
}

pub struct Flaky<T = Troubles> {
    pub inner: Arc<dyn Backend>,
    pub troubles: Arc<T>,
}

/// Takes one of what is left. False: nothing was.
fn takes_one(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

impl Troubles {
    fn up(&self) -> Result<(), StoreError> {
        if self.down.load(Ordering::SeqCst) { Err(refused("it is away")) } else { Ok(()) }
    }
}

impl Trouble for Troubles {
    async fn read<T: Send>(&self, call: impl Future<Output = Result<T, StoreError>> + Send) -> Result<T, StoreError> {
        self.up()?;
        assert!(!takes_one(&self.panics), "as it was told to");
        call.await
    }

    async fn commit(
        &self,
        steps: &[Step],
        call: impl Future<Output = Result<Vec<Applied>, StoreError>> + Send,
    ) -> Result<Vec<Applied>, StoreError> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        self.up()?;
        assert!(!takes_one(&self.commit_panics), "as it was told to");
        if steps.iter().flat_map(|step| &step.inbox).any(|row| row.key == POISON) {
            return Err(refused("this step is not wanted"));
        }
        let applied = call.await?;
        if takes_one(&self.unanswered) { Err(refused("the connection broke")) } else { Ok(applied) }
    }
}

pub fn refused(why: &str) -> StoreError {
    StoreError::Refused(why.to_owned())
}

#[async_trait]
impl<T: Trouble> Backend for Flaky<T> {
    async fn commit(&self, fence: i64, now_ms: i64, steps: &[Step]) -> Result<Vec<Applied>, StoreError> {
        self.troubles.commit(steps, self.inner.commit(fence, now_ms, steps)).await
    }

    async fn next_fence(&self) -> Result<i64, StoreError> {
        self.troubles.read(self.inner.next_fence()).await
    }

    async fn room(&self, room: &RoomId) -> Result<Option<Room>, StoreError> {
        self.troubles.read(self.inner.room(room)).await
    }

    async fn desk_room(&self, desk: &DeskId) -> Result<Option<Room>, StoreError> {
        self.troubles.read(self.inner.desk_room(desk)).await
    }

    async fn rooms(&self, rooms: &[&RoomId]) -> Result<Vec<Room>, StoreError> {
        self.troubles.read(self.inner.rooms(rooms)).await
    }

    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Ticket>, StoreError> {
        self.troubles.read(self.inner.ticket(ticket)).await
    }

    async fn tickets_behind(&self, ticket: &str, limit: i64) -> Result<Vec<Ticket>, StoreError> {
        self.troubles.read(self.inner.tickets_behind(ticket, limit)).await
    }

    async fn tickets(&self, tickets: &[&TicketId]) -> Result<Vec<Ticket>, StoreError> {
        self.troubles.read(self.inner.tickets(tickets)).await
    }

    async fn event(&self, event: &EventId) -> Result<Option<EventRow>, StoreError> {
        self.troubles.read(self.inner.event(event)).await
    }

    async fn event_of(&self, ticket: &TicketId, message: &MessageId) -> Result<Option<EventRow>, StoreError> {
        self.troubles.read(self.inner.event_of(ticket, message)).await
    }

    async fn name(&self, user: &UserId) -> Result<Option<String>, StoreError> {
        assert_ne!(user, BOMB, "it was asked for");
        self.troubles.read(self.inner.name(user)).await
    }

    async fn names(&self, users: &[&OwnedUserId]) -> Result<Vec<(OwnedUserId, String)>, StoreError> {
        self.troubles.read(self.inner.names(users)).await
    }
    async fn languages(&self, users: &[&OwnedUserId]) -> Result<Vec<(OwnedUserId, String)>, StoreError> {
        self.troubles.read(self.inner.languages(users)).await
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.troubles.read(self.inner.cursor(name)).await
    }

    async fn known_keys(&self, keys: &[String]) -> Result<Vec<String>, StoreError> {
        self.troubles.read(self.inner.known_keys(keys)).await
    }

    async fn inbox_page(&self, lane: &str, after_seq: i64, limit: i64) -> Result<Vec<InboxRow>, StoreError> {
        self.troubles.read(self.inner.inbox_page(lane, after_seq, limit)).await
    }

    async fn outbox_has(&self, side: Side, lane: &str, prefix: &str) -> Result<bool, StoreError> {
        self.troubles.read(self.inner.outbox_has(side, lane, prefix)).await
    }

    async fn outbox_page(
        &self,
        side: Side,
        lane: &str,
        after_seq: i64,
        limit: i64,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        self.troubles.read(self.inner.outbox_page(side, lane, after_seq, limit)).await
    }

    async fn inbox_lanes(&self, limit: i64) -> Result<Vec<String>, StoreError> {
        self.troubles.read(self.inner.inbox_lanes(limit)).await
    }

    async fn outbox_lanes(&self, side: Side, limit: i64) -> Result<Vec<String>, StoreError> {
        self.troubles.read(self.inner.outbox_lanes(side, limit)).await
    }

    async fn held_lanes(&self) -> Result<Vec<String>, StoreError> {
        self.troubles.read(self.inner.held_lanes()).await
    }

    async fn lane_is_held(&self, lane: &str) -> Result<bool, StoreError> {
        self.troubles.read(self.inner.lane_is_held(lane)).await
    }

    async fn code(&self, code: &CodeId) -> Result<Option<Code>, StoreError> {
        self.troubles.read(self.inner.code(code)).await
    }

    async fn codes(&self) -> Result<Vec<Code>, StoreError> {
        self.troubles.read(self.inner.codes()).await
    }

    async fn add_code(&self, code: &Code, now_ms: i64) -> Result<bool, StoreError> {
        self.troubles.read(self.inner.add_code(code, now_ms)).await
    }

    async fn disable_code(&self, code: &CodeId, disabled: bool) -> Result<bool, StoreError> {
        self.troubles.read(self.inner.disable_code(code, disabled)).await
    }

    async fn used(&self, user: &UserId, room: &RoomId, since_ms: i64) -> Result<Used, StoreError> {
        self.troubles.read(self.inner.used(user, room, since_ms)).await
    }

    async fn dead_letters(&self, after_seq: i64, limit: i64) -> Result<Vec<DeadLetter>, StoreError> {
        self.troubles.read(self.inner.dead_letters(after_seq, limit)).await
    }

    async fn retry_dead_letter(&self, seq: i64, now_ms: i64) -> Result<bool, StoreError> {
        self.troubles.read(self.inner.retry_dead_letter(seq, now_ms)).await
    }

    async fn drop_dead_letter(&self, seq: i64) -> Result<bool, StoreError> {
        self.troubles.read(self.inner.drop_dead_letter(seq)).await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        self.troubles.read(self.inner.backlog()).await
    }

    async fn prune(&self, before_ms: i64) -> Result<u64, StoreError> {
        self.troubles.read(self.inner.prune(before_ms)).await
    }
}
