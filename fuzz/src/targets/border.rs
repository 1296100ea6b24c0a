//! Small things that cross a border: values in queries, markers, waits, aliases, transaction ids, codes.

use http::HeaderMap;
use http::header::RETRY_AFTER;
use ruma::OwnedEventId;
use ticketroom::clock::wall;
use ticketroom::helpdesk::request_tracker::foreign;
use ticketroom::matrix::{ticket_alias, txn_id};
use ticketroom::model::{CodeId, PersonId, TicketId};
use ticketroom::net::retry_after;

use super::world::SETTINGS;
use crate::parts;

const TOKEN: &str = "1-14-secret";

pub fn check(data: &[u8]) {
    let [foreign, second] = parts::<2>(data);
    quoting(&foreign);
    markers(&foreign, &second);
    let wait = http::HeaderValue::from_bytes(foreign.as_bytes()).ok();
    let headers = HeaderMap::from_iter(wait.map(|wait| (RETRY_AFTER, wait)));
    assert!(retry_after(&headers, wall()).is_none_or(|wait| wait.as_secs() <= 3600));
    ids(&foreign, &second);
}

/// As TicketSQL reads it: the value begins with the first quote and ends with the last one, and is what it was.
fn quoting(value: &str) {
    let quoted = foreign::quoted(value);
    let inside = quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).expect("quotes around it");
    let (mut read, mut signs) = (String::new(), inside.chars());
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => read.push(signs.next().expect("nothing ends with a bare backslash")),
            '\'' | '"' => panic!("it ends within: {quoted}"),
            other => read.push(other),
        }
    }
    let expected: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    assert_eq!(read, expected);
}

fn markers(foreign: &str, second: &str) {
    // Nobody makes one by trying.
    assert_eq!(foreign::marker_in_headers(TOKEN, 7, foreign), None);
    assert_eq!(foreign::marker_in_field(TOKEN, Some(7), foreign), None);
    assert_eq!(foreign::marker_in_field(TOKEN, None, foreign), None);
    let Ok(event) = OwnedEventId::try_from(format!("${second}")) else { return };
    let (field, header) = foreign::mark(TOKEN, 7, &event);
    assert!(header.is_ascii() && !header.contains([' ', ';', '"', '\n', ',']), "{header}");
    assert_eq!(foreign::marker_in_field(TOKEN, Some(7), &field).as_ref(), Some(&event));
    let headers = format!("Subject: x\nContent-Type: text/html;\n {header}; charset=utf-8\n");
    assert_eq!(foreign::marker_in_headers(TOKEN, 7, &headers), Some(event));
    assert_eq!(foreign::marker_in_field(TOKEN, Some(8), &field), None);
    assert_eq!(foreign::marker_in_headers(TOKEN, 8, &headers), None);
    assert_eq!(foreign::marker_in_field("another", Some(7), &field), None);
}

fn ids(one: &str, other: &str) {
    let (a, b) = (txn_id(one), txn_id(other));
    assert!(a.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert_eq!(a == b, one == other);
    let alias = |id: &str| ticket_alias(&SETTINGS, &TicketId::new(id));
    if let (Some(a), Some(b)) = (alias(one), alias(other)) {
        assert_eq!(a == b, one == other, "two tickets have one alias");
    }
    let ghost = |id: &str| SETTINGS.ghost(&PersonId::new(id));
    let (a, b) = (ghost(one), ghost(other));
    assert!(SETTINGS.is_ours(&a));
    assert!(a != b || one == other || a == SETTINGS.bot, "two people have one ghost");
    // Nobody of elsewhere is a contact of ours.
    let contact = SETTINGS.contact(&CodeId::new(one));
    assert!(SETTINGS.is_ours(&contact));
}
