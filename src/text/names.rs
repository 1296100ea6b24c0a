//! Short texts from outside that stand in a line of ours: display names and ticket titles.

use std::borrow::Cow;

use super::chars::{cleaned, is_invisible, is_joined, is_visible};

const NAME_CHARS_MAX: usize = 80;
const TITLE_CHARS_MAX: usize = 80;
/// More marks on one letter than any language needs hide the lines above and below.
const MARKS_MAX: usize = 4;

/// A display name that can stand in our sentences; a dash, which all languages have, if nothing is left of it.
pub fn clean_name(name: &str) -> String {
    let name: String = tidied(name).chars().take(NAME_CHARS_MAX).collect();
    let name = name.trim_end();
    if name.is_empty() { "—".to_owned() } else { name.to_owned() }
}

/// The first line of a text that says something, for the title of a ticket; "…" if there is none.
pub fn title(text: &str) -> String {
    let text = cleaned(text);
    let mut lines = text.split('\n').filter(|line| {
        let line = bare_line(line);
        line.chars().any(is_letter) || is_emoji(line)
    });
    let first = lines.next();
    let line = match first {
        Some(greeting) if is_greeting(bare_line(greeting)) => {
            lines.find(|line| !is_greeting(bare_line(line))).or(first)
        }
        other => other,
    };
    shortened(&tidied(&line.map_or("…".into(), unmarked)), TITLE_CHARS_MAX)
}

/// At most `chars_max` characters, cut between words where there is one near, with "…".
pub fn shortened(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let cut = super::limit::cut_at(text, chars_max.saturating_sub(1));
    format!("{}…", text.get(..cut).unwrap_or_default().trim_end())
}

pub(super) fn tidied(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        if c.is_whitespace() || matches!(c, '\u{2800}' | '\u{3164}') {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !is_invisible(c) {
            marks = if is_joined(c) { marks + 1 } else { 0 };
            if marks <= MARKS_MAX {
                out.push(c);
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A line without the marks of Markdown in front of it.
fn bare_line(line: &str) -> &str {
    let mut line = line.trim();
    while let Some(rest) = line.strip_prefix(['#', '>', '*', '-', '•', '_', '`']) {
        // "-20 °C", ">5 bar" and "#7" are no list, quote or heading.
        let is_mark = !rest.starts_with(|c: char| c.is_alphanumeric()) || line.starts_with(['•', '*', '_', '`']);
        if !is_mark {
            break;
        }
        line = rest.trim_start();
    }
    line
}

/// The same without the marks that end what those in front of it began.
fn unmarked(line: &str) -> Cow<'_, str> {
    let bare = bare_line(line);
    let front = line.trim_end().strip_suffix(bare.trim_end()).unwrap_or_default();
    let mark = front.get(front.trim_end_matches(['*', '_', '`']).len()..).unwrap_or_default();
    if mark.is_empty() { Cow::Borrowed(bare) } else { Cow::Owned(bare.replacen(mark, "", 1)) }
}

/// Some of what shows nothing counts as a letter, such as the fillers of Hangul.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !is_invisible(c)
}

fn is_emoji(line: &str) -> bool {
    is_visible(line) && !line.is_ascii()
}

fn is_greeting(line: &str) -> bool {
    const WORDS: [&str; 16] = [
        "hi",
        "hello",
        "hey",
        "dear",
        "hallo",
        "moin",
        "servus",
        "guten",
        "sehr",
        "liebe",
        "lieber",
        "bonjour",
        "hola",
        "good",
        "greetings",
        "ciao",
    ];
    let mut words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_lowercase();
    let ends_so = line.ends_with([',', '!']) || words.clone().count() == 0;
    ends_so && WORDS.contains(&first.as_str()) && words.count() <= 5
}
