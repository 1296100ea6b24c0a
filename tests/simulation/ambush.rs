//! Kills of the homeserver at the moments that matter to its pushing. At a moment by chance they hardly ever meet one.

use std::sync::Arc;
use std::time::Duration;

use super::home::Home;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A transaction is on its disk, and the bridge has not got it.
    Departing,
    /// The bridge has it, and the homeserver does not know.
    Arrived,
    /// A transaction is slow, and events stand behind it that only memory has.
    Behind,
    /// Events are handled, and it is not noted yet.
    Unnoted,
}

pub const MOMENTS: [Moment; 4] = [Moment::Departing, Moment::Arrived, Moment::Behind, Moment::Unnoted];

/// For so long a transaction is slow where events are to stand behind it.
const SLOW: Duration = Duration::from_secs(8);
const LOOK: Duration = Duration::from_millis(20);

/// If somebody waits for this moment: it is killed, and comes back after a while.
pub fn strike(home: &Arc<Home>, moment: Moment) -> bool {
    let Some(away_ms) = home.armed.lock().unwrap().take_if(|(armed, _)| *armed == moment).map(|(_, away)| away) else {
        return false;
    };
    home.sim.strike(match moment {
        Moment::Departing => "homeserver: killed before its transaction arrived",
        Moment::Arrived => "homeserver: killed before it read the answer",
        Moment::Behind => "homeserver: killed with events behind a slow transaction",
        Moment::Unnoted => "homeserver: killed before it noted what it had handled",
    });
    home.kill();
    let again = Arc::downgrade(home);
    let start = home.wire.depart(move || {
        if let Some(home) = again.upgrade() {
            home.start();
        }
    });
    home.wire.delay(start, home.sim.now_ms() + away_ms as i64);
    true
}

/// Lets a transaction be slow until something stands behind it that is noted as handled, if that is waited for.
pub async fn slow(home: &Arc<Home>) {
    let began = tokio::time::Instant::now();
    let epoch = home.epoch();
    while home.armed.lock().unwrap().is_some_and(|(moment, _)| moment == Moment::Behind) && began.elapsed() < SLOW {
        let is_behind = {
            let sender = home.sender();
            !sender.queue.is_empty() && sender.unsaved.is_empty()
        };
        if home.epoch() != epoch || is_behind && strike(home, Moment::Behind) {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}
