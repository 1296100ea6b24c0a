//! A database that somebody else has locked: for a moment, so that writes wait, or for longer than any waits, so that they are
//! refused. What counts is what the bridge met.

use std::time::Duration;

use ticketroom_e2e::process::Process;

use crate::wait;
use crate::world::{HEALED, World};

const MOMENT: Duration = Duration::from_millis(500);
/// The bridge waits for ten seconds, with what many have to write; and for ten more, with what each of them has.
const TOO_LONG: Duration = Duration::from_secs(23);
/// One strike in so many is too long.
const LONG_EVERY: usize = 5;
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

/// Strikes in which writes had to wait, and in which some were refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct Met {
    pub waited: usize,
    pub refused: usize,
}

/// What of the bridge tells what it met.
#[derive(Clone, Copy)]
struct Seen {
    refusals: usize,
    slow: usize,
}

pub async fn strike(world: &World, strikes: usize) -> Result<Met, String> {
    let mut met = Met::default();
    for _ in 0..strikes * ATTEMPTS {
        let struck = met.waited + met.refused;
        if struck == strikes {
            break;
        }
        let before = seen(world).await?;
        let length = if struck % LONG_EVERY == 0 { TOO_LONG } else { MOMENT };
        hold(world, length).await?;
        // Both are told when the write has ended.
        let now = wait::until(OVER, || async {
            let now = seen(world).await?;
            if now.refusals > before.refusals || now.slow > before.slow { Ok(now) } else { Err(String::new()) }
        });
        match now.await {
            Ok(now) if now.refusals > before.refusals => met.refused += 1,
            Ok(_) => met.waited += 1,
            Err(_) => {}
        }
    }
    let struck = met.waited + met.refused;
    if struck == strikes { Ok(met) } else { Err(format!("of all locks only {struck} were met: {met:?}")) }
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
