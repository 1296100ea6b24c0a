//! The durable state: inbox, outbox, rooms, tickets. SQLite and PostgreSQL behind one trait.
//!
//! Architecture invariant: all writes of the instance that leads go through the `Committer`, which puts the steps of many
//! lanes into one transaction; nothing but this folder knows SQL.

mod admissions;
mod backend;
mod backlog;
mod codes;
mod commit;
mod dead_letters;
mod in_time;
mod keep;
mod lease;
mod lock;
mod migrations;
mod open;
mod others;
mod restored;
mod rows;
mod schema;
mod script;
mod sql;
mod standby;
mod step;
mod waiting;
mod write;

pub use backend::{Backend, Backlog, StoreError};
pub use commit::{Committer, Written};
pub use dead_letters::DeadLetter;
pub use keep::Keeping;
pub use lock::InstanceLock;
pub use open::{Joined, Opened, beside, join, must_exist, open, probe};
pub use restored::{RESTORED, mark_restored};
pub use rows::{
    EventRow, InboxRow, NewAdmission, NewInbox, NewOutbox, OUTCOME, OutboxRow, OutboxState, UNORDERED, side_to_db,
};
pub use standby::{Beside, Standby};
pub use step::{Applied, Later, Step};
