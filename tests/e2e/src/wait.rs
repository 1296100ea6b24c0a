//! The only place where a test lets time pass: until a condition holds, or a deadline says that it never will.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// Long enough for two cores that also compile something; a test that needs longer says why.
pub const PATIENCE: Duration = Duration::from_secs(90);

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(150);

/// Looks until it gets `Ok`. `Err` says what is there instead, and is printed when the deadline passes.
pub async fn until<T, Look>(what: &str, look: impl FnMut() -> Look) -> T
where
    Look: Future<Output = Result<T, String>>,
{
    until_within(PATIENCE, what, look).await
}

pub async fn until_within<T, Look>(patience: Duration, what: &str, mut look: impl FnMut() -> Look) -> T
where
    Look: Future<Output = Result<T, String>>,
{
    let started = Instant::now();
    let mut ticks = tokio::time::interval(LOOK_AGAIN_AFTER);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match look().await {
            Ok(found) => return found,
            Err(instead) if started.elapsed() > patience => {
                panic!("waited {} s in vain for: {what}\n  there is instead: {instead}", patience.as_secs())
            }
            Err(_) => {}
        }
    }
}

/// Lets an outage last: there is no condition to wait for, the passing of time is what is tested.
pub async fn outage(length: Duration) {
    tokio::time::interval_at(tokio::time::Instant::now() + length, length).tick().await;
}
