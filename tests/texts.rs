//! Claims about what the bot says: every message is there in every language, filled with the same, and never empty.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use std::collections::{BTreeMap, BTreeSet};

use ticketroom::texts::{AREAS, variables};

/// What is wrong, all of it at once.
fn nothing(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn languages() -> BTreeSet<&'static str> {
    AREAS.iter().flat_map(|area| area.sources).map(|source| source.language).collect()
}

#[test]
fn every_language_has_every_message_and_no_other() {
    let mut wrong = Vec::new();
    for area in AREAS {
        let declared: BTreeSet<&str> = area.messages.iter().map(|message| message.id).collect();
        assert_eq!(area.sources.len(), languages().len(), "{} in each language", area.name);
        for source in area.sources {
            let file = format!("locales/{}/{}.ftl", source.language, area.name);
            let found = variables(source.text).unwrap_or_else(|errors| panic!("{file}: {errors:?}"));
            let found: BTreeSet<&str> = found.keys().map(String::as_str).collect();
            wrong.extend(declared.difference(&found).map(|id| format!("{file}: {id} is missing")));
            wrong.extend(found.difference(&declared).map(|id| format!("{file}: {id} is used by no function")));
        }
    }
    nothing(wrong);
}

#[test]
fn a_message_is_filled_with_the_same_in_every_language() {
    let mut wrong = Vec::new();
    for area in AREAS {
        for source in area.sources {
            let found = variables(source.text).unwrap();
            for message in area.messages {
                let given: BTreeSet<String> = message.arguments.iter().map(|name| (*name).to_owned()).collect();
                if found.get(message.id).is_some_and(|needed| *needed != given) {
                    wrong.push(format!("{}: {}: filled with {given:?}", source.language, message.id));
                }
            }
        }
    }
    nothing(wrong);
}

#[test]
fn no_message_is_declared_twice() {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for message in AREAS.iter().flat_map(|area| area.messages) {
        *times.entry(message.id).or_default() += 1;
    }
    nothing(times.iter().filter(|(_, n)| **n > 1).map(|(id, _)| (*id).to_owned()).collect());
}

#[test]
fn a_commands_line_begins_with_the_command_in_every_language() {
    let mut wrong = Vec::new();
    for source in AREAS.iter().flat_map(|area| area.sources) {
        for line in source.text.lines() {
            let Some((id, text)) = line.split_once(" = ") else { continue };
            let Some(word) = id.strip_prefix("help_") else { continue };
            let is_command = ticketroom::bridge::COMMANDS.iter().any(|command| command.word == word);
            if is_command && text.split_whitespace().next() != Some(&format!("!{word}")) {
                wrong.push(format!("{}: {line}", source.language));
            }
        }
    }
    nothing(wrong);
}

#[test]
fn the_rules_hold_no_words_of_their_own() {
    // What is read by people has a blank between two words; what is read by machines has none.
    let mut wrong = Vec::new();
    for folder in ["src/bridge", "src/bridge/commands"] {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.extension().is_none_or(|ending| ending != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                let words = line.split('"').skip(1).step_by(2).find(|quoted| says_something(quoted));
                wrong.extend(words.map(|words| format!("{}:{}: {words}", path.display(), number + 1)));
            }
        }
    }
    nothing(wrong);
}

fn says_something(quoted: &str) -> bool {
    let is_word = |word: &str| word.len() > 1 && word.chars().all(char::is_alphabetic);
    let words: Vec<&str> = quoted.split(' ').collect();
    words.windows(2).any(|pair| pair.iter().all(|word| is_word(word)))
}
