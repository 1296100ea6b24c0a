//! Other homeservers that do not answer: whoever is invited from there waits, and nobody else does.

use super::lab::{BOT, Lab};
use crate::homeserver::{Kind, When, until};

#[tokio::test(flavor = "multi_thread")]
async fn doors_on_a_homeserver_that_hangs_hold_up_nobody_elses_words() {
    let mut lab = Lab::prepare().await;
    // One after the other they would take longer than anybody waits here.
    lab.limits.matrix_parallel = 1;
    lab.boot().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let doors = 60;
    lab.homeserver.fail_next("/join", When::Before, Kind::Hang, 100_000);
    let before = lab.homeserver.count_calls("/join");
    for number in 0..doors {
        lab.homeserver.chat_with(&format!("@eve{number}:far.test"), BOT);
    }
    lab.until_count("outbox WHERE state < 2 AND body LIKE '%\"Join\"%'", doors).await;
    until("some of the joins that hang", || (lab.homeserver.count_calls("/join") >= before + 8).then_some(())).await;
    lab.helpdesk.change(&ticket, |snapshot| snapshot.title = "Pump in the cellar".to_owned()).unwrap();
    lab.until_said(&room, "Pump in the cellar").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doors_on_a_homeserver_that_fails_are_not_held_against_our_own() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.fail_next("/join", When::Before, Kind::ServerError, 100_000);
    let before = lab.homeserver.count_calls("/join");
    for number in 0..4 {
        lab.homeserver.chat_with(&format!("@eve{number}:far.test"), BOT);
    }
    // More than there would be if one at a time tried for all.
    until("many failures", || (lab.homeserver.count_calls("/join") >= before + 20).then_some(())).await;
    lab.helpdesk.change(&ticket, |snapshot| snapshot.title = "Pump in the cellar".to_owned()).unwrap();
    lab.until_said(&room, "Pump in the cellar").await;
}
