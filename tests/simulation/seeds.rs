//! Many seeds, one seed, and the claim that a seed says all.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::run::{self, Report};

fn seeds() -> (u64, u64) {
    let number =
        |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise);
    (number("TICKETROOM_SIM_FIRST", 1), number("TICKETROOM_SIM_SEEDS", 300))
}

fn tell(report: &Report) -> String {
    let counts = report.verdict.counts().map(|(what, count)| format!("{what} {count}")).join(", ");
    format!(
        "seed {}: {counts}; {} calls in a back-off, {} dead letters; trace {:016x} of {} lines",
        report.seed,
        report.called_in_pause.len(),
        report.dead_letters,
        report.digest.0,
        report.digest.1,
    )
}

#[test]
fn one_seed() {
    let Some(seed) = std::env::var("TICKETROOM_SIM_SEED").ok().and_then(|seed| seed.parse().ok()) else { return };
    let report = run::run(seed, true);
    for line in &report.lines {
        println!("{line}");
    }
    println!("{:?}\n{:?}", report.verdict, report.called_in_pause);
    println!("{}", tell(&report));
    assert!(report.is_good());
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 1..=20 {
        let (one, other) = (run::run(seed, true), run::run(seed, true));
        let differs = one.lines.iter().zip(&other.lines).position(|(one, other)| one != other);
        if let Some(at) = differs {
            panic!("seed {seed}, line {at}:\n{}\n{}", one.lines[at], other.lines[at]);
        }
        assert_eq!(one.digest, other.digest, "seed {seed}");
    }
}

/// What was counted over many runs.
#[derive(Default)]
struct Tally {
    bad: Vec<u64>,
    struck: BTreeMap<&'static str, u64>,
    messages: usize,
    virtual_hours: f64,
    slowest_heal_ms: i64,
}

impl Tally {
    fn add(&mut self, report: &Report) {
        for (what, times) in &report.struck {
            *self.struck.entry(*what).or_default() += times;
        }
        self.messages += report.messages;
        self.virtual_hours += report.virtual_ms as f64 / 3_600_000.0;
        self.slowest_heal_ms = self.slowest_heal_ms.max(report.healed_ms);
        if !report.is_good() {
            println!("{}", tell(report));
            self.bad.push(report.seed);
        }
    }
}

/// On all cores.
fn run_all(first: u64, count: u64) -> Tally {
    let (next, tally) = (AtomicU64::new(first), Mutex::new(Tally::default()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= first + count {
                return;
            }
            let report = run::run(seed, false);
            tally.lock().unwrap().add(&report);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    tally.into_inner().unwrap()
}

#[test]
fn nothing_is_lost_doubled_reordered_changed_or_invented_whatever_happens() {
    let (first, count) = seeds();
    let tally = run_all(first, count);
    for (what, times) in &tally.struck {
        println!("{times:>9}  {what}");
    }
    println!(
        "{count} seeds from {first}: {} messages in {:.1} virtual hours, healed within {:.1} s, {} bad",
        tally.messages,
        tally.virtual_hours,
        tally.slowest_heal_ms as f64 / 1000.0,
        tally.bad.len()
    );
    assert!(tally.bad.is_empty(), "bad seeds: {:?}; see one by `scripts/simulate SEED`", tally.bad);
}
