//! Hints only tell when to look: nothing depends on any of them.

use std::time::Duration;

use ticketroom::model::TicketId;
use tokio::time::Instant;

use super::lab::Lab;
use crate::homeserver::until;

/// Longer than the test takes: what is there before, a hint brought.
const RARELY: Duration = Duration::from_secs(600);

/// With a ticket and its room. The helpdesk was asked for the last time in ten minutes.
async fn asked_rarely() -> (Lab, TicketId, String) {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.limits.poll_interval = RARELY;
    let before = lab.helpdesk.questions();
    lab.restart().await;
    until("the question at the start", || (lab.helpdesk.questions() > before).then_some(())).await;
    lab.until_quiet().await;
    (lab, ticket, room)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_brings_what_is_not_due_yet() {
    let (lab, ticket, room) = asked_rarely().await;
    for n in 0..3 {
        let answer = format!("answer {n}");
        lab.helpdesk.reply_as_agent(&ticket, "bert", &answer).unwrap();
        lab.hint();
        lab.until_heard(&room, &answer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_that_are_lost_doubled_late_or_shuffled_change_nothing_but_the_time() {
    let mut lab = Lab::prepare().await;
    lab.limits.poll_interval = Duration::from_secs(2);
    lab.boot().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    let answers: Vec<String> = (0..40).map(|n| format!("answer {n}")).collect();
    for (n, answer) in answers.iter().enumerate() {
        // Late ones first: they are about what was found long ago. Half of all are lost; so is the one about the last.
        let hints = match n % 8 {
            1 => 2,
            3 | 6 => 1,
            4 => 3,
            _ => 0,
        };
        (0..hints).for_each(|_| lab.hint());
        lab.helpdesk.reply_as_agent(&ticket, "bert", answer).unwrap();
    }
    // The next regular question finds what no hint told of.
    lab.until_heard(&room, answers.last().unwrap()).await;
    assert_eq!(lab.heard(&room), answers);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_hints_is_no_flood_of_questions() {
    let (lab, ticket, room) = asked_rarely().await;
    let (began, before) = (Instant::now(), lab.helpdesk.questions());
    let mut hints = 0;
    for n in 0..5 {
        let answer = format!("answer {n}");
        lab.helpdesk.reply_as_agent(&ticket, "bert", &answer).unwrap();
        let flood = async {
            loop {
                lab.hint();
                hints += 1;
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = lab.until_heard(&room, &answer) => {}
            () = flood => {}
        }
    }
    let asked = lab.helpdesk.questions() - before;
    let most = 2 + began.elapsed().as_millis() / 500;
    assert!(asked as u128 <= most, "{asked} questions for {hints} hints in {:?}", began.elapsed());
}
