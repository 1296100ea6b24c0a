//! Sides that ask to be left alone, fail, hang, dribble or break off; a database that somebody else has locked, to which
//! nothing comes through any more, or that is an older copy; a disk that is full. One storm after the other, while people write in both directions.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::Instant;

use crate::desk;
use crate::oracle::{Channel, From, Verdict};
use crate::proxy::{Fate, Proxy, RetryAfter};
use crate::runs::copied;
use crate::runs::locked::{self, Length};
use crate::wait;
use crate::world::{HEALED, Options, World};

/// Of all calls to a side in a storm, so many are struck: the others keep it going.
const SHARE: f64 = 0.3;
/// Between two messages of one person.
const BREATH: Duration = Duration::from_millis(300);
/// People who come to the bot in a run, at most, and how long each waits for the one before.
const NEWCOMERS: usize = 40;
const BETWEEN_NEWCOMERS: Duration = Duration::from_secs(10);
/// People stop for a while when so many rows wait in the bridge: what they write is to meet the next storm, too.
const FAR_BEHIND: usize = 200;
/// The slowest storm has one strike in this time: after a half-open connection a place waits for a minute.
const SLOWEST_STRIKE: Duration = Duration::from_secs(30);
/// So many messages are written after a copy was made, and before the bridge goes on with it.
const SINCE_COPY: usize = 8;
/// And so many before the power is cut.
const BEFORE_CUT: usize = 8;
/// In this time after all is done it is written down, too.
const NOTED: Duration = Duration::from_millis(200);
/// Cuts of which not every one finds something that is not synced.
const CUTS: usize = 20;
const NO_DISK: &str = "the run has no disk of its own";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storm {
    Busy(RetryAfter),
    Failing,
    BadGateway,
    NotFoundPlain,
    NotFoundEmpty,
    HalfOpen,
    Slow,
    Truncated,
    CutShort,
    /// For a moment, so that writes wait.
    Locked,
    /// For longer than any write waits, so that they are refused.
    LockedLong,
    DiskFull,
    /// What was written and not synced is lost, and the bridge with it.
    PowerCut,
    CutOff,
    /// A copy of the database is made while people write, and the bridge goes on with that.
    Copied,
}

impl Storm {
    pub const ALL: [Self; 17] = [
        Self::Busy(RetryAfter::Seconds(3)),
        Self::Busy(RetryAfter::Date(4)),
        Self::Busy(RetryAfter::Absent),
        Self::Failing,
        Self::BadGateway,
        Self::NotFoundPlain,
        Self::NotFoundEmpty,
        Self::HalfOpen,
        Self::Slow,
        Self::Truncated,
        Self::CutShort,
        Self::Locked,
        Self::LockedLong,
        Self::DiskFull,
        Self::PowerCut,
        Self::CutOff,
        Self::Copied,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Busy(RetryAfter::Seconds(_)) => "429-seconds",
            Self::Busy(RetryAfter::Date(_)) => "429-date",
            Self::Busy(RetryAfter::Absent) => "429-absent",
            Self::Failing => "503",
            Self::BadGateway => "502",
            Self::NotFoundPlain => "404-plain",
            Self::NotFoundEmpty => "404-empty",
            Self::HalfOpen => "half-open",
            Self::Slow => "slow",
            Self::Truncated => "truncated",
            Self::CutShort => "cut-short",
            Self::Locked => "locked",
            Self::LockedLong => "locked-long",
            Self::DiskFull => "disk-full",
            Self::PowerCut => "power-cut",
            Self::CutOff => "cut-off",
            Self::Copied => "copied",
        }
    }

    /// Whether this database can meet it here: a file is locked, and a server cut off.
    pub fn is_possible(self, postgres: bool) -> bool {
        match self {
            Self::Locked | Self::LockedLong | Self::DiskFull | Self::PowerCut | Self::Copied => !postgres,
            Self::CutOff => postgres,
            _ => true,
        }
    }

    pub fn needs_disk(self) -> bool {
        matches!(self, Self::DiskFull | Self::PowerCut)
    }

    /// What becomes of a call; `None`: it is the database that is in trouble.
    fn fate(self) -> Option<Fate> {
        Some(match self {
            Self::Busy(retry_after) => Fate::Busy(retry_after),
            Self::Failing => Fate::Answered(503, r#"{"errcode":"M_UNKNOWN","message":"try later"}"#),
            Self::BadGateway => Fate::Answered(502, "<html><body>Bad Gateway</body></html>"),
            Self::NotFoundPlain => Fate::NotFoundPlain,
            Self::NotFoundEmpty => Fate::NotFoundEmpty,
            Self::HalfOpen => Fate::HalfOpen,
            Self::Slow => Fate::Slow,
            Self::Truncated => Fate::Truncated,
            Self::CutShort => Fate::CutShort,
            Self::Locked | Self::LockedLong | Self::DiskFull | Self::PowerCut | Self::CutOff | Self::Copied => {
                return None;
            }
        })
    }
}

pub struct Wishes {
    pub options: Options,
    pub storms: Vec<Storm>,
    /// How often each is to strike each hop.
    pub strikes: usize,
}

/// What a storm did to one hop.
#[derive(Debug)]
pub struct Row {
    pub storm: &'static str,
    pub side: &'static str,
    pub struck: usize,
    pub calls: usize,
    /// From its end until nothing waited any more.
    pub healing: Duration,
}

#[derive(Debug)]
pub struct Outcome {
    pub rows: Vec<Row>,
    /// Calls to a side that had asked to be left alone for longer.
    pub called_meanwhile: Vec<String>,
    pub verdict: Verdict,
    pub version: String,
}

impl Outcome {
    pub fn is_clean(&self) -> bool {
        self.verdict.is_clean() && self.called_meanwhile.is_empty()
    }

    /// The slowest one.
    pub fn healing(&self) -> Duration {
        self.rows.iter().map(|row| row.healing).max().unwrap_or_default()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Row { storm, side, struck, calls, healing } in &self.rows {
            writeln!(f, "{storm}, {side}: struck {struck} of {calls} calls; healed in {healing:.1?}")?;
        }
        writeln!(f, "calls to a side that had asked to be left alone: {}", self.called_meanwhile.len())?;
        write!(f, "{}: {}; slowest healing {:.1?}", self.version, self.verdict, self.healing())
    }
}

pub async fn run(wishes: &Wishes, tell: impl Fn(&str)) -> Result<Outcome, String> {
    let world = World::start(&wishes.options).await?;
    let outcome = all(&world, wishes, tell).await;
    let outcome = outcome.map_err(|why| format!("{why}\n{}", world.bridge.log_tail()))?;
    if outcome.is_clean() {
        world.passes_a_fresh_message().await?;
        world.clean_up();
    }
    Ok(outcome)
}

/// What people do meanwhile.
#[derive(Default)]
struct Writing {
    is_over: AtomicBool,
    pauses: AtomicBool,
    written: AtomicUsize,
    /// Rows that wait in the bridge.
    behind: AtomicUsize,
    /// How long it took at most until all had arrived, in milliseconds.
    slowest: AtomicUsize,
}

impl Writing {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }

    fn may_go_on(&self) -> bool {
        !self.pauses.load(Ordering::SeqCst) && self.behind.load(Ordering::SeqCst) < FAR_BEHIND
    }

    /// Until all that was written has arrived: people wait meanwhile, or a slow helpdesk would never be done.
    async fn lull(&self, world: &World, patience: Duration) -> Result<(), String> {
        self.while_nobody_writes(world.bridge.until_quiet(patience)).await
    }

    async fn while_nobody_writes(&self, heals: impl Future<Output = Result<(), String>>) -> Result<(), String> {
        self.pauses.store(true, Ordering::SeqCst);
        let began = Instant::now();
        let healed = heals.await;
        self.slowest.fetch_max(began.elapsed().as_millis() as usize, Ordering::SeqCst);
        self.pauses.store(false, Ordering::SeqCst);
        healed
    }

    /// Since this was asked for last.
    fn slowest_healing(&self) -> Duration {
        Duration::from_millis(self.slowest.swap(0, Ordering::SeqCst) as u64)
    }
}

async fn all(world: &World, wishes: &Wishes, tell: impl Fn(&str)) -> Result<Outcome, String> {
    let writing = Writing::default();
    let writing = &writing;
    let storms = async {
        let mut rows = Vec::new();
        for storm in &wishes.storms {
            let struck = match storm.fate() {
                Some(fate) => of_calls(world, *storm, &fate, wishes.strikes, writing).await,
                None => of_the_database(world, *storm, wishes.strikes, writing).await.map(|row| vec![row]),
            };
            rows.extend(struck.inspect_err(|_| writing.is_over.store(true, Ordering::SeqCst))?);
            tell(&format!("{} is over, {} messages", storm.name(), writing.written()));
        }
        writing.is_over.store(true, Ordering::SeqCst);
        Ok::<_, String>(rows)
    };
    let channels = (0..world.tickets().len()).flat_map(|ticket| From::BOTH.map(|from| Channel { ticket, from }));
    let watch = async {
        while !writing.is_over() {
            if let Ok(waiting) = world.bridge.waiting().await {
                writing.behind.store(waiting, Ordering::SeqCst);
            }
            wait::pass(BREATH).await;
        }
    };
    // Tickets are opened in a storm, too.
    let newcomers = async {
        for _ in 0..NEWCOMERS {
            wait::pass(BETWEEN_NEWCOMERS).await;
            if writing.is_over() {
                break;
            }
            if writing.may_go_on() {
                let (customer, subject) = world.knock().await?;
                world.entered(customer, &subject, 5 * HEALED).await?;
            }
        }
        Ok::<(), String>(())
    };
    let writers = channels.map(|channel| async move {
        while !writing.is_over() {
            if writing.may_go_on() {
                world.write_something(channel, "in a storm").await?;
                writing.written.fetch_add(1, Ordering::SeqCst);
            }
            wait::pass(BREATH).await;
        }
        Ok::<(), String>(())
    });
    let all = async {
        let (rows, done, (), entered) = tokio::join!(storms, futures_util::future::join_all(writers), watch, newcomers);
        done.into_iter().collect::<Result<(), String>>().and(entered).and(rows)
    };
    let rows = desk::meanwhile(world, || writing.may_go_on(), all).await?;
    let (verdict, _) = world.healed().await?;
    let sides = [&world.into_homeserver, &world.into_helpdesk];
    let called_meanwhile = sides.iter().flat_map(|side| side.called_meanwhile()).collect();
    Ok(Outcome { rows, called_meanwhile, verdict, version: world.homeserver.version().await })
}

async fn of_calls(
    world: &World,
    storm: Storm,
    fate: &Fate,
    strikes: usize,
    writing: &Writing,
) -> Result<Vec<Row>, String> {
    let sides = sides(world, storm);
    let struck = |side: &Proxy| side.struck().values().sum::<usize>();
    let before: Vec<_> = sides.iter().map(|(_, side)| (struck(side), side.calls())).collect();
    for (_, side) in &sides {
        side.strike_share(SHARE, std::slice::from_ref(fate));
    }
    let patience = HEALED + SLOWEST_STRIKE * u32::try_from(strikes).unwrap_or(u32::MAX);
    for ((name, side), (earlier, _)) in sides.iter().zip(&before) {
        wait::until(patience, || async {
            let count = struck(side) - earlier;
            (count >= strikes).then_some(()).ok_or(format!("{} struck only {count} times: {name}", storm.name()))
        })
        .await?;
    }
    for (_, side) in &sides {
        side.heal();
    }
    // A place that waits for a half-open connection may do so for a minute: the next storm is to be alone.
    writing.lull(world, 3 * HEALED).await.map_err(|why| format!("{}: {why}", storm.name()))?;
    let healing = writing.slowest_healing();
    let row = |((side, proxy), (struck_before, calls_before)): ((&'static str, &Proxy), (usize, usize))| Row {
        storm: storm.name(),
        side,
        struck: struck(proxy) - struck_before,
        calls: proxy.calls() - calls_before,
        healing,
    };
    Ok(sides.into_iter().zip(before).map(row).collect())
}

/// Whose calls are struck. How long others wait for an answer that never comes is their affair, and minutes for each.
fn sides(world: &World, storm: Storm) -> Vec<(&'static str, &Proxy)> {
    let mut sides = vec![("bridge → homeserver", &world.into_homeserver), ("bridge → helpdesk", &world.into_helpdesk)];
    if storm != Storm::HalfOpen {
        sides.extend([("homeserver → bridge", &world.into_bridge), ("helpdesk → bridge", &world.hints)]);
    }
    sides
}

async fn of_the_database(world: &World, storm: Storm, strikes: usize, writing: &Writing) -> Result<Row, String> {
    let before = writing.written();
    let struck = match storm {
        Storm::Locked => locked::strike(world, Length::Moment, strikes).await?,
        Storm::LockedLong => locked::strike(world, Length::TooLong, strikes).await?,
        Storm::CutOff => cut_off(world, strikes, writing).await?,
        Storm::Copied => copied(world, strikes, writing).await?,
        Storm::PowerCut => without_power(world, strikes, writing).await?,
        _ => full(world, strikes, writing).await?,
    };
    writing.lull(world, HEALED).await?;
    let (calls, healing) = (writing.written() - before, writing.slowest_healing());
    Ok(Row { storm: storm.name(), side: "database", struck, calls, healing })
}

/// Full until the bridge met it, as its log tells, and people have written more.
async fn full(world: &World, strikes: usize, writing: &Writing) -> Result<usize, String> {
    let disk = world.disk().ok_or(NO_DISK)?;
    // Nobody writes while much waits, and on a full disk what the storm before left would go on waiting.
    writing.lull(world, HEALED).await?;
    for _ in 0..strikes {
        let met = world.bridge.logged("disk is full");
        disk.fill()?;
        let now = writing.written();
        wait::until(HEALED, || async {
            let (met, more) = (world.bridge.logged("disk is full") - met, writing.written() - now);
            (met > 0 && more > 0).then_some(()).ok_or(format!("a full disk was met {met} times, {more} messages"))
        })
        .await?;
        disk.free()?;
        writing.lull(world, HEALED).await?;
    }
    Ok(strikes)
}

/// All connections at once, while people write; until what they wrote has arrived over others.
async fn cut_off(world: &World, strikes: usize, writing: &Writing) -> Result<usize, String> {
    let line = world.to_database.as_ref().ok_or("a database that is a file is never cut off")?;
    for _ in 0..strikes {
        line.cut();
        let now = writing.written();
        wait::until(HEALED, || async {
            let more = writing.written() - now;
            (more > 0).then_some(()).ok_or("nobody wrote".to_owned())
        })
        .await?;
        // What waits in the bridge cannot be asked for while it can't read: both sides tell.
        writing.while_nobody_writes(world.until_whole(HEALED)).await?;
    }
    Ok(strikes)
}

/// Under way, or once all is still: what the bridge had written and not synced is not there when it starts again. Counts
/// the cuts after which something was not.
async fn without_power(world: &World, strikes: usize, writing: &Writing) -> Result<usize, String> {
    let disk = world.disk().ok_or(NO_DISK)?;
    let file = world.sqlite().ok_or("PostgreSQL has no disk of its own here")?;
    let log = file.with_extension("db-wal");
    let mut random = StdRng::seed_from_u64(world.seed);
    let mut struck = 0;
    for _ in 0..CUTS * strikes {
        if struck == strikes {
            return Ok(struck);
        }
        let now = writing.written();
        wait::until(HEALED, || async {
            let more = writing.written() - now;
            (more >= BEFORE_CUT).then_some(()).ok_or(format!("{more} messages since the last cut"))
        })
        .await?;
        let switch = disk.switch(&log)?;
        if random.random() {
            // Nothing comes after what is noted last, and syncs it.
            writing.lull(world, HEALED).await?;
            writing.pauses.store(true, Ordering::SeqCst);
            world.bridge.until_quiet(HEALED).await?;
            let before = world.homeserver.carried();
            world.write(Channel { ticket: 0, from: From::Helpdesk }, "the last one").await?;
            wait::until(HEALED, || async {
                (world.homeserver.carried() > before).then_some(()).ok_or("it does not arrive".to_owned())
            })
            .await?;
            world.bridge.until_quiet(HEALED).await?;
            wait::pass(NOTED.mul_f64(random.random())).await;
        } else {
            wait::pass(BREATH.mul_f64(random.random())).await;
        }
        let shown = switch.cut()?;
        world.bridge.kill9();
        disk.power_on().await?;
        let kept = std::fs::read(&log).unwrap_or_default();
        struck += usize::from(!kept.starts_with(&shown));
        world.bridge.start();
        world.bridge.until_ready(HEALED).await?;
        writing.lull(world, HEALED).await?;
        copied::is_sound(&file)?;
    }
    if struck == strikes { Ok(struck) } else { Err(format!("only {struck} cuts lost anything")) }
}

/// Copied as docs/operations.md says, and put in the database's place after people have written more.
async fn copied(world: &World, strikes: usize, writing: &Writing) -> Result<usize, String> {
    let file = world.sqlite().ok_or("only a database that is a file is copied here")?;
    world.may_repeat_notices.store(true, Ordering::SeqCst);
    for _ in 0..strikes {
        let copy = copied::copy(&file)?;
        let now = writing.written();
        wait::until(HEALED, || async {
            let more = writing.written() - now;
            (more >= SINCE_COPY).then_some(()).ok_or(format!("{more} messages since the copy"))
        })
        .await?;
        world.bridge.kill9();
        copied::put_in_place(&copy, &file)?;
        world.bridge.mark_restored()?;
        world.bridge.start();
        world.bridge.until_ready(HEALED).await?;
        writing.lull(world, HEALED).await?;
    }
    Ok(strikes)
}
