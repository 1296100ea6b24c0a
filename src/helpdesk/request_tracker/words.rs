//! Request Tracker's own words made fit to be shown: short, in one line, without addresses.

use serde_json::Value;

use crate::model::Why;

/// What an answer says: `{"message": …}` of an error, or the list of lines that a change comes to.
pub(super) fn said(body: &Value) -> String {
    let text = match body {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        Value::Object(map) => map.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    if text.trim().is_empty() { NOTHING.to_owned() } else { fit(&text) }
}

/// The same, for those who wrote what was refused.
pub(super) fn why(body: &Value) -> Why {
    let said = said(body);
    if said == NOTHING { Why::Other } else { Why::Said(said) }
}

const NOTHING: &str = "no reason given";

fn fit(text: &str) -> String {
    let line =
        text.split_whitespace().map(|word| if word.contains('@') { "…" } else { word }).collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// One line without control characters and direction marks, cut to `max` characters.
pub(super) fn line(text: &str, max: usize) -> String {
    let clean: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !turns_text(*c)).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(max).collect()
}

fn turns_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_in_an_error_is_not_repeated() {
        assert_eq!(said(&json!({"message": "User ada@example.org is\nunknown"})), "User … is unknown");
    }

    #[test]
    fn a_list_of_lines_becomes_one() {
        assert_eq!(said(&json!(["Ticket 1: a", "b"])), "Ticket 1: a; b");
        assert_eq!(said(&json!([])), "no reason given");
    }

    #[test]
    fn a_name_cannot_turn_the_text_around() {
        assert_eq!(line("Ada\u{202e}\u{0007}  x", 10), "Ada x");
    }
}
