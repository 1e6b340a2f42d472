//! Walking an order.

use super::{Draw, Rank, State};

/// A walk along an order, or along one rank's share of it.
#[derive(Debug, Clone)]
pub struct Draws<'a> {
    marker: std::marker::PhantomData<&'a ()>,
}

impl Draws<'_> {
    /// Of the draws that are left, those of one rank. Elastic resume: `sampler.resume(&state)?.rank(rank)`.
    #[must_use]
    pub fn rank(self, rank: Rank) -> Self {
        let _ = rank;
        unimplemented!()
    }

    /// Draws that are left.
    pub fn remaining(&self) -> u64 {
        unimplemented!()
    }

    /// Writes the next draws to `out` until it is full or the order ends; returns how many were written. The fast
    /// way to take many.
    pub fn fill(&mut self, out: &mut [Draw]) -> usize {
        let _ = out;
        unimplemented!()
    }

    /// Where the walk is, to go on from later. Ranks that have read as many draws have the same state.
    pub fn state(&self) -> State {
        unimplemented!()
    }
}

impl Iterator for Draws<'_> {
    type Item = Draw;

    fn next(&mut self) -> Option<Draw> {
        unimplemented!()
    }
}
