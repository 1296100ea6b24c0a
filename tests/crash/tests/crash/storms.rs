//! Troubles that end by themselves, and the proxy that makes them.

use std::time::Duration;

use serde_json::json;
use ticketroom_crash::proxy::{Fate, Proxy, RetryAfter};
use ticketroom_crash::runs::storms::{Storm, Wishes, run};
use ticketroom_crash::wait;
use ticketroom_crash::world::Options;
use ticketroom_e2e::api::Api;

/// Those that need neither minutes nor a disk of their own; `ticketroom-crash storms` has all.
const SHORT: [Storm; 10] = [
    Storm::Busy(RetryAfter::Seconds(3)),
    Storm::Busy(RetryAfter::Date(4)),
    Storm::Busy(RetryAfter::Absent),
    Storm::Failing,
    Storm::BadGateway,
    Storm::NotFoundPlain,
    Storm::NotFoundEmpty,
    Storm::Slow,
    Storm::Truncated,
    Storm::CutShort,
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_in_storms_and_who_asks_for_it_is_left_alone() {
    let options = Options { real: false, postgres: false, tickets: 2, seed: 14, has_disk: false, tuning: json!({}) };
    let wishes = Wishes { options, storms: SHORT.to_vec(), strikes: 2 };
    let outcome = run(&wishes, |line| println!("{line}")).await.unwrap_or_else(|why| panic!("{why}"));
    println!("{outcome}");
    assert!(outcome.verdict.is_clean(), "{}", outcome.verdict);
    assert!(outcome.called_meanwhile.is_empty(), "{:?}", outcome.called_meanwhile);
    assert_eq!(outcome.rows.len(), 4 * SHORT.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_is_it_where_nothing_comes_through_to_postgresql_any_more() {
    let options = Options { real: false, postgres: true, tickets: 2, seed: 16, has_disk: false, tuning: json!({}) };
    let wishes = Wishes { options, storms: vec![Storm::CutOff], strikes: 2 };
    let outcome = run(&wishes, |line| println!("{line}")).await.unwrap_or_else(|why| panic!("{why}"));
    println!("{outcome}");
    assert!(outcome.verdict.is_clean(), "{}", outcome.verdict);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_a_side_that_asked_to_be_left_alone_is_noted() {
    let nobody = ticketroom_e2e::ports::free();
    for retry_after in [RetryAfter::Seconds(1), RetryAfter::Date(2)] {
        let proxy = Proxy::start(nobody, 1).await;
        proxy.strike_next("GET /busy", "", Fate::Busy(retry_after), 1);
        proxy.strike_next("GET /", "", Fate::Answered(200, "{}"), usize::MAX);
        let api = Api::new(&proxy.url(), String::new());
        assert_eq!(api.get("/busy").await.unwrap().status, 429);
        assert_eq!(api.get("/on-its-way").await.unwrap().status, 200);
        assert!(proxy.called_meanwhile().is_empty(), "it was on its way");
        wait::pass(Duration::from_millis(400)).await;
        assert_eq!(api.get("/impatient").await.unwrap().status, 200);
        assert_eq!(proxy.called_meanwhile(), ["GET /impatient"]);
        wait::pass(Duration::from_secs(2)).await;
        assert_eq!(api.get("/patient").await.unwrap().status, 200);
        assert_eq!(proxy.called_meanwhile().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_where_the_bridge_goes_on_with_a_copy_that_was_made_mid_write() {
    let options = Options { real: false, postgres: false, tickets: 4, seed: 7, has_disk: false, tuning: json!({}) };
    let wishes = Wishes { options, storms: vec![Storm::Copied], strikes: 8 };
    let outcome = run(&wishes, |_| {}).await.unwrap_or_else(|why| panic!("{why}"));
    assert!(outcome.is_clean(), "{outcome}");
}
