//! Independent choice: every position draws its cluster among the active ones, by their weights alone.

use super::layout::Entry;
use super::shares::Share;
use super::weights::UNIT;
use super::{Draw, Sampler};
use crate::keys::{BATCH, hash, mix, scale};

/// How many times every cluster has been drawn, and which of them may be drawn now.
#[derive(Debug, Clone)]
pub(super) struct Independent<'a> {
    sampler: &'a Sampler,
    /// The clusters that are not empty, in index order, as are all fields below.
    entries: Vec<(Entry, Share)>,
    counts: Vec<u64>,
    active: ActiveSet,
    /// The passes of raise-clip that have begun: each allows one repetition more.
    passes: u64,
    /// The next position.
    position: u64,
    /// H(seed, 4).
    prefix: u64,
}

impl<'a> Independent<'a> {
    /// At `position`, which each cluster's number of draws has led to; they are checked to fit.
    pub fn new(sampler: &'a Sampler, position: u64, counts: Vec<u64>) -> Self {
        let with_share = |entry: Entry| (entry, sampler.share(entry.rank));
        let entries: Vec<_> = sampler.layout.by_rank().into_iter().map(with_share).collect();
        let weights = entries.iter().map(|(_, share)| share.weight).collect();
        let passes = sampler.passes(position);
        let mut walk = Self {
            sampler,
            entries,
            counts,
            active: ActiveSet::new(weights),
            passes,
            position,
            prefix: hash(&[sampler.options.seed, 4]),
        };
        for i in 0..walk.entries.len() {
            if walk.is_full(i) {
                walk.active.remove(i);
            }
        }
        walk
    }

    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Whether a cluster has been drawn as often as it may be at present. At most 2^48 draws in all, so there are at
    /// most 2^48 / size + 2^16 repetitions, and the product is under 2^57.
    #[inline]
    fn is_full(&self, i: usize) -> bool {
        let (entry, share) = &self.entries[i];
        share.clip.is_some_and(|clip| self.counts[i] >= (clip + self.passes) * entry.size)
    }

    /// Draws the cluster of the next position: its index here and how often it was drawn before.
    #[inline]
    fn step(&mut self) -> (usize, u64) {
        if self.active.sum == 0 {
            // Only the end of a pass leaves no cluster; the order goes on with raise-clip alone.
            self.passes += 1;
            self.active.fill();
        }
        let choice = scale(mix(self.prefix ^ self.position), self.active.sum);
        let i = self.active.select(choice);
        self.position += 1;
        let before = self.counts[i];
        self.counts[i] += 1;
        if self.is_full(i) {
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
        let (entry, _) = &self.entries[i];
        let (key, place, epoch) = entry.pick(before, 0);
        let member = self.sampler.member(key, entry.size, place);
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
                let (entry, _) = &self.entries[i];
                let (key, place, epoch) = entry.pick(before, 0);
                keys[j] = key;
                lens[j] = entry.size;
                places[j] = place;
                *draw = Draw { cluster: Some(entry.cluster), member: 0, repetition: epoch + 1 };
                next = next.saturating_add(stride);
            }
            self.sampler.members(&keys[..count], &lens[..count], &mut places[..count]);
            for (draw, &place) in batch.iter_mut().zip(&places) {
                draw.member = place;
            }
        }
    }
}

/// A subset of 0..k with weights, in which the element that a running sum of them reaches is found in O(log k): a
/// Fenwick tree.
#[derive(Debug, Clone)]
struct ActiveSet {
    weights: Vec<u64>,
    /// The weights of the elements left: a mean of 2^32 for less than 2^32 clusters.
    sum: u64,
    /// `tree[i]` is the sum of those of the lowbit(i) elements that end with element i − 1.
    tree: Vec<u64>,
    /// Whether all are left, and weigh [`UNIT`].
    even: bool,
}

impl ActiveSet {
    fn new(weights: Vec<u64>) -> Self {
        let mut set = Self { tree: vec![0; weights.len() + 1], weights, sum: 0, even: false };
        set.fill();
        set
    }

    fn fill(&mut self) {
        self.tree[1..].copy_from_slice(&self.weights);
        for i in 1..self.tree.len() {
            let parent = i + (i & i.wrapping_neg());
            if parent < self.tree.len() {
                self.tree[parent] += self.tree[i];
            }
        }
        self.sum = self.weights.iter().sum();
        self.even = self.weights.iter().all(|&weight| weight == UNIT);
    }

    fn remove(&mut self, element: usize) {
        self.even = false;
        let weight = self.weights[element];
        self.sum -= weight;
        let mut i = element + 1;
        while i < self.tree.len() {
            self.tree[i] -= weight;
            i += i & i.wrapping_neg();
        }
    }

    /// The first element with which the running sum of weights exceeds `reached`, which is under the sum of all.
    #[inline]
    fn select(&self, reached: u64) -> usize {
        if self.even {
            return (reached / UNIT) as usize;
        }
        let (mut below, mut left) = (0, reached);
        let mut step = 1 << (self.tree.len() - 1).ilog2();
        while step > 0 {
            if let Some(&sum) = self.tree.get(below + step)
                && sum <= left
            {
                left -= sum;
                below += step;
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
        for total in [1u64, 2, 3, 16, 17, 100] {
            for weights in [vec![UNIT; total as usize], (0..total).map(|i| 1 + mix(i) % 5).collect()] {
                let mut set = ActiveSet::new(weights.clone());
                let mut list: Vec<usize> = (0..total as usize).collect();
                while !list.is_empty() {
                    let mut sum = 0;
                    for &i in &list {
                        let ends = [sum, sum + weights[i] - 1];
                        assert_eq!(ends.map(|reached| set.select(reached)), [i, i]);
                        sum += weights[i];
                    }
                    assert_eq!(sum, set.sum);
                    let gone = list.remove(scale(mix(list.len() as u64), list.len() as u64) as usize);
                    set.remove(gone);
                }
                set.fill();
                assert_eq!(set.select(set.sum - 1), total as usize - 1);
            }
        }
    }
}
