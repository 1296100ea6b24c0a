//! Waiting for a condition, with a deadline: the only place where time passes.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);

/// Looks until it gets `Ok`; afterwards the last `Err` says what was there instead.
pub async fn until<T, Look>(patience: Duration, mut look: impl FnMut() -> Look) -> Result<T, String>
where
    Look: Future<Output = Result<T, String>>,
{
    let began = Instant::now();
    let mut pause = LOOK_AGAIN_AFTER;
    loop {
        match look().await {
            Ok(found) => return Ok(found),
            Err(instead) if began.elapsed() > patience => return Err(instead),
            Err(_) => tokio::time::sleep(pause).await,
        }
        pause = (pause * 3 / 2).min(Duration::from_millis(200));
    }
}

/// Lets time pass where its passing is what is tested.
pub async fn pass(length: Duration) {
    tokio::time::sleep(length).await;
}
