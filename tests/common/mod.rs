//! What several tests need.

pub mod fixtures;
pub mod guarded;
pub mod proxy;
pub mod request_tracker;
