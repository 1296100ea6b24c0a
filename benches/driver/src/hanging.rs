//! A side that hangs: what waits for it, what others are answered meanwhile, and how fast it is caught up with.

use std::time::Duration;

use anyhow::Context;
use tokio::time::Instant;

use crate::bridge::Bridge;
use crate::figures::{Figures, Goal};
use crate::load::{Answers, Load, replies};
use crate::mock::Homeserver;
use crate::suite::{BATCH, FEW, Sizes, in_order, inwards, outwards};

pub async fn run(figures: &mut Figures, sizes: &Sizes) -> anyhow::Result<()> {
    helpdesk(figures, sizes).await?;
    homeserver(figures, sizes).await
}

/// The helpdesk hangs, and what customers write waits.
async fn helpdesk(figures: &mut Figures, sizes: &Sizes) -> anyhow::Result<()> {
    let homeserver = Homeserver::start().await?;
    let bridge = Bridge::start(&homeserver, FEW).await?;
    let mut load = Load::new(bridge.port, (1..=FEW).collect());
    load.connect().await?;
    bridge.until_in_order().await?;
    inwards(&bridge, &mut load, BATCH * 5, BATCH).await?;
    let drained = sizes.waiting / 5;
    let usual = inwards(&bridge, &mut load, drained, BATCH).await?.per_second;
    bridge.set_hanging(true).await?;
    let began = Instant::now();
    let filling = load.send(sizes.waiting, BATCH).await?;
    let filled = began.elapsed().as_secs_f64();
    let paced = load.send_paced(sizes.paced, 1, Duration::from_millis(5)).await?;
    let batches = load.send_paced(sizes.paced / 10, BATCH, Duration::from_millis(50)).await?;
    let (memory, _) = bridge.process.memory()?;
    let (most, waiting) = (Goal::AtMost(15.0), sizes.waiting);
    let p50 = |answers: &Answers| format!("median {:.1}", answers.percentile_ms(50.0));
    let what = format!("answer p99, {waiting} waiting, one message each 5 ms");
    figures.add(&what, most, "ms", paced.percentile_ms(99.0), p50(&paced));
    let what = format!("answer p99, {waiting} waiting, 100 messages each 50 ms");
    figures.add(&what, most, "ms", batches.percentile_ms(99.0), p50(&batches));
    let note = format!("{:.0} messages/s written down; {}", waiting as f64 / filled, p50(&filling));
    figures.add("answer p99 while these came, without pause", Goal::None, "ms", filling.percentile_ms(99.0), note);
    figures.add("memory with these waiting", Goal::None, "MiB", memory, "");

    let before = bridge.messages().await?;
    bridge.set_hanging(false).await?;
    let began = Instant::now();
    bridge.until(before + drained).await?;
    let rate = drained as f64 / began.elapsed().as_secs_f64();
    figures.add("catching up once the helpdesk answers", Goal::AtLeast(1000.0), "/s", rate, "");
    caught_up(figures, "the helpdesk", rate, usual);
    bridge.until(load.sent).await?;
    in_order(&bridge, &homeserver.mock, &load).await.context("the promise is broken")?;
    Ok(())
}

/// The homeserver hangs, and what agents answer waits.
async fn homeserver(figures: &mut Figures, sizes: &Sizes) -> anyhow::Result<()> {
    let homeserver = Homeserver::start().await?;
    let bridge = Bridge::start(&homeserver, FEW).await?;
    let tickets: Vec<usize> = (1..=FEW).collect();
    let (mock, waiting) = (&homeserver.mock, sizes.waiting / 5);
    outwards(&bridge, mock, &tickets, BATCH * 5).await?;
    let usual = outwards(&bridge, mock, &tickets, waiting).await?.per_second;
    let before = mock.messages();
    mock.set_hanging(true);
    for first in (0..waiting).step_by(BATCH) {
        bridge.reply(&replies(&tickets, before + first, BATCH)).await?;
    }
    bridge.until_waiting("matrix", waiting).await?;
    let began = Instant::now();
    mock.set_hanging(false);
    mock.until(before + waiting).await?;
    let rate = waiting as f64 / began.elapsed().as_secs_f64();
    mock.in_order().context("the promise is broken")?;
    caught_up(figures, "the homeserver", rate, usual);
    Ok(())
}

fn caught_up(figures: &mut Figures, with: &str, rate: f64, usual: f64) {
    let what = format!("catching up with {with}, share of the usual speed");
    figures.add(&what, Goal::AtLeast(90.0), "%", rate / usual * 100.0, format!("{rate:.0}/s against {usual:.0}/s"));
}
