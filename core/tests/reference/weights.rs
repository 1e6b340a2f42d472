//! SPEC.md, section 4, read as plainly as possible: round after round, however empty.

use clusterclip_core::keys::hash;
use clusterclip_core::sampler::{Choice, Draw, Options, Strategy};

use super::{perm, pick};

/// A cluster that takes part.
#[derive(Clone)]
pub struct Cluster {
    pub index: u32,
    pub rank: u64,
    pub size: u64,
    pub weight: u64,
    pub cap: u128,
    pub clip: u64,
}

impl Cluster {
    fn draw(&self, options: &Options, base: u64, q: u64) -> Draw {
        let (epoch, place) = (base + q / self.size, q % self.size);
        let key = hash(&[options.seed, 2, self.rank, epoch]);
        let member = if options.scores.is_some() { place } else { perm(key, self.size, place) };
        Draw { cluster: Some(self.index), member, repetition: epoch + 1 }
    }

    /// A_c(t).
    pub fn drawn(&self, seed: u64, t: u128) -> u128 {
        let phase = hash(&[seed, 13, self.rank]) >> 32;
        self.cap.min((t * u128::from(self.weight) + u128::from(phase)) >> 32)
    }
}

/// The fixed point of weights over 0.
pub fn fixed(f: &[f64]) -> Vec<u64> {
    if f.iter().all(|x| *x == f[0]) {
        return vec![1 << 32; f.len()];
    }
    let max = f.iter().copied().fold(0.0, f64::max);
    let g: Vec<f64> = f.iter().map(|f| f / max).collect();
    let s: f64 = g.iter().sum();
    g.iter().map(|g| ((g / s * f.len() as f64 * 4294967296.0).round_ties_even() as u64).max(1)).collect()
}

/// The clusters that take part, in rank order.
pub fn clusters(sizes: &[u64], options: &Options) -> Vec<Cluster> {
    let kept: Vec<usize> =
        (0..sizes.len()).filter(|&i| sizes[i] > 0 && options.weights.get(i) > 0.0).collect();
    let weights = fixed(&kept.iter().map(|&i| options.weights.get(i)).collect::<Vec<_>>());
    let clip = options.effective_clip().unwrap();
    let cluster = |(rank, (&i, weight)): (u64, (&usize, u64))| {
        let clip = options.weights.clip(i).or(clip);
        Cluster {
            index: i as u32,
            rank,
            size: sizes[i],
            weight,
            cap: clip.map_or(u128::MAX, |clip| u128::from(clip) * u128::from(sizes[i])),
            clip: clip.unwrap_or(0),
        }
    };
    (0..).zip(kept.iter().zip(weights)).map(cluster).collect()
}

/// The totals of unimax: one cluster after the other takes its cap, while one's share is at least that.
pub fn totals(clusters: &[Cluster], budget: u64) -> Vec<u64> {
    let mut totals = vec![0; clusters.len()];
    let mut left = u128::from(budget);
    let mut open: Vec<usize> = (0..clusters.len()).collect();
    let sum = |open: &[usize]| open.iter().map(|&c| u128::from(clusters[c].weight)).sum::<u128>();
    while let Some(at) =
        open.iter().position(|&c| clusters[c].cap * sum(&open) <= left * u128::from(clusters[c].weight))
    {
        let c = open.remove(at);
        totals[c] = clusters[c].cap as u64;
        left -= clusters[c].cap;
    }
    let whole = sum(&open);
    let mut rest = left as u64;
    for &c in &open {
        totals[c] = (left * u128::from(clusters[c].weight) / whole) as u64;
        rest -= totals[c];
    }
    open.sort_by_key(|&c| (std::cmp::Reverse(left * u128::from(clusters[c].weight) % whole), c));
    open.iter().take(rest as usize).for_each(|&c| totals[c] += 1);
    totals
}

/// The first `len` draws.
pub fn order(sizes: &[u64], options: &Options, len: usize) -> Vec<Draw> {
    if options.strategy == Strategy::SpecificToGeneral {
        let strategy = Strategy::GeneralToSpecific;
        let mut order = order(sizes, &Options { strategy, ..options.clone() }, len);
        order.reverse();
        return order;
    }
    let mut clusters = clusters(sizes, options);
    if options.strategy == Strategy::Unimax {
        let totals = totals(&clusters, len as u64);
        let count = clusters.len() as u128;
        for (cluster, n) in clusters.iter_mut().zip(totals) {
            cluster.weight = (((u128::from(n) * count) << 32) / len as u128).max(1) as u64;
            cluster.cap = n.into();
        }
    }
    match options.choice {
        Choice::Stratified => rounds(clusters, options, len),
        Choice::Independent => independent(&clusters, options, len),
    }
}

fn rounds(mut clusters: Vec<Cluster>, options: &Options, len: usize) -> Vec<Draw> {
    let x = clusters.iter().map(|c| (u128::from(c.size) << 32).div_ceil(c.weight.into())).max().unwrap();
    let r = clusters.iter().map(|c| c.clip).max().unwrap();
    clusters.sort_by_key(|c| (c.size, c.rank));
    let mut order = Vec::new();
    for pass in std::iter::once(None).chain((0..).map(Some)) {
        for t in 0.. {
            let mut places = Vec::new();
            for c in &clusters {
                let (before, after) = (c.drawn(options.seed, t), c.drawn(options.seed, t + 1));
                places.extend((before..after).map(|q| (c, q as u64)));
            }
            let number = pass.map_or(0, |m: u64| (u128::from(r) + u128::from(m)) * x) + t;
            let key = hash(&[options.seed, 1, number as u64]);
            for slot in 0..places.len() as u64 {
                let (c, q) = places[perm(key, places.len() as u64, slot) as usize];
                order.push(c.draw(options, pass.map_or(0, |m| c.clip + m), q));
                if order.len() == len {
                    return order;
                }
            }
            if clusters.iter().all(|c| c.drawn(options.seed, t + 1) == c.cap) {
                break;
            }
        }
        clusters.iter_mut().for_each(|c| c.cap = c.size.into());
    }
    unreachable!("passes have no end")
}

fn independent(clusters: &[Cluster], options: &Options, len: usize) -> Vec<Draw> {
    let mut counts = vec![0u64; clusters.len()];
    let mut order: Vec<Draw> = Vec::new();
    let mut raised = 0u64;
    while order.len() < len {
        let most = |c: &Cluster| c.cap.saturating_add(u128::from(raised) * u128::from(c.size));
        let active: Vec<usize> =
            (0..clusters.len()).filter(|&i| u128::from(counts[i]) < most(&clusters[i])).collect();
        if active.is_empty() {
            raised += 1;
            continue;
        }
        let sum: u64 = active.iter().map(|&i| clusters[i].weight).sum();
        let mut left = pick(hash(&[options.seed, 4, order.len() as u64]), sum);
        for i in active {
            if left < clusters[i].weight {
                order.push(clusters[i].draw(options, 0, counts[i]));
                counts[i] += 1;
                break;
            }
            left -= clusters[i].weight;
        }
    }
    order
}
