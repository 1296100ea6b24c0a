//! The helpdesk side: one trait, one folder per helpdesk with the same nouns in each.
//!
//! Architecture invariant: a new helpdesk touches this folder and nothing else.

mod adapter;
pub mod memory;
pub mod request_tracker;

pub use adapter::{Capabilities, Change, Changes, Feed, Finding, Helpdesk, NewFile, NewMessage, NewTicket};
