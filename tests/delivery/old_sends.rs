//! What is old: a homeserver forgets transaction ids after a day, and what is older is looked for before it is repeated; and the
//! call of a process that is dead may arrive behind those of the next one.

use std::time::Duration;

use super::lab::{BOT, Lab, user};
use crate::homeserver::{Kind, When, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_a_day_ago_is_found_by_its_marker() {
    let mut lab = Lab::prepare().await;
    lab.limits.give_up_after = Duration::from_secs(90 * 3600);
    lab.boot().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let path = format!("rooms/{room}/send");
    lab.homeserver.fail_next(&path, When::After, Kind::Hang, 1);
    lab.helpdesk.reply_as_agent(&ticket, "bert", "yesterday").unwrap();
    until("the answer that gets lost", || lab.heard(&room).contains(&"yesterday".to_owned()).then_some(())).await;
    lab.kill().await;
    lab.put_clock_forward(Duration::from_secs(30 * 3600));
    lab.homeserver.lose_memory();
    lab.homeserver.act(|world| {
        world.events_by_txn.clear();
        world.clock_offset_ms = 30 * 3600 * 1000;
    });
    lab.boot().await;
    lab.helpdesk.reply_as_agent(&ticket, "bert", "today").unwrap();
    lab.until_heard(&room, "today").await;
    lab.until_quiet().await;
    assert_eq!(lab.heard(&room), ["yesterday", "today"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_sent_a_day_ago_is_sent_though_a_stranger_forged_its_marker() {
    let mut lab = Lab::prepare().await;
    lab.limits.give_up_after = Duration::from_secs(90 * 3600);
    lab.boot().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.fail_next(&format!("rooms/{room}/send"), When::Before, Kind::Hang, 1);
    lab.helpdesk.reply_as_agent(&ticket, "bert", "yesterday").unwrap();
    let path = until("the attempt", || {
        let calls = lab.homeserver.calls();
        calls.iter().rev().map(|(_, call)| call.clone()).find(|call| call.contains(&format!("rooms/{room}/send")))
    })
    .await;
    let txn = path.rsplit('/').next().unwrap().to_owned();
    let forged = serde_json::json!({ "msgtype": "m.text", "body": "forged", "org.ticketroom.effect": txn });
    lab.homeserver.send(&super::lab::user("ada"), &room, "m.room.message", forged).unwrap();
    lab.kill().await;
    lab.put_clock_forward(Duration::from_secs(30 * 3600));
    lab.boot().await;
    lab.until_heard(&room, "yesterday").await;
    lab.until_quiet().await;
    assert_eq!(lab.heard(&room), ["yesterday"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_call_of_a_dead_process_takes_no_right_away_and_opens_no_closed_room() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let levels = || lab.homeserver.state(&room, "m.room.power_levels");
    let before = levels();
    lab.helpdesk.take(&ticket, "anna").unwrap();
    until("anna's right to write", || (levels()["users"][user("anna")] == 20).then_some(())).await;
    lab.restart().await;
    let late = |lab: &Lab| {
        lab.homeserver.act(|world| {
            world.set_state(&room, BOT, "m.room.power_levels", "", before.clone()).unwrap();
        });
    };
    late(&lab);
    let levels = || lab.homeserver.state(&room, "m.room.power_levels");
    until("anna's right again", || (levels()["users"][user("anna")] == 20).then_some(())).await;
    lab.helpdesk.close(&ticket).unwrap();
    lab.until_locked(&room).await;
    late(&lab);
    assert_ne!(levels()["events_default"], 100);
    lab.until_locked(&room).await;
}
