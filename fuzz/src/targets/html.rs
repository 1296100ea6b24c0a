//! HTML of others: what we write of it is ours alone, reads as the same again, and holds nothing that turns text around.

use ticketroom::model::RichText;
use ticketroom::text::{Flavour, clean_name, excerpt, from_html, is_plain, limit, split, title, to_html, to_plain};

use crate::{strict_html, text};

pub fn check(data: &[u8]) {
    let input = text(data);
    let read = from_html(&input);
    written(&read);
    let html = to_html(&read, Flavour::Matrix);
    assert_eq!(from_html(&html), read, "written and read again it is another text: {html}");
    is_line(&title(&input), 80);
    is_line(&clean_name(&input), 80);
}

/// What must hold of every text, wherever it comes from.
pub fn written(text: &RichText) {
    for flavour in [Flavour::Matrix, Flavour::Helpdesk] {
        let html = to_html(text, flavour);
        if let Err(wrong) = strict_html::check(&html) {
            panic!("{flavour:?}: {wrong} in {html}");
        }
    }
    let plain = to_plain(text);
    assert_eq!(plain.chars().find(|c| is_unwanted(*c)), None, "{plain:?}");
    let stored = serde_json::to_string(text).unwrap();
    assert_eq!(&serde_json::from_str::<RichText>(&stored).unwrap(), text);
    // The dear ones only for some.
    if !plain.len().is_multiple_of(8) {
        return;
    }
    let (short, is_cut) = limit(text.clone(), 300);
    assert!(is_cut || short == *text);
    for part in split(text.clone(), 1_000, 8, "and so on").iter().chain([&excerpt(text, 40), &short]) {
        let html = to_html(part, Flavour::Matrix);
        assert!(strict_html::check(&html).is_ok(), "{html}");
    }
    let _either = is_plain(text);
}

fn is_unwanted(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A line of ours can hold it.
pub fn is_line(line: &str, chars_max: usize) {
    assert!(!line.is_empty() && line.chars().count() <= chars_max, "{line:?}");
    assert!(!line.contains(['\n', '\r', '\u{2028}', '\u{2029}']) && !line.chars().any(is_unwanted), "{line:?}");
}
