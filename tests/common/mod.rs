//! What several tests need.

pub mod fixtures;
pub mod request_tracker;
