//! Rounds with several places for a cluster, or none: SPEC.md, section 4.

mod pick;
mod run;
mod window;

pub(super) use run::{Lane, Run};
pub(super) use window::Window;

use super::layout::Layout;
use super::shares::Share;
use crate::keys::{hash, mix};

/// The rounds of an order with weights: those up to the clips, and those that each pass of raise-clip repeats.
#[derive(Debug, Clone)]
pub(super) struct Weighted {
    pub main: Run,
    /// A pass: each document once.
    pass: Run,
    /// Clips, by (size, rank): epochs before a pass begins.
    clips: Vec<u64>,
    /// What the rounds of pass m are numbered from is (r + m) · X: the largest clip, and X.
    largest_clip: u64,
    rounds: u128,
    /// Clustered documents.
    documents: u64,
}

/// Where a run lies in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Leg {
    /// The pass of raise-clip, from 0; `None` before the clips.
    pass: Option<u64>,
    /// Its first position.
    begin: u64,
}

impl Weighted {
    /// `shares` and `caps` are in rank order, `clip` is any where there are none.
    pub fn new(layout: &Layout, shares: &[Share], caps: &[u64], seed: u64) -> Self {
        let prefix = hash(&[seed, 13]);
        let lanes = |cap: &dyn Fn(u32, u64) -> u64| {
            let lane = layout.sorted.iter().map(|entry| {
                let phase = (mix(prefix ^ u64::from(entry.rank)) >> 32) as u32;
                Lane::new(shares[entry.rank as usize].weight, cap(entry.rank, entry.size), phase)
            });
            Run::new(lane.collect())
        };
        let clip = |rank: u32| shares[rank as usize].clip.unwrap_or(0);
        // At most 2^72, for a cluster of 2^40 documents and weight 1.
        let rounds = |(entry, lane): (&super::layout::Entry, &Lane)| {
            (u128::from(entry.size) << 32).div_ceil(lane.weight.into())
        };
        let main = lanes(&|rank, _| caps[rank as usize]);
        Self {
            rounds: layout.sorted.iter().zip(&main.lanes).map(rounds).max().unwrap_or(0),
            clips: layout.sorted.iter().map(|entry| clip(entry.rank)).collect(),
            largest_clip: shares.iter().filter_map(|share| share.clip).max().unwrap_or(0),
            pass: lanes(&|_, size| size),
            documents: layout.documents,
            main,
        }
    }

    fn leg(&self, position: u64) -> Leg {
        match u128::from(position).checked_sub(self.main.draws) {
            None => Leg { pass: None, begin: 0 },
            Some(beyond) => {
                let pass = beyond as u64 / self.documents;
                Leg { pass: Some(pass), begin: position - beyond as u64 % self.documents }
            }
        }
    }

    fn run(&self, leg: Leg) -> &Run {
        if leg.pass.is_none() { &self.main } else { &self.pass }
    }

    /// The number that a round's key is made of.
    fn number(&self, leg: Leg, time: u128) -> u64 {
        // At most 2^49 · 2^72 + 2^72; the low 64 bits are what is meant.
        let before = leg.pass.map_or(0, |m| (u128::from(self.largest_clip) + u128::from(m)) * self.rounds);
        (before + time) as u64
    }

    /// Epochs of a cluster, one of those listed by (size, rank), before a leg begins.
    fn base(&self, leg: Leg, lane: usize) -> u64 {
        leg.pass.map_or(0, |m| self.clips[lane] + m)
    }
}
