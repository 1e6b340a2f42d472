//! The draws at given positions: one alone, or many at once.
//!
//! Both do the same; many at once go through [`permute`] in batches, first for the clusters, then for their
//! members, so that the long chains of the permutations overlap.

use super::weighted::Window;
use super::{Draw, Sampler, Strategy};
use crate::keys::{BATCH, Permutation, mix, permute};
use crate::par;

/// Draws that a thread makes at a time: under a millisecond's work.
const BLOCK: usize = 1 << 14;

/// Draws of one batch that share their round: batch indices up to `end`.
#[derive(Clone, Copy, Default)]
struct Run {
    end: usize,
    first: usize,
    time: u64,
    base: u64,
}

impl Sampler {
    /// The draw at a position under the length. Not for independent choice.
    #[inline]
    pub(super) fn pick_one(&self, position: u64) -> Draw {
        if self.options.strategy == Strategy::Random {
            let (epoch, place) = (position / self.layout.documents, position % self.layout.documents);
            let permutation = Permutation::new(mix(self.prefix ^ epoch), self.layout.documents);
            return Draw { cluster: None, member: permutation.at(place), repetition: epoch + 1 };
        }
        let position = self.forwards(position);
        if let Some(weighted) = &self.weighted {
            return weighted.pick_one(self, position);
        }
        let spot = self.layout.locate(position, self.clip);
        let clusters = Permutation::new(mix(self.prefix ^ spot.round), spot.active);
        let entry = &self.layout.sorted[spot.first + clusters.at(spot.slot) as usize];
        let (key, place, epoch) = entry.pick(spot.time, spot.base);
        let member = self.member(key, entry.size, place);
        Draw { cluster: Some(entry.cluster), member, repetition: epoch + 1 }
    }

    /// What [`Sampler::pick_many`] does, on all cores: each position is a function of itself.
    pub(super) fn pick_all(&self, window: &mut Window, start: u64, stride: u64, out: &mut [Draw]) {
        // A few draws are made before another thread has heard of them.
        let block = self.block();
        if out.len() <= block {
            return self.pick_many(window, start, stride, out);
        }
        par::map_chunks_mut(out, block, |i, out| {
            self.pick_many(&mut Window::default(), start + (i * block) as u64 * stride, stride, out);
        });
    }

    /// Draws that a thread makes at a time: with weights as many as there are clusters, for it looks at these first.
    pub(super) fn block(&self) -> usize {
        if self.weighted.is_some() { BLOCK.max(self.layout.sorted.len()) } else { BLOCK }
    }

    /// Writes the draws at `start`, `start + stride`, …, all of them under the length. Not for independent choice.
    /// With weights `window` is where the walk is.
    pub(super) fn pick_many(&self, window: &mut Window, start: u64, stride: u64, out: &mut [Draw]) {
        if let Some(weighted) = &self.weighted {
            return weighted.pick_many(self, window, start, stride, out);
        }
        let mut position = start;
        for batch in out.chunks_mut(BATCH) {
            if self.options.strategy == Strategy::Random {
                self.pick_random(position, stride, batch);
            } else {
                self.pick_batch(position, stride, batch);
            }
            // Past the last batch this may leave the order; with huge strides it would leave u64 too.
            position = position.saturating_add(stride.saturating_mul(batch.len() as u64));
        }
    }

    fn pick_random(&self, start: u64, stride: u64, out: &mut [Draw]) {
        let (documents, count) = (self.layout.documents, out.len());
        let (mut keys, mut places) = ([0; BATCH], [0; BATCH]);
        let mut position = start;
        for (i, draw) in out.iter_mut().enumerate() {
            let epoch = position / documents;
            keys[i] = mix(self.prefix ^ epoch);
            places[i] = position % documents;
            *draw = Draw { cluster: None, member: 0, repetition: epoch + 1 };
            position = position.saturating_add(stride);
        }
        permute(&keys[..count], &[documents; BATCH][..count], &mut places[..count]);
        for (draw, &place) in out.iter_mut().zip(&places) {
            draw.member = place;
        }
    }

    fn pick_batch(&self, start: u64, stride: u64, out: &mut [Draw]) {
        let count = out.len();
        let (mut keys, mut lens, mut places) = ([0; BATCH], [0; BATCH], [0; BATCH]);
        let mut runs = [Run::default(); BATCH];
        let mut n_runs = 0;
        let backwards = self.is_reversed();

        // Places in the rounds, one run of places after the other.
        let (mut position, mut i) = (start, 0);
        while i < count {
            let spot = self.layout.locate(self.forwards(position), self.clip);
            let key = mix(self.prefix ^ spot.round);
            let room = if backwards { spot.slot } else { spot.active - 1 - spot.slot } / stride;
            let steps = room.min((count - 1 - i) as u64);
            let mut slot = spot.slot;
            let end = i + 1 + steps as usize;
            for j in i..end {
                keys[j] = key;
                lens[j] = spot.active;
                places[j] = slot;
                // After the last step the slot may leave the round; it is not used then.
                slot = if backwards { slot.wrapping_sub(stride) } else { slot.wrapping_add(stride) };
            }
            runs[n_runs] = Run { end, first: spot.first, time: spot.time, base: spot.base };
            n_runs += 1;
            i = end;
            position = position.saturating_add(stride.saturating_mul(steps + 1));
        }
        permute(&keys[..count], &lens[..count], &mut places[..count]);

        // Places become clusters, clusters become places in their epochs.
        let mut begin = 0;
        for run in &runs[..n_runs] {
            for j in begin..run.end {
                let entry = &self.layout.sorted[run.first + places[j] as usize];
                let (key, place, epoch) = entry.pick(run.time, run.base);
                keys[j] = key;
                lens[j] = entry.size;
                places[j] = place;
                out[j] = Draw { cluster: Some(entry.cluster), member: 0, repetition: epoch + 1 };
            }
            begin = run.end;
        }
        self.members(&keys[..count], &lens[..count], &mut places[..count]);
        for (draw, &place) in out.iter_mut().zip(&places) {
            draw.member = place;
        }
    }
}
