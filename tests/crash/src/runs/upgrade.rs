//! The bridge is replaced by a newer version while people write: on PostgreSQL by an instance beside the old ones, on SQLite
//! by one that is started in the place of one that was killed.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::Instant;

use crate::bridge::{self, Bridge};
use crate::fleet::{self, Fleet, TAKEN_OVER};
use crate::oracle::Verdict;
use crate::wait;
use crate::world::{HEALED, Options, World, make_folder};

/// A machine that does something beside it is not to be behind for ever.
const MOST_WAITING: usize = 200;
/// What a program says that finds a newer version's tables.
const REFUSED: &str = "the database is of a newer ticketroom";

pub struct Wishes {
    pub options: Options,
    /// The older version's program.
    pub from: PathBuf,
    /// Each in a world of its own.
    pub upgrades: usize,
}

#[derive(Debug, Default)]
pub struct Outcome {
    pub verdict: Verdict,
    pub upgrades: usize,
    /// Rows that waited in the old version's tables when it was replaced, of all upgrades.
    pub taken_along: usize,
    /// From the start of the new version until it led; the longest.
    pub led_after: Duration,
    /// Starts of the old version that were refused afterwards.
    pub refused: usize,
    pub version: String,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}: {}", self.version, self.verdict)?;
        write!(
            f,
            "{} upgrades with {} rows waiting: the new version led {:?} after its start at most; {} starts of the old one \
             refused afterwards",
            self.upgrades, self.taken_along, self.led_after, self.refused
        )
    }
}

/// Ends at the first upgrade that loses something.
pub async fn run(wishes: &Wishes, tell: impl Fn(&str)) -> Result<Outcome, String> {
    let mut random = StdRng::seed_from_u64(wishes.options.seed);
    let mut outcome = Outcome::default();
    let folder = make_folder();
    // As where a package is installed over another.
    let program = folder.join("ticketroom");
    for _ in 0..wishes.upgrades {
        install(&wishes.from, &program)?;
        let world = World::start_with(program.clone(), &wishes.options).await?;
        let done = upgrade(&world, wishes, &program, &mut random, &mut outcome).await;
        done.map_err(|why| format!("{why}\n{}", world.bridge.log_tail()))?;
        if !outcome.verdict.is_clean() {
            break;
        }
        world.clean_up();
        outcome.upgrades += 1;
        tell(&format!("upgrade {} is over, {} messages", outcome.upgrades, outcome.verdict.obligations));
    }
    std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(outcome)
}

fn install(program: &Path, link: &Path) -> Result<(), String> {
    let _not_there = std::fs::remove_file(link);
    let program = program.canonicalize().map_err(|error| format!("{}: {error}", program.display()))?;
    symlink(program, link).map_err(|error| format!("{}: {error}", link.display()))
}

async fn upgrade(
    world: &World,
    wishes: &Wishes,
    program: &Path,
    random: &mut StdRng,
    outcome: &mut Outcome,
) -> Result<(), String> {
    outcome.version = world.homeserver.version().await;
    let fleet = Fleet::new(world, if wishes.options.postgres { &["second"] } else { &[] });
    for standby in &fleet.more {
        standby.start();
        standby.until_ready(HEALED).await?;
    }
    let a_while = Duration::from_millis(random.random_range(500..3000));
    fleet::meanwhile(&fleet, Some(MOST_WAITING), async {
        wait::pass(a_while).await;
        outcome.taken_along += world.bridge.waiting().await?;
        install(&bridge::program(), program)?;
        outcome.led_after = outcome.led_after.max(match fleet.more.as_slice() {
            [standby] => roll(&world.bridge, standby).await?,
            _ => replace(&world.bridge).await?,
        });
        outcome.refused += usize::from(is_old_one_refused(&world.bridge, wishes, program).await?);
        for at in 0..fleet.all().len() {
            fleet.start_again(at);
        }
        fleet.until_ready().await?;
        wait::pass(a_while).await;
        Ok(())
    })
    .await?;
    let (verdict, _) = world.healed().await?;
    outcome.verdict.add(verdict);
    world.passes_a_fresh_message().await
}

/// First the one that stands by: it is started again as a new one, and takes the lead from the old one.
async fn roll(leader: &Bridge, standby: &Bridge) -> Result<Duration, String> {
    standby.kill9();
    let began = Instant::now();
    standby.start();
    wait::until(TAKEN_OVER, || async {
        if standby.leads().await { Ok(()) } else { Err("it does not lead".to_owned()) }
    })
    .await?;
    let took = began.elapsed();
    if leader.dies_within(TAKEN_OVER).await { Ok(took) } else { Err("the old one goes on".to_owned()) }
}

async fn replace(bridge: &Bridge) -> Result<Duration, String> {
    bridge.kill9();
    let began = Instant::now();
    bridge.start();
    bridge.until_ready(HEALED).await?;
    Ok(began.elapsed())
}

/// Somebody starts the old program once more, and then the new one again.
async fn is_old_one_refused(bridge: &Bridge, wishes: &Wishes, program: &Path) -> Result<bool, String> {
    let before = bridge.logged(REFUSED);
    install(&wishes.from, program)?;
    bridge.kill9();
    bridge.start();
    let ended = bridge.dies_within(TAKEN_OVER).await;
    install(&bridge::program(), program)?;
    Ok(ended && bridge.logged(REFUSED) > before)
}
