//! Random `kill -9` at any instant, of each part there is.

use serde_json::json;
use ticketroom_crash::runs::kills::{Outcome, Wishes, run};
use ticketroom_crash::world::{HEALED, Options};

async fn kills(real: bool, postgres: bool, messages: usize, [bridge, homeserver, helpdesk, database]: [usize; 4]) {
    // A real Request Tracker takes seconds for a write when it is busy: as long as the shipped waits allow for.
    let shipped = json!({"delivery": {"retry_first_ms": 500, "retry_max_s": 5}});
    let tuning = if real { shipped } else { json!({}) };
    let options = Options { real, postgres, tickets: 4, seed: 11, has_disk: false, tuning };
    let wishes = Wishes { options, messages, bridge, homeserver, helpdesk, database, most_waiting: None };
    let outcome: Outcome = run(&wishes, |_| {}).await.unwrap_or_else(|why| panic!("{why}"));
    println!("{:?}: {}; {}", outcome.struck, outcome.verdict, outcome.healing);
    assert!(outcome.verdict.is_clean(), "{}", outcome.verdict);
    assert!(outcome.verdict.obligations >= messages);
    assert!(outcome.healing.from_last_words < HEALED);
    assert_eq!(outcome.struck, [bridge, homeserver, helpdesk, database], "each kill struck something that ran");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_is_killed_at_random_loses_and_doubles_nothing() {
    kills(false, false, 600, [15, 0, 0, 0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_it_with_postgresql_killed_as_well() {
    kills(false, true, 200, [4, 0, 0, 4]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_it_between_the_real_synapse_and_the_real_request_tracker() {
    kills(true, false, 60, [4, 2, 2, 0]).await;
}
