//! What is measured, in rounds that take turns: bridge and echo meet the same disturbances of the machine.

use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::Instant;

use crate::bridge::{self, Bridge};
use crate::figures::{Figures, Goal, median};
use crate::load::{Answers, Load, replies};
use crate::mock::{Homeserver, Mock};
use crate::process::Process;
use crate::{Wishes, hanging, http, machine, synapse};

/// The last seven are for working at it: one figure each, long enough for a profiler.
pub const PARTS: [&str; 11] = [
    "messages",
    "many",
    "hanging",
    "synapse",
    "batched",
    "replies",
    "in-step",
    "single",
    "spread",
    "spread-replies",
    "some-replies",
];

pub const FEW: usize = 100;
const MANY: usize = 100_000;
pub const BATCH: usize = 100;
/// What is still to be written down after the last message has arrived belongs to its cost.
const AFTERWARDS: Duration = Duration::from_millis(400);

/// One round's outcome.
#[derive(Clone, Debug, Default)]
pub struct Round {
    cpu_per_1000: f64,
    pub per_second: f64,
    answers: Answers,
}

/// All rounds of one kind.
#[derive(Default)]
struct Rounds(Vec<Round>);

impl Rounds {
    fn cpu(&self) -> f64 {
        median(self.0.iter().map(|round| round.cpu_per_1000))
    }

    fn rate(&self) -> f64 {
        median(self.0.iter().map(|round| round.per_second))
    }

    /// How many times as much a message costs as there. Within each round: the machine differs more from round to round.
    fn times(&self, base: &Self) -> f64 {
        median(self.0.iter().zip(&base.0).map(|(ours, base)| ours.cpu_per_1000 / base.cpu_per_1000))
    }

    fn answers(&self) -> Answers {
        let mut all = Answers::default();
        self.0.iter().for_each(|round| all.add(round.answers.clone()));
        all
    }
}

pub struct Sizes {
    rounds: usize,
    batched: usize,
    single: usize,
    pub waiting: usize,
    pub paced: usize,
}

pub async fn run(wishes: &Wishes) -> anyhow::Result<()> {
    let sizes = match wishes.quick {
        true => Sizes { rounds: 1, batched: 4000, single: 1000, waiting: 10_000, paced: 200 },
        false => Sizes { rounds: 5, batched: 10_000, single: 2000, waiting: 100_000, paced: 1000 },
    };
    let wants = |part: &str| wishes.only.is_empty() || wishes.only.iter().any(|only| only == part);
    let folder = bridge::folder()?;
    let head = machine::describe(folder.path());
    let mut figures = Figures::default();
    if wants("messages") {
        messages(&mut figures, &sizes).await?;
    }
    if wants("many") {
        many(&mut figures, &sizes).await?;
    }
    if wants("hanging") {
        hanging::run(&mut figures, &sizes).await?;
    }
    for part in wishes.only.iter().filter(|part| PARTS[4..].contains(&part.as_str())) {
        alone(&mut figures, part).await?;
    }
    if wishes.synapse || wishes.only.iter().any(|only| only == "synapse") {
        synapse::run(&mut figures).await?;
    }
    figures.print(&head);
    Ok(())
}

struct Echo {
    process: Process,
    homeserver: Homeserver,
    load: Load,
}

impl Echo {
    async fn start(folder: &std::path::Path) -> anyhow::Result<Self> {
        let homeserver = Homeserver::start().await?;
        let port = http::free_port()?;
        let arguments = ["echo", &port.to_string(), &homeserver.url, bridge::AS_TOKEN, "@_desk_bot:bench.test"];
        let program = std::env::current_exe()?;
        let process = Process::start("the echo", &program, &arguments, &folder.join("echo.log"))?;
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let load = Load::new(port, (1..=FEW).collect());
        Ok(Self { process, homeserver, load })
    }

    async fn round(&mut self, messages: usize, batch: usize) -> anyhow::Result<Round> {
        let before = self.homeserver.mock.messages();
        let (cpu, began) = (self.process.cpu()?, Instant::now());
        let answers = self.load.send(messages, batch).await?;
        self.homeserver.mock.until(before + messages).await?;
        finish(&self.process, cpu, began, messages, answers).await
    }
}

async fn finish(process: &Process, cpu: f64, began: Instant, count: usize, answers: Answers) -> anyhow::Result<Round> {
    let seconds = began.elapsed().as_secs_f64();
    tokio::time::sleep(AFTERWARDS).await;
    let cpu_per_1000 = (process.cpu()? - cpu) * 1000.0 / count as f64;
    Ok(Round { cpu_per_1000, per_second: count as f64 / seconds, answers })
}

/// Customers' messages into the helpdesk.
pub async fn inwards(bridge: &Bridge, load: &mut Load, messages: usize, batch: usize) -> anyhow::Result<Round> {
    let before = bridge.messages().await?;
    let (cpu, began) = (bridge.process.cpu()?, Instant::now());
    let answers = load.send(messages, batch).await?;
    bridge.until(before + messages).await?;
    finish(&bridge.process, cpu, began, messages, answers).await
}

/// Agents' replies into the rooms.
pub async fn outwards(bridge: &Bridge, mock: &Mock, tickets: &[usize], messages: usize) -> anyhow::Result<Round> {
    let before = mock.messages();
    let (cpu, began) = (bridge.process.cpu()?, Instant::now());
    for first in (0..messages).step_by(BATCH) {
        bridge.reply(&replies(tickets, before + first, BATCH)).await?;
    }
    mock.until(before + messages).await?;
    finish(&bridge.process, cpu, began, messages, Answers::default()).await
}

/// The same, but a batch comes when the one before it is there: each reply goes its whole way alone, whether it is one of
/// many for its ticket or the only one. (Several at once for one ticket are read from the helpdesk together.)
async fn outwards_in_step(bridge: &Bridge, mock: &Mock, tickets: &[usize], messages: usize) -> anyhow::Result<Round> {
    let before = mock.messages();
    let (cpu, began) = (bridge.process.cpu()?, Instant::now());
    for first in (0..messages).step_by(BATCH) {
        bridge.reply(&replies(tickets, before + first, BATCH)).await?;
        mock.until(before + first + BATCH).await?;
    }
    finish(&bridge.process, cpu, began, messages, Answers::default()).await
}

/// Both at once; `messages` in each direction.
async fn both(bridge: &Bridge, mock: &Mock, load: &mut Load, messages: usize) -> anyhow::Result<Round> {
    let tickets = load.tickets.clone();
    // Replies stand in the helpdesk, too.
    let (in_before, out_before) = (bridge.messages().await?, mock.messages());
    let (cpu, began) = (bridge.process.cpu()?, Instant::now());
    let inwards = load.send(messages, BATCH);
    let outwards = async {
        for first in (0..messages).step_by(BATCH) {
            bridge.reply(&replies(&tickets, out_before + first, BATCH)).await?;
        }
        mock.until(out_before + messages).await
    };
    let (answers, ()) = tokio::try_join!(inwards, outwards)?;
    bridge.until(in_before + 2 * messages).await?;
    finish(&bridge.process, cpu, began, 2 * messages, answers).await
}

/// What the promise says, checked on what was just measured: once, and in each ticket's order.
pub async fn in_order(bridge: &Bridge, mock: &Mock, load: &Load) -> anyhow::Result<()> {
    mock.in_order()?;
    for (ticket, delivered) in load.delivered.iter().take(FEW) {
        let events = bridge.events_of(*ticket).await?;
        if events != *delivered {
            bail!("ticket {ticket} has {} messages of {}, or in another order", events.len(), delivered.len());
        }
    }
    Ok(())
}

async fn messages(figures: &mut Figures, sizes: &Sizes) -> anyhow::Result<()> {
    let folder = bridge::folder()?;
    let mut echo = Echo::start(folder.path()).await?;
    let homeserver = Homeserver::start().await?;
    let bridge = Bridge::start(&homeserver, FEW).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let idle = bridge.process.memory()?.0;
    let mock = &homeserver.mock;
    let mut load = Load::new(bridge.port, (1..=FEW).collect());
    let tickets = load.tickets.clone();
    load.connect().await?;
    bridge.until_in_order().await?;

    // Everybody has met everybody, and connections are open.
    echo.round(BATCH * 5, BATCH).await?;
    inwards(&bridge, &mut load, BATCH * 5, BATCH).await?;
    outwards(&bridge, mock, &tickets, BATCH * 5).await?;

    let [mut echo_batched, mut echo_single, mut batched, mut single, mut out, mut two_ways]: [Rounds; 6] =
        std::array::from_fn(|_| Rounds::default());
    for _ in 0..sizes.rounds {
        echo_batched.0.push(echo.round(sizes.batched, BATCH).await?);
        batched.0.push(inwards(&bridge, &mut load, sizes.batched, BATCH).await?);
        out.0.push(outwards(&bridge, mock, &tickets, sizes.batched).await?);
        two_ways.0.push(both(&bridge, mock, &mut load, sizes.batched / 2).await?);
        echo_single.0.push(echo.round(sizes.single, 1).await?);
        single.0.push(inwards(&bridge, &mut load, sizes.single, 1).await?);
    }
    let paced = load.send_paced(sizes.paced, 1, Duration::from_millis(5)).await?;
    bridge.until(load.sent + mock.messages()).await?;
    in_order(&bridge, mock, &load).await.context("the promise is broken")?;
    let (after, peak) = bridge.process.memory()?;

    let ratio = |ours: f64, echo: f64| format!("echo {echo:.3}, so {:.2} × the echo", ours / echo);
    let echo_rate = format!("echo {:.0}", echo_batched.rate());
    figures.add("customers' messages, 100 tickets, batches", Goal::AtLeast(1000.0), "/s", batched.rate(), &echo_rate);
    figures.add("agents' replies, 100 tickets", Goal::AtLeast(1000.0), "/s", out.rate(), &echo_rate);
    figures.add("both ways at once", Goal::AtLeast(1000.0), "/s", two_ways.rate(), echo_rate);
    let note = format!("echo {:.0}", echo_single.rate());
    figures.add("customers' messages, one by one", Goal::None, "/s", single.rate(), note);
    let (most_batched, most_single) = (Goal::AtMost(0.35), Goal::AtMost(0.6));
    let note = ratio(batched.cpu(), echo_batched.cpu());
    figures.add("CPU of 1,000 messages in batches", most_batched, "s", batched.cpu(), note);
    let note = ratio(out.cpu(), echo_batched.cpu());
    figures.add("CPU of 1,000 replies", most_batched, "s", out.cpu(), note);
    let note = ratio(two_ways.cpu(), echo_batched.cpu());
    figures.add("CPU of 1,000 messages, both ways at once", most_batched, "s", two_ways.cpu(), note);
    let note = ratio(single.cpu(), echo_single.cpu());
    figures.add("CPU of 1,000 messages one by one", most_single, "s", single.cpu(), note);
    figures.add(
        "memory when idle",
        Goal::AtMost(25.0),
        "MiB",
        idle,
        format!("afterwards {after:.1}, at most {peak:.1}"),
    );
    let most = Goal::AtMost(15.0);
    let p50 = |answers: &Answers| format!("median {:.1}", answers.percentile_ms(50.0));
    figures.add("answer p99, one message each 5 ms", most, "ms", paced.percentile_ms(99.0), p50(&paced));
    let answers = single.answers();
    figures.add("answer p99, one by one without pause", most, "ms", answers.percentile_ms(99.0), p50(&answers));
    let answers = batched.answers();
    figures.add("answer p99, batches of 100 without pause", most, "ms", answers.percentile_ms(99.0), p50(&answers));
    let answers = echo_batched.answers();
    figures.add("the echo's own p99 for these", Goal::None, "ms", answers.percentile_ms(99.0), p50(&answers));
    figures.add("repeated sends", Goal::AtMost(0.0), "", mock.repeated() as f64, "once and in order: checked");
    Ok(())
}

async fn alone(figures: &mut Figures, part: &str) -> anyhow::Result<()> {
    let homeserver = Homeserver::start().await?;
    let (count, busy) = match part {
        "spread" | "spread-replies" => (MANY, MANY),
        "some-replies" => (MANY, FEW),
        _ => (FEW, FEW),
    };
    let bridge = Bridge::start(&homeserver, count).await?;
    let mut load = Load::new(bridge.port, (0..busy).map(|number| (number * 7919) % count + 1).collect());
    let tickets = load.tickets.clone();
    load.connect().await?;
    bridge.until_in_order().await?;
    let mut rounds = Rounds::default();
    for _ in 0..6 {
        rounds.0.push(match part {
            "batched" | "spread" => inwards(&bridge, &mut load, 5000, BATCH).await?,
            "replies" => outwards(&bridge, &homeserver.mock, &tickets, 5000).await?,
            "in-step" | "spread-replies" | "some-replies" => {
                outwards_in_step(&bridge, &homeserver.mock, &tickets, 5000).await?
            }
            _ => inwards(&bridge, &mut load, 1500, 1).await?,
        });
    }
    in_order(&bridge, &homeserver.mock, &load).await?;
    let each: Vec<String> = rounds.0.iter().map(|round| format!("{:.3}", round.cpu_per_1000)).collect();
    let note = format!("{:.0}/s; rounds {}", rounds.rate(), each.join(" "));
    figures.add(&format!("CPU of 1,000 messages, {part}"), Goal::None, "s", rounds.cpu(), note);
    Ok(())
}

/// The same messages where there are a hundred tickets and where there are a hundred thousand.
async fn many(figures: &mut Figures, sizes: &Sizes) -> anyhow::Result<()> {
    let (few_homeserver, many_homeserver) = (Homeserver::start().await?, Homeserver::start().await?);
    let few = Bridge::start(&few_homeserver, FEW).await?;
    let many = Bridge::start(&many_homeserver, MANY).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let memory = many.process.memory()?.0;
    // A stride that meets every ticket once before it meets one again.
    let mut all: Vec<usize> = (0..MANY).map(|number| (number * 7919) % MANY + 1).collect();
    // So that each ticket has messages of one of the loads.
    let some = all.split_off(MANY - FEW);
    let mut few_load = Load::new(few.port, (1..=FEW).collect());
    let mut some_load = Load::new(many.port, some.clone());
    let mut all_load = Load::new(many.port, all.clone());
    // Event ids of the two loads must differ: they go to the same bridge.
    all_load.sent = 10_000_000 - 10_000_000 % MANY;
    for load in [&mut few_load, &mut some_load, &mut all_load] {
        load.connect().await?;
    }
    few.until_in_order().await?;
    many.until_in_order().await?;

    inwards(&few, &mut few_load, BATCH * 5, BATCH).await?;
    inwards(&many, &mut some_load, BATCH * 5, BATCH).await?;
    let first = inwards(&many, &mut all_load, all.len(), BATCH).await?;
    let filled = many.process.memory()?.0;
    let [mut at_few, mut at_some, mut at_all, mut out_few, mut out_some, mut out_all]: [Rounds; 6] =
        std::array::from_fn(|_| Rounds::default());
    let [mut one_few, mut one_some, mut one_all, mut flood_few, mut flood_all]: [Rounds; 5] =
        std::array::from_fn(|_| Rounds::default());
    // The machine differs by more from second to second than the two do: many short rounds.
    let messages = sizes.batched * 2 / 5;
    for _ in 0..3 * sizes.rounds {
        few.warm()?;
        many.warm()?;
        at_few.0.push(inwards(&few, &mut few_load, messages, BATCH).await?);
        at_some.0.push(inwards(&many, &mut some_load, messages, BATCH).await?);
        at_all.0.push(inwards(&many, &mut all_load, messages, BATCH).await?);
        one_few.0.push(inwards(&few, &mut few_load, messages / 4, 1).await?);
        one_some.0.push(inwards(&many, &mut some_load, messages / 4, 1).await?);
        one_all.0.push(inwards(&many, &mut all_load, messages / 4, 1).await?);
        out_few.0.push(outwards_in_step(&few, &few_homeserver.mock, &few_load.tickets, messages).await?);
        out_some.0.push(outwards_in_step(&many, &many_homeserver.mock, &some, messages).await?);
        out_all.0.push(outwards_in_step(&many, &many_homeserver.mock, &all, messages).await?);
        flood_few.0.push(outwards(&few, &few_homeserver.mock, &few_load.tickets, messages).await?);
        flood_all.0.push(outwards(&many, &many_homeserver.mock, &all, messages).await?);
    }
    in_order(&many, &many_homeserver.mock, &all_load).await.context("the promise is broken")?;
    let mut ratio = |what: &str, goal: Goal, ours: &Rounds, base: &Rounds| {
        let note = format!("{:.3} s against {:.3} s of CPU for 1,000; {:.0}/s", ours.cpu(), base.cpu(), ours.rate());
        figures.add(what, goal, "×", ours.times(base), note);
    };
    let most = || Goal::AtMost(1.2);
    ratio("100,000 tickets, 100 of them busy: messages", most(), &at_some, &at_few);
    // Here none shares a commit with another: it is a message's own cost.
    ratio("100,000 tickets, 100 of them busy: messages one by one", most(), &one_some, &one_few);
    ratio("100,000 tickets, 100 of them busy: replies", most(), &out_some, &out_few);
    ratio("100,000 tickets, all of them busy: messages", most(), &at_all, &at_few);
    ratio("100,000 tickets, all of them busy: messages one by one", most(), &one_all, &one_few);
    ratio("100,000 tickets, all of them busy: replies", most(), &out_all, &out_few);
    // There, each ticket has one; here, some each, which take part of the way together.
    let flood = format!("{messages} replies at once to as many tickets, not to 100");
    ratio(&flood, Goal::None, &flood_all, &flood_few);
    let first = Rounds(vec![first]);
    ratio("the first message to each of 100,000 tickets since the start", Goal::None, &first, &at_few);
    let note = format!("most of it the helpdesk in memory; {filled:.0} MiB after one message to each");
    figures.add("memory when idle, 100,000 tickets", Goal::None, "MiB", memory, note);
    Ok(())
}
