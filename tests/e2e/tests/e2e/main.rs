//! What must hold, seen from outside: one file for each point of the promise, all against real servers.
//!
//! One program for all of them: linking the Matrix client takes longer than any test.

mod bad_input;
mod closing;
mod codes;
mod drafts;
mod encrypted;
mod files;
mod from_matrix;
mod from_tracker;
mod help;
mod hints;
mod internal;
mod kills;
mod languages;
mod leaving;
mod links;
mod merged;
mod messages;
mod no_edits;
mod offer;
mod outages;
mod postgres;
mod replies;
mod room_versions;
mod signals;
mod spaces;
mod updates;
mod upgrades;
mod video;
mod words;
