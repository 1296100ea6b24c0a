//! Hints that are lost, doubled, shuffled or late, while people write in both directions: what none of them tells of is found
//! by the next regular question.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::desk;
use crate::oracle::{Channel, From, Verdict};
use crate::proxy::Fate;
use crate::wait;
use crate::world::{HEALED, Options, World, deeply_merged};

/// How often the helpdesk is asked whatever it tells.
pub const POLL: Duration = Duration::from_secs(5);
/// What a question brings is on the other side so much later, on a machine that does nothing else.
const CARRYING: Duration = Duration::from_secs(1);
/// Of all hints.
const LOST: f64 = 0.5;
/// The others come twice, or so much later: some within the same pause between questions, some when several have been asked,
/// and some when all is over.
const LATE: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(17)];
/// Between two messages of one person.
const BREATH: Duration = Duration::from_millis(400);

pub struct Wishes {
    pub options: Options,
    pub messages: usize,
}

#[derive(Debug)]
pub struct Outcome {
    /// What became of hints, and how many were given.
    pub struck: BTreeMap<String, usize>,
    pub hints: usize,
    /// That came when all was over.
    pub kept: usize,
    pub verdict: Verdict,
    /// From the last message that was written until all had arrived.
    pub healing: Duration,
    pub version: String,
}

impl Outcome {
    /// Whether all of it was there after one more question.
    pub fn is_in_time(&self) -> bool {
        self.healing <= POLL + CARRYING
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "helpdesk → bridge: {:?} of {} hints, {} of them when all was over",
            self.struck, self.hints, self.kept
        )?;
        let goal = POLL + CARRYING;
        let healed = format!(
            "healed {:.1?} after the last words; a question is asked each {POLL:?} (goal: {goal:?})",
            self.healing
        );
        write!(f, "{}: {}; {healed}", self.version, self.verdict)
    }
}

pub async fn run(wishes: Wishes) -> Result<Outcome, String> {
    let rarely = json!({"helpdesk": {"request_tracker": {"poll_interval_ms": POLL.as_millis()}}});
    let tuning = deeply_merged(&wishes.options.tuning, &rarely);
    let world = World::start(&Options { tuning, ..wishes.options }).await?;
    let before = world.hints.calls();
    world.hints.strike_share(LOST, &[Fate::RequestLost]);
    let [soon, late] = LATE;
    world.hints.strike_share(1.0, &[Fate::Doubled, Fate::Delayed(soon), Fate::Delayed(late), Fate::Kept]);
    let channels: Vec<Channel> =
        (0..world.tickets().len()).flat_map(|ticket| From::BOTH.map(|from| Channel { ticket, from })).collect();
    let each = wishes.messages.div_ceil(channels.len());
    let writers = channels.iter().map(|channel| async {
        for n in 0..each {
            world.write_something(*channel, &format!("message {n}")).await?;
            wait::pass(BREATH).await;
        }
        Ok::<(), String>(())
    });
    let written = async {
        futures_util::future::join_all(writers).await.into_iter().collect::<Result<(), String>>()?;
        let ended = Instant::now();
        world.until_plain_whole(HEALED).await?;
        Ok(ended.elapsed())
    };
    let healing = desk::meanwhile(&world, || true, written).await?;
    world.until_whole(HEALED).await?;
    // To the bridge it makes no difference how much later that is: nothing has happened since.
    let kept = world.hints.deliver_kept().await;
    let (verdict, _) = world.healed().await?;
    let (struck, hints) = (world.hints.struck(), world.hints.calls() - before);
    let version = world.homeserver.version().await;
    if verdict.is_clean() {
        world.passes_a_fresh_message().await?;
        world.clean_up();
    }
    Ok(Outcome { struck, hints, kept, verdict, healing, version })
}
