//! The promise (docs: ARCHITECTURE.md): what was acknowledged appears on the other side once, in its ticket's order, or is
//! reported where it was written. Proven with the real engine and store, a homeserver and a helpdesk in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]
#![allow(clippy::string_slice, clippy::print_stdout, reason = "tests may panic, and name their seed")]

#[path = "common/flaky.rs"]
mod flaky;
#[path = "common/homeserver/mod.rs"]
mod homeserver;
mod delivery {
    pub mod agents;
    pub mod bad_input;
    pub mod chaos;
    pub mod creating;
    pub mod database;
    pub mod dead_letters;
    pub mod devices;
    pub mod drafts;
    pub mod elsewhere;
    pub mod files;
    pub mod gaps;
    pub mod hints;
    pub mod lab;
    pub mod life;
    pub mod log;
    pub mod lost_answers;
    pub mod old_sends;
    pub mod order;
    pub mod outages;
    pub mod outdated;
    pub mod overdue;
    pub mod panics;
    pub mod receipts;
    pub mod reconcile;
    pub mod repeated;
    pub mod replies;
    pub mod spaces;
    pub mod upgrades;
}
