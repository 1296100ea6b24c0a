//! Which lanes have work and which are being worked on: one worker per lane, rows handed over in memory where they
//! fit, read from the store where they don't.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::early::Early;

/// Rows of one lane that are kept in memory; more are read from the store when their turn comes.
const MAX_ROWS: usize = 64;

/// A row of a queue.
pub trait Queued {
    fn seq(&self) -> i64;
}

struct Slot<T> {
    rows: VecDeque<T>,
    /// The store has rows of this lane that are not in `rows`.
    more_in_store: bool,
    /// Rows of the last page: they may stand in `rows`, too.
    paged: HashSet<i64>,
    /// Waiting for its time; no worker.
    resting: bool,
}

impl<T> Slot<T> {
    fn new(more_in_store: bool) -> Self {
        Self { rows: VecDeque::new(), more_in_store, paged: HashSet::new(), resting: false }
    }
}

struct Inner<T> {
    slots: HashMap<String, Slot<T>>,
    held: HashSet<String>,
    resting: usize,
    /// Lanes were turned away because there were too many; the store knows them.
    overflow: bool,
    /// Counts the times at which the store may have got rows that were not handed over: at the start, when a lane was
    /// turned away, and when a commit's answer was lost.
    doubts: u64,
    /// Up to which of them all lanes of the store were woken since.
    cleared: u64,
    early: Early,
}

impl<T> Inner<T> {
    /// Whether the store may have rows of a lane that has no worker.
    fn in_doubt(&self) -> bool {
        self.doubts > self.cleared
    }

    fn turn_away(&mut self) {
        self.overflow = true;
        self.doubts += 1;
    }
}

pub struct Lanes<T> {
    inner: Mutex<Inner<T>>,
    max_active: usize,
}

/// What a worker does next.
pub enum Turn<T> {
    Row(T),
    /// Read the lane's oldest page from the store and call `paged`.
    Load,
    /// Nothing left; the worker ends. `refill`: others were turned away and can come now.
    End {
        refill: bool,
    },
}

impl<T: Queued> Lanes<T> {
    pub fn new(max_active: usize, held: impl IntoIterator<Item = String>) -> Self {
        let inner = Inner {
            slots: HashMap::new(),
            held: held.into_iter().collect(),
            resting: 0,
            overflow: false,
            doubts: 1,
            cleared: 0,
            early: Early::default(),
        };
        Self { inner: Mutex::new(inner), max_active }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        // A panic elsewhere leaves the maps as they were between two statements; the store is the truth anyway.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a new row over. True: a worker has to be started for the lane.
    #[must_use]
    pub fn push(&self, lane: &str, row: T) -> bool {
        let mut inner = self.lock();
        if inner.early.is_known(row.seq()) || inner.held.contains(lane) {
            return false;
        }
        if let Some(slot) = inner.slots.get_mut(lane) {
            if slot.resting || slot.more_in_store || slot.rows.len() >= MAX_ROWS {
                slot.more_in_store = true;
            } else {
                slot.rows.push_back(row);
            }
            return false;
        }
        if inner.slots.len() - inner.resting >= self.max_active {
            inner.turn_away();
            return false;
        }
        let mut slot = Slot::new(inner.in_doubt());
        if !slot.more_in_store {
            slot.rows.push_back(row);
        }
        inner.slots.insert(lane.to_owned(), slot);
        true
    }

    /// Says that the store has rows of this lane. True: a worker has to be started.
    #[must_use]
    pub fn wake(&self, lane: &str) -> bool {
        let mut guard = self.lock();
        let inner = &mut *guard;
        if inner.held.contains(lane) {
            return false;
        }
        let full = inner.slots.len() - inner.resting >= self.max_active;
        match inner.slots.get_mut(lane) {
            Some(slot) if slot.resting => {
                slot.resting = false;
                slot.more_in_store = true;
                inner.resting -= 1;
                true
            }
            Some(slot) => {
                slot.more_in_store = true;
                false
            }
            None if full => {
                inner.turn_away();
                false
            }
            None => {
                inner.slots.insert(lane.to_owned(), Slot::new(true));
                true
            }
        }
    }

    /// The same from whoever looks after all lanes: one that rests wakes by itself, in its time.
    #[must_use]
    pub fn remind(&self, lane: &str) -> bool {
        let rests = self.lock().slots.get(lane).is_some_and(|slot| slot.resting);
        !rests && self.wake(lane)
    }

    /// The store has rows that come before those handed over: all are read again. True: a worker has to be started.
    #[must_use]
    pub fn reload(&self, lane: &str) -> bool {
        if let Some(slot) = self.lock().slots.get_mut(lane) {
            slot.rows.clear();
        }
        self.wake(lane)
    }

    /// Whether nobody works on the lane and it is not held.
    pub fn is_idle(&self, lane: &str) -> bool {
        let inner = self.lock();
        !inner.slots.contains_key(lane) && !inner.held.contains(lane)
    }

    /// Whether a row handed over now would surely be the only one of its lane that waits.
    pub fn is_surely_idle(&self, lane: &str) -> bool {
        !self.lock().in_doubt() && self.is_idle(lane)
    }

    /// The store may have got rows that were not handed over: every lane is read again.
    pub fn doubt(&self) {
        let mut inner = self.lock();
        inner.doubts += 1;
        for slot in inner.slots.values_mut() {
            slot.rows.clear();
            slot.more_in_store = true;
        }
    }

    /// To be asked before the store is asked for its lanes, and given to `cleared` when all of them were woken.
    pub fn doubts(&self) -> u64 {
        self.lock().doubts
    }

    pub fn cleared(&self, doubts: u64) {
        let mut inner = self.lock();
        inner.cleared = inner.cleared.max(doubts);
    }

    pub fn next(&self, lane: &str) -> Turn<T> {
        let mut guard = self.lock();
        let inner = &mut *guard;
        let ended = inner.held.contains(lane);
        let Some(slot) = inner.slots.get_mut(lane) else { return Turn::End { refill: false } };
        if !ended {
            while let Some(row) = slot.rows.pop_front() {
                if !slot.paged.contains(&row.seq()) {
                    return Turn::Row(row);
                }
            }
            if slot.more_in_store {
                // Whatever is pushed from now on is either in the page or behind it.
                slot.more_in_store = false;
                slot.paged.clear();
                return Turn::Load;
            }
        }
        inner.slots.remove(lane);
        let refill = std::mem::take(&mut inner.overflow);
        Turn::End { refill }
    }

    /// A page was read: its rows are done before those handed over. `full`: there may be more behind it.
    pub fn paged(&self, lane: &str, seqs: impl Iterator<Item = i64>, full: bool) {
        let seqs: Vec<i64> = seqs.collect();
        let mut inner = self.lock();
        inner.early.note(&seqs);
        if let Some(slot) = inner.slots.get_mut(lane) {
            slot.paged.extend(seqs);
            if full {
                slot.more_in_store = true;
                slot.rows.clear();
            }
        }
    }

    /// The lane's first row has to wait: the worker ends, and only `wake` starts another one.
    pub fn rest(&self, lane: &str) {
        let mut guard = self.lock();
        let inner = &mut *guard;
        if let Some(slot) = inner.slots.get_mut(lane)
            && !slot.resting
        {
            slot.resting = true;
            slot.rows.clear();
            slot.paged.clear();
            inner.resting += 1;
        }
    }

    /// Later rows wait until `release`.
    pub fn hold(&self, lane: &str) {
        self.lock().held.insert(lane.to_owned());
    }

    /// True: a worker has to be started.
    #[must_use]
    pub fn release(&self, lane: &str) -> bool {
        self.lock().held.remove(lane);
        self.wake(lane)
    }

    /// The lanes that are held and have this prefix.
    pub fn held_with(&self, prefix: &str) -> Vec<String> {
        self.lock().held.iter().filter(|lane| lane.starts_with(prefix)).cloned().collect()
    }

    pub fn is_held(&self, lane: &str) -> bool {
        self.lock().held.contains(lane)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Queued for i64 {
        fn seq(&self) -> i64 {
            *self
        }
    }

    /// As after all lanes of the store were woken.
    fn sure(max_active: usize) -> Lanes<i64> {
        let lanes = Lanes::new(max_active, []);
        lanes.cleared(lanes.doubts());
        lanes
    }

    fn rows(lanes: &Lanes<i64>, lane: &str) -> Vec<i64> {
        let mut seen = Vec::new();
        while let Turn::Row(row) = lanes.next(lane) {
            seen.push(row);
        }
        seen
    }

    #[test]
    fn a_lane_has_one_worker_and_keeps_its_order() {
        let lanes = sure(8);
        assert!(lanes.push("a", 1));
        assert!(!lanes.push("a", 2), "it has a worker already");
        assert!(lanes.push("b", 3), "another lane has its own");
        assert_eq!(rows(&lanes, "a"), [1, 2]);
        assert!(lanes.push("a", 4), "the worker had ended");
    }

    #[test]
    fn what_does_not_fit_is_read_from_the_store() {
        let lanes = sure(8);
        for seq in 0..(MAX_ROWS as i64 + 10) {
            let _started = lanes.push("a", seq);
        }
        for seq in 0..MAX_ROWS as i64 {
            assert!(matches!(lanes.next("a"), Turn::Row(row) if row == seq));
        }
        assert!(matches!(lanes.next("a"), Turn::Load));
        let page = MAX_ROWS as i64..MAX_ROWS as i64 + 10;
        assert!(!lanes.push("a", MAX_ROWS as i64 + 9), "in the page and handed over: done once");
        lanes.paged("a", page, false);
        assert!(matches!(lanes.next("a"), Turn::End { .. }));
    }

    #[test]
    fn a_held_lane_waits_and_goes_on_from_the_store() {
        let lanes = sure(8);
        assert!(lanes.push("a", 1));
        lanes.hold("a");
        assert!(matches!(lanes.next("a"), Turn::End { .. }));
        assert!(!lanes.push("a", 2));
        assert!(lanes.release("a"));
        assert!(matches!(lanes.next("a"), Turn::Load));
    }

    #[test]
    fn a_resting_lane_is_not_overtaken_by_its_own_new_rows() {
        let lanes = sure(1);
        assert!(lanes.push("a", 1));
        lanes.rest("a");
        assert!(!lanes.push("a", 2));
        assert!(lanes.push("b", 3), "resting takes no place");
        assert!(!lanes.remind("a"), "it wakes by itself");
        assert!(lanes.wake("a"));
        assert!(matches!(lanes.next("a"), Turn::Load));
    }

    #[test]
    fn a_lane_that_got_older_rows_starts_again_from_the_store() {
        let lanes = sure(8);
        assert!(lanes.push("a", 7));
        assert!(!lanes.push("a", 8));
        assert!(matches!(lanes.next("a"), Turn::Row(7)));
        assert!(!lanes.reload("a"), "it has a worker");
        assert!(matches!(lanes.next("a"), Turn::Load));
        lanes.paged("a", [3, 8].into_iter(), false);
        assert!(matches!(lanes.next("a"), Turn::End { .. }));
        assert!(lanes.reload("a"), "the worker had ended");
    }

    #[test]
    fn lanes_that_were_turned_away_are_asked_for_again() {
        let lanes = sure(1);
        assert!(lanes.push("a", 1));
        assert!(!lanes.push("b", 2));
        assert_eq!(rows(&lanes, "c"), Vec::<i64>::new());
        assert!(matches!(lanes.next("a"), Turn::Row(1)));
        assert!(matches!(lanes.next("a"), Turn::End { refill: true }));
    }

    #[test]
    fn a_new_row_never_overtakes_what_may_lie_in_the_store() {
        let lanes = Lanes::new(1, []);
        assert!(lanes.push("a", 5), "at the start the store may have earlier ones");
        assert!(matches!(lanes.next("a"), Turn::Load));
        lanes.paged("a", [3, 5].into_iter(), false);
        assert!(matches!(lanes.next("a"), Turn::End { .. }));
        lanes.cleared(lanes.doubts());
        assert!(lanes.push("a", 6));
        assert!(!lanes.push("b", 7), "turned away");
        assert!(matches!(lanes.next("a"), Turn::Row(6)));
        assert!(matches!(lanes.next("a"), Turn::End { refill: true }));
        assert!(lanes.push("b", 8), "before the refill came to it");
        assert!(matches!(lanes.next("b"), Turn::Load), "7 comes first");
    }

    #[test]
    fn after_a_lost_answer_every_lane_is_read_again() {
        let lanes = sure(8);
        assert!(lanes.push("a", 1));
        assert!(matches!(lanes.next("a"), Turn::Row(1)));
        assert!(!lanes.push("a", 3));
        lanes.doubt();
        assert!(!lanes.push("a", 4));
        assert!(matches!(lanes.next("a"), Turn::Load));
        assert!(!lanes.is_surely_idle("b"));
    }
}
