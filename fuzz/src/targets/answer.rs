//! Answers of Request Tracker: read leniently, and never more than they say.

use ticketroom::helpdesk::request_tracker::foreign;

use super::html::is_line;
use crate::text;

pub fn check(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let input = text(rest);
    match kind % 5 {
        0 => {
            let whole = foreign::content(rest, rest.len());
            for piece_bytes in [1, 3, 64] {
                assert_eq!(foreign::content(rest, piece_bytes), whole, "in pieces of {piece_bytes}");
            }
        }
        1 => {
            let _counted = foreign::listed(&input);
            for file in foreign::files(3, &input) {
                assert!(
                    !file.name.contains(['/', '\\', '\0', '\n', '\r', '"']) && file.name.len() <= 240,
                    "{:?}",
                    file.name
                );
            }
        }
        2 => {
            if let Some(person) = foreign::person(&input) {
                is_line(&person.name, 80);
                assert!(!person.name.split(' ').any(is_mail_address), "{:?}", person.name);
            }
        }
        3 => {
            for (seconds, _) in foreign::answered(&input) {
                assert!(seconds >= 0, "{seconds}");
            }
            let _either = foreign::seconds(&input);
            let line = foreign::line(&input, 100);
            assert!(line.chars().count() <= 100 && !line.chars().any(char::is_control), "{line:?}");
        }
        _ => {
            let answer = serde_json::from_str(&input).unwrap_or_else(|_| serde_json::json!({ "message": input }));
            let said = foreign::said(&answer);
            assert!(!said.contains('@') && !said.chars().any(char::is_control), "{said:?}");
        }
    }
}

fn is_mail_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| {
        name.ends_with(|c: char| c.is_ascii_alphanumeric()) && host.starts_with(|c: char| c.is_ascii_alphanumeric())
    })
}
