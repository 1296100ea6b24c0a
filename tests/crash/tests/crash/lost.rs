//! Answers that are lost on the way, on every hop.

use serde_json::json;
use ticketroom_crash::runs::lost::{How, Outcome, Wishes, run};
use ticketroom_crash::world::Options;

async fn lost(real: bool, how: How, messages: usize) -> Outcome {
    // A real Request Tracker takes seconds for a write when it is busy: as long as the shipped waits allow for.
    let shipped = json!({"delivery": {"retry_first_ms": 500, "retry_max_s": 5}});
    let tuning = if real { shipped } else { json!({}) };
    let options = Options { real, postgres: false, tickets: 3, seed: 12, has_disk: false, tuning };
    let outcome = run(&Wishes { options, messages, how, late: 2 }).await.unwrap_or_else(|why| panic!("{why}"));
    println!("{outcome:?}");
    assert!(outcome.verdict.is_clean(), "{}", outcome.verdict);
    assert!(outcome.verdict.obligations >= messages);
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_where_a_tenth_of_all_calls_ends_badly() {
    let outcome = lost(false, How::Share(0.1), 240).await;
    assert!(outcome.struck.values().all(|(struck, _)| struck.contains_key("AnswerLost")), "{:?}", outcome.struck);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_where_each_call_loses_its_first_answer() {
    let outcome = lost(false, How::EachOnce, 60).await;
    assert!(outcome.struck.values().all(|(struck, _)| struck.contains_key("AnswerLost")), "{:?}", outcome.struck);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_doubled_where_synapse_is_restarted_between_two_tries() {
    let outcome = lost(true, How::Restarted, 2).await;
    assert_eq!(outcome.struck["bridge → homeserver"].0["AnswerLost"], 2);
}
