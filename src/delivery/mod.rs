//! The promise: inbox, ordered lanes, outbox, retries, uncertain outcomes, dead letters, reconciliation.
//!
//! Architecture invariant: only here are effects carried out, and only in the order of their lane.

mod agents;
mod aside;
mod blame;
mod breaker;
mod contacts;
mod decide;
mod desks;
mod doorway;
mod early;
mod elsewhere;
mod engine;
mod feed;
mod files;
mod gaps;
mod generations;
mod health;
mod helpdesk_side;
mod inbox;
mod invited;
mod keeper;
mod known;
mod lanes;
mod locks;
mod matrix_side;
mod order;
mod outdated;
mod overdue;
mod panics;
mod parcel;
mod receipts;
mod reconcile;
mod restored;
mod rests;
mod retry;
mod send;
mod settle;
mod settling;
mod spaces;
mod stuck;
mod view;
mod watch;
mod workers;

pub use doorway::{Doorway, Standing};
pub use engine::{Engine, Files, Limits, Parts};
pub use order::Order;
