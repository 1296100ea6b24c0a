//! Drives the bridge and a bare echo with the same messages, and prints what each of them took: see `./bench`.

mod bridge;
mod echo;
mod figures;
mod hanging;
mod http;
mod load;
mod machine;
mod mock;
mod process;
mod seed;
mod suite;
mod synapse;

use std::process::ExitCode;

use anyhow::Context;

/// The benchmark's wishes, from the command line.
#[derive(Clone, Debug)]
pub struct Wishes {
    pub quick: bool,
    pub synapse: bool,
    /// Names of the parts to run; all where empty.
    pub only: Vec<String>,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let result = match arguments.next() {
        Some(word) if word == "echo" => echo::main(arguments.collect()),
        first => measure(first.into_iter().chain(arguments).collect()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: Vec<String>) -> anyhow::Result<()> {
    let mut wishes = Wishes { quick: false, synapse: false, only: Vec::new() };
    for argument in arguments {
        match argument.as_str() {
            "--quick" => wishes.quick = true,
            "--synapse" => wishes.synapse = true,
            part if suite::PARTS.contains(&part) => wishes.only.push(argument),
            other => anyhow::bail!("{other}? Options: --quick, --synapse; parts: {}", suite::PARTS.join(", ")),
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime")?;
    runtime.block_on(async {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        // What was started is ended with us, however we end.
        tokio::select! {
            result = suite::run(&wishes) => result,
            _ = terminate.recv() => anyhow::bail!("told to stop"),
            _ = tokio::signal::ctrl_c() => anyhow::bail!("told to stop"),
        }
    })
}
