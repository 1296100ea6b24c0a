//! How much one customer and one homeserver may ask for, so that nobody floods the helpdesk.

use serde::{Deserialize, Serialize};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Admission {
    /// A ticket was opened.
    Ticket,
    /// A direct chat was entered, or a room made.
    Room,
    /// A refusal was said in a room.
    Refusal,
    /// Somebody was told that messages can't be edited, before there was a ticket that remembers it.
    Edit,
}

/// `None`: no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    pub tickets_per_customer_per_hour: Option<u64>,
    pub open_tickets_per_customer: Option<u64>,
    pub tickets_per_server_per_hour: Option<u64>,
    /// Direct chats that we enter and waiting rooms that we make.
    pub rooms_per_customer_per_hour: Option<u64>,
    pub rooms_per_server_per_hour: Option<u64>,
}

/// What was asked for within the last hour, and what is open now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    pub tickets_of_customer: u64,
    pub open_of_customer: u64,
    pub tickets_of_server: u64,
    pub rooms_of_customer: u64,
    pub rooms_of_server: u64,
    /// In this room a refusal was said already.
    pub told: bool,
    /// They were told that messages can't be edited.
    pub told_no_edits: bool,
}
