//! One side, or the bridge, is away for real minutes while people write; then all of it is drained, in order, and as fast as
//! the slower side takes it: that is made the slower one, and measured in the same run.

use std::fmt;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use tokio::time::Instant;

use crate::oracle::{Channel, From, Verdict};
use crate::proxy::Proxy;
use crate::traffic::Agent;
use crate::wait;
use crate::world::{HEALED, Options, World};

/// Nobody waits longer for one message to be drained, on the average.
const EACH_MAX: Duration = Duration::from_millis(100);
/// Of what the slower side takes from anybody.
const PERCENT_MIN: f64 = 90.0;
/// Of an outage in one ticket's room: that something waits, and that it has arrived.
const NOTICES_MAX: usize = 2;
/// Messages that the slower side is measured by, and how many write them at once.
const PROBES: usize = 400;
const PROBERS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Of {
    Homeserver,
    Helpdesk,
    Bridge,
}

pub struct Wishes {
    pub options: Options,
    pub length: Duration,
    pub messages: usize,
    pub of: Of,
    /// How long the slower side takes for a call, one after the other.
    pub call: Duration,
}

#[derive(Debug)]
pub struct Outcome {
    pub of: Of,
    /// How long it was away, and until the first message came through then.
    pub away: Duration,
    pub until_first: Duration,
    /// Messages that went through to the slower side, and how long it took from the first to the last.
    pub drained: usize,
    pub took: Duration,
    /// Messages a second that the slower side takes from anybody.
    pub slower: f64,
    /// What the bridge said itself in one ticket's room meanwhile, at most.
    pub notices: usize,
    pub verdict: Verdict,
    pub version: String,
}

impl Outcome {
    /// Messages a second.
    pub fn rate(&self) -> f64 {
        self.drained.saturating_sub(1) as f64 / self.took.as_secs_f64().max(f64::EPSILON)
    }

    pub fn percent(&self) -> f64 {
        100.0 * self.rate() / self.slower
    }

    pub fn reaches_its_goals(&self) -> bool {
        self.percent() >= PERCENT_MIN && self.notices <= NOTICES_MAX
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, away, until_first, drained, took, slower, notices, .. } = self;
        writeln!(f, "{of:?}: away for {away:.1?}; the first message came through {until_first:.1?} later")?;
        writeln!(
            f,
            "drained: {drained} messages in {took:.1?}, {:.0}/s; the slower side takes {slower:.0}/s: {:.0} % (goal: {PERCENT_MIN:.0})",
            self.rate(),
            self.percent()
        )?;
        writeln!(f, "notices of the bridge in one ticket's room: {notices} at most (goal: {NOTICES_MAX})")?;
        write!(f, "{}: {}", self.version, self.verdict)
    }
}

pub async fn run(wishes: &Wishes, tell: impl Fn(&str)) -> Result<Outcome, String> {
    if wishes.options.real {
        return Err("the slower side has to be a stand-in, whose pace can be set".to_owned());
    }
    let world = World::start(&wishes.options).await?;
    let outcome = drain(&world, wishes, tell).await;
    let outcome = outcome.map_err(|why| format!("{why}\n{}", world.bridge.log_tail()))?;
    if outcome.verdict.is_clean() {
        world.clean_up();
    }
    Ok(outcome)
}

async fn drain(world: &World, wishes: &Wishes, tell: impl Fn(&str)) -> Result<Outcome, String> {
    let of = wishes.of;
    let before = notices(world).await?;
    let began = Instant::now();
    go(world, of);
    let written = write(world, wishes).await?;
    wait::pass(wishes.length.saturating_sub(began.elapsed())).await;
    let away = began.elapsed();
    tell(&format!("the outage is over, {written} messages"));
    // From now on it is the slower one.
    slower(world, of).set_pace(wishes.call);
    let (earlier, began) = (carried(world, of), Instant::now());
    come_back(world, of).await;
    let patience = HEALED + EACH_MAX * u32::try_from(wishes.messages).unwrap_or(u32::MAX);
    until_carried(world, of, earlier + 1, patience).await?;
    let until_first = began.elapsed();
    until_carried(world, of, earlier + written, patience).await?;
    let took = began.elapsed() - until_first;
    world.until_whole(patience).await?;
    let (verdict, _) = world.healed().await?;
    let notices = join_max(&before, &notices(world).await?);
    if verdict.is_clean() {
        world.passes_a_fresh_message().await?;
    }
    let slower = probe(world, of).await?;
    let version = world.homeserver.version().await;
    Ok(Outcome { of, away, until_first, drained: written, took, slower, notices, verdict, version })
}

fn go(world: &World, of: Of) {
    match of {
        Of::Homeserver => world.homeserver.kill9(),
        Of::Helpdesk => world.helpdesk.kill9(),
        Of::Bridge => world.bridge.kill9(),
    }
}

async fn come_back(world: &World, of: Of) {
    match of {
        Of::Homeserver => world.homeserver.start_again().await,
        Of::Helpdesk => world.helpdesk.start_again().await,
        Of::Bridge => world.bridge.start(),
    }
}

/// Where all has to go through.
fn slower(world: &World, of: Of) -> &Proxy {
    match of {
        Of::Homeserver => &world.into_homeserver,
        Of::Helpdesk | Of::Bridge => &world.into_helpdesk,
    }
}

/// Messages that went through there.
fn carried(world: &World, of: Of) -> usize {
    match of {
        Of::Homeserver => world.homeserver.carried(),
        Of::Helpdesk | Of::Bridge => world.helpdesk.carried(),
    }
}

async fn until_carried(world: &World, of: Of, wanted: usize, patience: Duration) -> Result<(), String> {
    wait::until(patience, || async {
        let now = carried(world, of);
        if now >= wanted { Ok(()) } else { Err(format!("{now} of {wanted} messages came through")) }
    })
    .await
}

/// In each ticket, from the side that is there, evenly over the outage; how many are for the slower side. Where the bridge is
/// away both sides write.
async fn write(world: &World, wishes: &Wishes) -> Result<usize, String> {
    let froms: &[From] = match wishes.of {
        Of::Homeserver => &[From::Helpdesk],
        Of::Helpdesk => &[From::Matrix],
        Of::Bridge => &From::BOTH,
    };
    let tickets = 0..world.tickets().len();
    let channels: Vec<Channel> =
        tickets.flat_map(|ticket| froms.iter().map(move |from| Channel { ticket, from: *from })).collect();
    let each = wishes.messages.div_ceil(channels.len());
    let pause = wishes.length / u32::try_from(each).unwrap_or(u32::MAX).max(1);
    let writers = channels.iter().map(|channel| async move {
        let began = Instant::now();
        for n in 0..each {
            world.write(*channel, &format!("message {n}")).await?;
            let due = pause * u32::try_from(n + 1).unwrap_or(u32::MAX);
            wait::pass(due.saturating_sub(began.elapsed())).await;
        }
        Ok::<(), String>(())
    });
    join_all(writers).await.into_iter().collect::<Result<(), String>>()?;
    Ok(each * channels.len() / froms.len())
}

/// What the bot has said in each ticket's room.
async fn notices(world: &World) -> Result<Vec<usize>, String> {
    let bot = world.bot();
    let mut all = Vec::new();
    for ticket in world.tickets() {
        let events = ticket.customer.events(&ticket.room).await?;
        let said = events.iter().filter(|event| event["sender"] == bot.as_str() && event["type"] == "m.room.message");
        all.push(said.count());
    }
    Ok(all)
}

fn join_max(before: &[usize], after: &[usize]) -> usize {
    before.iter().zip(after).map(|(before, after)| after - before).max().unwrap_or_default()
}

/// Messages a second that the slower side takes from people who write to it without the bridge, which is gone by then.
async fn probe(world: &World, of: Of) -> Result<f64, String> {
    world.bridge.kill9();
    let (url, ticket) = (slower(world, of).url(), world.tickets()[0].clone());
    let (customer, agent) = (ticket.customer.through(&url), Agent::new(&url, &world.helpdesk.token("ANNA")));
    let (ticket, customer, agent) = (&ticket, &customer, &agent);
    let began = Instant::now();
    let probers = (0..PROBERS).map(|prober| async move {
        for n in 0..PROBES / PROBERS {
            match of {
                Of::Homeserver => {
                    customer.say(&ticket.room, &format!("probe-{prober}-{n}"), "a probe").await?;
                }
                Of::Helpdesk | Of::Bridge => agent.try_reply(ticket.number, "a probe").await?,
            }
        }
        Ok::<(), String>(())
    });
    try_join_all(probers).await?;
    Ok(PROBES as f64 / began.elapsed().as_secs_f64())
}
