//! What every helpdesk offers: the trait, its capability flags and the few shapes that pass through it.

use std::sync::Arc;

use async_trait::async_trait;
use ruma::{OwnedEventId, OwnedUserId};

use crate::files::{NotCarried, Spooled, Spooling};
use crate::model::{
    Acceptance, Article, Author, Cancellation, Desk, DeskId, Failure, HelpdeskMessage, MessageId, Particulars,
    RichText, Search, Snapshot, TicketId, Visibility,
};

/// How changes are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// One list of all changes in the order in which they happened; nothing is missed.
    Monotonic,
    /// A search by time, in steps of a second; needs an overlap.
    ByTime,
}

/// What a helpdesk can and cannot do. Articles and blocks decide on commands; the rest is what an adapter says of itself, for
/// when there is one that can't.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// A message can be written in the name of the customer or agent; otherwise their name stands in front of it.
    pub writes_on_behalf: bool,
    /// A message carries our marker, so that an uncertain write can be looked up.
    pub markers: bool,
    pub feed: Feed,
    /// A change of owner fails if somebody else was faster.
    pub optimistic_lock: bool,
    pub internal_notes: bool,
    /// Message bodies may be HTML; plain text otherwise.
    pub html: bool,
    /// It has articles to link to.
    pub articles: bool,
    /// It has building blocks.
    pub blocks: bool,
}

/// One line of `ticketroom check`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    pub what: String,
    /// `None`: it is right. Otherwise what is wrong, and how to mend it.
    pub mend: Option<String>,
    /// Why the helpdesk does not tell whether it is right, and what to do instead; then it is not wrong either.
    pub untold: Option<String>,
}

/// A file to be attached: it lies on our disk, and was looked at.
#[derive(Clone, Debug)]
pub struct NewFile {
    pub name: String,
    /// By its content.
    pub media_type: String,
    pub content: Arc<Spooled>,
}

#[derive(Clone, Debug)]
pub struct NewTicket {
    pub desk: DeskId,
    pub customer: OwnedUserId,
    pub customer_name: String,
    pub title: String,
    pub body: RichText,
    pub files: Vec<NewFile>,
    pub marker: OwnedEventId,
    pub particulars: Particulars,
}

#[derive(Clone, Debug)]
pub struct NewMessage {
    pub ticket: TicketId,
    pub author: Author,
    pub visibility: Visibility,
    pub body: RichText,
    pub files: Vec<NewFile>,
    pub marker: OwnedEventId,
}

/// A change that the feed tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Unique and the same each time it is told: the inbox knows it by this.
    pub id: String,
    pub ticket: TicketId,
    /// The message it brought, if any; it is fetched in its lane.
    pub message: Option<MessageId>,
    /// The message itself, where the feed carries it whole.
    pub content: Option<HelpdeskMessage>,
    /// Whether something else than a message may have changed (the ticket is read again).
    pub ticket_changed: bool,
    /// The marker that it bears, where only we can have set it.
    pub marker: Option<OwnedEventId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    pub changes: Vec<Change>,
    /// To be stored together with the changes, and given to the next call.
    pub cursor: String,
    /// There is more: ask again at once.
    pub more: bool,
}

/// A helpdesk. Every failure says whether the call may have had an effect; nothing is retried in here.
#[async_trait]
pub trait Helpdesk: Send + Sync {
    fn capabilities(&self) -> Capabilities;

    /// What is right and wrong with address, token, rights and fields, one line each.
    async fn probe(&self) -> Vec<Finding>;

    async fn desks(&self) -> Result<Vec<Desk>, Failure>;

    /// `None`: it does not exist, or we may not see it.
    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Snapshot>, Failure>;

    async fn find_ticket(&self, marker: &OwnedEventId) -> Result<Option<TicketId>, Failure>;

    /// Makes sure that the helpdesk knows the customer, and opens the ticket. Not idempotent: see `find_ticket`.
    async fn create_ticket(&self, new: &NewTicket) -> Result<TicketId, Failure>;

    /// `None`: there is nothing to show in it. One that is not there (any more), or that we may not see, is a failure.
    async fn message(&self, ticket: &TicketId, message: &MessageId) -> Result<Option<HelpdeskMessage>, Failure>;

    /// Fetches a file of a message, by the id that the message has for it.
    async fn file(&self, message: &MessageId, file: &str, into: Spooling) -> Result<Spooled, NotCarried>;

    async fn find_message(&self, ticket: &TicketId, marker: &OwnedEventId) -> Result<Option<MessageId>, Failure>;

    /// Writes a message; it never reopens a closed ticket. Not idempotent: see `find_message`.
    async fn post(&self, new: &NewMessage) -> Result<Option<MessageId>, Failure>;

    /// Makes the agent the owner if nobody is; repeating it is harmless.
    async fn accept(&self, ticket: &TicketId, login: &str) -> Result<Acceptance, Failure>;

    /// Makes nobody the owner where this agent is it, and gives the ticket as it is then; repeating it is harmless.
    async fn release(&self, ticket: &TicketId, login: &str) -> Result<Snapshot, Failure>;

    /// Closes or reopens it; repeating it is harmless.
    async fn set_closed(&self, ticket: &TicketId, closed: bool) -> Result<Snapshot, Failure>;

    /// Takes the ticket back for its customer if nobody owns it; repeating it is harmless.
    async fn cancel(&self, ticket: &TicketId) -> Result<Cancellation, Failure>;

    /// Shows the room's address in the ticket; repeating it is harmless.
    async fn link_room(&self, ticket: &TicketId, url: &str) -> Result<(), Failure>;

    /// Links a page of elsewhere to the ticket, for those who look at it in the helpdesk; repeating it is harmless. An
    /// address that is too long to be kept whole is refused, and nothing written.
    async fn attach_link(&self, ticket: &TicketId, url: &str) -> Result<(), Failure>;

    /// Articles or building blocks that have these words, best first and not too many; all if there are no words. `desk`
    /// is that of the ticket they are for. A helpdesk without any finds none.
    async fn search(&self, search: &Search, desk: Option<&DeskId>) -> Result<Vec<Article>, Failure>;

    /// What changed after `cursor`; without one, nothing but the cursor of this moment.
    async fn changes(&self, cursor: Option<&str>) -> Result<Changes, Failure>;
}
