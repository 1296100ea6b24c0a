//! What can be seen from outside: logs, metrics, health.

mod health;
mod logs;
pub mod metrics;
mod readiness;

pub use health::{Health, Measure, bind, router, serve};
pub use logs::{Hidden, Unreadable, Who, init_logs};
pub use readiness::{Component, Readiness, Role, State};
