//! Every named point kills the bridge, in both directions. In parts, so that two cores share them.

use std::collections::BTreeSet;

use serde_json::json;
use ticketroom::crash::POINTS;
use ticketroom_crash::runs::sweep::{Wishes, run, way_to};
use ticketroom_crash::world::Options;

const PARTS: usize = 4;

async fn sweep_part(part: usize) {
    let points: Vec<String> = POINTS.iter().skip(part).step_by(PARTS).map(|point| (*point).to_owned()).collect();
    let tuning = json!({"delivery": {"tell_waiting_after_s": 1}});
    let options = Options { real: false, postgres: false, tickets: 3, seed: 1 + part as u64, has_disk: false, tuning };
    let outcome = run(&Wishes { options, each: 1, points: points.clone() }, |line| println!("{line}")).await;
    let outcome = outcome.unwrap_or_else(|why| panic!("{why}"));
    println!("{}; slowest healing {:?}", outcome.verdict, outcome.slowest);
    assert!(outcome.verdict.is_clean(), "{}", outcome.verdict);
    let struck: BTreeSet<&String> =
        outcome.struck.iter().filter(|(_, times)| **times >= 2).map(|(point, _)| point).collect();
    assert_eq!(struck, points.iter().collect(), "each point strikes in both directions");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_wherever_the_bridge_dies_first_quarter() {
    sweep_part(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_wherever_the_bridge_dies_second_quarter() {
    sweep_part(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_wherever_the_bridge_dies_third_quarter() {
    sweep_part(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_wherever_the_bridge_dies_last_quarter() {
    sweep_part(3).await;
}

#[test]
fn the_sweep_knows_a_way_to_each_point() {
    assert!(POINTS.len() >= 30);
    let unknown: Vec<_> = POINTS.iter().filter(|point| way_to(point).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
