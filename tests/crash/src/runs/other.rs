//! Ours and another bridge under the same load and the same faults, counted by the same oracle: columns of one table.
//!
//! People write in their rooms. Ours has to put each message into the helpdesk, the other into the room again: what either
//! framework promises for what a homeserver gives it, with nothing behind it that could be slow or refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::try_join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::time::Instant;

use crate::oracle::{Channel, From, Verdict};
use crate::peer::Peer;
use crate::proxy::{Fate, Proxy};
use crate::subject::Subject;
use crate::wait;
use crate::world::{HEALED, Options, World};

/// When nothing came for so long nothing will: longer than either waits between two tries.
const SILENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(250);
/// What comes twice comes a little later.
const AFTERWARDS: Duration = Duration::from_secs(3);

#[derive(Clone, Copy)]
pub enum Fault {
    /// `kill -9` while people write, so often.
    Kills(usize),
    /// The request, the answer, or the answer replaced by a 500: of this share of all calls.
    Share(f64),
    /// The answer of each call, the first time.
    EachOnce,
}

pub struct Wishes {
    pub options: Options,
    pub messages: usize,
    pub fault: Fault,
}

pub struct Column {
    pub name: String,
    pub kills: usize,
    /// By hop: what struck, and of how many calls.
    pub struck: BTreeMap<&'static str, (BTreeMap<String, usize>, usize)>,
    pub verdict: Verdict,
    /// From the last message that was written until the last one came that did.
    pub took: Duration,
}

pub struct Outcome {
    /// Ours first.
    pub columns: Vec<Column>,
    pub version: String,
}

/// One after the other, each in a world of its own, so that none takes time from another.
pub async fn run(wishes: &Wishes, tell: impl Fn(&Column)) -> Result<Outcome, String> {
    let world = World::start(&wishes.options).await?;
    let version = world.homeserver.version().await;
    let ours = column("Ticketroom".to_owned(), &world, wishes).await;
    let ours = ours.map_err(|why| format!("{why}\n{}", world.bridge.log_tail()))?;
    tell(&ours);
    if ours.verdict.is_clean() {
        world.clean_up();
    }
    drop(world);
    let mut columns = vec![ours];
    for (synchronous, how) in [(false, "as it comes"), (true, "synchronous_handlers")] {
        let peer = Peer::start(&wishes.options, synchronous).await?;
        let name = format!("{}, {how}", Peer::name());
        let theirs = column(name, &peer, wishes).await.map_err(|why| format!("{why}\n{}", peer.log_tail()))?;
        tell(&theirs);
        columns.push(theirs);
        peer.clean_up();
    }
    Ok(Outcome { columns, version })
}

async fn column<S: Subject>(name: String, subject: &S, wishes: &Wishes) -> Result<Column, String> {
    let hops = subject.hops();
    let before: Vec<usize> = hops.iter().map(|(_, proxy)| proxy.calls()).collect();
    let mut kills = 0;
    for (_, proxy) in &hops {
        match wishes.fault {
            Fault::Kills(times) => kills = times,
            Fault::Share(share) => proxy
                .strike_share(share, &[Fate::RequestLost, Fate::AnswerLost, Fate::AnswerLost, Fate::FailedAfter(500)]),
            Fault::EachOnce => proxy.strike_each_once(Fate::AnswerLost),
        }
    }
    write(subject, wishes.messages, kills, wishes.options.seed).await?;
    // The faults go on, so that what is tried again is struck like all else.
    let (verdict, took) = settled(subject).await?;
    let mut struck = BTreeMap::new();
    if kills == 0 {
        let calls = |(hop, proxy): &(&'static str, &Proxy), before| (*hop, (proxy.struck(), proxy.calls() - before));
        struck.extend(hops.iter().zip(before).map(|(hop, before)| calls(hop, before)));
    }
    Ok(Column { name, kills, struck, verdict, took })
}

/// Everybody writes their share of the messages; the bridge is killed so often meanwhile. Between two kills there is always
/// the same number of messages, and the first of them are written while it runs.
async fn write<S: Subject>(subject: &S, messages: usize, kills: usize, seed: u64) -> Result<(), String> {
    let begun = AtomicUsize::new(usize::from(kills == 0));
    let killer = async {
        let mut random = StdRng::seed_from_u64(seed);
        for _ in 0..kills {
            subject.until_ready().await?;
            begun.fetch_add(1, Ordering::SeqCst);
            wait::pass(Duration::from_millis(random.random_range(20..400))).await;
            subject.kill_and_start();
        }
        subject.until_ready().await
    };
    let each = messages.div_ceil(subject.rooms());
    let begun = &begun;
    let writers = (0..subject.rooms()).map(|ticket| async move {
        let mut random = StdRng::seed_from_u64(seed ^ ticket as u64);
        for n in 0..each {
            let part = n * kills / each;
            wait::until(2 * HEALED, || async {
                if begun.load(Ordering::SeqCst) > part { Ok(()) } else { Err("the kills do not go on".to_owned()) }
            })
            .await?;
            wait::pass(Duration::from_millis(random.random_range(0..100))).await;
            subject.write(Channel { ticket, from: From::Matrix }, &format!("message {n}")).await?;
        }
        Ok::<(), String>(())
    });
    tokio::try_join!(killer, try_join_all(writers)).map(drop)
}

/// Waits until all is there, or nothing comes any more.
async fn settled<S: Subject>(subject: &S) -> Result<(Verdict, Duration), String> {
    let began = Instant::now();
    let (mut missing, mut latest) = (usize::MAX, began);
    while missing > 0 && latest.elapsed() < SILENCE {
        wait::pass(LOOK_AGAIN_AFTER).await;
        let read = subject.read().await?;
        let now = subject.book().judge(&read).missing.len();
        if now < missing {
            (missing, latest) = (now, Instant::now());
        }
    }
    wait::pass(AFTERWARDS).await;
    let read = subject.read().await?;
    Ok((subject.book().judge(&read), latest - began))
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut line = |what: &str, of: &dyn Fn(&Column) -> String| {
            let cells: Vec<String> = self.columns.iter().map(of).collect();
            writeln!(f, "| {what} | {} |", cells.join(" | "))
        };
        line(&self.version, &|column| column.name.clone())?;
        line("---", &|_| "---".to_owned())?;
        if self.columns.iter().any(|column| column.kills > 0) {
            line("kills -9 while it ran", &|column| column.kills.to_string())?;
        }
        for hop in self.columns.iter().flat_map(|column| column.struck.keys()).collect::<BTreeSet<_>>() {
            line(hop, &|column| struck(column, hop))?;
        }
        line("acknowledged messages", &|column| column.verdict.obligations.to_string())?;
        for (at, what) in ["missing", "doubled", "reordered", "changed", "invented"].into_iter().enumerate() {
            line(what, &|column| column.verdict.counts()[at].to_string())?;
        }
        line("until the last came that did", &|column| format!("{:.1} s", column.took.as_secs_f64()))
    }
}

fn struck(column: &Column, hop: &str) -> String {
    let Some((struck, calls)) = column.struck.get(hop) else { return "none there".to_owned() };
    let each: Vec<String> = struck.iter().map(|(fate, times)| format!("{fate} {times}")).collect();
    format!("{} of {calls} calls", each.join(", "))
}
