//! A database that somebody else has locked: for a moment, so that writes wait, or for longer than any waits, so that they are
//! refused. What counts is what the bridge met, as its metrics and its log say.

use std::time::Duration;

use ticketroom_e2e::process::Process;

use crate::wait;
use crate::world::{HEALED, World};

/// How long each lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Writes wait.
    Moment,
    /// Longer than any write waits, which is ten seconds: some are refused. It may wait for another one first.
    TooLong,
}

impl Length {
    fn held(self) -> Duration {
        match self {
            Self::Moment => Duration::from_millis(500),
            Self::TooLong => Duration::from_secs(23),
        }
    }
}

/// Strikes of which not every one meets a write.
const ATTEMPTS: usize = 3;
/// What was held up is over so long afterwards.
const OVER: Duration = Duration::from_secs(2);
/// How SQLite refuses.
const REFUSED: &str = "database is locked";
/// Half of a moment, as the bridge's metrics name it: nothing else takes so long here.
const QUICK: &str = "0.25";

const LOCKER: &str = "
import sqlite3, sys, time
path, seconds = sys.argv[1], float(sys.argv[2])
base = sqlite3.connect(path, isolation_level=None, timeout=60)
base.execute('BEGIN IMMEDIATE')
time.sleep(seconds)
base.execute('COMMIT')
";

/// What of the bridge tells what it met.
#[derive(Clone, Copy)]
struct Seen {
    refusals: usize,
    slow: usize,
}

/// Until the bridge met so many of this length; how many that are.
pub async fn strike(world: &World, length: Length, strikes: usize) -> Result<usize, String> {
    let mut met = 0;
    for _ in 0..strikes * ATTEMPTS {
        if met == strikes {
            return Ok(met);
        }
        let before = seen(world).await?;
        hold(world, length.held()).await?;
        // Both are told when the write has ended.
        let after = wait::until(OVER, || async {
            let now = seen(world).await?;
            let is_met = match length {
                Length::Moment => now.slow > before.slow,
                Length::TooLong => now.refusals > before.refusals,
            };
            is_met.then_some(()).ok_or_else(String::new)
        });
        met += usize::from(after.await.is_ok());
    }
    if met == strikes { Ok(met) } else { Err(format!("of all locks only {met} were met: {length:?}")) }
}

async fn seen(world: &World) -> Result<Seen, String> {
    let (quick, all) = world.bridge.answered_within(QUICK).await?;
    Ok(Seen { refusals: world.bridge.logged(REFUSED), slow: all - quick })
}

async fn hold(world: &World, length: Duration) -> Result<(), String> {
    let path = world.sqlite().ok_or("only a database that is a file can be locked")?;
    let seconds = length.as_secs_f64().to_string();
    let arguments = ["python3", "-c", LOCKER, &path.to_string_lossy(), &seconds].map(str::to_owned);
    let locker = Process::new("locker", "/usr/bin/env", arguments.to_vec(), world.folder());
    locker.start(&[]);
    let ended =
        wait::until(length + HEALED, || async { locker.has_ended().ok_or_else(|| "it locks for too long".to_owned()) });
    if ended.await?.success() { Ok(()) } else { Err(locker.log_tail(5)) }
}
