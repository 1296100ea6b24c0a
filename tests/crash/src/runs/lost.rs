//! Lost answers on each hop: a share of all calls, and each call once; and a homeserver that is restarted between two tries.
//!
//! What the helpdesk says to the bridge are hints, of which nothing depends on any; its news are the answers to what the bridge
//! asks, and struck with these.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::desk;
use crate::oracle::{Channel, From, Verdict};
use crate::proxy::{Fate, Proxy};
use crate::wait;
use crate::world::{HEALED, Options, World};

/// Longer than the bridge waits for the helpdesk here.
const AFTER_OUR_TIMEOUT: Duration = Duration::from_secs(7);
/// What becomes of a share of all calls.
const FATES: [Fate; 7] = [
    Fate::RequestLost,
    Fate::AnswerLost,
    Fate::AnswerLost,
    Fate::AnswerLost,
    Fate::FailedAfter(500),
    Fate::NotFoundPlain,
    Fate::NotFoundEmpty,
];

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    /// So much of all calls: the request, the answer, the answer replaced by a 500, or all of it by a proxy's 404.
    Share(f64),
    /// The answer of each call, the first time.
    EachOnce,
    /// Each send's answer is lost, and the homeserver is killed and started before the next try.
    Restarted,
}

pub struct Wishes {
    pub options: Options,
    pub messages: usize,
    pub how: How,
    /// So often the helpdesk saves what it is asked for, and answers when nobody waits for that any more.
    pub late: usize,
}

#[derive(Debug)]
pub struct Outcome {
    /// What struck on each hop, and of how many calls.
    pub struck: BTreeMap<&'static str, (BTreeMap<String, usize>, usize)>,
    pub verdict: Verdict,
    /// From the last words until all had arrived, while answers went on being lost; where the homeserver was restarted, the
    /// slowest message behind such a loss.
    pub healing: Duration,
    pub version: String,
}

pub async fn run(wishes: &Wishes) -> Result<Outcome, String> {
    let world = World::start(&wishes.options).await?;
    let hops = [
        ("homeserver → bridge", &world.into_bridge),
        ("bridge → homeserver", &world.into_homeserver),
        ("bridge → helpdesk", &world.into_helpdesk),
        ("helpdesk → bridge", &world.hints),
    ];
    let before = hops.map(|(_, proxy)| proxy.calls());
    let written = match wishes.how {
        How::Restarted => restarted(&world, wishes.messages).await,
        _ => losing(&world, hops.map(|(_, proxy)| proxy), wishes).await,
    };
    let healing = written.map_err(|why| format!("{why}\n{}", world.bridge.log_tail()))?;
    for (_, proxy) in hops {
        proxy.heal();
    }
    let (verdict, _) = world.healed().await?;
    let struck = hops.iter().zip(before).map(|((hop, proxy), before)| (*hop, (proxy.struck(), proxy.calls() - before)));
    let struck = struck.collect();
    let version = world.homeserver.version().await;
    if verdict.is_clean() {
        world.passes_a_fresh_message().await?;
        world.clean_up();
    }
    Ok(Outcome { struck, verdict, healing, version })
}

async fn losing(world: &World, proxies: [&Proxy; 4], wishes: &Wishes) -> Result<Duration, String> {
    let Wishes { how, messages, late, .. } = *wishes;
    // Half of the messages are written there.
    let every = messages / 2 / late.max(1);
    world.into_helpdesk.strike_every(every, "/correspond", Fate::Late(AFTER_OUR_TIMEOUT), late);
    for proxy in proxies {
        match how {
            How::Share(share) => {
                proxy.strike_share(share, &FATES);
            }
            How::EachOnce | How::Restarted => proxy.strike_each_once(Fate::AnswerLost),
        }
    }
    if how == How::EachOnce {
        // They look all the same, and none is given again.
        world.hints.strike_share(1.0, &[Fate::AnswerLost]);
    }
    let channels: Vec<Channel> =
        (0..world.tickets().len()).flat_map(|ticket| From::BOTH.map(|from| Channel { ticket, from })).collect();
    let each = messages.div_ceil(channels.len());
    let writers = channels.iter().map(|channel| async move {
        for n in 0..each {
            world.write_something(*channel, &format!("message {n}")).await?;
        }
        Ok::<(), String>(())
    });
    let written = async {
        futures_util::future::join_all(writers).await.into_iter().collect::<Result<(), String>>()?;
        let ended = Instant::now();
        world.until_plain_whole(4 * HEALED).await?;
        Ok(ended.elapsed())
    };
    let healing = desk::meanwhile(world, || true, written).await?;
    // Only when all of it went through was every call struck that was to be: the faults go on until then.
    world.until_whole(4 * HEALED).await?;
    world.bridge.until_quiet(4 * HEALED).await?;
    Ok(healing)
}

async fn restarted(world: &World, messages: usize) -> Result<Duration, String> {
    let mut slowest = Duration::ZERO;
    for n in 0..messages {
        let struck = world.into_homeserver.struck().get("AnswerLost").copied().unwrap_or(0);
        let ticket = n % world.tickets().len();
        world.into_homeserver.strike_next("/send/m.room.message", "", Fate::AnswerLost, 1);
        world.into_homeserver.strike_next("/send/m.room.message", "", Fate::RequestLost, usize::MAX);
        world.write_something(Channel { ticket, from: From::Helpdesk }, &format!("message {n}")).await?;
        wait::until(HEALED, || async {
            let now = world.into_homeserver.struck().get("AnswerLost").copied().unwrap_or(0);
            if now > struck { Ok(()) } else { Err("no send came".to_owned()) }
        })
        .await?;
        world.homeserver.kill9();
        world.homeserver.start_again().await;
        world.into_homeserver.heal();
        world.write_something(Channel { ticket, from: From::Matrix }, "behind it").await?;
        let began = Instant::now();
        // The next one is to meet a bridge that calls at once, and not one that leaves alone who failed so often.
        world.until_whole(HEALED).await?;
        slowest = slowest.max(began.elapsed());
    }
    Ok(slowest)
}
