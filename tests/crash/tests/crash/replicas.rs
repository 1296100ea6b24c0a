//! Three instances on one PostgreSQL; the long run is `ticketroom-crash replicas`.

use std::time::Duration;

use serde_json::json;
use ticketroom_crash::fleet::TAKEN_OVER;
use ticketroom_crash::runs::replicas::{Wishes, run};
use ticketroom_crash::world::Options;

#[tokio::test(flavor = "multi_thread")]
async fn of_three_instances_that_are_killed_and_paused_nothing_is_lost_or_done_twice() {
    let options = Options { real: false, postgres: true, tickets: 3, seed: 1, has_disk: false, tuning: json!({}) };
    let wishes = Wishes {
        options,
        kills: 4,
        kill_every: Duration::from_secs(2),
        pauses: 1,
        pause: Duration::from_secs(20),
        most_waiting: None,
    };
    let outcome = run(&wishes, |line| println!("{line}")).await.unwrap_or_else(|why| panic!("{why}"));
    println!("{outcome}");
    assert!(outcome.verdict.is_clean(), "{}", outcome.verdict);
    assert!(outcome.after_kill < TAKEN_OVER && outcome.after_pause < TAKEN_OVER);
    assert!(outcome.leaders_killed >= 2 && outcome.zombies == 1, "{outcome}");
    assert!(outcome.fenced > 0, "the zombie wrote nothing, and was told so");
    assert!(outcome.taken_beside > 0, "standbys take transactions in");
}
