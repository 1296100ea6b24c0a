//! Files that may not be carried: what came with them keeps its place, and that they are missing is said once.

use serde_json::{Value, json};
use ticketroom::helpdesk::memory::{Content, Fault, Stored};

use super::lab::{Lab, user};
use crate::homeserver::{Kind, When, until};

/// A program, whatever its name says.
const PROGRAM: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0";
const TOLD_THERE: &str = "“leak.png” was not passed on to the helpdesk";
const TOLD_HERE: &str = "“leak.png”, which was attached in the helpdesk, can't be shown here";

/// A customer's picture with a caption.
fn sends(lab: &Lab, room: &str, who: &str, caption: &str, content: &[u8]) -> String {
    let url = lab.homeserver.world().keep_file(content);
    let info = json!({ "mimetype": "image/png", "size": content.len() });
    let content = json!({ "msgtype": "m.image", "body": caption, "filename": "leak.png", "url": url, "info": info });
    lab.homeserver.send(&user(who), room, "m.room.message", content).unwrap()
}

fn picture() -> Vec<Stored> {
    let content = Content::Bytes(PROGRAM.into());
    vec![Stored { name: "leak.png".to_owned(), media_type: "image/png".to_owned(), content }]
}

fn count(said: &[String], part: &str) -> usize {
    said.iter().filter(|text| text.contains(part)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_refused_picture_come_before_what_was_written_after_them() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.helpdesk.set_down(true);
    sends(&lab, &room, "ada", "this one", PROGRAM);
    lab.homeserver.say(&user("ada"), &room, "and it hisses").unwrap();
    until("both to be taken in", || lab.homeserver.nothing_to_push().then_some(())).await;
    lab.until_count("outbox WHERE state < 2 AND body LIKE '%and it hisses%'", 1).await;
    lab.helpdesk.set_down(false);
    lab.until_received(&ticket, "and it hisses").await;
    lab.until_said(&room, TOLD_THERE).await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["this one", "and it hisses"]);
    assert!(lab.helpdesk.file_names().is_empty());
    assert_eq!(count(&lab.homeserver.ours(&room), TOLD_THERE), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_refused_picture_from_the_helpdesk_keep_their_place() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.fail_next("send/m.room.message", When::Before, Kind::ServerError, 3);
    lab.helpdesk.reply_as_agent(&ticket, "dora", "Look:").unwrap();
    lab.helpdesk.reply_with_files(&ticket, "dora", "this one", picture()).unwrap();
    lab.helpdesk.reply_as_agent(&ticket, "dora", "and not that").unwrap();
    lab.until_heard(&room, "and not that").await;
    lab.until_said(&room, TOLD_HERE).await;
    lab.until_quiet().await;
    assert_eq!(lab.heard(&room), ["Look:", "this one", "and not that"]);
    assert_eq!(count(&lab.homeserver.ours(&room), TOLD_HERE), 1);
    let world = lab.homeserver.world();
    let events = world.events_of(&room);
    let find = |part: &str| {
        events.iter().find(|event| event["content"]["body"].as_str().is_some_and(|body| body.contains(part))).unwrap()
    };
    let answered = &find(TOLD_HERE)["content"]["m.relates_to"]["m.in_reply_to"]["event_id"];
    assert_eq!(*answered, find("this one")["event_id"], "it is said at the message that the picture came with");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_picture_is_told_although_the_helpdesks_answer_to_its_words_got_lost() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.helpdesk.fail_next(Fault::LostAfterSaving, 1);
    sends(&lab, &room, "ada", "first", PROGRAM);
    lab.until_said(&room, TOLD_THERE).await;
    lab.until_quiet().await;
    lab.helpdesk.fail_next(Fault::HangAfterSaving, 1);
    sends(&lab, &room, "ada", "second", PROGRAM);
    until("the call to be under way", || {
        (lab.homeserver.nothing_to_push() && lab.helpdesk.faults_left() == 0).then_some(())
    })
    .await;
    lab.restart().await;
    lab.until_received(&ticket, "second").await;
    until("the second notice", || (count(&lab.homeserver.ours(&room), TOLD_THERE) == 2).then_some(())).await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_refused_picture_are_said_once_although_their_answer_got_lost() {
    let mut lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.homeserver.fail_next(&format!("{room}/send/m.room.message"), When::After, Kind::Broken, 1);
    lab.helpdesk.reply_with_files(&ticket, "dora", "first", picture()).unwrap();
    lab.until_said(&room, TOLD_HERE).await;
    lab.until_quiet().await;
    let under_way = lab.homeserver.count_calls(&format!("{room}/send/m.room.message"));
    lab.homeserver.fail_next(&format!("{room}/send/m.room.message"), When::After, Kind::Hang, 1);
    lab.helpdesk.reply_with_files(&ticket, "dora", "second", picture()).unwrap();
    until("the words to be under way", || {
        (lab.homeserver.count_calls(&format!("{room}/send/m.room.message")) > under_way).then_some(())
    })
    .await;
    lab.until_heard(&room, "second").await;
    lab.restart().await;
    until("the second notice", || (count(&lab.homeserver.ours(&room), TOLD_HERE) == 2).then_some(())).await;
    lab.until_quiet().await;
    assert_eq!(lab.heard(&room), ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_go_without_a_file_that_the_helpdesks_web_server_does_not_take() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.until_quiet().await;
    lab.helpdesk.fail_next(Fault::TooLarge, 1);
    sends(&lab, &room, "ada", "this one", &png());
    lab.until_said(&room, TOLD_THERE).await;
    lab.helpdesk.fail_next(Fault::TooLarge, 1);
    let bare = json!({ "url": lab.homeserver.world().keep_file(&png()), "msgtype": "m.image", "body": "leak.png" });
    lab.homeserver.send(&user("ada"), &room, "m.room.message", bare).unwrap();
    until("both to be told", || (count(&lab.homeserver.ours(&room), TOLD_THERE) == 2).then_some(())).await;
    lab.homeserver.say(&user("ada"), &room, "and it hisses").unwrap();
    lab.until_received(&ticket, "and it hisses").await;
    lab.until_quiet().await;
    assert_eq!(lab.received(&ticket), ["this one", "and it hisses"]);
    assert!(lab.helpdesk.file_names().is_empty());
}

fn png() -> Vec<u8> {
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(4, 4).write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_picture_with_a_typed_link_is_taken_away_only_where_it_stands_there_again() {
    let lab = Lab::start().await;
    let (ticket, room) = lab.ticket("ada", "Pump").await;
    lab.helpdesk.take(&ticket, "anna").unwrap();
    lab.until_membership(&room, "anna", "invite").await;
    lab.homeserver.join(&user("anna"), &room).unwrap();
    lab.until_quiet().await;
    let caption = "See [[https://kb.invalid/1 | the manual]]";
    let [good, bad] = [&png(), PROGRAM].map(|content| sends(&lab, &room, "anna", caption, content));
    lab.until_said(&room, TOLD_THERE).await;
    lab.until_quiet().await;
    let world = lab.homeserver.world();
    let events = world.events_of(&room);
    let redacted: Vec<&Value> = events
        .iter()
        .filter(|event| event["type"] == "m.room.redaction")
        .map(|event| &event["content"]["redacts"])
        .collect();
    assert_eq!(redacted, [&json!(good)], "and not {bad}");
    let again = |kind: &str| {
        let ours = |event: &&&Value| event["sender"].as_str().is_some_and(|who| who.starts_with("@_desk_u"));
        events.iter().filter(ours).filter(|event| event["content"]["msgtype"] == kind).count()
    };
    assert_eq!((again("m.image"), again("m.text")), (1, 1));
}
