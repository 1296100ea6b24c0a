//! Other homeservers that do not answer: whoever is invited from there waits, and nobody else does.

use std::time::Duration;

use serde_json::json;

use super::lab::{BOT, Lab, user};
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

/// A picture that lies there.
fn picture_on(lab: &Lab, server: &str, room: &str, caption: &str) {
    let url = format!("mxc://{server}/abc");
    let content = json!({ "msgtype": "m.image", "body": caption, "filename": "leak.png", "url": url });
    lab.homeserver.send(&user("ada"), room, "m.room.message", content).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_its_homeserver_does_not_hand_over_is_said_after_a_while_and_keeps_no_words_back() {
    let lab = Lab::start().await;
    let (other, others) = lab.ticket("ada", "Fan").await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.set_server_away("far.test", true);
    let before = lab.homeserver.count_calls("media/download");
    picture_on(&lab, "far.test", &room, "look");
    lab.homeserver.say(&user("ada"), &room, "and it hisses").unwrap();
    // Not held against our own: more than there would be if one at a time tried for all.
    until("many failures", || (lab.homeserver.count_calls("media/download") >= before + 12).then_some(())).await;
    lab.helpdesk.change(&other, |snapshot| snapshot.title = "Fan in the cellar".to_owned()).unwrap();
    lab.until_said(&others, "Fan in the cellar").await;
    assert!(lab.received(&ticket).is_empty(), "in order");
    lab.put_clock_forward(Duration::from_secs(301));
    lab.until_received(&ticket, "and it hisses").await;
    lab.until_said(&room, "did not hand it over").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["look", "and it hisses"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_on_a_homeserver_that_hangs_take_no_place_of_our_own_files() {
    let lab = Lab::start().await;
    let (_, hanging) = lab.ticket("ada", "Fan").await;
    let (_, more) = lab.ticket("ada", "Belt").await;
    let (_, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.fail_next("media/download/far.test", When::Before, Kind::Hang, 100);
    for room in [&hanging, &more] {
        picture_on(&lab, "far.test", room, "look");
    }
    until("two that hang", || (lab.homeserver.count_calls("media/download/far.test") >= 2).then_some(())).await;
    let file = lab.homeserver.world().keep_file(b"plain words\n");
    let content = json!({ "msgtype": "m.file", "body": "note.txt", "url": file });
    lab.homeserver.send(&user("ada"), &room, "m.room.message", content).unwrap();
    until("our own file in the helpdesk", || (lab.helpdesk.file_names() == ["note.txt"]).then_some(())).await;
}

#[tokio::test]
async fn files_of_which_our_homeserver_fetches_no_more_for_now_stop_nothing_else() {
    let lab = Lab::start().await;
    let (far, hers) = lab.ticket("ada", "Fan").await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    let asked = Kind::TooMany { retry_after: "60".to_owned() };
    lab.homeserver.fail_next("media/download/far.test", When::Before, asked, 1);
    picture_on(&lab, "far.test", &hers, "look");
    until("the refusal", || (lab.homeserver.count_calls("media/download/far.test") > 0).then_some(())).await;
    lab.helpdesk.change(&ticket, |snapshot| snapshot.title = "Pump in the cellar".to_owned()).unwrap();
    lab.until_said(&room, "Pump in the cellar").await;
    assert!(lab.received(&far).is_empty(), "it waits for its file");
}
