//! The real customer and the real agent: what the end-to-end tests are written with.
//!
//! `lab::run` starts a Synapse, a Request Tracker and the bridge for one test, and says what both sides hold when it
//! fails. `person` is somebody with a Matrix client, `tracker` somebody with a Request Tracker account.

pub mod api;
pub mod bridge;
#[path = "../../common/guarded.rs"]
pub mod guarded;
pub mod lab;
pub mod message;
pub mod people;
pub mod person;
pub mod picture;
pub mod ports;
pub mod postgres;
pub mod process;
#[path = "../../common/proxy.rs"]
pub mod proxy;
pub mod sqlite;
pub mod steps;
pub mod synapse;
pub mod tracker;
pub mod tracker_rows;
pub mod wait;

pub use lab::{Lab, Options, run};
pub use message::Message;
pub use person::{Person, Refusal};
