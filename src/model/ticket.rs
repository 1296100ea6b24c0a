//! A ticket: what the helpdesk says of it now (`Snapshot`) and what we have made of it in Matrix (`Ticket`).

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

use super::{
    Agent, Desk, DeskId, Draft, File, Lack, MessageId, Person, PersonId, Place, RichText, Session, Shown, TicketId,
    is_login,
};

/// The part of a state that the rules need, and the word that people read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub closed: bool,
    /// As the helpdesk's pages show it (`open`, `waiting for customer`).
    pub label: String,
}

/// A ticket as read from the helpdesk in one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub id: TicketId,
    /// What people call it; often the id.
    pub number: String,
    pub title: String,
    pub desk: DeskId,
    pub desk_name: String,
    pub status: Status,
    /// `None`: nobody has accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Person>,
    /// As people read it; `None` where the helpdesk has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// What it is about, where an intake code or an agent named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The template that it was opened by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    pub customers: Vec<Person>,
    /// Its page for agents.
    pub url: String,
    /// The first message, for the offer and the room's beginning.
    pub description: RichText,
    /// Of its description.
    #[serde(default)]
    pub lacks: Option<Lack>,
    /// What came with the first message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// Who wrote the first message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// The Matrix event that it was opened from, where we opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<OwnedEventId>,
    /// Between agents alone: no customer sees it until it is made public.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
    /// The ticket that it was merged into, and that goes on in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<Successor>,
}

impl Snapshot {
    /// What people call the ticket, and what its room is called.
    pub fn name(&self) -> String {
        format!("#{} {}", self.number, crate::text::title(&self.title))
    }
}

/// The ticket that another one was merged into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Successor {
    pub id: TicketId,
    /// What people call it.
    pub number: String,
    /// Its room is for agents alone.
    #[serde(default)]
    pub internal: bool,
}

/// What an attempt to become a ticket's owner came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Acceptance {
    Accepted(Snapshot),
    OwnedBy(Person, Snapshot),
    /// The helpdesk refused, in its own words made fit to read.
    Denied(String),
}

/// What a customer's wish to take a ticket back came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cancellation {
    Cancelled(Snapshot),
    /// Somebody has accepted it.
    OwnedBy(Person, Snapshot),
}

/// A helpdesk person in a ticket room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ghost {
    pub person: PersonId,
    pub agent: bool,
}

/// A customer who was let into the room and is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    pub user: OwnedUserId,
    /// They were invited again since, and are not asked once more.
    pub called: bool,
}

/// Our record of a ticket: its last snapshot and its place in Matrix. There are as many as tickets: what is not there is not
/// written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub snapshot: Snapshot,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<OwnedRoomId>,
    /// The offer in the desk room, which is the root of the ticket's thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<OwnedEventId>,
    /// The desk whose room holds the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_desk: Option<Desk>,
    /// Cards that it had at other desks, or in a desk's former room: who takes it there has it, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_cards: Vec<OwnedEventId>,
    /// The desk has gone on in another room, and the card of a closed ticket has not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub card_left: bool,
    pub locked: bool,
    /// Helpdesk persons who stand in the room as ghosts.
    pub ghosts: Vec<Ghost>,
    /// Customers with a Matrix account who were invited.
    pub invited: Vec<OwnedUserId>,
    /// Customers who have joined; until one did, what they write at the door goes into this ticket.
    pub joined: Vec<OwnedUserId>,
    /// Customers who have left, or would not come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub away: Vec<Away>,
    /// Customers whom the helpdesk has taken off the ticket: what they write elsewhere is no part of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<OwnedUserId>,
    /// Customers whose account the helpdesk showed once and shows no more: who they were then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<Person>,
    /// The room was made by somebody else, as the successor of ours: whoever has power there keeps it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub followed: bool,
    /// Agents who were let into the room.
    pub agents: Vec<OwnedUserId>,
    /// The one of them who may write: the owner's account, as the room was told. The configuration may name another one now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writer: Option<OwnedUserId>,
    /// Authors who were told that edits are undone: once each.
    pub told_no_edits: Vec<OwnedUserId>,
    /// What agents prepare for the customer, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drafts: Vec<Draft>,
    /// The lists that agents can choose from by number, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<Shown>,
    /// The language of its room, unless the customer chose one: given by what it was opened from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The video session, open or the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<Session>,
    /// A customer's wish for one, as it stands in the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_wish: Option<OwnedEventId>,
    /// Earlier wishes of the same: ✅ at any of them grants it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_wishes: Vec<OwnedEventId>,
    /// The message whose author was told that it can't be delivered to the helpdesk yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<WaitingPost>,
    /// The first ones that wait behind it and were written elsewhere, by others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting_elsewhere: Vec<WaitingPost>,
    /// The helpdesk's message of which was noted there that it can't be delivered to the room yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_here: Option<MessageId>,
    /// Messages that were given up, in each direction: somebody may deliver them later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undelivered: Vec<OwnedEventId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undelivered_here: Vec<MessageId>,
}

/// A message of Matrix that waits, and where it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingPost {
    pub marker: OwnedEventId,
    pub place: Place,
}

impl Ticket {
    const EARLIER_WISHES_MAX: usize = 8;
    const FORMER_CARDS_MAX: usize = 8;

    pub fn new(snapshot: Snapshot) -> Self {
        Self {
            snapshot,
            room: None,
            card: None,
            card_desk: None,
            former_cards: Vec::new(),
            card_left: false,
            locked: false,
            ghosts: Vec::new(),
            invited: Vec::new(),
            joined: Vec::new(),
            away: Vec::new(),
            dropped: Vec::new(),
            unseen: Vec::new(),
            followed: false,
            agents: Vec::new(),
            writer: None,
            told_no_edits: Vec::new(),
            drafts: Vec::new(),
            shown: Vec::new(),
            language: None,
            video: None,
            video_wish: None,
            earlier_wishes: Vec::new(),
            waiting: None,
            waiting_elsewhere: Vec::new(),
            waiting_here: None,
            undelivered: Vec::new(),
            undelivered_here: Vec::new(),
        }
    }

    /// A customer's wish for a video session stands there.
    pub fn note_wish(&mut self, event: OwnedEventId) {
        self.earlier_wishes.extend(self.video_wish.replace(event));
        let too_many = self.earlier_wishes.len().saturating_sub(Self::EARLIER_WISHES_MAX);
        self.earlier_wishes.drain(..too_many);
    }

    /// Whose authors know that they wait, in the order in which they will arrive.
    pub fn waiting_posts(&self) -> impl Iterator<Item = &WaitingPost> {
        self.waiting.iter().chain(&self.waiting_elsewhere)
    }

    pub fn note_waiting(&mut self, post: WaitingPost) {
        match &self.waiting {
            None => self.waiting = Some(post),
            Some(_) => self.waiting_elsewhere.push(post),
        }
    }

    /// These wait no more.
    pub fn wait_no_more(&mut self, for_: impl Fn(&WaitingPost) -> bool) -> Vec<WaitingPost> {
        let all = self.waiting.take().into_iter().chain(std::mem::take(&mut self.waiting_elsewhere));
        let (gone, left): (Vec<_>, Vec<_>) = all.partition(for_);
        left.into_iter().for_each(|post| self.note_waiting(post));
        gone
    }

    /// It gets another card, in another room.
    pub fn leave_card(&mut self) {
        self.former_cards.extend(self.card.take());
        self.card_desk = None;
        let too_many = self.former_cards.len().saturating_sub(Self::FORMER_CARDS_MAX);
        self.former_cards.drain(..too_many);
    }

    /// Whether this event is a card of the ticket, its present one or an earlier one.
    pub fn is_card(&self, event: &OwnedEventId) -> bool {
        self.card.iter().chain(&self.former_cards).any(|card| card == event)
    }

    pub fn forget_wishes(&mut self) {
        self.video_wish = None;
        self.earlier_wishes.clear();
    }

    /// Whether a customer's wish for a video session stands in this event.
    pub fn is_wish(&self, event: &OwnedEventId) -> bool {
        self.video_wish.iter().chain(&self.earlier_wishes).any(|wish| wish == event)
    }

    pub fn is_owned_by(&self, agent: &Agent) -> bool {
        self.snapshot.owner.as_ref().is_some_and(|owner| is_login(&owner.login, &agent.login))
    }
}
