//! Claims about the rules: `bridge::decide` on a fact and a view, and what it must decide, one line per effect.
//!
//! A new case: `check(fact, view, expected)`. The fact is somebody's doing (`says(CAROL, T, "…")`), the view is where
//! (`in_room(ticket())`), and `expected` reads as `render.rs` writes it; `…` stands for any words of the bot's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test may panic"
)]

mod agents;
mod arbitrary;
mod away;
mod closing;
mod commands;
mod customers;
mod desk;
mod door;
mod drafts;
mod edits;
mod files;
mod hostile;
mod intake;
mod internal;
mod languages;
mod links;
mod manner;
mod merged;
mod messages;
mod offer;
mod opening;
mod outcomes;
mod outdated;
mod permissions;
mod powers_set;
mod properties;
mod render;
mod space;
mod updates;
mod upgrade;
mod video;
mod waiting;
mod waiting_messages;
mod world;
