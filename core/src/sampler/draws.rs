//! Walking an order.

use std::iter::FusedIterator;

use super::independent::Independent;
use super::weighted::Window;
use super::{Choice, Draw, Members, Rank, Sampler, State};
use crate::keys::BATCH;
use crate::par;

/// A walk along an order, or along one rank's share of it.
///
/// ```
/// use clusterclip_core::sampler::{Options, Rank, Sampler};
/// let sampler = Sampler::new(&[1, 3, 5], Options::default())?;
/// let all: Vec<_> = sampler.iter().collect();
/// let second: Vec<_> = sampler.rank(Rank::new(1, 2, false)?).collect();
/// assert_eq!(second, [all[1], all[3], all[5], all[7]]);
/// # Ok::<(), clusterclip_core::sampler::SamplerError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Draws<'a> {
    sampler: &'a Sampler,
    /// Where the walk, or what its ranks share, began.
    origin: u64,
    /// The walk reads origin + offset, origin + offset + stride, …
    offset: u64,
    stride: u64,
    /// Draws read so far, of so many in all.
    read: u64,
    total: u64,
    source: Source<'a>,
}

#[derive(Debug, Clone)]
enum Source<'a> {
    /// Any position can be computed: `next` takes from a buffer of draws ahead.
    Pure { ahead: Vec<Draw>, taken: usize, window: Box<Window> },
    /// Positions come one after the other; nothing is computed ahead, so that the counters are those of the
    /// position.
    Walked(Box<Independent<'a>>),
}

impl<'a> Draws<'a> {
    /// From a position that is not after the end; independent choice with the counters there (none at 0).
    pub(super) fn new(sampler: &'a Sampler, position: u64, counters: Option<&[u64]>) -> Self {
        let source = match sampler.options.choice {
            Choice::Stratified => Source::Pure { ahead: Vec::new(), taken: 0, window: Box::default() },
            Choice::Independent => {
                let counts = counters.map_or_else(|| vec![0; sampler.layout.sorted.len()], <[u64]>::to_vec);
                Source::Walked(Box::new(Independent::new(sampler, position, counts)))
            }
        };
        let total = sampler.len - position;
        Self { sampler, origin: position, offset: 0, stride: 1, read: 0, total, source }
    }

    /// Of the draws that are left, those of one rank. Elastic resume is `sampler.resume(&state)?.rank(rank)`;
    /// ranks may be divided again, among the workers of each.
    #[must_use]
    pub fn rank(mut self, rank: Rank) -> Self {
        if let Source::Pure { ahead, taken, .. } = &mut self.source {
            ahead.clear();
            *taken = 0;
        }
        self.total = rank.share(self.remaining());
        self.origin = self.origin.saturating_add(self.read.saturating_mul(self.stride));
        // Beyond 2^64 there is no position, and no share.
        self.offset = self.offset.saturating_add(rank.rank().saturating_mul(self.stride));
        self.stride = self.stride.saturating_mul(rank.world_size());
        self.read = 0;
        self
    }

    /// Draws that are left.
    pub fn remaining(&self) -> u64 {
        self.total - self.read
    }

    /// Only for indices under the total: such positions are under the length.
    fn position_of(&self, index: u64) -> u64 {
        self.origin + self.offset + index * self.stride
    }

    /// Writes the next draws to `out` until it is full or the order ends; returns how many were written. The fast
    /// way to take many: on all cores, but with independent choice.
    pub fn fill(&mut self, out: &mut [Draw]) -> usize {
        let count = usize::try_from(self.remaining()).map_or(out.len(), |left| left.min(out.len()));
        let out = &mut out[..count];
        let (buffered, rest) = match &mut self.source {
            Source::Pure { ahead, taken, .. } => {
                let buffered = count.min(ahead.len() - *taken);
                let (head, rest) = out.split_at_mut(buffered);
                head.copy_from_slice(&ahead[*taken..*taken + buffered]);
                *taken += buffered;
                (buffered as u64, rest)
            }
            Source::Walked(_) => (0, out),
        };
        if !rest.is_empty() {
            let start = self.position_of(self.read + buffered);
            match &mut self.source {
                Source::Pure { window, .. } => self.sampler.pick_all(window, start, self.stride, rest),
                Source::Walked(walk) => walk.pick_many(start, self.stride, rest),
            }
        }
        self.read += count as u64;
        count
    }

    /// Writes the document rows of the next draws to `out` until it is full or the order ends; returns how many
    /// were written. The fastest way to an order: on all cores, but with independent choice.
    ///
    /// # Panics
    /// If `members` are not those whose sizes made the sampler.
    pub fn fill_rows(&mut self, members: &Members, out: &mut [u64]) -> usize {
        let count = usize::try_from(self.remaining()).map_or(out.len(), |left| left.min(out.len()));
        if count == 0 {
            return 0;
        }
        let (start, stride) = (self.position_of(self.read), self.stride);
        let sampler = self.sampler;
        let block = sampler.block();
        match &mut self.source {
            Source::Pure { ahead, taken, .. } => {
                ahead.clear();
                *taken = 0;
                par::map_chunks_mut(&mut out[..count], block, |i, rows| {
                    let start = start + (i * block) as u64 * stride;
                    let mut draws = vec![Draw::default(); rows.len()];
                    sampler.pick_many(&mut Window::default(), start, stride, &mut draws);
                    members.rows(&draws, rows);
                });
            }
            Source::Walked(walk) => {
                let mut draws = vec![Draw::default(); count.min(block)];
                let mut start = start;
                for rows in out[..count].chunks_mut(block) {
                    let draws = &mut draws[..rows.len()];
                    walk.pick_many(start, stride, draws);
                    members.rows(draws, rows);
                    start = start.saturating_add(stride.saturating_mul(rows.len() as u64));
                }
            }
        }
        self.read += count as u64;
        count
    }

    /// Where the walk is, to go on from later. Ranks that have read as many draws have the same state, which then
    /// covers all that any of them has read: one state resumes any number of ranks.
    pub fn state(&self) -> State {
        let reached = self.read.saturating_mul(self.stride).saturating_add(self.origin);
        let position = reached.min(self.sampler.len);
        let counters = match &self.source {
            Source::Pure { .. } => Vec::new(),
            Source::Walked(walk) => {
                let mut walk = walk.clone();
                walk.advance(position);
                walk.counts().to_vec()
            }
        };
        State::new(self.sampler, position, counters)
    }
}

impl Iterator for Draws<'_> {
    type Item = Draw;

    #[inline]
    fn next(&mut self) -> Option<Draw> {
        if self.read == self.total {
            return None;
        }
        let position = self.position_of(self.read);
        let draw = match &mut self.source {
            Source::Pure { ahead, taken, window } => {
                if *taken == ahead.len() {
                    let count = (self.total - self.read).min(BATCH as u64) as usize;
                    ahead.resize(count, Draw::default());
                    self.sampler.pick_many(window, position, self.stride, ahead);
                    *taken = 0;
                }
                *taken += 1;
                ahead[*taken - 1]
            }
            Source::Walked(walk) => walk.pick_one(position),
        };
        self.read += 1;
        Some(draw)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.remaining());
        (left.unwrap_or(usize::MAX), left.ok())
    }
}

impl FusedIterator for Draws<'_> {}
