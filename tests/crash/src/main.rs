//! `ticketroom-crash sweep|…`: the runs as commands that anybody can repeat; `./figures` calls them.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde_json::json;
use ticketroom_crash::report;
use ticketroom_crash::runs::{hints, kills, lost, other, outage, replicas, storms, sweep, upgrade};
use ticketroom_crash::world::{HEALED, Options};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    run: Run,
    /// The same seed writes the same; 0: a new one.
    #[arg(long, global = true, default_value_t = 1)]
    seed: u64,
    /// PostgreSQL in place of SQLite.
    #[arg(long, global = true)]
    postgres: bool,
    /// The real Synapse and the real Request Tracker in place of the stand-ins.
    #[arg(long, global = true)]
    real: bool,
}

#[derive(clap::Subcommand)]
enum Run {
    /// The bridge dies at each named point.
    Sweep {
        /// Deaths at each point in each direction.
        #[arg(long, default_value_t = 1)]
        each: usize,
        /// Only these points.
        points: Vec<String>,
    },
    /// Random kill -9 while people write.
    Kills {
        #[arg(long, default_value_t = 600)]
        messages: usize,
        /// Kills of the bridge.
        #[arg(long, default_value_t = 15)]
        bridge: usize,
        #[arg(long, default_value_t = 0)]
        homeserver: usize,
        #[arg(long, default_value_t = 0)]
        helpdesk: usize,
        /// Kills of PostgreSQL.
        #[arg(long, default_value_t = 0)]
        database: usize,
        /// Nobody writes on while more rows than this wait in the bridge.
        #[arg(long)]
        most_waiting: Option<usize>,
    },
    /// Answers are lost on each hop.
    Lost {
        #[arg(long, default_value_t = 200)]
        messages: usize,
        /// Of all calls, in percent; without it each call loses its first answer.
        #[arg(long)]
        percent: Option<f64>,
        /// The homeserver is killed and started between two tries.
        #[arg(long)]
        restarted: bool,
        /// So often the helpdesk answers after our timeout, having done what it was asked for.
        #[arg(long, default_value_t = 2)]
        late: usize,
    },
    /// One side, or the bridge, is away for minutes while people write; then all of it is drained.
    Outage {
        #[arg(long, default_value_t = 1.0)]
        minutes: f64,
        #[arg(long, default_value_t = 1000)]
        messages: usize,
        /// Who is away.
        #[arg(long, value_enum, default_value = "helpdesk")]
        of: outage::Of,
        /// How long the slower side takes for a call, one after the other, in milliseconds.
        #[arg(long, default_value_t = 5)]
        call_ms: u64,
    },
    /// Half of the helpdesk's hints lost, the others doubled, shuffled or late.
    Hints {
        #[arg(long, default_value_t = 400)]
        messages: usize,
    },
    /// One trouble after the other (429, 5xx, half-open and slow connections, broken answers; a locked database, a full
    /// disk), each on all hops at once, while people write.
    Storms {
        /// How often each is to strike each hop.
        #[arg(long, default_value_t = 100)]
        strikes: usize,
        /// Only these.
        #[arg(value_parser = clap::builder::PossibleValuesParser::new(storms::Storm::ALL.map(storms::Storm::name)))]
        storms: Vec<String>,
    },
    /// Another bridge (`scripts/install mautrix`) under the same load and faults as ours; messages from Matrix only.
    Other {
        #[arg(long, default_value_t = 300)]
        messages: usize,
        #[command(subcommand)]
        fault: OtherFault,
    },
    /// Three instances on one PostgreSQL: one is killed every few seconds, the leader paused from time to time.
    Replicas {
        #[arg(long, default_value_t = 60)]
        kills: usize,
        #[arg(long, default_value_t = 10)]
        kill_every_s: u64,
        #[arg(long, default_value_t = 6)]
        pauses: usize,
        #[arg(long, default_value_t = 60)]
        pause_s: u64,
        /// Nobody writes on while more rows than this wait.
        #[arg(long)]
        most_waiting: Option<usize>,
    },
    /// An older version of the bridge is replaced while people write: with `--postgres` by an instance beside it.
    Upgrade {
        /// Its program, a debug build (docs/figures.md says which, and how it is built).
        #[arg(long)]
        from: PathBuf,
        #[arg(long, default_value_t = 100)]
        upgrades: usize,
    },
}

#[derive(clap::Subcommand)]
enum OtherFault {
    /// `kill -9` while people write.
    Kills {
        #[arg(long, default_value_t = 20)]
        kills: usize,
    },
    /// Answers are lost on each hop.
    Lost {
        /// Of all calls, in percent; without it each call loses its first answer.
        #[arg(long)]
        percent: Option<f64>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("FAILED: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let seed = if arguments.seed == 0 { rand::random() } else { arguments.seed };
    let options = |tickets, tuning| Options {
        real: arguments.real,
        postgres: arguments.postgres,
        tickets,
        seed,
        has_disk: false,
        tuning,
    };
    // A real Request Tracker takes seconds for a write when it is busy: as long as the shipped waits allow for.
    let shipped = json!({"delivery": {"retry_first_ms": 500, "retry_max_s": 5}});
    let patient = if arguments.real { shipped } else { json!({}) };
    println!("commit {}, seed {}", report::commit(), seed);
    match arguments.run {
        Run::Sweep { each, points } => {
            let all = || ticketroom::crash::POINTS.iter().map(|point| (*point).to_owned()).collect();
            let points = if points.is_empty() { all() } else { points };
            let tuning = json!({"delivery": {"tell_waiting_after_s": 1}});
            let wishes = sweep::Wishes { options: options(4, tuning), each, points };
            let outcome = sweep::run(&wishes, |line| println!("{line}")).await?;
            println!("{}", outcome.strikes());
            println!("{}: {}; slowest healing {:?}", outcome.version, outcome.verdict, outcome.slowest);
            Ok(())
        }
        Run::Kills { messages, bridge, homeserver, helpdesk, database, most_waiting } => {
            let options = options(8, patient);
            let wishes = kills::Wishes { options, messages, bridge, homeserver, helpdesk, database, most_waiting };
            let outcome = kills::run(&wishes, |line| println!("{line}")).await?;
            let [bridge, homeserver, helpdesk, database] = outcome.struck;
            println!("kills: bridge {bridge}, homeserver {homeserver}, helpdesk {helpdesk}, database {database}");
            println!("{}: {}; {}", outcome.version, outcome.verdict, outcome.healing);
            match outcome.verdict.is_clean() {
                false => Err("it does not hold".to_owned()),
                true if outcome.healing.from_last_words > HEALED => Err("it healed too late".to_owned()),
                true => Ok(()),
            }
        }
        Run::Lost { messages, percent, restarted, late } => {
            let how = match (restarted, percent) {
                (true, _) => lost::How::Restarted,
                (false, Some(percent)) => lost::How::Share(percent / 100.0),
                (false, None) => lost::How::EachOnce,
            };
            let outcome = lost::run(&lost::Wishes { options: options(4, patient), messages, how, late }).await?;
            for (hop, (struck, calls)) in &outcome.struck {
                println!("{hop}: {struck:?} of {calls} calls");
            }
            let (verdict, healing) = (&outcome.verdict, outcome.healing);
            println!("{}: {verdict}; healed in {healing:.1?}, while the losses went on", outcome.version);
            match verdict.is_clean() {
                false => Err("it does not hold".to_owned()),
                true if healing > HEALED => Err("it healed too late".to_owned()),
                true => Ok(()),
            }
        }
        Run::Outage { minutes, messages, of, call_ms } => {
            let wishes = outage::Wishes {
                options: options(8, json!({})),
                length: Duration::from_secs_f64(minutes * 60.0),
                messages,
                of,
                call: Duration::from_millis(call_ms),
            };
            let outcome = outage::run(&wishes, |line| println!("{line}")).await?;
            println!("{outcome}");
            match outcome.verdict.is_clean() {
                false => Err("it does not hold".to_owned()),
                true if !outcome.reaches_its_goals() => Err("it misses a goal".to_owned()),
                true => Ok(()),
            }
        }
        Run::Hints { messages } => {
            let outcome = hints::run(hints::Wishes { options: options(4, patient), messages }).await?;
            println!("{outcome}");
            match outcome.verdict.is_clean() {
                false => Err("it does not hold".to_owned()),
                true if !outcome.is_in_time() => Err("it healed too late".to_owned()),
                true => Ok(()),
            }
        }
        Run::Storms { strikes, storms: named } => {
            let wanted = |storm: &storms::Storm| named.is_empty() || named.iter().any(|name| name == storm.name());
            let is_possible = |storm: &storms::Storm| storm.is_possible(arguments.postgres);
            let storms: Vec<_> = storms::Storm::ALL.into_iter().filter(wanted).filter(is_possible).collect();
            let has_disk = storms.iter().any(|storm| storm.needs_disk());
            let options = Options { has_disk, ..options(4, patient) };
            let outcome = storms::run(&storms::Wishes { options, storms, strikes }, |line| println!("{line}")).await?;
            println!("{outcome}");
            if outcome.is_clean() { Ok(()) } else { Err("it does not hold".to_owned()) }
        }
        Run::Other { messages, fault } => {
            let fault = match fault {
                OtherFault::Kills { kills } => other::Fault::Kills(kills),
                OtherFault::Lost { percent: Some(percent) } => other::Fault::Share(percent / 100.0),
                OtherFault::Lost { percent: None } => other::Fault::EachOnce,
            };
            let wishes = other::Wishes { options: options(8, patient), messages, fault };
            let outcome = other::run(&wishes, |column| eprintln!("{}: {}", column.name, column.verdict)).await?;
            println!("{outcome}");
            match outcome.columns.first() {
                Some(ours) if !ours.verdict.is_clean() => Err(format!("ours does not hold: {}", ours.verdict)),
                _ => Ok(()),
            }
        }
        Run::Upgrade { from, upgrades } => {
            let wishes = upgrade::Wishes { options: options(3, json!({})), from, upgrades };
            let outcome = upgrade::run(&wishes, |line| println!("{line}")).await?;
            println!("{outcome}");
            if outcome.verdict.is_clean() { Ok(()) } else { Err("see above".to_owned()) }
        }
        Run::Replicas { kills, kill_every_s, pauses, pause_s, most_waiting } => {
            let wishes = replicas::Wishes {
                options: Options { postgres: true, ..options(4, json!({})) },
                kills,
                kill_every: Duration::from_secs(kill_every_s),
                pauses,
                pause: Duration::from_secs(pause_s),
                most_waiting,
            };
            let outcome = replicas::run(&wishes, |line| println!("{line}")).await?;
            println!("{outcome}");
            if outcome.verdict.is_clean() { Ok(()) } else { Err("see above".to_owned()) }
        }
    }
}
