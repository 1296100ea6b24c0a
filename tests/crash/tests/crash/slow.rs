//! A helpdesk that is still writing what a dead bridge asked it for.

use std::time::Duration;

use serde_json::json;
use ticketroom_crash::oracle::{Channel, From};
use ticketroom_crash::proxy::Fate;
use ticketroom_crash::wait;
use ticketroom_crash::world::{HEALED, Options, World};

/// Longer than the bridge waits before it looks a write up, and shorter than it takes one to be under way.
const SLOW: Duration = Duration::from_millis(2500);

#[tokio::test(flavor = "multi_thread")]
async fn what_the_helpdesk_is_still_writing_when_the_bridge_comes_back_is_not_written_twice() {
    let tuning = json!({"delivery": {"retry_first_ms": 200}});
    let options = Options { real: false, postgres: false, tickets: 1, seed: 13, has_disk: false, tuning };
    let world = World::start(&options).await.unwrap();
    world.into_helpdesk.strike_next("/correspond", "", Fate::Delayed(SLOW), 1);
    world.write(Channel { ticket: 0, from: From::Matrix }, "is being written").await.unwrap();
    let struck =
        || async { world.into_helpdesk.struck().contains_key("Delayed").then_some(()).ok_or_else(String::new) };
    wait::until(HEALED, struck).await.unwrap();
    world.bridge.kill9();
    world.bridge.start();
    world.healed().await.unwrap();
    wait::pass(SLOW).await;
    let (verdict, _) = world.healed().await.unwrap();
    assert!(verdict.is_clean(), "{verdict}");
    world.clean_up();
}
