//! What a database has to do for us: one transaction for many steps, and a few indexed reads.

use async_trait::async_trait;
use ruma::{EventId, OwnedUserId, RoomId, UserId};

use super::{Applied, DeadLetter, EventRow, InboxRow, OutboxRow, Step};
use crate::model::{Code, CodeId, DeskId, MessageId, Room, Side, Ticket, TicketId, Used};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("database migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Another instance has taken over: this one must stop at once.
    #[error("another instance of ticketroom has taken over this database; this one stops")]
    Fenced,
    #[error(
        "another ticketroom is running on this database; stop it first, or give this one its own database.uri (several \
         instances need PostgreSQL: an SQLite file has room for one)"
    )]
    InUse,
    /// Written by a later version of this program.
    #[error(
        "the database is of a newer ticketroom (its tables have version {theirs}, this program knows {ours}): run that \
         version, or go back to a copy of the database from before the upgrade"
    )]
    Newer { theirs: i64, ours: i64 },
    /// A leader of this version has to bring it up to date first.
    #[error("the database is of an older ticketroom; it is about to be brought up to date")]
    Older,
    #[error("{0}")]
    Refused(String),
    #[error("stored row cannot be read: {0}")]
    Corrupt(String),
    #[error("the store is shutting down")]
    Closed,
}

/// What waits, for health and metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    pub inbox: i64,
    pub inbox_oldest_ms: Option<i64>,
    pub outbox_matrix: i64,
    pub outbox_helpdesk: i64,
    pub matrix_oldest_ms: Option<i64>,
    pub helpdesk_oldest_ms: Option<i64>,
    pub dead: i64,
}

#[async_trait]
pub trait Backend: Send + Sync {
    /// Applies all steps in one transaction, in their order, if `fence` is still ours.
    async fn commit(&self, fence: i64, now_ms: i64, steps: &[Step]) -> Result<Vec<Applied>, StoreError>;

    /// Whether others than the leader have put rows into the inbox, as of the last commit; told once.
    fn others_wrote(&self) -> bool {
        false
    }

    /// Takes the database over: the number that fences out every earlier instance.
    async fn next_fence(&self) -> Result<i64, StoreError>;

    async fn room(&self, room: &RoomId) -> Result<Option<Room>, StoreError>;
    async fn desk_room(&self, desk: &DeskId) -> Result<Option<Room>, StoreError>;
    /// The rooms among these that we know.
    async fn rooms(&self, rooms: &[&RoomId]) -> Result<Vec<Room>, StoreError>;
    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Ticket>, StoreError>;
    /// All tickets, by their ids from behind this one on.
    async fn tickets_behind(&self, ticket: &str, limit: i64) -> Result<Vec<Ticket>, StoreError>;
    /// The tickets among these that we know.
    async fn tickets(&self, tickets: &[&TicketId]) -> Result<Vec<Ticket>, StoreError>;
    async fn event(&self, event: &EventId) -> Result<Option<EventRow>, StoreError>;
    /// The event that stands for a helpdesk's message; the first one where several do.
    async fn event_of(&self, ticket: &TicketId, message: &MessageId) -> Result<Option<EventRow>, StoreError>;
    async fn name(&self, user: &UserId) -> Result<Option<String>, StoreError>;
    /// The names among these users' that we know.
    async fn names(&self, users: &[&OwnedUserId]) -> Result<Vec<(OwnedUserId, String)>, StoreError>;
    /// The languages that those among these users chose who did.
    async fn languages(&self, users: &[&OwnedUserId]) -> Result<Vec<(OwnedUserId, String)>, StoreError>;
    async fn cursor(&self, name: &str) -> Result<Option<String>, StoreError>;
    /// Which of these keys the inbox has.
    async fn known_keys(&self, keys: &[String]) -> Result<Vec<String>, StoreError>;

    /// Rows of a lane in the order in which they are decided on: outcomes come first, since whatever else waits came after
    /// what they are outcomes of.
    async fn inbox_page(&self, lane: &str, after_seq: i64, limit: i64) -> Result<Vec<InboxRow>, StoreError>;
    /// Whether an effect is still to be carried out whose key begins so.
    async fn outbox_has(&self, side: Side, lane: &str, prefix: &str) -> Result<bool, StoreError>;
    async fn outbox_page(
        &self,
        side: Side,
        lane: &str,
        after_seq: i64,
        limit: i64,
    ) -> Result<Vec<OutboxRow>, StoreError>;
    /// Lanes with waiting inbox rows, oldest first.
    async fn inbox_lanes(&self, limit: i64) -> Result<Vec<String>, StoreError>;
    /// Lanes with waiting outbox rows of a side, oldest first.
    async fn outbox_lanes(&self, side: Side, limit: i64) -> Result<Vec<String>, StoreError>;
    async fn held_lanes(&self) -> Result<Vec<String>, StoreError>;
    async fn lane_is_held(&self, lane: &str) -> Result<bool, StoreError>;

    async fn code(&self, code: &CodeId) -> Result<Option<Code>, StoreError>;
    async fn codes(&self) -> Result<Vec<Code>, StoreError>;
    /// False: there is one with this id already. Not fenced: also the command line makes codes, beside the running bridge.
    async fn add_code(&self, code: &Code, now_ms: i64) -> Result<bool, StoreError>;
    /// False: there is none with this id.
    async fn disable_code(&self, code: &CodeId, disabled: bool) -> Result<bool, StoreError>;

    /// What this customer and their homeserver were let do since `since_ms`, and whether they were told of it in `room`.
    async fn used(&self, user: &UserId, room: &RoomId, since_ms: i64) -> Result<Used, StoreError>;

    /// What was given up, oldest first.
    async fn dead_letters(&self, after_seq: i64, limit: i64) -> Result<Vec<DeadLetter>, StoreError>;
    /// It is tried again. False: there is no such dead letter. Not fenced, as codes are not: the running bridge finds it.
    async fn retry_dead_letter(&self, seq: i64, now_ms: i64) -> Result<bool, StoreError>;
    /// It is done with, and what it said is forgotten. False: there is no such dead letter.
    async fn drop_dead_letter(&self, seq: i64) -> Result<bool, StoreError>;

    async fn backlog(&self) -> Result<Backlog, StoreError>;
    /// Forgets some of what was done before `before_ms`; returns how many rows went. 0: there are no more.
    async fn prune(&self, before_ms: i64) -> Result<u64, StoreError>;
}
