//! Random `kill -9` of the bridge and of those around it, while people write in both directions.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::Instant;

use crate::desk;
use crate::oracle::{Channel, From, Verdict};
use crate::wait;
use crate::world::{HEALED, Options, World};

pub struct Wishes {
    pub options: Options,
    pub messages: usize,
    pub bridge: usize,
    pub homeserver: usize,
    pub helpdesk: usize,
    pub database: usize,
    /// Nobody writes on while more rows than this wait in the bridge: a real helpdesk that is killed every few seconds takes
    /// less than people write, and healing would be measured by what it takes.
    pub most_waiting: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Bridge,
    Homeserver,
    Helpdesk,
    Database,
}

/// How long it took until nothing was missing of what was written on both sides.
#[derive(Clone, Copy, Debug)]
pub struct Healing {
    /// Messages that had not arrived when the last one was written: a side that is killed again and again takes few.
    pub behind: usize,
    pub from_last_words: Duration,
    /// People go on writing after it.
    pub from_last_kill: Duration,
}

impl std::fmt::Display for Healing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [words, kill] = [self.from_last_words, self.from_last_kill].map(|time| time.as_secs_f64());
        write!(
            f,
            "healed {words:.1} s after the last words ({} were behind then), {kill:.1} s after the last kill",
            self.behind
        )
    }
}

#[derive(Debug)]
pub struct Outcome {
    /// Kills of the bridge, the homeserver, the helpdesk and the database; the bridge's while it ran.
    pub struck: [usize; 4],
    pub verdict: Verdict,
    pub healing: Healing,
    pub version: String,
}

pub async fn run(wishes: &Wishes, tell: impl Fn(&str)) -> Result<Outcome, String> {
    let world = World::start(&wishes.options).await?;
    let outcome = strike(&world, wishes, tell).await;
    let outcome = outcome.map_err(|why| format!("{why}\n{}", world.bridge.log_tail()))?;
    if outcome.verdict.is_clean() {
        world.passes_a_fresh_message().await?;
        world.clean_up();
    }
    Ok(outcome)
}

async fn strike(world: &World, wishes: &Wishes, tell: impl Fn(&str)) -> Result<Outcome, String> {
    let mut random = StdRng::seed_from_u64(wishes.options.seed);
    let mut victims = Vec::new();
    for (victim, times) in [
        (Victim::Bridge, wishes.bridge),
        (Victim::Homeserver, wishes.homeserver),
        (Victim::Helpdesk, wishes.helpdesk),
        (Victim::Database, wishes.database),
    ] {
        victims.extend(std::iter::repeat_n(victim, times));
    }
    for at in (1..victims.len()).rev() {
        victims.swap(at, random.random_range(0..=at));
    }
    let (killed, written) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let killer = async {
        let (mut struck, mut last) = ([0; 4], Instant::now());
        for (at, victim) in victims.iter().enumerate() {
            // Evenly over what is written.
            let due = at * wishes.messages / victims.len();
            wait::until(HEALED, || async {
                (written.load(Ordering::SeqCst) >= due).then_some(()).ok_or_else(String::new)
            })
            .await
            .map_err(|_| "nobody could write for too long".to_owned())?;
            wait::pass(Duration::from_millis(random.random_range(50..1200))).await;
            last = Instant::now();
            match victim {
                Victim::Bridge => {
                    struck[0] += usize::from(!world.bridge.has_died());
                    world.bridge.kill9();
                    world.bridge.start();
                }
                Victim::Homeserver => {
                    struck[1] += 1;
                    world.homeserver.kill9();
                    wait::pass(Duration::from_millis(random.random_range(50..500))).await;
                    world.homeserver.start_again().await;
                }
                Victim::Helpdesk => {
                    struck[2] += 1;
                    world.helpdesk.kill9();
                    wait::pass(Duration::from_millis(random.random_range(50..500))).await;
                    world.helpdesk.start_again().await;
                }
                Victim::Database => {
                    let Some(postgres) = &world.postgres else { return Err("SQLite cannot be killed".to_owned()) };
                    struck[3] += 1;
                    postgres.process.kill9();
                    wait::pass(Duration::from_millis(random.random_range(50..500))).await;
                    postgres.start().await;
                }
            }
            // It stops by itself where the database was away; whoever runs it starts it again.
            if world.bridge.has_died() {
                world.bridge.kill9();
                world.bridge.start();
            }
            killed.store(at + 1, Ordering::SeqCst);
            if (at + 1) % 50 == 0 {
                tell(&format!("{} kills, {} messages", at + 1, written.load(Ordering::SeqCst)));
            }
        }
        Ok((struck, last))
    };
    let channels: Vec<Channel> =
        (0..world.tickets().len()).flat_map(|ticket| From::BOTH.map(|from| Channel { ticket, from })).collect();
    let each = wishes.messages.div_ceil(channels.len());
    let (killed, written, victims) = (&killed, &written, &victims);
    let writers = channels.iter().map(|channel| async move {
        for n in 0..each {
            // Not far ahead of the kills, so that they strike what is under way.
            wait::until(2 * HEALED, || async {
                let ahead = written.load(Ordering::SeqCst) * victims.len() / wishes.messages.max(1);
                (ahead <= killed.load(Ordering::SeqCst) + 1).then_some(()).ok_or_else(String::new)
            })
            .await
            .map_err(|_| "the kills do not go on".to_owned())?;
            if let Some(most) = wishes.most_waiting {
                until_few_wait(world, most).await?;
            }
            world.write_something(*channel, &format!("message {n}")).await?;
            written.fetch_add(1, Ordering::SeqCst);
        }
        Ok::<(), String>(())
    });
    let both = async {
        let (struck, done) = tokio::join!(killer, futures_util::future::join_all(writers));
        done.into_iter().collect::<Result<(), String>>()?;
        let (struck, last) = struck?;
        let written = Instant::now();
        if world.bridge.has_died() {
            world.bridge.kill9();
            world.bridge.start();
        }
        let behind = world.plain_behind().await?;
        world.until_plain_whole(4 * HEALED).await?;
        Ok::<_, String>((
            struck,
            Healing { behind, from_last_words: written.elapsed(), from_last_kill: last.elapsed() },
        ))
    };
    let (struck, healing) = desk::meanwhile(world, || true, both).await?;
    let (verdict, _) = world.healed().await?;
    Ok(Outcome { struck, verdict, healing, version: world.homeserver.version().await })
}

/// A bridge that is dead says nothing, and keeps nobody from writing.
async fn until_few_wait(world: &World, most: usize) -> Result<(), String> {
    wait::until(2 * HEALED, || async {
        let waiting = world.bridge.waiting().await.unwrap_or_default();
        if waiting <= most { Ok(()) } else { Err(format!("{waiting} rows wait in the bridge")) }
    })
    .await
}
