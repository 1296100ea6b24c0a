//! What several tests need.

pub mod fixtures;
pub mod proxy;
pub mod request_tracker;
