//! Hints that come as they like.

use serde_json::json;
use ticketroom_crash::runs::hints::{Wishes, run};
use ticketroom_crash::world::{HEALED, Options};

async fn hints(real: bool, messages: usize) {
    // A real Request Tracker takes seconds for a write when it is busy: as long as the shipped waits allow for.
    let shipped = json!({"delivery": {"retry_first_ms": 500, "retry_max_s": 5}});
    let tuning = if real { shipped } else { json!({}) };
    let options = Options { real, postgres: false, tickets: 3, seed: 15, has_disk: false, tuning };
    let outcome = run(Wishes { options, messages }).await.unwrap_or_else(|why| panic!("{why}"));
    println!("{outcome}");
    assert!(outcome.verdict.is_clean(), "{}", outcome.verdict);
    assert!(outcome.verdict.obligations >= messages);
    assert!(outcome.healing < HEALED);
    for fate in ["RequestLost", "Doubled", "Delayed", "Kept"] {
        assert!(outcome.struck.contains_key(fate), "{fate}: {:?}", outcome.struck);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_that_are_lost_doubled_shuffled_or_late_lose_and_double_nothing() {
    hints(false, 120).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_do_those_of_the_real_request_tracker() {
    hints(true, 60).await;
}
