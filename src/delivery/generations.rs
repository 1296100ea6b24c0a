//! Two generations of what is kept in memory: what was used since the last turn, and what was used before it. At a turn the
//! old one is dropped and the young one is old, so that what is in use stays however much else passes by.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

pub struct Generations<K, V> {
    /// Each with its size.
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    /// The size of the young ones,
    used: usize,
    /// and how much of it makes a turn.
    most: usize,
    turns: u64,
    dropped: Vec<Dropped<K, V>>,
}

/// A generation that was dropped.
pub type Dropped<K, V> = HashMap<K, (V, usize)>;

impl<K: Hash + Eq, V> Generations<K, V> {
    pub fn new(most: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), used: 0, most, turns: 0, dropped: Vec::new() }
    }

    pub fn insert(&mut self, key: K, value: V, size: usize) {
        self.old.remove(&key);
        if let Some((_, former)) = self.young.remove(&key) {
            self.used = self.used.saturating_sub(former);
        }
        if self.used.saturating_add(size) > self.most {
            self.turn();
        }
        self.used = self.used.saturating_add(size);
        self.young.insert(key, (value, size));
    }

    /// What is found is young again.
    pub fn get<Q: ?Sized + Hash + Eq>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        if let Some((key, (value, size))) = self.old.remove_entry(key) {
            self.insert(key, value, size);
        }
        self.young.get(key).map(|(value, _)| value)
    }

    pub fn contains(&self, key: &K) -> bool {
        self.young.contains_key(key) || self.old.contains_key(key)
    }

    pub fn turn(&mut self) {
        let old = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
        if !old.is_empty() {
            self.dropped.push(old);
        }
        self.used = 0;
        self.turns += 1;
    }

    /// What was dropped since this was called last: it may take a while to be freed, which is for the caller to arrange.
    pub fn dropped(&mut self) -> Vec<Dropped<K, V>> {
        std::mem::take(&mut self.dropped)
    }

    pub fn clear(&mut self) {
        self.turn();
        self.turn();
    }

    pub fn turns(&self) -> u64 {
        self.turns
    }

    /// Whether all is still here that was inserted since there had been so many turns.
    pub fn remembers_since(&self, turns: u64) -> bool {
        self.turns <= turns + 1
    }
}

#[cfg(test)]
mod tests {
    use super::Generations;

    #[test]
    fn what_is_in_use_stays_however_much_passes_by() {
        let mut kept = Generations::new(10);
        kept.insert("used".to_owned(), 0, 1);
        for number in 0..1000 {
            kept.insert(number.to_string(), number, 1);
            assert_eq!(kept.get("used"), Some(&0), "after {number}");
        }
        assert!(!kept.contains(&"1".to_owned()), "what nobody uses goes");
        assert!(kept.young.len() + kept.old.len() <= 20);
    }

    #[test]
    fn a_generation_is_as_large_as_what_is_in_it() {
        let mut kept = Generations::new(100);
        for round in 0..50 {
            kept.insert("rewritten", round, 60);
        }
        kept.insert("beside", 0, 40);
        assert_eq!(kept.turns(), 0, "what is written again and again takes its place once");
        kept.insert("next", 0, 1);
        assert_eq!(kept.turns(), 1);
        assert!(kept.contains(&"rewritten") && kept.contains(&"beside"), "they are old now");
        kept.insert("larger than a generation", 0, 1000);
        assert!(kept.contains(&"larger than a generation") && kept.contains(&"next"));
    }

    #[test]
    fn it_knows_whether_something_inserted_may_have_been_dropped() {
        let mut kept = Generations::new(2);
        let turns = kept.turns();
        for number in 0..4 {
            kept.insert(number, (), 1);
        }
        assert!(kept.remembers_since(turns) && kept.contains(&0));
        kept.insert(4, (), 1);
        assert!(!kept.remembers_since(turns) && !kept.contains(&0));
        let turns = kept.turns();
        kept.clear();
        assert!(!kept.remembers_since(turns) && !kept.contains(&4));
    }
}
