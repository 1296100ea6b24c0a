//! Rows that are read from the store before they are handed over: that follows the commit, but not at once, and by then
//! their worker may be done with them, and gone.

use std::collections::BTreeSet;

/// Rows that are remembered. Far more than the commits of one moment have.
const MAX: usize = 4096;

#[derive(Default)]
pub(super) struct Early {
    /// The newest row that was handed over.
    told: i64,
    read: BTreeSet<i64>,
}

impl Early {
    /// These were read.
    pub fn note(&mut self, seqs: &[i64]) {
        self.read.extend(seqs.iter().filter(|seq| **seq > self.told));
        // What lay in the store at the start, and what was written by a commit without an answer, is never handed over.
        while self.read.len() > MAX {
            self.read.pop_first();
        }
    }

    /// This one is handed over. True: it was read already, and there is nothing to do.
    pub fn is_known(&mut self, seq: i64) -> bool {
        self.told = self.told.max(seq);
        self.read.remove(&seq)
    }
}

#[cfg(test)]
mod tests {
    use crate::delivery::lanes::{Lanes, Turn};

    #[test]
    fn what_is_handed_over_after_it_was_read_and_done_is_not_done_again() {
        let lanes: Lanes<i64> = Lanes::new(8, []);
        lanes.cleared(lanes.doubts());
        assert!(lanes.push("a", 1));
        assert!(matches!(lanes.next("a"), Turn::Row(1)));
        assert!(!lanes.wake("a"));
        assert!(matches!(lanes.next("a"), Turn::Load));
        lanes.paged("a", [2, 3].into_iter(), false);
        assert!(matches!(lanes.next("a"), Turn::End { .. }), "the worker did them both");
        assert!(!lanes.push("a", 2), "the commit is told only now");
        assert!(!lanes.push("a", 3));
        assert!(lanes.push("a", 4));
        assert!(matches!(lanes.next("a"), Turn::Row(4)));
    }
}
