//! Three instances on one PostgreSQL behind a load balancer: one is killed every few seconds, and from time to time the one
//! that leads is paused for so long that it comes back as a zombie.

use std::time::Duration;

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::Instant;

use crate::bridge::Bridge;
use crate::fleet::{self, Fleet, TAKEN_OVER};
use crate::oracle::Verdict;
use crate::wait;
use crate::world::{HEALED, Options, World};

/// What an instance writes that finds that it was replaced.
const REFUSED: &str = "a write of this one was refused";
const WITHHELD: &str = "another instance may have taken over";

pub struct Wishes {
    pub options: Options,
    pub kills: usize,
    pub kill_every: Duration,
    /// How often the one that leads is paused, each time for this long.
    pub pauses: usize,
    pub pause: Duration,
    /// Nobody writes on while more rows than this wait: a busy machine, on which for most of the time nobody leads,
    /// takes less than people write.
    pub most_waiting: Option<usize>,
}

#[derive(Debug, Default)]
pub struct Outcome {
    pub verdict: Verdict,
    pub kills: usize,
    /// Kills of the one that led.
    pub leaders_killed: usize,
    pub zombies: usize,
    /// Writes of zombies that the database refused, and calls that they did not make.
    pub fenced: usize,
    pub withheld: usize,
    /// Until another one said that it led; the longest.
    pub after_kill: Duration,
    pub after_pause: Duration,
    /// Transactions that came to an instance that stood by.
    pub taken_beside: usize,
    pub version: String,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}: {}", self.version, self.verdict)?;
        writeln!(
            f,
            "{} kills, {} of them of the leader: another one led after {:?} at most; {} pauses of the leader: {:?}",
            self.kills, self.leaders_killed, self.after_kill, self.zombies, self.after_pause
        )?;
        write!(
            f,
            "{} writes of zombies refused, {} of their calls withheld; {} transactions taken in beside the leader",
            self.fenced, self.withheld, self.taken_beside
        )
    }
}

/// Ends at the first thing that is not as it should be.
pub async fn run(wishes: &Wishes, tell: impl Fn(&str)) -> Result<Outcome, String> {
    let world = World::start(&wishes.options).await?;
    let fleet = Fleet::new(&world, &["second", "third"]);
    for bridge in &fleet.more {
        bridge.start();
    }
    fleet.until_ready().await?;
    let mut outcome = Outcome { version: world.homeserver.version().await, ..Outcome::default() };
    let struck = fleet::meanwhile(&fleet, wishes.most_waiting, strike(wishes, &fleet, &mut outcome, &tell)).await;
    let result = async {
        struck?;
        let leader = fleet.leader(None).await?;
        let quiet = fleet.all()[leader];
        let healed = world.healed().await?;
        quiet.until_quiet(HEALED).await?;
        let read = world.read().await?;
        outcome.verdict = world.book().judge(&read);
        tell(&format!("healed within {:?}", healed.1));
        let leading = join_all(fleet.all().into_iter().map(Bridge::leads)).await;
        let leading = leading.into_iter().filter(|leads| *leads).count();
        if leading != 1 { Err(format!("{leading} instances lead")) } else { world.passes_a_fresh_message().await }
    }
    .await;
    for bridge in fleet.all() {
        outcome.fenced += bridge.logged(REFUSED);
        outcome.withheld += bridge.logged(WITHHELD);
        outcome.taken_beside += bridge.metric("ticketroom_taken_beside_total").await.unwrap_or(0.0) as usize;
        if result.is_err() {
            tell(&bridge.log_tail());
        }
    }
    result?;
    for bridge in fleet.all() {
        bridge.kill9();
    }
    world.clean_up();
    Ok(outcome)
}

async fn strike(wishes: &Wishes, fleet: &Fleet<'_>, outcome: &mut Outcome, tell: &impl Fn(&str)) -> Result<(), String> {
    let mut random = StdRng::seed_from_u64(wishes.options.seed);
    let kills_for_each = wishes.kills.div_ceil(wishes.pauses + 1);
    for round in 0..=wishes.pauses {
        for _ in 0..kills_for_each {
            wait::pass(wishes.kill_every).await;
            // Every other time the one that leads.
            let at = match outcome.kills % 2 {
                0 => fleet.leader(None).await?,
                _ => random.random_range(0..fleet.all().len()),
            };
            let led = fleet.all()[at].leads().await;
            fleet.all()[at].kill9();
            outcome.kills += 1;
            if led {
                let took = fleet.until_led(Some(at)).await?;
                outcome.leaders_killed += 1;
                outcome.after_kill = outcome.after_kill.max(took);
                tell(&format!("kill {}: the leader; another one led after {took:?}", outcome.kills));
            }
            fleet.start_again(at);
            fleet.all()[at].until_ready(HEALED).await?;
        }
        if round == wishes.pauses {
            break;
        }
        let at = fleet.leader(None).await?;
        let zombie = fleet.all()[at];
        zombie.pause();
        let began = Instant::now();
        let took = fleet.until_led(Some(at)).await?;
        outcome.after_pause = outcome.after_pause.max(took);
        tell(&format!("pause {}: another one led after {took:?}", round + 1));
        wait::pass(wishes.pause.saturating_sub(began.elapsed())).await;
        zombie.go_on();
        if !zombie.dies_within(TAKEN_OVER).await {
            return Err("the one that was replaced goes on".to_owned());
        }
        outcome.zombies += 1;
        fleet.start_again(at);
        zombie.until_ready(HEALED).await?;
    }
    Ok(())
}
