//! The draws at given positions of an order with weights: one alone, or many at once.

use super::{Weighted, Window};
use crate::keys::{BATCH, Permutation, mix, permute};
use crate::sampler::layout::Entry;
use crate::sampler::{Draw, Sampler};

impl Weighted {
    /// The draw at a position of the order that is drawn forwards: O(k).
    pub fn pick_one(&self, sampler: &Sampler, position: u64) -> Draw {
        let leg = self.leg(position);
        let (run, inside) = (self.run(leg), position - leg.begin);
        let round = run.round(inside.into());
        let key = mix(sampler.prefix ^ self.number(leg, round.time));
        // A place of the round.
        let slot = (u128::from(inside) - round.begin) as u64;
        let (lane, draw) = run.place(round.time, Permutation::new(key, round.places).at(slot));
        let entry: &Entry = &sampler.layout.sorted[lane];
        let (key, place, epoch) = entry.pick(draw, self.base(leg, lane));
        let member = sampler.member(key, entry.size, place);
        Draw { cluster: Some(entry.cluster), member, repetition: epoch + 1 }
    }

    /// Writes the draws at `start`, `start + stride`, …, all of them under the length; `window` is where a walk is.
    pub fn pick_many(
        &self,
        sampler: &Sampler,
        window: &mut Window,
        start: u64,
        stride: u64,
        out: &mut [Draw],
    ) {
        // A position alone costs about as much as walking over an eighth as many as there are clusters.
        let alone = stride > 16 + self.main.lanes.len() as u64 / 8;
        let mut position = start;
        let mut rest = out;
        while !rest.is_empty() {
            let count = if alone {
                rest[0] = self.pick_one(sampler, sampler.forwards(position));
                1
            } else {
                self.pick_batch(sampler, window, position, stride, rest)
            };
            rest = &mut rest[count..];
            // Past the last draw this may leave the order; with huge strides it would leave u64 too.
            position = position.saturating_add(stride.saturating_mul(count as u64));
        }
    }

    /// Writes as many draws as one window holds, at most a batch; returns how many.
    fn pick_batch(
        &self,
        sampler: &Sampler,
        window: &mut Window,
        start: u64,
        stride: u64,
        out: &mut [Draw],
    ) -> usize {
        let (mut keys, mut lens, mut places) = ([0; BATCH], [0; BATCH], [0; BATCH]);
        let mut begins = [0u32; BATCH];
        let backwards = sampler.is_reversed();
        let first = sampler.forwards(start);
        window.cover(self, first, backwards);
        let room = if backwards { first - window.begin } else { window.end - 1 - first } / stride;
        let count =
            out.len().min(BATCH).min(usize::try_from(room).map_or(BATCH, |room| room.saturating_add(1)));

        // Places in the rounds.
        let mut inside = (first - window.begin) as u32;
        let mut round = window.rounds.partition_point(|round| round.begin <= inside) - 1;
        let end_of =
            |round: usize| window.rounds.get(round + 1).map_or(window.places.len() as u32, |next| next.begin);
        let (mut end, mut key) = (end_of(round), mix(sampler.prefix ^ window.rounds[round].number));
        for j in 0..count {
            let last = round;
            while inside >= end {
                round += 1;
                end = end_of(round);
            }
            while inside < window.rounds[round].begin {
                round -= 1;
            }
            if round != last {
                end = end_of(round);
                key = mix(sampler.prefix ^ window.rounds[round].number);
            }
            let begin = window.rounds[round].begin;
            (keys[j], lens[j], places[j]) = (key, u64::from(end - begin), u64::from(inside - begin));
            begins[j] = begin;
            // After the last one this may leave the window; it is not used then.
            inside = if backwards {
                inside.wrapping_sub(stride as u32)
            } else {
                inside.wrapping_add(stride as u32)
            };
        }
        permute(&keys[..count], &lens[..count], &mut places[..count]);

        // Places become clusters, clusters become places in their epochs.
        for j in 0..count {
            let place = window.places[begins[j] as usize + places[j] as usize];
            let entry = &sampler.layout.sorted[place.lane as usize];
            let (key, at, epoch) = entry.pick(place.draw, self.base(window.leg, place.lane as usize));
            (keys[j], lens[j], places[j]) = (key, entry.size, at);
            out[j] = Draw { cluster: Some(entry.cluster), member: 0, repetition: epoch + 1 };
        }
        sampler.members(&keys[..count], &lens[..count], &mut places[..count]);
        for (draw, &place) in out[..count].iter_mut().zip(&places) {
            draw.member = place;
        }
        count
    }
}
