//! The promise under all troubles at once, in virtual time: the real engine, rules and SQLite store between a homeserver
//! and a helpdesk that behave as badly as the real ones were seen to. All of a run follows from its seed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]
#![allow(clippy::string_slice, clippy::print_stdout, reason = "tests may panic, and print what they counted")]

#[path = "common/flaky.rs"]
mod flaky;
#[path = "common/homeserver/mod.rs"]
mod homeserver;
mod simulation {
    pub mod agent;
    pub mod ambush;
    pub mod bridge;
    pub mod call;
    pub mod helpdesk;
    pub mod home;
    pub mod network;
    pub mod oracle;
    pub mod outages;
    pub mod people;
    pub mod push;
    pub mod run;
    pub mod scenario;
    pub mod seeds;
    pub mod sim;
    pub mod store;
    pub mod wire;
}
