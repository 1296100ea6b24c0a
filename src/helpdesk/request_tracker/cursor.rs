//! How far the feed was read: the highest id, and which of the ids just below it were seen.
//!
//! Ids are given out before their change is saved, so that a lower one may appear after a higher one. The gaps are
//! asked for again as long as they are close to the end.

use serde::{Deserialize, Serialize};

/// How many ids below the highest are watched.
const WINDOW: u64 = 128;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The highest id that was seen, or behind which nothing else was.
    max: u64,
    /// What is at or below it was there before we began.
    floor: u64,
    /// Ids of the window that were seen.
    seen: Vec<u64>,
}

impl Cursor {
    pub fn begin(max: u64) -> Self {
        Self { max, floor: max, seen: Vec::new() }
    }

    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub fn see(&mut self, id: u64) {
        if let Err(at) = self.seen.binary_search(&id) {
            self.seen.insert(at, id);
        }
        self.pass(id);
    }

    pub fn max(&self) -> u64 {
        self.max
    }

    /// Nothing that we may see was found up to this id.
    pub fn pass(&mut self, id: u64) {
        self.max = self.max.max(id);
        let low = self.low();
        self.seen.retain(|seen| *seen > low);
    }

    pub fn has_seen(&self, id: u64) -> bool {
        id <= self.low() || self.seen.binary_search(&id).is_ok()
    }

    /// The TicketSQL for everything that is not seen yet.
    pub fn unseen(&self) -> String {
        let mut clauses = vec![format!("id > {}", self.max)];
        let mut from = self.low() + 1;
        for seen in self.seen.iter().copied().chain([self.max.saturating_add(1)]) {
            if seen > from {
                clauses.push(format!("(id > {} AND id < {seen})", from - 1));
            }
            from = from.max(seen + 1);
        }
        clauses.join(" OR ")
    }

    fn low(&self) -> u64 {
        self.floor.max(self.max.saturating_sub(WINDOW))
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_asked_for_until_it_is_far_behind() {
        let mut cursor = Cursor::begin(10);
        assert_eq!(cursor.unseen(), "id > 10");
        for id in [11, 12, 15] {
            cursor.see(id);
        }
        assert_eq!(cursor.unseen(), "id > 15 OR (id > 12 AND id < 15)");
        cursor.see(13);
        assert_eq!(cursor.unseen(), "id > 15 OR (id > 13 AND id < 15)");
        cursor.see(400);
        assert!(cursor.has_seen(14));
        assert_eq!(cursor.unseen(), "id > 400 OR (id > 272 AND id < 400)");
    }

    #[test]
    fn what_is_passed_over_is_a_gap_like_any_other() {
        let mut cursor = Cursor::begin(10);
        cursor.see(11);
        cursor.pass(20);
        assert_eq!(cursor.unseen(), "id > 20 OR (id > 11 AND id < 21)");
        assert!(!cursor.has_seen(20));
        cursor.pass(300);
        assert_eq!(cursor.unseen(), "id > 300 OR (id > 172 AND id < 301)");
    }

    #[test]
    fn it_is_read_back_as_it_was_written() {
        let mut cursor = Cursor::begin(10);
        cursor.see(12);
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        assert_eq!(Cursor::parse("7 of 9"), None);
    }
}
