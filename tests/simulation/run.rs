//! One run: processes of the bridge, one after the other, on the same store, until all is said and has settled.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ticketroom::helpdesk::memory::MemoryHelpdesk;
use ticketroom::model::Side;
use ticketroom::store::Opened;

use super::agent::Work;
use super::bridge;
use super::helpdesk::{LATE_MS, Line};
use super::home::Home;
use super::oracle::Verdict;
use super::people::People;
use super::push;
use super::scenario::{Act, Scenario};
use super::sim::{Rates, Sim};
use super::store;
use super::wire::Wire;

/// Virtual time after which whatever has not arrived counts as lost.
const PATIENCE_MS: i64 = 20 * 60 * 1000;
/// What is still to come comes within this time after everything arrived.
const SETTLE: Duration = Duration::from_secs(15);
const TICK: Duration = Duration::from_millis(100);

#[derive(Clone, Debug)]
pub struct Report {
    pub seed: u64,
    pub digest: (u64, u64),
    pub verdict: Verdict,
    pub called_in_pause: Vec<String>,
    pub dead_letters: i64,
    pub struck: BTreeMap<&'static str, u64>,
    pub messages: usize,
    /// Times at which a room was told that its ticket was closed or reopened.
    pub notices: usize,
    pub virtual_ms: i64,
    /// From the end of the last trouble until nothing was missing any more.
    pub healed_ms: i64,
    pub lines: Vec<String>,
}

impl Report {
    pub fn is_good(&self) -> bool {
        self.verdict == Verdict::default() && self.called_in_pause.is_empty() && self.dead_letters == 0
    }
}

pub struct World {
    pub sim: Arc<Sim>,
    pub wire: Arc<Wire>,
    pub home: Arc<Home>,
    pub line: Arc<Line>,
    pub people: People,
    pub opened: Opened,
    pub folder: tempfile::TempDir,
    acts: Mutex<std::vec::IntoIter<(i64, Act)>>,
    next: Mutex<Option<(i64, Act)>>,
    /// How long the bridge stays away after the death that comes in the middle of something.
    away_ms: Mutex<u64>,
}

/// How a process of the bridge ends.
enum End {
    /// It comes back after this.
    Killed(u64),
    Finished {
        healed_ms: i64,
    },
}

/// In memory, where the machine has such a folder: syncing to a disk proves nothing here and takes time.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

pub fn run(seed: u64, keep_trace: bool) -> Report {
    play(seed, Scenario::of(seed), keep_trace)
}

pub fn play(seed: u64, scenario: Scenario, keep_trace: bool) -> Report {
    let sim = Sim::new(seed, keep_trace);
    let wire = Arc::new(Wire::default());
    let home = Home::new(&sim, &wire);
    let helpdesk = Arc::new(MemoryHelpdesk::new());
    for (user, name) in [("anna", "Anna Agent"), ("bert", "Bert Berger")] {
        home.world().users.insert(bridge::user(user), Some(name.to_owned()));
    }
    let line =
        Line { sim: Arc::clone(&sim), wire: Arc::clone(&wire), helpdesk: Arc::clone(&helpdesk), down: false.into() };
    let folder = folder();
    let world = Arc::new(World {
        people: People::new(&home, &helpdesk, scenario.tickets),
        opened: store::open(&folder.path().join("ticketroom.db")),
        line: Arc::new(line),
        sim: Arc::clone(&sim),
        wire,
        home,
        folder,
        acts: Mutex::new(scenario.acts.into_iter()),
        next: Mutex::default(),
        away_ms: Mutex::default(),
    });
    let mut away_ms = 0;
    let healed_ms = loop {
        match process(&world, away_ms) {
            End::Killed(away) => away_ms = away,
            End::Finished { healed_ms } => break healed_ms,
        }
    };
    Report {
        seed,
        digest: sim.digest(),
        verdict: world.people.verdict(),
        called_in_pause: sim.called_in_pause.lock().unwrap().clone(),
        dead_letters: store::aside(world.opened.backend.backlog()).unwrap().dead,
        struck: sim.struck(),
        messages: world.people.messages(),
        notices: world.people.notices(),
        virtual_ms: sim.now_ms(),
        healed_ms,
        lines: sim.lines(),
    }
}

/// From one start of the bridge to its death.
fn process(world: &Arc<World>, away_ms: u64) -> End {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let end = runtime.block_on(async {
        let sim = &world.sim;
        sim.enter();
        tokio::spawn(Arc::clone(&world.wire).run(Arc::clone(sim)));
        tokio::spawn(push::notify(Arc::clone(&world.home)));
        tokio::spawn(push::send(Arc::clone(&world.home)));
        tokio::spawn(push::repeat(Arc::clone(&world.home)));
        let boot = Arc::clone(world);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(away_ms)).await;
            bridge::boot(&boot).await;
        });
        let end = tokio::select! {
            biased;
            () = sim.died.notified() => {
                sim.strike("bridge: killed in the middle of something");
                End::Killed(*world.away_ms.lock().unwrap())
            }
            end = live(world) => end,
        };
        sim.leave();
        end
    });
    // As kill -9: whatever is under way ends where it stands.
    drop(runtime);
    world.sim.note(|| "bridge: dead".to_owned());
    *world.home.bridge.lock().unwrap() = None;
    // The next process does not know that it was asked to wait.
    world.sim.asked.lock().unwrap().clear();
    world.wire.orphan(&world.sim, LATE_MS);
    end
}

async fn live(world: &Arc<World>) -> End {
    // The helpdesk is followed from the moment in which its feed was first asked.
    while store::aside(world.opened.backend.cursor("helpdesk_feed")).unwrap().is_none() {
        tokio::time::sleep(TICK).await;
    }
    while let Some((at, act)) = take(world) {
        let wait = u64::try_from(at - world.sim.now_ms()).unwrap_or(0);
        if wait > 0 {
            *world.next.lock().unwrap() = Some((at, act));
            tokio::time::sleep(Duration::from_millis(wait).min(TICK)).await;
            world.people.live();
            continue;
        }
        world.sim.note(|| format!("act: {act:?}"));
        if let Some(end) = perform(world, act) {
            return end;
        }
        world.people.live();
    }
    heal(world).await
}

fn take(world: &World) -> Option<(i64, Act)> {
    let waiting = world.next.lock().unwrap().take();
    waiting.or_else(|| world.acts.lock().unwrap().next())
}

fn perform(world: &Arc<World>, act: Act) -> Option<End> {
    let (people, sim) = (&world.people, &world.sim);
    match act {
        Act::Open(ticket) => people.open(ticket),
        Act::Knock(ticket) => people.knock(ticket),
        Act::Say(ticket) => people.say(ticket),
        Act::Reply(ticket) => people.reply(ticket),
        Act::Note(ticket) => people.ask_anna(ticket, Work::note),
        Act::Draft(ticket) => people.ask_anna(ticket, Work::draft),
        Act::Answer(ticket) => people.ask_anna(ticket, Work::answer),
        Act::Close(ticket) => people.set_closed(ticket, true),
        Act::Reopen(ticket) => people.set_closed(ticket, false),
        Act::KillBridge(away_ms) => {
            sim.strike("bridge: killed");
            return Some(End::Killed(away_ms));
        }
        Act::KillBridgeIn(ops, away_ms) => {
            *world.away_ms.lock().unwrap() = away_ms;
            sim.die_in(ops);
        }
        Act::KillHomeserver(away_ms) => {
            world.home.kill();
            later(world, away_ms, |world| world.home.start());
        }
        Act::KillHomeserverWhen(moment, away_ms) => *world.home.armed.lock().unwrap() = Some((moment, away_ms)),
        Act::HomeserverAway(ms) => {
            sim.strike("homeserver: away behind its proxy");
            world.home.unreachable.store(true, Ordering::SeqCst);
            later(world, ms, |world| world.home.unreachable.store(false, Ordering::SeqCst));
        }
        Act::HelpdeskAway(ms) => {
            sim.strike("helpdesk: away");
            world.line.down.store(true, Ordering::SeqCst);
            later(world, ms, |world| world.line.down.store(false, Ordering::SeqCst));
        }
        Act::Unreadable(ticket, ms) => {
            if let Some(room) = people.room_of(ticket) {
                sim.strike("homeserver: a room cannot be read");
                world.home.world().unreadable.insert(room.clone());
                later(world, ms, move |world| {
                    world.home.world().unreadable.remove(&room);
                });
            }
        }
        Act::ClockJump(by_ms) => {
            sim.strike("bridge: its clock jumps");
            sim.skew_ms.fetch_add(by_ms, Ordering::SeqCst);
        }
        Act::Rates(rates) => sim.set_rates(rates),
    }
    None
}

/// Even if the bridge dies meanwhile: on the wire.
fn later(world: &Arc<World>, after_ms: u64, what: impl FnOnce(&World) + Send + 'static) {
    let of = Arc::downgrade(world);
    let id = world.wire.depart(move || {
        if let Some(world) = of.upgrade() {
            what(&world);
        }
    });
    world.wire.delay(id, world.sim.now_ms() + after_ms as i64);
}

/// All troubles end; everything has to arrive, and so has what is written afterwards.
async fn heal(world: &Arc<World>) -> End {
    let sim = &world.sim;
    sim.set_rates(Rates::default());
    *world.home.armed.lock().unwrap() = None;
    world.home.world().unreadable.clear();
    sim.note(|| "all troubles end".to_owned());
    let began = sim.now_ms();
    let healed_ms = settled(world).await - began;
    for ticket in 0..world.people.tickets() {
        world.people.say(ticket);
        world.people.reply(ticket);
    }
    settled(world).await;
    tokio::time::sleep(SETTLE).await;
    End::Finished { healed_ms }
}

/// When nothing was missing any more and nothing waited.
async fn settled(world: &Arc<World>) -> i64 {
    let deadline = world.sim.now_ms() + PATIENCE_MS;
    let mut pause = TICK;
    loop {
        world.people.live();
        tokio::time::sleep(pause).await;
        let is_over = world.home.is_up() && world.people.have_spoken() && world.people.verdict().missing.is_empty();
        if is_over {
            let backlog = store::aside(world.opened.backend.backlog()).unwrap();
            if backlog.inbox + backlog.outbox_matrix + backlog.outbox_helpdesk == 0 {
                return world.sim.now_ms();
            }
        }
        if world.sim.now_ms() > deadline {
            world.sim.note(|| "patience ends".to_owned());
            tell_waiting(world);
            return world.sim.now_ms();
        }
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

/// What the store says that it waits for.
fn tell_waiting(world: &World) {
    let backend = &world.opened.backend;
    for lane in store::aside(backend.inbox_lanes(20)).unwrap() {
        let rows = store::aside(backend.inbox_page(&lane, 0, 3)).unwrap();
        world.sim.note(|| format!("waits in {lane}: {:?}", rows.iter().map(|row| &row.key).collect::<Vec<_>>()));
    }
    for side in [Side::Matrix, Side::Helpdesk] {
        for lane in store::aside(backend.outbox_lanes(side, 20)).unwrap() {
            let rows = store::aside(backend.outbox_page(side, &lane, 0, 3)).unwrap();
            world.sim.note(|| format!("waits in {lane} for {side:?}: {rows:?}"));
        }
    }
}
