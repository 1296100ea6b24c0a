//! Instances of the bridge on one database, of which one leads, and those who write to them meanwhile.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use crate::bridge::Bridge;
use crate::desk;
use crate::oracle::{Channel, From};
use crate::wait;
use crate::world::{HEALED, World};

/// How long it may take until another instance delivers.
pub const TAKEN_OVER: Duration = Duration::from_secs(30);
/// Between two messages of one channel.
const PAUSE: Duration = Duration::from_millis(150);
/// One that does not say within it how much waits is too busy, dead or paused.
const ASKED: Duration = Duration::from_secs(3);

pub struct Fleet<'a> {
    pub world: &'a World,
    pub more: Vec<Bridge>,
}

impl<'a> Fleet<'a> {
    /// The world's own instance and more beside it, which are not started yet, behind a load balancer.
    pub fn new(world: &'a World, more: &[&str]) -> Self {
        let fleet = Self { world, more: more.iter().map(|name| world.another_bridge(name)).collect() };
        let ports: Vec<u16> = fleet.all().iter().map(|bridge| bridge.port).collect();
        world.into_bridge.balance(&ports);
        fleet
    }

    pub fn all(&self) -> Vec<&Bridge> {
        std::iter::once(&self.world.bridge).chain(&self.more).collect()
    }

    /// The one that leads, by its place; not among those left out.
    pub async fn leader(&self, but: Option<usize>) -> Result<usize, String> {
        for (at, bridge) in self.all().into_iter().enumerate() {
            if Some(at) != but && bridge.leads().await {
                return Ok(at);
            }
        }
        Err("nobody leads".to_owned())
    }

    pub async fn until_led(&self, but: Option<usize>) -> Result<Duration, String> {
        let began = Instant::now();
        wait::until(TAKEN_OVER, || self.leader(but)).await?;
        Ok(began.elapsed())
    }

    /// Rows that wait, as the one says that leads; `None`: it says nothing, or nobody leads.
    async fn waiting(&self) -> Option<usize> {
        let leader = self.all()[self.leader(None).await.ok()?];
        tokio::time::timeout(ASKED, leader.waiting()).await.ok()?.ok()
    }

    /// As a supervisor does.
    pub fn start_again(&self, at: usize) {
        let bridge = self.all()[at];
        bridge.kill9();
        bridge.start();
    }

    pub async fn until_ready(&self) -> Result<(), String> {
        for bridge in self.all() {
            bridge.until_ready(HEALED).await?;
        }
        Ok(())
    }
}

/// As long as the work goes on people write in every ticket, both ways, one message after the other.
pub async fn meanwhile<T>(
    fleet: &Fleet<'_>,
    most_waiting: Option<usize>,
    work: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
    let is_over = &AtomicBool::new(false);
    let waiting = &AtomicUsize::new(0);
    let world = fleet.world;
    let counted = async {
        while most_waiting.is_some() && !is_over.load(Ordering::SeqCst) {
            // Where nobody says it, it is no less than before.
            if let Some(rows) = fleet.waiting().await {
                waiting.store(rows, Ordering::SeqCst);
            }
            wait::pass(PAUSE).await;
        }
    };
    let channels = (0..world.tickets().len()).flat_map(|ticket| From::BOTH.map(|from| Channel { ticket, from }));
    let writers = channels.map(|channel| async move {
        while !is_over.load(Ordering::SeqCst) {
            if most_waiting.is_none_or(|most| waiting.load(Ordering::SeqCst) <= most) {
                world.write_something(channel, "words").await?;
            }
            wait::pass(PAUSE).await;
        }
        Ok(())
    });
    let written = desk::meanwhile(world, || true, async {
        let (written, ()) = tokio::join!(join_all(writers), counted);
        written.into_iter().collect()
    });
    let work = async {
        let done = work.await;
        is_over.store(true, Ordering::SeqCst);
        done
    };
    let (done, written) = tokio::join!(work, written);
    let ((), done) = (written?, done?);
    Ok(done)
}
