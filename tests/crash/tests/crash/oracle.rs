//! The oracle finds each of the five faults: a proof that could not fail would be none.

use serde_json::{Value, json};
use ticketroom_crash::files::{described, with_files};
use ticketroom_crash::notices::Oddities;
use ticketroom_crash::oracle::{Book, Channel, Entry, From, Read, Verdict};
use ticketroom_crash::parts::Message;
use ticketroom_crash::reading::{as_shown, as_written};
use ticketroom_crash::sessions;

const CHANNEL: Channel = Channel { ticket: 0, from: From::Matrix };

/// Three messages that were acknowledged, and their texts.
fn book() -> (Book, Vec<(Entry, String)>) {
    let mut book = Book::new("7x");
    let written: Vec<_> = ["one", "two", "three"].iter().map(|words| book.write(CHANNEL, words)).collect();
    for (entry, _) in &written {
        book.acknowledged(*entry);
    }
    (book, written)
}

fn judged(arrange: impl FnOnce(&mut Vec<String>)) -> Verdict {
    let (book, written) = book();
    let mut texts = written.into_iter().map(|(_, text)| text).collect();
    arrange(&mut texts);
    book.judge(&Read::from([(CHANNEL, texts)]))
}

#[test]
fn what_arrived_once_in_order_and_unchanged_is_clean() {
    let verdict = judged(|_| {});
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!(verdict.obligations, 3);
}

#[test]
fn a_missing_message_is_found() {
    assert_eq!(judged(|texts| drop(texts.remove(1))).counts(), [1, 0, 0, 0, 0]);
    let (book, _) = book();
    assert_eq!(book.judge(&Read::new()).counts(), [3, 0, 0, 0, 0]);
}

#[test]
fn a_doubled_message_is_found() {
    assert_eq!(judged(|texts| texts.push(texts[0].clone())).counts(), [0, 1, 0, 0, 0]);
    assert_eq!(judged(|texts| texts.insert(1, texts[0].clone())).counts(), [0, 1, 0, 0, 0]);
}

#[test]
fn a_reordered_message_is_found() {
    assert_eq!(judged(|texts| texts.swap(1, 2)).counts(), [0, 0, 1, 0, 0]);
    assert_eq!(judged(|texts| texts.rotate_left(1)).counts(), [0, 0, 1, 0, 0]);
}

#[test]
fn a_changed_message_is_found() {
    assert_eq!(judged(|texts| texts[2].push('!')).counts(), [0, 0, 0, 1, 0]);
}

fn message(login: &str, text: &str, internal: bool) -> Message {
    Message { login: login.to_owned(), text: text.to_owned(), internal }
}

#[test]
fn words_under_another_name_or_for_other_readers_are_changed() {
    for (message, is_right) in [
        (message("@ada:hs.test", "words", false), true),
        (message("@eve:hs.test", "words", false), false),
        (message("@ada:hs.test", "words", true), false),
        (message("bert", "words", false), true),
        (message("bert", "words", true), false),
        (message("bert", "Video session done.", true), true),
        (message("bert", "Video session done.", false), false),
    ] {
        let text = as_written(&message, "@ada:hs.test");
        assert_eq!(text == message.text, is_right, "{text}");
    }
    for (html, is_right) in [(None, true), (Some("<p>some <b>words</b></p>"), true), (Some("<p>others</p>"), false)] {
        assert_eq!(as_shown("some words".to_owned(), "some words", html) == "some words", is_right, "{html:?}");
    }
}

#[test]
fn replies_and_drafts_have_one_speaker_each() {
    let judged = |speakers: &[(bool, &str)]| {
        let mut read = Read::new();
        speakers.iter().for_each(|(of_draft, speaker)| read.speakers.note(*of_draft, speaker));
        Book::new("7x").judge(&read).counts()
    };
    assert_eq!(judged(&[(false, "@anna"), (true, "@bert"), (false, "@anna")]), [0; 5]);
    for confused in [[(false, "@anna"), (false, "@bert")], [(false, "@anna"), (true, "@anna")]] {
        assert_eq!(judged(&confused), [0, 0, 0, 1, 0], "{confused:?}");
    }
}

#[test]
fn an_invented_message_is_found() {
    assert_eq!(judged(|texts| texts.push("what nobody wrote".to_owned())).counts(), [0, 0, 0, 0, 1]);
    assert_eq!(judged(|texts| texts.push("q7xm0n3q not written yet".to_owned())).counts(), [0, 0, 0, 0, 1]);
    let (book, written) = book();
    let elsewhere = Channel { ticket: 1, from: From::Matrix };
    let texts: Vec<_> = written.into_iter().map(|(_, text)| text).collect();
    let read = Read::from([(CHANNEL, texts.clone()), (elsewhere, texts)]);
    assert_eq!(book.judge(&read).counts(), [0, 0, 0, 0, 3], "in a ticket that they were not written in");
}

#[test]
fn what_was_not_acknowledged_may_be_missing_and_may_not_be_doubled() {
    let mut book = Book::new("7x");
    let (_, text) = book.write(CHANNEL, "perhaps");
    assert!(book.judge(&Read::new()).is_clean());
    assert!(book.judge(&Read::from([(CHANNEL, vec![text.clone()])])).is_clean());
    assert_eq!(book.judge(&Read::from([(CHANNEL, vec![text.clone(), text])])).counts(), [0, 1, 0, 0, 0]);
}

#[test]
fn what_was_refused_for_good_may_not_arrive() {
    let (mut book, written) = book();
    book.doomed(written[1].0);
    let texts = |left_out: usize| {
        let kept = written.iter().enumerate().filter(|(at, _)| *at != left_out);
        Read::from([(CHANNEL, kept.map(|(_, (_, text))| text.clone()).collect())])
    };
    assert!(book.judge(&texts(1)).is_clean());
    assert_eq!(book.judge(&texts(9)).counts(), [0, 0, 0, 0, 1]);
}

#[test]
fn a_file_that_is_missing_doubled_or_changed_is_found() {
    let mut book = Book::new("7x");
    let (entry, file) = book.write_file(CHANNEL);
    book.acknowledged(entry);
    let counts = |texts: &[&str], files: &[&[u8]]| {
        let files = files.iter().map(|bytes| (file.name.clone(), bytes.to_vec())).collect();
        let texts = with_files(texts.iter().map(|text| (*text).to_owned()).collect(), files);
        book.judge(&Read::from([(CHANNEL, texts)])).counts()
    };
    let (name, bytes) = (file.name.as_str(), file.bytes.as_slice());
    assert_eq!(counts(&[name], &[bytes]), [0, 0, 0, 0, 0]);
    assert_eq!(counts(&[], &[]), [1, 0, 0, 0, 0]);
    assert_eq!(counts(&[name], &[]), [0, 0, 0, 1, 0], "the message without its file");
    assert_eq!(counts(&[name], &[bytes, bytes]), [0, 1, 0, 0, 0]);
    assert_eq!(counts(&[name, name], &[bytes, bytes]), [0, 1, 0, 0, 0]);
    assert_eq!(counts(&[name], &[b"something else"]), [0, 0, 0, 1, 0]);
    assert_eq!(described(name, bytes), file.described());
}

#[test]
fn a_draft_is_to_come_to_both_sides_once() {
    let mut book = Book::new("7x");
    let (entries, text) = book.write_draft(0, "drafted", str::to_owned);
    entries.iter().for_each(|entry| book.acknowledged(*entry));
    assert!(book.is_draft(&text));
    let [room, helpdesk] = entries.map(|entry| entry.channel);
    let read = |room_texts: usize, helpdesk_texts: usize| {
        let texts = |times| vec![text.clone(); times];
        book.judge(&Read::from([(room, texts(room_texts)), (helpdesk, texts(helpdesk_texts))])).counts()
    };
    assert_eq!(read(1, 1), [0, 0, 0, 0, 0]);
    assert_eq!(read(1, 0), [1, 0, 0, 0, 0]);
    assert_eq!(read(2, 1), [0, 1, 0, 0, 0]);
}

#[test]
fn a_video_session_is_to_leave_each_of_its_traces_once() {
    let mut book = Book::new("7x");
    for _ in 0..2 {
        book.write_session(0).iter().for_each(|entry| book.acknowledged(*entry));
    }
    let [one, two] = ["one", "two"].map(|name| format!("{}{name}", sessions::ADDRESS));
    let counts = |rooms: &[&String], ends: usize, links: &[&String], comments: &[&str]| {
        let invitations = rooms.iter().map(|address| format!("Bert invites you ({address})"));
        let bodies: Vec<String> = invitations.chain(vec!["The video session has ended.".to_owned(); ends]).collect();
        let said = sessions::Said::of(bodies.iter().map(String::as_str));
        let links: Vec<String> = links.iter().map(|link| (*link).clone()).collect();
        let comments: Vec<String> = comments.iter().map(|text| (*text).to_owned()).collect();
        assert!(comments.iter().all(|text| sessions::is_comment(text)));
        let mut read = Read::new();
        sessions::insert(0, &said, &links, &comments, &book, &mut read);
        book.judge(&read).counts()
    };
    let all =
        ["Video session opened: Join", "Video session done.", "Video session opened: Join", "Video session done."];
    assert_eq!(counts(&[&one, &two], 2, &[&one, &two], &all), [0, 0, 0, 0, 0]);
    assert_eq!(counts(&[&one, &two, &two], 2, &[&one, &two], &all), [0, 1, 0, 0, 0], "invited twice");
    assert_eq!(counts(&[&one, &two], 2, &[&one], &all), [1, 0, 0, 0, 0], "not linked");
    assert_eq!(counts(&[&one, &two], 2, &[&two, &one], &all), [0, 0, 1, 0, 0]);
    assert_eq!(counts(&[&one, &two], 1, &[&one, &two], &all[..3]), [2, 0, 0, 0, 0], "its end is missing on both sides");
    let three = format!("{}three", sessions::ADDRESS);
    assert_eq!(counts(&[&one, &two], 3, &[&one, &two, &three], &all), [0, 0, 0, 0, 2], "what nobody opened");
}

const BOT: &str = "@_desk_bot:hs.test";

fn said(sender: &str, event: &str, body: &str, answers: &str) -> Value {
    let relation = if answers.is_empty() { json!({}) } else { json!({"m.in_reply_to": {"event_id": answers}}) };
    json!({"type": "m.room.message", "sender": sender, "event_id": event,
        "content": {"body": body, "m.relates_to": relation}})
}

#[test]
fn a_report_of_what_was_delivered_and_a_notice_that_comes_twice_are_found() {
    let (mut book, written) = book();
    let report = "This message could not be delivered to the helpdesk: it was refused";
    let events = [said("@ada:hs.test", "$1", &written[0].1, ""), said(BOT, "$2", report, "$1")];
    let look = |book: &Book, events: &[Value]| {
        let mut oddities = Oddities::default();
        oddities.look_at_room("a room", BOT, events, book);
        let mut read = Read::from([(CHANNEL, written.iter().map(|(_, text)| text.clone()).collect())]);
        read.oddities = oddities;
        let [_, doubled, _, _, invented] = book.judge(&read).counts();
        (doubled, invented)
    };
    assert_eq!(look(&book, &events), (0, 1));
    let closed = |event: &str, about: &str| said(BOT, event, "This ticket was closed.", about);
    assert_eq!(look(&book, &[closed("$1", ""), closed("$2", "")]), (1, 0));
    assert_eq!(look(&book, &[closed("$1", "$8"), closed("$2", "$9")]), (0, 0), "about two messages");
    book.doomed(written[0].0);
    assert_eq!(look(&book, &events), (0, 1), "only what was refused and came nevertheless");
}

#[test]
fn what_the_bridge_writes_in_its_own_name_needs_a_reason() {
    let (mut book, _) = book();
    let helpdesk = Channel { ticket: 0, from: From::Helpdesk };
    let (entry, text) = book.write(helpdesk, "will be refused");
    book.doomed(entry);
    let report = "Ticketroom: the message before could not be delivered to the Matrix room: it was refused";
    let waits =
        "Ticketroom: the message before is not in the Matrix room yet, because the homeserver can't be reached.";
    let found = |written: &[(&str, &str)]| {
        let mut oddities = Oddities::default();
        let written: Vec<_> = written.iter().map(|(login, text)| message(login, text, false)).collect();
        oddities.look_at_ticket(0, &written, &book);
        (oddities.doubled.len(), oddities.invented.len())
    };
    assert_eq!(found(&[("anna", &text), ("ticketroom", waits), ("ticketroom", report)]), (0, 0));
    assert_eq!(found(&[("ticketroom", report), ("ticketroom", report)]), (0, 1), "one was refused");
    assert_eq!(found(&[("ticketroom", waits), ("ticketroom", waits)]), (1, 0));
    assert_eq!(found(&[("ticketroom", "what nobody wrote")]), (0, 1));
    assert_eq!(found(&[("anna", "what nobody wrote")]), (0, 1));
    assert_eq!(found(&[("somebody", "what nobody wrote")]), (0, 1));
}
