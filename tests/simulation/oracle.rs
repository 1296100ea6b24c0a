//! Counts what differs between what was acknowledged and what arrived: missing, doubled, reordered, changed, invented.

use std::collections::{BTreeMap, BTreeSet};

/// A message: `id` is unique, `text` all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: String,
    pub text: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub missing: Vec<String>,
    pub doubled: Vec<String>,
    pub reordered: Vec<String>,
    pub changed: Vec<String>,
    pub invented: Vec<String>,
}

impl Verdict {
    pub fn add(&mut self, other: Self) {
        self.missing.extend(other.missing);
        self.doubled.extend(other.doubled);
        self.reordered.extend(other.reordered);
        self.changed.extend(other.changed);
        self.invented.extend(other.invented);
    }

    pub fn counts(&self) -> [(&'static str, usize); 5] {
        [
            ("missing", self.missing.len()),
            ("doubled", self.doubled.len()),
            ("reordered", self.reordered.len()),
            ("changed", self.changed.len()),
            ("invented", self.invented.len()),
        ]
    }
}

/// Of one ticket in one direction. `id_of` finds the id within a text that arrived.
pub fn judge(written: &[Message], arrived: &[String], id_of: impl Fn(&str) -> Option<String>) -> Verdict {
    let places: BTreeMap<&str, usize> = written.iter().enumerate().map(|(at, it)| (it.id.as_str(), at)).collect();
    let mut verdict = Verdict::default();
    let (mut seen, mut furthest) = (BTreeSet::new(), None);
    for text in arrived {
        let place = id_of(text).and_then(|id| places.get(id.as_str()).copied());
        let Some((place, original)) = place.and_then(|place| Some((place, written.get(place)?))) else {
            verdict.invented.push(text.clone());
            continue;
        };
        if original.text != *text {
            verdict.changed.push(format!("{} → {text}", original.text));
        }
        if !seen.insert(place) {
            verdict.doubled.push(original.id.clone());
            continue;
        }
        if furthest.is_some_and(|furthest| place < furthest) {
            verdict.reordered.push(original.id.clone());
        }
        furthest = furthest.max(Some(place));
    }
    let missing = written.iter().enumerate().filter(|(place, _)| !seen.contains(place));
    verdict.missing.extend(missing.map(|(_, it)| it.id.clone()));
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_word(text: &str) -> Option<String> {
        text.split_whitespace().next().map(str::to_owned)
    }

    fn of(arrived: &[&str]) -> [usize; 5] {
        let written: Vec<Message> = ["a one", "b two", "c three"]
            .iter()
            .map(|text| Message { id: text[..1].to_owned(), text: (*text).to_owned() })
            .collect();
        let arrived: Vec<String> = arrived.iter().map(|text| (*text).to_owned()).collect();
        judge(&written, &arrived, first_word).counts().map(|(_, count)| count)
    }

    #[test]
    fn what_arrived_as_it_was_written_is_right() {
        assert_eq!(of(&["a one", "b two", "c three"]), [0; 5]);
    }

    #[test]
    fn each_of_the_five_is_counted_and_only_it() {
        assert_eq!(of(&["a one", "c three"]), [1, 0, 0, 0, 0], "missing");
        assert_eq!(of(&["a one", "b two", "b two", "c three"]), [0, 1, 0, 0, 0], "doubled");
        assert_eq!(of(&["a one", "b two", "c three", "a one"]), [0, 1, 0, 0, 0], "doubled, later");
        assert_eq!(of(&["b two", "a one", "c three"]), [0, 0, 1, 0, 0], "reordered");
        assert_eq!(of(&["a one", "b", "c three"]), [0, 0, 0, 1, 0], "changed");
        assert_eq!(of(&["a one", "b two", "x four", "c three"]), [0, 0, 0, 0, 1], "invented");
    }

    #[test]
    fn several_are_counted_each() {
        assert_eq!(of(&["c three!", "a one", "a one", "y"]), [1, 1, 1, 1, 1]);
        assert_eq!(of(&[]), [3, 0, 0, 0, 0]);
    }
}
