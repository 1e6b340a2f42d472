//! A run of rounds with weights: how often each cluster was drawn before a round, and the round of a position.
//!
//! Before round t a cluster of weight w, phase φ and cap c was drawn min(c, ⌊(t · w + φ) / 2^32⌋) times. The sum over
//! the clusters that are not at their caps is (t · Σw + Σφ − Σ remainders) / 2^32, and a remainder is the lower half
//! of t · w + φ, for which 32 bits suffice: so a sum over clusters costs one short product for each.

/// What a cluster is in a run.
#[derive(Debug, Clone, Copy)]
pub(in crate::sampler) struct Lane {
    /// w, draws a round times 2^32: from 1 to under 2^64 − 2^32.
    pub weight: u64,
    /// The most draws: 2^57 at most.
    pub cap: u64,
    /// φ, under 2^32.
    pub phase: u32,
    /// The first round before which it has been drawn `cap` times.
    pub end: u128,
}

impl Lane {
    pub fn new(weight: u64, cap: u64, phase: u32) -> Self {
        // The least t with t · w + φ ≥ cap · 2^32.
        let end = ((u128::from(cap) << 32).saturating_sub(phase.into())).div_ceil(weight.into());
        Self { weight, cap, phase, end }
    }

    /// The lower 32 bits of t · w + φ.
    #[inline(always)]
    pub fn remainder(&self, time: u128) -> u64 {
        u64::from((time as u32).wrapping_mul(self.weight as u32).wrapping_add(self.phase))
    }

    /// How often it was drawn before a round.
    #[inline(always)]
    pub fn drawn(&self, time: u128) -> u64 {
        if time >= self.end {
            return self.cap;
        }
        // Under cap · 2^32 + 2^32, as the round is before the end.
        ((time * u128::from(self.weight) + u128::from(self.phase)) >> 32) as u64
    }

    /// How many places it has in a round.
    #[inline(always)]
    pub fn places(&self, time: u128) -> u64 {
        // Rare, where whether it has ended is any cluster's guess: that must cost no branch.
        if self.end == time + 1 {
            return self.cap - self.drawn(time);
        }
        u64::from(time < self.end) * ((self.remainder(time) + self.weight) >> 32)
    }
}

/// A round that holds a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sampler) struct Round {
    pub time: u128,
    /// The position of its first place.
    pub begin: u128,
    /// Its places, at least one.
    pub places: u64,
}

/// Rounds between two ends of clusters.
#[derive(Debug, Clone, Copy)]
struct Stage {
    /// First round.
    from: u128,
    /// Clusters that have ended, the first ones by end.
    ended: usize,
    /// The sum of their caps.
    capped: u128,
    /// The sums of the others' weights and phases.
    weights: u128,
    phases: u128,
}

impl Stage {
    /// 2^32 times what would be drawn before a round if draws were not whole. A cluster that has not ended before
    /// round t has t · w under 2^89, so sums over 2^32 of them fit.
    fn level(&self, time: u128) -> u128 {
        (self.capped << 32) + time * self.weights + self.phases
    }
}

/// All clusters of a run, which begins with round 0.
#[derive(Debug, Clone)]
pub(in crate::sampler) struct Run {
    /// As the clusters are listed: by (size, rank).
    pub lanes: Vec<Lane>,
    stages: Vec<Stage>,
    /// The lower halves of weights, and the phases, by end.
    steps: Vec<u32>,
    phases: Vec<u32>,
    /// All places: the sum of the caps.
    pub draws: u128,
}

impl Run {
    /// O(k log k).
    pub fn new(lanes: Vec<Lane>) -> Self {
        let mut order: Vec<(u128, u32)> = lanes.iter().zip(0..).map(|(lane, i)| (lane.end, i)).collect();
        order.sort_unstable();
        let by_end = || order.iter().map(|&(_, i)| &lanes[i as usize]);
        let mut stage = Stage {
            from: 0,
            ended: 0,
            capped: 0,
            weights: by_end().map(|lane| u128::from(lane.weight)).sum(),
            phases: by_end().map(|lane| u128::from(lane.phase)).sum(),
        };
        let mut stages = Vec::new();
        for lane in by_end() {
            if lane.end > stage.from {
                stages.push(stage);
                stage.from = lane.end;
            }
            stage.ended += 1;
            stage.capped += u128::from(lane.cap);
            stage.weights -= u128::from(lane.weight);
            stage.phases -= u128::from(lane.phase);
        }
        stages.push(stage);
        let steps = by_end().map(|lane| lane.weight as u32).collect();
        let phases = by_end().map(|lane| lane.phase).collect();
        Self { stages, steps, phases, draws: stage.capped, lanes }
    }

    fn stage(&self, time: u128) -> &Stage {
        // The first one begins with round 0.
        &self.stages[self.stages.partition_point(|stage| stage.from <= time) - 1]
    }

    /// The sum of the weights of the clusters that have not ended before a round.
    pub fn weights(&self, time: u128) -> u128 {
        self.stage(time).weights
    }

    /// How many places the rounds before this one have. O(k).
    pub fn before(&self, time: u128) -> u128 {
        let stage = self.stage(time);
        let low = time as u32;
        let left = self.steps[stage.ended..].iter().zip(&self.phases[stage.ended..]);
        // Fewer than 2^32 remainders under 2^32.
        let remainders: u64 =
            left.map(|(&step, &phase)| u64::from(low.wrapping_mul(step).wrapping_add(phase))).sum();
        (stage.level(time) - u128::from(remainders)) >> 32
    }

    /// The last round before which not more than so many places lie even if draws were not whole, and the clusters
    /// that have not ended there.
    fn reached(&self, places: u128) -> (u128, u64) {
        let level = places << 32;
        let after = self.stages.partition_point(|stage| stage.level(stage.from) <= level);
        let stage = &self.stages[after.saturating_sub(1)];
        let active = (self.lanes.len() - stage.ended) as u64;
        let steps = level.saturating_sub(stage.level(stage.from)).checked_div(stage.weights).unwrap_or(0);
        (stage.from + steps, active)
    }

    /// The round that holds a position under `draws`. Whole draws fall behind the level by less than one for each
    /// cluster that has not ended, which bounds the rounds; inside of these it is searched for. O(k) a step, of which
    /// there are two or three unless rounds are nearly empty.
    pub fn round(&self, position: u128) -> Round {
        let (mut low, active) = self.reached(position);
        let (mut high, _) = self.reached(position + u128::from(active));
        high += 1;
        // Guesses until they are counted: half of the clusters' fractions of a draw.
        let (mut at_low, mut at_high) =
            (position.saturating_sub(u128::from(active / 2)), position + u128::from(active / 2) + 1);
        let (mut low_counted, mut high_counted) = (false, false);
        let mut step = 0;
        while high - low > 1 {
            // By interpolation, and every third time in the middle, so that it ends soon whatever the weights are. The
            // rounds between are at most k · 2^32, the places at most 2 k.
            let middle = match step % 3 {
                2 => low + (high - low) / 2,
                _ => low + (high - low) * (position - at_low) / (at_high - at_low),
            };
            let middle = middle.clamp(low + 1, high - 1);
            let before = self.before(middle);
            if before <= position {
                (low, at_low, low_counted) = (middle, before, true);
            } else {
                (high, at_high, high_counted) = (middle, before, true);
            }
            step += 1;
        }
        let begin = if low_counted { at_low } else { self.before(low) };
        let end = if high_counted { at_high } else { self.before(high) };
        Round { time: low, begin, places: (end - begin) as u64 }
    }

    /// The cluster at a place of a round, of those listed by (size, rank), and its number of draws before. O(k).
    pub fn place(&self, time: u128, mut place: u64) -> (usize, u64) {
        for (i, lane) in self.lanes.iter().enumerate() {
            let places = lane.places(time);
            if place < places {
                return (i, lane.drawn(time) + place);
            }
            place -= places;
        }
        unreachable!("place {place} beyond those of round {time}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{hash, scale};

    fn run(k: u64, seed: u64, skew: u64) -> Run {
        let lane = |c| {
            let weight = (1 + scale(hash(&[seed, c]), 1 << 40)) >> scale(hash(&[seed, c, 1]), skew);
            Lane::new(weight.max(1), scale(hash(&[seed, c, 2]), 20), hash(&[seed, c, 3]) as u32)
        };
        Run::new((0..k).map(lane).collect())
    }

    #[test]
    fn every_position_lies_in_the_round_that_counting_finds() {
        for (k, skew) in [(1, 1), (2, 40), (7, 20), (40, 41), (300, 3)] {
            for seed in 0..8 {
                let run = run(k, seed, skew);
                let counted = |time| run.lanes.iter().map(|lane| u128::from(lane.drawn(time))).sum::<u128>();
                assert_eq!(counted(run.stages.last().unwrap().from), run.draws);
                for position in 0..run.draws {
                    let round = run.round(position);
                    assert_eq!((counted(round.time), run.before(round.time)), (round.begin, round.begin));
                    assert_eq!(counted(round.time + 1) - round.begin, round.places.into());
                    assert!((round.begin..round.begin + u128::from(round.places)).contains(&position));
                }
            }
        }
    }

    #[test]
    fn the_smallest_weight_and_the_largest_cluster_fit() {
        let lanes = vec![Lane::new(1, 1 << 56, 0), Lane::new((1 << 33) - 1, 1 << 20, u32::MAX)];
        let run = Run::new(lanes);
        assert_eq!(run.stages.last().unwrap().from, 1 << 88);
        let last = run.round(run.draws - 1);
        assert_eq!((last.time, last.begin, last.places), ((1 << 88) - 1, run.draws - 1, 1));
        assert_eq!(run.place(last.time, 0), (0, (1 << 56) - 1));
    }
}
