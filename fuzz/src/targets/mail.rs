//! Mails and pages of the helpdesk: cleaned they are harmless, and hold no words that were not written.

use std::collections::HashSet;

use ticketroom::helpdesk::request_tracker::foreign;
use ticketroom::text::{Flavour, Origin, from_reply_html, from_reply_plain, to_html, to_plain};

use super::html::written;
use crate::text;

pub fn check(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let input = text(rest);
    let origin = if kind & 4 == 0 { Origin::Mail } else { Origin::Page };
    match kind % 4 {
        0 => {
            let read = from_reply_plain(&input, origin);
            written(&read);
            is_from(&to_plain(&read), &input);
        }
        1 => {
            let read = from_reply_html(&input, origin);
            written(&read);
            let html = to_html(&read, Flavour::Matrix);
            assert_eq!(to_html(&ticketroom::text::from_html(&html), Flavour::Matrix), html);
        }
        2 => written(&foreign::message(&input, true)),
        _ => written(&foreign::message(&input, false)),
    }
}

/// Every word was written by somebody. An address stands twice where a link bears other words.
fn is_from(read: &str, input: &str) {
    // An address is written in its normal form where the one that was written is ambiguous.
    if input.contains(['@']) || input.contains("://") {
        return;
    }
    let clean: String = input.chars().filter(|c| !is_invisible(*c)).collect();
    let words: HashSet<&str> = words(&clean).collect();
    for word in self::words(read) {
        assert!(words.contains(word) || clean.contains(word), "{word:?} is new in {read:?}");
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 2)
}

fn is_invisible(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}')
        || (c as u32) & 0xfffe == 0xfffe
}
