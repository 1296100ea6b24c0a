//! The oracle finds each of the five faults: a proof that could not fail would be none.

use ticketroom_crash::oracle::{Book, Channel, Entry, From, Read, Verdict};

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
