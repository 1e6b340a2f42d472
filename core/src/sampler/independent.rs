//! Independent choice: every position draws its cluster uniformly among the active ones.

use super::layout::Entry;
use super::{Draw, Sampler};
use crate::keys::{BATCH, Permutation, hash, mix, permute, scale};

/// How many times every cluster has been drawn, and which of them may be drawn now.
#[derive(Debug, Clone)]
pub(super) struct Independent {
    /// The clusters that are not empty, in index order, as are all fields below.
    entries: Vec<Entry>,
    counts: Vec<u64>,
    active: ActiveSet,
    /// Most repetitions at present: the clip and the passes of raise-clip so far; `None` without a clip.
    limit: Option<u64>,
    /// The next position.
    position: u64,
    /// H(seed, 4).
    prefix: u64,
}

impl Independent {
    /// At `position`, which each cluster's number of draws has led to; they are checked to fit.
    pub fn new(sampler: &Sampler, position: u64, counts: Vec<u64>) -> Self {
        let mut entries = sampler.layout.sorted.clone();
        entries.sort_unstable_by_key(|entry| entry.cluster);
        let limit = sampler.repetitions(position).map(|(_, most)| most);
        let is_active = |i: usize| limit.is_none_or(|limit| counts[i] < limit * entries[i].size);
        let active = ActiveSet::new(entries.len(), is_active);
        let prefix = hash(&[sampler.options.seed, 4]);
        Self { entries, counts, active, limit, position, prefix }
    }

    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Draws the cluster of the next position: its index here and how often it was drawn before.
    #[inline]
    fn step(&mut self) -> (usize, u64) {
        if self.active.len == 0 {
            // Only the end of a pass leaves no cluster; the order goes on with raise-clip alone.
            self.limit = self.limit.map(|limit| limit + 1);
            self.active.fill();
        }
        let choice = scale(mix(self.prefix ^ self.position), self.active.len);
        let i = self.active.select(choice);
        self.position += 1;
        let before = self.counts[i];
        self.counts[i] += 1;
        // At most 2^48 draws in all, so the limit is at most 2^48 / size + 2^16 and the product under 2^57.
        if self.limit.is_some_and(|limit| before + 1 == limit * self.entries[i].size) {
            self.active.remove(i);
        }
        (i, before)
    }

    /// Goes on to `position`.
    pub fn advance(&mut self, position: u64) {
        while self.position < position {
            self.step();
        }
    }

    /// The draw at `position`, which is not before the next one.
    #[inline]
    pub fn pick_one(&mut self, position: u64) -> Draw {
        self.advance(position);
        let (i, before) = self.step();
        let entry = &self.entries[i];
        let (key, place, epoch) = entry.pick(before, 0);
        let member = Permutation::new(key, entry.size).at(place);
        Draw { cluster: Some(entry.cluster), member, repetition: epoch + 1 }
    }

    /// Writes the draws at `start`, `start + stride`, …, none of them before the next position.
    pub fn pick_many(&mut self, start: u64, stride: u64, out: &mut [Draw]) {
        let mut next = start;
        for batch in out.chunks_mut(BATCH) {
            let count = batch.len();
            let (mut keys, mut lens, mut places) = ([0; BATCH], [0; BATCH], [0; BATCH]);
            for (j, draw) in batch.iter_mut().enumerate() {
                self.advance(next);
                let (i, before) = self.step();
                let entry = &self.entries[i];
                let (key, place, epoch) = entry.pick(before, 0);
                keys[j] = key;
                lens[j] = entry.size;
                places[j] = place;
                *draw = Draw { cluster: Some(entry.cluster), member: 0, repetition: epoch + 1 };
                next = next.saturating_add(stride);
            }
            permute(&keys[..count], &lens[..count], &mut places[..count]);
            for (draw, &place) in batch.iter_mut().zip(&places) {
                draw.member = place;
            }
        }
    }
}

/// A subset of 0..k whose i-th element is found in O(log k): a Fenwick tree of what has been removed.
#[derive(Debug, Clone)]
struct ActiveSet {
    /// Elements left.
    len: u64,
    /// `tree[i]` counts the removed ones among the lowbit(i) elements that end with element i − 1.
    tree: Vec<u32>,
}

impl ActiveSet {
    fn new(total: usize, is_active: impl Fn(usize) -> bool) -> Self {
        let mut set = Self { len: 0, tree: vec![0; total + 1] };
        set.fill();
        for i in (0..total).filter(|&i| !is_active(i)) {
            set.remove(i);
        }
        set
    }

    fn fill(&mut self) {
        self.tree.fill(0);
        self.len = self.tree.len() as u64 - 1;
    }

    fn remove(&mut self, element: usize) {
        self.len -= 1;
        let mut i = element + 1;
        while i < self.tree.len() {
            self.tree[i] += 1;
            i += i & i.wrapping_neg();
        }
    }

    /// The element that `rank` elements of the set precede; `rank` is under the length.
    #[inline]
    fn select(&self, rank: u64) -> usize {
        let total = self.tree.len() - 1;
        if self.len == total as u64 {
            return rank as usize;
        }
        let (mut below, mut rank) = (0, rank as usize);
        let mut step = 1 << total.ilog2();
        while step > 0 {
            if let Some(&removed) = self.tree.get(below + step) {
                let left = step - removed as usize;
                if left <= rank {
                    rank -= left;
                    below += step;
                }
            }
            step /= 2;
        }
        below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_active_set_selects_what_a_list_would() {
        for total in [1, 2, 3, 16, 17, 100] {
            let mut set = ActiveSet::new(total, |_| true);
            let mut list: Vec<usize> = (0..total).collect();
            while !list.is_empty() {
                let selected: Vec<usize> = (0..list.len()).map(|i| set.select(i as u64)).collect();
                assert_eq!(selected, list);
                let gone = list.remove(scale(mix(list.len() as u64), list.len() as u64) as usize);
                set.remove(gone);
            }
        }
        let odd = ActiveSet::new(9, |i| i % 2 == 1);
        assert_eq!((0..odd.len).map(|i| odd.select(i)).collect::<Vec<_>>(), [1, 3, 5, 7]);
    }
}
