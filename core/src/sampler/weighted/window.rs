//! The places of some rounds that follow one another, made all at once.
//!
//! A walk needs the places of each round as a list. A window makes those of so many rounds that they have at least
//! about as many places as there are clusters left: then looking at each of these costs little a draw, however rarely
//! it is drawn. Within a window each cluster tells the rounds in which it has places, and these are brought into the
//! order of the rounds by counting. So a draw costs the same at the beginning of an order and in its last hundredth.

use super::{Leg, Run, Weighted};

/// The fewest places that a window is made for.
const PLACES: u64 = 1024;

/// A place: which cluster of those listed by (size, rank), and how often it was drawn before in its leg.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub lane: u32,
    pub draw: u64,
}

/// A round that has places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    /// The number that its key is made of.
    pub number: u64,
    /// Its first place of the window's.
    pub begin: u32,
}

/// A place with the round in which it lies, counted from the first one of the window.
#[derive(Debug, Clone, Copy, Default)]
struct Dated {
    round: u64,
    place: Place,
}

/// The places of some rounds: those of positions `begin..end`.
#[derive(Debug, Clone)]
pub(in crate::sampler) struct Window {
    pub(super) leg: Leg,
    pub begin: u64,
    pub end: u64,
    /// By (round, cluster).
    pub(super) places: Vec<Place>,
    /// Ascending; the end of the last is that of the places.
    pub(super) rounds: Vec<Listed>,
    /// The round after the window.
    next: u128,
    /// Clusters that have not ended there, ascending.
    active: Vec<u32>,
    dated: Vec<Dated>,
    sorted: Vec<Dated>,
    counts: Vec<u32>,
}

impl Default for Window {
    /// Holds no position.
    fn default() -> Self {
        Self {
            leg: Leg { pass: None, begin: 0 },
            // No order is so long.
            begin: u64::MAX,
            end: u64::MAX,
            places: Vec::new(),
            rounds: Vec::new(),
            next: 0,
            active: Vec::new(),
            dated: Vec::new(),
            sorted: Vec::new(),
            counts: Vec::new(),
        }
    }
}

impl Window {
    /// Goes to a position, which a walk reads next: backwards, then places before it are made as well.
    pub(super) fn cover(&mut self, weighted: &Weighted, position: u64, backwards: bool) {
        if (self.begin..self.end).contains(&position) {
            return;
        }
        // Over a few windows it goes faster than it finds a round.
        let near = 4 * PLACES.max(self.active.len() as u64);
        // All clusters are looked at to go somewhere, which a walk backwards does for every window: it makes as many places.
        let wanted = if backwards { PLACES.max(weighted.main.lanes.len() as u64) } else { PLACES };
        if position < self.end || position - self.end > near {
            self.seek(weighted, if backwards { position.saturating_sub(wanted - 1) } else { position });
        }
        while position >= self.end {
            self.advance(weighted, wanted);
        }
    }

    /// Ends before the round of a position.
    fn seek(&mut self, weighted: &Weighted, position: u64) {
        self.leg = weighted.leg(position);
        let run = weighted.run(self.leg);
        let round = run.round((position - self.leg.begin).into());
        self.next = round.time;
        // Not after the position.
        self.end = self.leg.begin + round.begin as u64;
        self.activate(run);
    }

    fn activate(&mut self, run: &Run) {
        let next = self.next;
        self.active.clear();
        self.active.extend((0..).zip(&run.lanes).filter(|(_, lane)| lane.end > next).map(|(i, _)| i));
    }

    /// Goes on to the next rounds: so many that they have about as many places as are wanted, or as there are clusters
    /// left.
    fn advance(&mut self, weighted: &Weighted, wanted: u64) {
        let next = self.next;
        self.active.retain(|&i| weighted.run(self.leg).lanes[i as usize].end > next);
        if self.active.is_empty() {
            self.leg = Leg { pass: Some(self.leg.pass.map_or(0, |m| m + 1)), begin: self.end };
            self.next = 0;
            self.activate(weighted.run(self.leg));
        }
        let run = weighted.run(self.leg);
        let wanted = u128::from(wanted.max(self.active.len() as u64)) << 32;
        // Weights are at least 1 each: at most 2^42 rounds.
        let rounds = wanted.div_ceil(run.weights(self.next)) as u64;
        self.date(run, rounds);
        self.sort(rounds);
        self.list(weighted);
        self.begin = self.end;
        self.end += self.places.len() as u64;
        self.next += u128::from(rounds);
    }

    /// Finds the places that each cluster has in so many rounds.
    fn date(&mut self, run: &Run, rounds: u64) {
        self.dated.clear();
        for &i in &self.active {
            let lane = &run.lanes[i as usize];
            let (remainder, draw) = (lane.remainder(self.next), lane.drawn(self.next));
            let reached = u128::from(remainder) + u128::from(rounds) * u128::from(lane.weight);
            let count = ((reached >> 32) as u64).min(lane.cap - draw);
            if count == 0 {
                continue;
            }
            // Place j is in the first round d with remainder + (d + 1) · w ≥ (j + 1) · 2^32. From one to the next are
            // 2^32 / w rounds: whole ones, and a part that is carried.
            let (whole, part) = ((1 << 32) / lane.weight, (1 << 32) % lane.weight);
            let first = (1 << 32) - remainder - 1;
            let (mut round, mut carried) = (first / lane.weight, first % lane.weight);
            for draw in draw..draw + count {
                self.dated.push(Dated { round, place: Place { lane: i, draw } });
                carried += part;
                let carry = carried >= lane.weight;
                carried -= if carry { lane.weight } else { 0 };
                round += whole + u64::from(carry);
            }
        }
    }

    /// Brings what was dated into the order of the rounds; clusters within a round stay ascending.
    fn sort(&mut self, rounds: u64) {
        let len = self.dated.len();
        self.sorted.clear();
        if rounds == 1 {
            self.sorted.append(&mut self.dated);
            return;
        }
        // Buckets of as many rounds as give about one place each.
        let buckets = (len as u64).next_power_of_two().max(2);
        let bits = u64::BITS - (rounds - 1).leading_zeros();
        let shift = bits.saturating_sub(buckets.ilog2());
        self.counts.clear();
        self.counts.resize(((rounds - 1) >> shift) as usize + 2, 0);
        for dated in &self.dated {
            self.counts[(dated.round >> shift) as usize + 1] += 1;
        }
        for i in 1..self.counts.len() {
            self.counts[i] += self.counts[i - 1];
        }
        self.sorted.resize(len, Dated::default());
        for dated in &self.dated {
            let place = &mut self.counts[(dated.round >> shift) as usize];
            self.sorted[*place as usize] = *dated;
            *place += 1;
        }
        if shift > 0 {
            let in_bucket = |a: &Dated, b: &Dated| a.round >> shift == b.round >> shift;
            for bucket in self.sorted.chunk_by_mut(in_bucket).filter(|bucket| bucket.len() > 1) {
                bucket.sort_by_key(|dated| dated.round);
            }
        }
    }

    /// Splits what was sorted into places and rounds.
    fn list(&mut self, weighted: &Weighted) {
        self.places.clear();
        self.rounds.clear();
        let mut last = None;
        for dated in &self.sorted {
            if last != Some(dated.round) {
                last = Some(dated.round);
                let number = weighted.number(self.leg, self.next + u128::from(dated.round));
                self.rounds.push(Listed { number, begin: self.places.len() as u32 });
            }
            self.places.push(dated.place);
        }
    }
}
