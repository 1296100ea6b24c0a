//! One durable step of a lane: what must be written together or not at all.

use ruma::{OwnedRoomId, OwnedUserId};

use super::{EventRow, InboxRow, NewAdmission, NewInbox, NewOutbox, OutboxRow};
use crate::model::{Room, Ticket};

#[derive(Clone, Debug, Default)]
pub struct Step {
    pub inbox: Vec<NewInbox>,
    /// As the homeserver brought them: unordered for as long as anything else is.
    pub arrived: Vec<NewInbox>,
    /// In the order in which they were written, whatever was unordered of them before.
    pub ordered: Vec<NewInbox>,
    pub inbox_done: Vec<i64>,
    /// Rows whose lane has become another one: (seq, lane).
    pub inbox_moved: Vec<(i64, String)>,
    /// Lanes whose waiting rows belong into another one from now on: (from, to).
    pub lanes_joined: Vec<(String, String)>,
    pub outbox: Vec<NewOutbox>,
    pub attempting: Vec<i64>,
    pub sent: Vec<i64>,
    /// (seq, reason)
    pub dead: Vec<(i64, String)>,
    /// Lanes whose dead letters are tried again.
    pub revived: Vec<String>,
    /// To be tried again: (seq, not before, note). Its state stays `attempting` where the outcome is uncertain.
    pub later: Vec<Later>,
    pub tickets: Vec<Ticket>,
    pub rooms: Vec<Room>,
    pub forget_rooms: Vec<OwnedRoomId>,
    pub events: Vec<EventRow>,
    pub names: Vec<(OwnedUserId, String)>,
    /// What somebody chose: a code (`de`).
    pub languages: Vec<(OwnedUserId, String)>,
    pub cursors: Vec<(&'static str, String)>,
    pub admissions: Vec<NewAdmission>,
}

impl Step {
    /// Whether it says nothing but that something was sent. Where the machine stops before the disk has that, it is as after a
    /// crash between sending and writing: looked up, or repeated under its transaction id.
    pub(super) fn only_settles(&self) -> bool {
        let Self {
            sent: _,
            inbox,
            arrived,
            ordered,
            inbox_done,
            inbox_moved,
            lanes_joined,
            outbox,
            attempting,
            dead,
            revived,
            later,
            tickets,
            rooms,
            forget_rooms,
            events,
            names,
            languages,
            cursors,
            admissions,
        } = self;
        inbox.is_empty()
            && arrived.is_empty()
            && ordered.is_empty()
            && inbox_done.is_empty()
            && inbox_moved.is_empty()
            && lanes_joined.is_empty()
            && outbox.is_empty()
            && attempting.is_empty()
            && dead.is_empty()
            && revived.is_empty()
            && later.is_empty()
            && tickets.is_empty()
            && rooms.is_empty()
            && forget_rooms.is_empty()
            && events.is_empty()
            && names.is_empty()
            && languages.is_empty()
            && cursors.is_empty()
            && admissions.is_empty()
    }
}

#[derive(Clone, Debug)]
pub struct Later {
    pub seq: i64,
    pub not_before_ms: i64,
    pub uncertain: bool,
    pub note: String,
}

/// What a step added: rows that were there already are not among them.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    pub inbox: Vec<InboxRow>,
    pub outbox: Vec<OutboxRow>,
}
