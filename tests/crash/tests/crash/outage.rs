//! Somebody is away while people write; the long outages are `ticketroom-crash outage`.

use std::time::Duration;

use serde_json::json;
use ticketroom_crash::runs::outage::{Of, Wishes, run};
use ticketroom_crash::world::Options;

async fn outage(of: Of) {
    let options = Options { real: false, postgres: false, tickets: 2, seed: 17, has_disk: false, tuning: json!({}) };
    let (length, call) = (Duration::from_secs(1), Duration::from_millis(2));
    let outcome = run(&Wishes { options, length, messages: 200, of, call }, |_| {}).await;
    let outcome = outcome.unwrap_or_else(|why| panic!("{why}"));
    println!("{outcome}");
    assert!(outcome.verdict.is_clean(), "{}", outcome.verdict);
    assert!(outcome.verdict.obligations >= 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_while_somebody_was_away_is_drained_in_order() {
    // All three at once: most of their time is the pause that the bridge makes before it calls again who was away.
    let [homeserver, helpdesk, bridge] = [Of::Homeserver, Of::Helpdesk, Of::Bridge].map(outage);
    tokio::join!(homeserver, helpdesk, bridge);
}
