//! `ticketroom-crash sweep|…`: the runs as commands that anybody can repeat; `./figures crash` calls them.

use std::process::ExitCode;

use clap::Parser;
use serde_json::json;
use ticketroom_crash::report;
use ticketroom_crash::runs::sweep;
use ticketroom_crash::world::Options;

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
    let options = |tickets, tuning| Options {
        real: arguments.real,
        postgres: arguments.postgres,
        tickets,
        seed: arguments.seed,
        tuning,
    };
    println!("commit {}, seed {}", report::commit(), arguments.seed);
    match arguments.run {
        Run::Sweep { each, points } => {
            let all = || ticketroom::crash::POINTS.iter().map(|point| (*point).to_owned()).collect();
            let points = if points.is_empty() { all() } else { points };
            let tuning = json!({"delivery": {"tell_waiting_after_s": 1}});
            let wishes = sweep::Wishes { options: options(4, tuning), each, points };
            let outcome = sweep::run(&wishes, |line| println!("{line}")).await?;
            println!("{}: {}; slowest healing {:?}", outcome.version, outcome.verdict, outcome.slowest);
            Ok(())
        }
    }
}
