//! Everything at once, with a bridge that dies at random moments; then an oracle counts.

use std::collections::HashSet;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use ticketroom::helpdesk::memory::Fault;
use ticketroom::model::TicketId;

use super::lab::{Lab, user};
use crate::homeserver::until;

const TICKETS: usize = 6;
const MESSAGES: usize = 40;

/// What differs between what was written and what arrived.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    missing: Vec<String>,
    doubled: Vec<String>,
    reordered: bool,
    /// Changed or invented: nobody wrote it.
    unknown: Vec<String>,
}

fn judge(written: &[String], arrived: &[String]) -> Verdict {
    let mut seen = HashSet::new();
    let doubled: Vec<String> = arrived.iter().filter(|text| !seen.insert(*text)).cloned().collect();
    let unknown = arrived.iter().filter(|text| !written.contains(text)).cloned().collect();
    let missing: Vec<String> = written.iter().filter(|text| !arrived.contains(text)).cloned().collect();
    let mut once = HashSet::new();
    let order: Vec<usize> = arrived
        .iter()
        .filter(|text| once.insert(*text))
        .filter_map(|text| written.iter().position(|other| other == text))
        .collect();
    Verdict { missing, doubled, reordered: !order.is_sorted(), unknown }
}

#[allow(clippy::print_stdout, reason = "a failed run is repeated by it")]
fn seed() -> u64 {
    // A failed run is repeated by its seed.
    let seed = std::env::var("TICKETROOM_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| ticketroom::clock::Clock::now_ms(&ticketroom::clock::SystemClock) as u64);
    println!("TICKETROOM_TEST_SEED={seed}");
    seed
}

async fn tickets(lab: &Lab) -> Vec<(TicketId, String)> {
    let mut tickets = Vec::new();
    for n in 0..TICKETS {
        tickets.push(lab.ticket(&format!("customer{n}"), &format!("Ticket {n}")).await);
    }
    lab.until_quiet().await;
    tickets
}

async fn check(lab: &Lab, tickets: &[(TicketId, String)], written: usize) {
    let all = |what: &str, ticket: usize| (0..written).map(|n| format!("{what} {ticket}.{n}")).collect::<Vec<_>>();
    let last = written - 1;
    for (number, (ticket, room)) in tickets.iter().enumerate() {
        until(&format!("the last question of ticket {number}"), || {
            lab.received(ticket).contains(&format!("question {number}.{last}")).then_some(())
        })
        .await;
        lab.until_heard(room, &format!("answer {number}.{last}")).await;
    }
    lab.until_quiet().await;
    for (number, (ticket, room)) in tickets.iter().enumerate() {
        let verdict = judge(&all("question", number), &lab.received(ticket));
        assert_eq!(verdict, Verdict::default(), "in ticket {number}:\n{}", lab.picture(ticket).await);
        assert_eq!(judge(&all("answer", number), &lab.heard(room)), Verdict::default(), "in the room of {number}");
    }
    assert_eq!(lab.count("outbox WHERE state = 3").await, 0, "and no dead letters");
}

/// One message in each direction of each ticket.
fn speak(lab: &Lab, tickets: &[(TicketId, String)], n: usize) {
    for (number, (ticket, room)) in tickets.iter().enumerate() {
        lab.homeserver.say(&user(&format!("customer{number}")), room, &format!("question {number}.{n}")).unwrap();
        lab.helpdesk.reply_as_agent(ticket, "bert", &format!("answer {number}.{n}")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_doubled_reordered_or_invented_when_the_bridge_dies_at_random() {
    let mut random = StdRng::seed_from_u64(seed());
    let mut lab = Lab::start().await;
    let tickets = tickets(&lab).await;
    for n in 0..MESSAGES {
        speak(&lab, &tickets, n);
        tokio::time::sleep(Duration::from_micros(random.random_range(0..40_000))).await;
        if random.random_range(0..2) == 0 {
            lab.restart().await;
        }
    }
    check(&lab, &tickets, MESSAGES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_doubled_reordered_or_invented_when_everything_fails_now_and_then() {
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let mut lab = Lab::start().await;
    let tickets = tickets(&lab).await;
    lab.homeserver.set_unreliable(0.15, seed);
    for n in 0..MESSAGES {
        speak(&lab, &tickets, n);
        let fault = match random.random_range(0..6) {
            0 | 1 => Fault::LostAfterSaving,
            2 => Fault::LostBeforeSaving,
            3 => Fault::Unreachable,
            4 => Fault::HangAfterSaving,
            _ => Fault::HangBeforeSaving,
        };
        let hangs = matches!(fault, Fault::HangAfterSaving | Fault::HangBeforeSaving);
        lab.helpdesk.fail_next(fault, 1);
        tokio::time::sleep(Duration::from_micros(random.random_range(0..30_000))).await;
        match random.random_range(0..6) {
            0 => lab.helpdesk.set_down(true),
            1 => lab.homeserver.set_down(true),
            2 => lab.troubles.unanswered.store(1, std::sync::atomic::Ordering::SeqCst),
            _ => {}
        }
        if hangs || random.random_range(0..4) == 0 {
            lab.restart().await;
        }
        lab.helpdesk.set_down(false);
        lab.homeserver.set_down(false);
    }
    lab.homeserver.set_unreliable(0.0, seed);
    until("the last faults to be met", || {
        // Whatever hangs now is ended by the restart.
        (lab.helpdesk.faults_left() == 0 || lab.homeserver.nothing_to_push()).then_some(())
    })
    .await;
    lab.helpdesk.forget_faults();
    lab.restart().await;
    check(&lab, &tickets, MESSAGES).await;
}
