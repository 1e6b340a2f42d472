//! Rounds and phases: where in the order a position lies.

use crate::keys::{hash, mix};

/// One cluster that is not empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// Documents in it.
    pub size: u64,
    /// H(seed, 2, c) for its rank c: the key of epoch e is one `mix` away, `mix(prefix ^ e)`.
    pub prefix: u64,
    /// Index among all clusters.
    pub cluster: u32,
    /// Index among those that are not empty.
    pub rank: u32,
}

impl Entry {
    /// Key and place of the member that the cluster's draw number `time` takes, and its epoch, which is counted
    /// from `base`.
    #[inline(always)]
    pub fn pick(&self, time: u64, base: u64) -> (u64, u64, u64) {
        // A division of 32 bits takes a third of the time of one of 64 on many CPUs.
        let (quotient, place) = if (time | self.size) >> 32 == 0 {
            let (time, size) = (time as u32, self.size as u32);
            (u64::from(time / size), u64::from(time % size))
        } else {
            (time / self.size, time % self.size)
        };
        let epoch = base + quotient;
        (mix(self.prefix ^ epoch), place, epoch)
    }
}

/// A stretch of the order with the same active clusters, in units of a pass with clip 1: with clip r, round and
/// start are r times as large.
#[derive(Debug, Clone, Copy)]
struct Phase {
    /// First position.
    start: u64,
    /// First round: the size of the clusters that have just been exhausted.
    round: u64,
    /// How many clusters are exhausted, the first ones of the sorted list.
    first: u32,
}

/// Where a position lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    /// The number that the round's key is made of.
    pub round: u64,
    /// Rounds since the beginning of the order, or of the pass of raise-clip.
    pub time: u64,
    /// Epochs of every cluster before `time` began: 0, or r + m in pass m.
    pub base: u64,
    /// Exhausted clusters, the first ones of the sorted list.
    pub first: usize,
    /// Active clusters, the others.
    pub active: u64,
    /// Which of them, before the round's permutation.
    pub slot: u64,
}

/// The clusters in the order in which they are exhausted, and the phases that this makes. O(k) memory, whatever
/// the number of documents.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// By (size, index).
    pub sorted: Vec<Entry>,
    phases: Vec<Phase>,
    /// Clustered documents, at most 2^40.
    pub documents: u64,
}

impl Layout {
    /// Lays out the clusters that are not empty. `documents` is the sum of `sizes`, checked to be at most 2^40.
    pub fn new(sizes: &[u64], documents: u64, seed: u64) -> Self {
        let prefix = hash(&[seed, 2]);
        let mut sorted: Vec<Entry> = sizes
            .iter()
            .enumerate()
            .filter(|&(_, &size)| size > 0)
            .zip(0u64..)
            .map(|((cluster, &size), rank)| Entry {
                size,
                prefix: mix(prefix ^ rank),
                cluster: cluster as u32,
                rank: rank as u32,
            })
            .collect();
        sorted.sort_unstable_by_key(|entry| (entry.size, entry.cluster));
        let mut phases: Vec<Phase> = vec![Phase { start: 0, round: 0, first: 0 }];
        let mut last = phases[0];
        for (first, pair) in (1u32..).zip(sorted.windows(2)) {
            let round = pair[0].size;
            if pair[1].size > round {
                let active = sorted.len() as u64 - u64::from(last.first);
                // A product of rounds and clusters of these is at most the number of documents.
                last = Phase { start: last.start + (round - last.round) * active, round, first };
                phases.push(last);
            }
        }
        Self { sorted, phases, documents }
    }

    /// The clusters by rank.
    pub fn by_rank(&self) -> Vec<Entry> {
        let mut entries = self.sorted.clone();
        self.sorted.iter().for_each(|&entry| entries[entry.rank as usize] = entry);
        entries
    }

    /// Clusters that are not empty.
    #[inline]
    pub fn n_clusters(&self) -> u64 {
        self.sorted.len() as u64
    }

    /// Documents in the largest cluster.
    #[inline]
    pub fn largest(&self) -> u64 {
        self.sorted.last().map_or(0, |entry| entry.size)
    }

    /// With clip 1, the first position of the phase without clusters of this size: the end for the largest.
    pub fn exhausted_at(&self, size: u64) -> u64 {
        let next = self.phases.partition_point(|phase| phase.round < size);
        self.phases.get(next).map_or(self.documents, |phase| phase.start)
    }

    /// Where `position` lies: without a clip there is one phase without end, and after clip · documents draws
    /// the passes of raise-clip begin. Positions are at most 2^48 and clip · documents at most 2^56, so nothing
    /// here exceeds 2^58.
    #[inline]
    pub fn locate(&self, position: u64, clip: Option<u64>) -> Spot {
        let Some(clip) = clip else {
            let active = self.n_clusters();
            let time = position / active;
            return Spot { round: time, time, base: 0, first: 0, active, slot: position % active };
        };
        let Some(beyond) = position.checked_sub(clip * self.documents) else {
            return self.within(position, clip, 0, 0);
        };
        let base = clip + beyond / self.documents;
        self.within(beyond % self.documents, 1, base, base * self.largest())
    }

    /// Locates a position of one run through the phases.
    #[inline(always)]
    fn within(&self, position: u64, clip: u64, base: u64, first_round: u64) -> Spot {
        let phase = self.phases[self.phases.partition_point(|phase| phase.start * clip <= position) - 1];
        let active = self.n_clusters() - u64::from(phase.first);
        let inside = position - phase.start * clip;
        let time = phase.round * clip + inside / active;
        Spot {
            round: first_round + time,
            time,
            base,
            first: phase.first as usize,
            active,
            slot: inside % active,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_has_three_phases() {
        let layout = Layout::new(&[1, 3, 5], 9, 0);
        // Clip 2: two rounds of 3 clusters, four of 2, four of 1.
        let spots: Vec<_> = (0..18).map(|p| layout.locate(p, Some(2))).collect();
        assert_eq!(
            spots.iter().map(|s| s.active).collect::<Vec<_>>(),
            [3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1]
        );
        assert_eq!(
            spots.iter().map(|s| s.round).collect::<Vec<_>>(),
            [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9]
        );
        assert_eq!([1, 3, 5].map(|size| layout.exhausted_at(size)), [3, 7, 9]);
    }

    #[test]
    fn passes_of_raise_clip_number_their_rounds_from_the_largest_cluster() {
        let layout = Layout::new(&[1, 3, 5], 9, 0);
        let spot = layout.locate(18 + 9 + 3, Some(2));
        // Pass 1: rounds (2 + 1) · 5 + t; position 3 of a pass is its second round.
        assert_eq!(spot, Spot { round: 16, time: 1, base: 3, first: 1, active: 2, slot: 0 });
    }
}
