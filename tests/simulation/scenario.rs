//! What happens in a run, as its seed says: who writes when, and what breaks when.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::ambush::{MOMENTS, Moment};
use super::sim::Rates;

/// Who does what. Tickets are numbered from 0 here.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A mail opens a ticket.
    Open(usize),
    /// A customer writes to the bot, which opens one.
    Knock(usize),
    /// The customer writes.
    Say(usize),
    /// An agent answers in the helpdesk.
    Reply(usize),
    /// The agent in Matrix has a note, a draft or a reply for the ticket.
    Note(usize),
    Draft(usize),
    Answer(usize),
    Close(usize),
    Reopen(usize),
    /// The bridge is killed, and comes back after this.
    KillBridge(u64),
    /// It is killed in the middle of something: so many operations from now.
    KillBridgeIn(u64, u64),
    KillHomeserver(u64),
    /// At the next moment of this kind.
    KillHomeserverWhen(Moment, u64),
    /// A proxy in front of it answers 502 for so long.
    HomeserverAway(u64),
    HelpdeskAway(u64),
    /// The history of a ticket's room cannot be read for so long.
    Unreadable(usize, u64),
    /// The bridge's clock is put forward or back.
    ClockJump(i64),
    Rates(Rates),
}

impl PartialEq for Rates {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[derive(Clone, Debug)]
pub struct Scenario {
    pub tickets: usize,
    /// At which millisecond what is done.
    pub acts: Vec<(i64, Act)>,
}

impl Scenario {
    pub fn of(seed: u64) -> Self {
        // Not the run's own randomness: what is done does not depend on what happens.
        let mut random = StdRng::seed_from_u64(seed ^ 0x5ce_a410);
        let tickets = random.random_range(1..=3);
        let lasts = random.random_range(4_000..30_000);
        let mut acts = Vec::new();
        for ticket in 0..tickets {
            let at = if random.random_bool(0.7) { 0 } else { random.random_range(0..lasts / 2) };
            acts.push((at, if random.random_bool(0.4) { Act::Knock(ticket) } else { Act::Open(ticket) }));
            for _ in 0..random.random_range(2..9) {
                acts.push((random.random_range(at..lasts), Act::Say(ticket)));
            }
            for _ in 0..random.random_range(2..9) {
                acts.push((random.random_range(at..lasts), Act::Reply(ticket)));
            }
            let works_in_matrix = random.random_bool(0.25);
            if works_in_matrix {
                for _ in 0..random.random_range(1..7) {
                    let task = pick(&mut random, &[Act::Note as fn(usize) -> Act, Act::Draft, Act::Answer]);
                    acts.push((random.random_range(at..lasts), task(ticket)));
                }
            }
            // What she began in an open ticket would be refused in a closed one.
            if !works_in_matrix && random.random_bool(0.3) {
                let closed = random.random_range(at..lasts);
                acts.push((closed, Act::Close(ticket)));
                acts.push((closed + random.random_range(0..6_000), Act::Reopen(ticket)));
            }
        }
        let mut rate = |likely: f64| match random.random_bool(likely) {
            true => *[0.02, 0.1, 0.1, 0.25].get(random.random_range(0..4)).unwrap_or(&0.1),
            false => 0.0,
        };
        let rates = Rates { homeserver: rate(0.5), push: rate(0.5), helpdesk: rate(0.5), store: rate(0.3) };
        let from = if random.random_bool(0.5) { 0 } else { random.random_range(0..lasts) };
        acts.push((from, Act::Rates(rates)));
        let mut some = |likely: f64, most: u32, make: &mut dyn FnMut(&mut StdRng) -> Act| {
            if random.random_bool(likely) {
                for _ in 0..random.random_range(1..=most) {
                    let act = make(&mut random);
                    acts.push((random.random_range(0..lasts), act));
                }
            }
        };
        some(0.4, 2, &mut |random| Act::KillBridge(pick(random, &[0, 0, 50, 3_000, 20_000])));
        some(0.5, 3, &mut |random| {
            let ops = random.random_range(1..60);
            Act::KillBridgeIn(ops, pick(random, &[0, 0, 0, 500]))
        });
        some(0.3, 2, &mut |random| Act::KillHomeserver(pick(random, &[500, 2_000, 8_000])));
        some(0.2, 1, &mut |random| Act::HomeserverAway(pick(random, &[200, 4_000, 20_000])));
        some(0.25, 2, &mut |random| Act::HelpdeskAway(pick(random, &[200, 4_000, 20_000])));
        some(0.15, 2, &mut |random| Act::ClockJump(pick(random, &[-3_600_000, -5_000, 5_000, 600_000, 3_000_000])));
        some(0.6, 3, &mut |random| Act::KillHomeserverWhen(pick(random, &MOMENTS), pick(random, &[500, 2_000, 8_000])));
        some(0.3, 2, &mut |random| {
            let ticket = random.random_range(0..tickets);
            Act::Unreadable(ticket, pick(random, &[300, 5_000, 20_000]))
        });
        // In the order in which they were thought of where two come at once.
        acts.sort_by_key(|(at, _)| *at);
        Self { tickets, acts }
    }
}

fn pick<T: Copy>(random: &mut StdRng, of: &[T]) -> T {
    of[random.random_range(0..of.len())]
}
