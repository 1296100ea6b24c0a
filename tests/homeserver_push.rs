//! The simulated homeserver's pushing, held against the real Synapse: the same scripts are played on both, and what the
//! application service received and what lay on disk meanwhile has to be the same. What differs here would be believed
//! wrongly by every seed of the simulation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

#[path = "common/guarded.rs"]
mod guarded;
#[path = "common/homeserver/mod.rs"]
mod homeserver;
#[path = "homeserver_fake/synapse.rs"]
mod synapse;
#[path = "simulation"]
#[allow(dead_code, reason = "here no bridge is put between the two sides")]
mod simulation {
    pub mod ambush;
    pub mod call;
    pub mod home;
    pub mod push;
    pub mod sim;
    pub mod wire;
}
mod homeserver_push {
    pub mod play;
    pub mod real;
    pub mod recorder;
    pub mod script;
    pub mod scripts;
    pub mod simulated;
}

use homeserver_push::script::Script;
use homeserver_push::{real, scripts, simulated};

/// Each makes other pauses.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=40;

fn differs(on: &str, script: &Script, lines: &[String]) -> Option<String> {
    let told = |lines: &[&str]| lines.iter().map(|line| format!("\n  {line}")).collect::<String>();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    (lines != script.seen)
        .then(|| format!("{}\n on {on}:{}\n instead of:{}", script.name, told(&lines), told(script.seen)))
}

fn compare(on: impl Fn(&Script) -> Vec<(String, Vec<String>)>) {
    let wrong: Vec<String> = scripts::all()
        .iter()
        .flat_map(|script| on(script).into_iter().filter_map(|(on, lines)| differs(&on, script, &lines)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What each script says was seen on Synapse.
#[test]
fn synapse_pushes_as_the_scripts_say() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let side = runtime.block_on(real::Real::start());
    let side = std::cell::RefCell::new(side);
    compare(|script| vec![("Synapse".to_owned(), runtime.block_on(side.borrow_mut().play(script)))]);
}

#[test]
fn the_simulated_homeserver_pushes_as_the_scripts_say() {
    compare(|script| {
        SEEDS.map(|seed| (format!("the simulation, seed {seed}"), simulated::play(seed, script))).collect()
    });
}
