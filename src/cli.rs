//! The command line: `run`, `generate`, `check`, `code`, `restored`, `dead-letters`.
//!
//! Exit status: 0 all right; 1 something is wrong (`check`), or failed; 2 the command line itself is wrong.

mod code;
mod dead_letters;
mod qr;

use std::{
    fmt::Display,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use secrecy::ExposeSecret;

use crate::{
    app,
    check::{check, line},
    clock::{Clock, SystemClock},
    config::{self, Wishes},
    net,
    observe::init_logs,
    store,
};

/// Makes every helpdesk ticket a Matrix room.
#[derive(Parser)]
#[command(
    version,
    after_help = "Exit status: 0 all right, 1 something is wrong or failed, 2 the command line is wrong."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the bridge until it is told to stop (SIGTERM, Ctrl-C)
    Run(ConfigFile),
    /// Writes config.yaml and registration.yaml with fresh tokens, readable by their owner alone
    Generate(Generate),
    /// Says what is wrong with homeserver, tokens, registration and helpdesk, and how to mend it
    Check(ConfigFile),
    /// Makes and shows intake codes: who scans one writes to its contact and opens a ticket
    Code(code::Codes),
    /// Says that the database is an older copy: once, before the bridge is started on it
    ///
    /// What happened since the copy was made is read again from both sides when the bridge starts. With this mark it looks
    /// for each message before it sends it, until nothing of that time is left.
    Restored(ConfigFile),
    /// What was given up: to look at, try again or drop
    #[command(subcommand)]
    DeadLetters(dead_letters::Wish),
}

#[derive(Args)]
struct ConfigFile {
    /// The configuration
    #[arg(short, long, value_name = "FILE", default_value = "config.yaml")]
    config: PathBuf,
}

#[derive(Args)]
struct Generate {
    /// Server name: what stands behind the colon in Matrix ids
    #[arg(long, value_name = "NAME")]
    domain: String,
    /// Address of the homeserver's client-server API, as Ticketroom reaches it
    #[arg(long, value_name = "URL")]
    homeserver: String,
    /// Address of the helpdesk's pages
    #[arg(long, value_name = "URL")]
    helpdesk_url: String,
    /// Address at which the homeserver reaches Ticketroom [default: http://127.0.0.1:29328]
    #[arg(long, value_name = "URL")]
    appservice_address: Option<String>,
    /// Folder for the two files
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(ConfigFile { config }) => run(&config),
        Command::Generate(wishes) => generate(wishes),
        Command::Check(ConfigFile { config }) => return check_all(&config),
        Command::Code(codes) => code::run(codes),
        Command::Restored(ConfigFile { config }) => runtime().and_then(|runtime| runtime.block_on(restored(&config))),
        Command::DeadLetters(wish) => runtime().and_then(|runtime| runtime.block_on(dead_letters::run(&wish))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(file: &Path) -> anyhow::Result<()> {
    let config = config::load(file)?;
    init_logs(&config.logging)?;
    std::panic::set_hook(Box::new(log_panic));
    net::install_crypto_provider();
    runtime()?.block_on(app::run(config))
}

/// Where it was, and not its message: what a text could not be cut at is somebody's text.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let at = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    tracing::error!(at, "this is a bug of ticketroom: please report it with this place, and restart the bridge");
}

async fn restored(file: &Path) -> anyhow::Result<()> {
    let config = config::load(file)?;
    store::mark_restored(config.database.uri.expose_secret(), SystemClock.now_ms()).await?;
    say("noted: start the bridge now. It looks for each message before it sends it, and its log says when that ends.");
    Ok(())
}

fn generate(given: Generate) -> anyhow::Result<()> {
    let Generate { domain, homeserver, helpdesk_url, appservice_address, out } = given;
    let wishes = Wishes { domain, homeserver, helpdesk_url, appservice_address };
    let tokens = [net::secret_token()?, net::secret_token()?];
    let files = config::generate(&wishes, &out, tokens)?;
    let (config, registration) = (files.config.display(), files.registration.display());
    say(format!("{config} and {registration} are written. Next:"));
    say(format!("1. Put the helpdesk's token, and your agents, into {config}."));
    say(format!("2. Name {registration} in the homeserver's app_service_config_files, and restart the homeserver."));
    say(format!("3. ticketroom check -c {config}"));
    Ok(())
}

fn check_all(file: &Path) -> ExitCode {
    let config = match config::load(file) {
        Ok(config) => config,
        Err(problems) => {
            problems.0.iter().for_each(|problem| say(format!("WRONG {problem}")));
            return ExitCode::FAILURE;
        }
    };
    net::install_crypto_provider();
    let mut mistakes = 0;
    let all = async {
        let helpdesk = app::open_helpdesk(&config, net::Claim::default());
        check(&config, file, app::probe_database(&config), helpdesk, |finding| {
            mistakes += usize::from(finding.mend.is_some());
            say(line(&finding));
        })
        .await;
    };
    match runtime() {
        Ok(runtime) => runtime.block_on(all),
        Err(error) => {
            complain(format!("{error:#}"));
            return ExitCode::FAILURE;
        }
    }
    if mistakes == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One thread decides and talks: all that takes long waits for a disk or a network, or is done aside (`spawn_blocking`), and
/// what wakes a second thread for each message costs more than it wins.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().context("can't start the runtime")
}

/// A closed pipe (`ticketroom check | head`) is no reason to fail.
fn say(text: impl Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

fn complain(text: impl Display) {
    let _ = writeln!(io::stderr(), "ticketroom: {text}");
}
