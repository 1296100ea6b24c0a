//! Three instances on one PostgreSQL behind a load balancer: one is killed every few seconds, and from time to time the one
//! that leads is paused for so long that it comes back as a zombie.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::Instant;

use crate::bridge::Bridge;
use crate::desk;
use crate::oracle::{Channel, From, Verdict};
use crate::wait;
use crate::world::{HEALED, Options, World};

/// How long it may take until another instance delivers.
pub const TAKEN_OVER: Duration = Duration::from_secs(30);
/// Between two messages of one channel.
const PAUSE: Duration = Duration::from_millis(150);
/// An instance that does not answer within it is dead or paused.
const ASKED: Duration = Duration::from_secs(1);
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

struct Fleet<'a> {
    world: &'a World,
    more: Vec<Bridge>,
}

impl Fleet<'_> {
    fn all(&self) -> Vec<&Bridge> {
        std::iter::once(&self.world.bridge).chain(&self.more).collect()
    }

    /// The one that leads, by its place; not among those left out.
    async fn leader(&self, but: Option<usize>) -> Result<usize, String> {
        for (at, bridge) in self.all().into_iter().enumerate() {
            if Some(at) != but && bridge.leads().await {
                return Ok(at);
            }
        }
        Err("nobody leads".to_owned())
    }

    async fn until_led(&self, but: Option<usize>) -> Result<Duration, String> {
        let began = Instant::now();
        wait::until(TAKEN_OVER, || self.leader(but)).await?;
        Ok(began.elapsed())
    }

    /// Rows that wait, as the one says that leads: the others count none. One that is dead or paused keeps nobody from
    /// writing.
    async fn waiting(&self) -> usize {
        let told = self.all().into_iter().map(|bridge| tokio::time::timeout(ASKED, bridge.waiting()));
        join_all(told).await.into_iter().filter_map(|told| told.ok()?.ok()).max().unwrap_or_default()
    }

    /// As a supervisor does.
    fn start_again(&self, at: usize) {
        let bridge = self.all()[at];
        bridge.kill9();
        bridge.start();
    }
}

/// Ends at the first thing that is not as it should be.
pub async fn run(wishes: &Wishes, tell: impl Fn(&str)) -> Result<Outcome, String> {
    let world = World::start(&wishes.options).await?;
    let more = vec![world.another_bridge("second"), world.another_bridge("third")];
    let fleet = Fleet { world: &world, more };
    for bridge in &fleet.more {
        bridge.start();
    }
    for bridge in fleet.all() {
        bridge.until_ready(HEALED).await?;
    }
    let ports: Vec<u16> = fleet.all().iter().map(|bridge| bridge.port).collect();
    world.into_bridge.balance(&ports);
    let mut outcome = Outcome { version: world.homeserver.version().await, ..Outcome::default() };
    let stop = AtomicBool::new(false);
    let (written, struck) = tokio::join!(write(&fleet, wishes.most_waiting, &stop), async {
        let struck = strike(wishes, &fleet, &mut outcome, &tell).await;
        stop.store(true, Ordering::SeqCst);
        struck
    });
    let result = async {
        written?;
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

/// In every ticket, both ways, one message after the other.
async fn write(fleet: &Fleet<'_>, most_waiting: Option<usize>, stop: &AtomicBool) -> Result<(), String> {
    let world = fleet.world;
    let channels = (0..world.tickets().len()).flat_map(|ticket| From::BOTH.map(|from| Channel { ticket, from }));
    let waiting = &AtomicUsize::new(0);
    let counted = async {
        while most_waiting.is_some() && !stop.load(Ordering::SeqCst) {
            waiting.store(fleet.waiting().await, Ordering::SeqCst);
            wait::pass(PAUSE).await;
        }
    };
    let writers = channels.map(|channel| async move {
        while !stop.load(Ordering::SeqCst) {
            if most_waiting.is_none_or(|most| waiting.load(Ordering::SeqCst) <= most) {
                world.write_something(channel, "words").await?;
            }
            wait::pass(PAUSE).await;
        }
        Ok(())
    });
    let written = async {
        let (written, ()) = tokio::join!(join_all(writers), counted);
        written.into_iter().collect()
    };
    desk::meanwhile(world, || true, written).await
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
