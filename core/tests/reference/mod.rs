//! SPEC.md, sections 0 and 3, read as plainly as possible: slow, without phases, batches or random access.
#![allow(dead_code, reason = "each test binary uses its part")]

pub mod weights;

use clusterclip_core::keys::{G, hash, mix};
use clusterclip_core::sampler::{Choice, Draw, Options, Strategy};

/// perm(key, m, ·) with a chosen number of Feistel rounds; the specified one has 10.
pub fn perm_with(rounds: u64, key: u64, m: u64, i: u64) -> u64 {
    let f = |t: u64| {
        let t = t.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (t ^ (t >> 32)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 32
    };
    let bits = (0..).find(|&b| (m - 1) >> b == 0).unwrap();
    let (left_bits, right_bits) = (bits / 2, bits - bits / 2);
    let mut x = i;
    loop {
        let (mut l, mut r) = (x >> right_bits, x % (1 << right_bits));
        for round in 0..rounds {
            let round_key = key.wrapping_add((round + 1).wrapping_mul(G));
            if round % 2 == 0 {
                l ^= f(round_key ^ r) % (1 << left_bits);
            } else {
                r ^= f(round_key ^ l) % (1 << right_bits);
            }
        }
        x = (l << right_bits) + r;
        if x < m {
            return x;
        }
    }
}

/// perm(key, m, i).
pub fn perm(key: u64, m: u64, i: u64) -> u64 {
    if m > 16 { perm_with(10, key, m, i) } else { shuffle(key, m)[i as usize] }
}

fn shuffle(key: u64, m: u64) -> Vec<u64> {
    let mut a: Vec<u64> = (0..m).collect();
    for j in (1..m).rev() {
        a.swap(j as usize, pick(mix(key.wrapping_add(j.wrapping_mul(G))), j + 1) as usize);
    }
    a
}

fn pick(hash: u64, bound: u64) -> u64 {
    ((u128::from(hash) * u128::from(bound)) >> 64) as u64
}

struct Cluster {
    index: u32,
    rank: u64,
    size: u64,
    count: u64,
}

impl Cluster {
    fn draw(&self, seed: u64, epoch: u64, place: u64) -> Draw {
        let member = perm(hash(&[seed, 2, self.rank, epoch]), self.size, place);
        Draw { cluster: Some(self.index), member, repetition: epoch + 1 }
    }
}

/// The first `len` draws.
pub fn order(sizes: &[u64], options: &Options, len: usize) -> Vec<Draw> {
    let clip = match options.strategy {
        Strategy::ClusterClip => options.clip.unwrap_or(5),
        Strategy::GeneralToSpecific => 1,
        Strategy::SpecificToGeneral => {
            let strategy = Strategy::GeneralToSpecific;
            let mut order = order(sizes, &Options { strategy, ..options.clone() }, len);
            order.reverse();
            return order;
        }
        Strategy::Uniform => u64::MAX,
        Strategy::Random => return random(sizes.iter().sum(), options.seed, len),
        Strategy::Unimax => return weights::order(sizes, options, len),
    };
    let mut clusters: Vec<Cluster> = (0u64..)
        .zip(sizes.iter().enumerate().filter(|&(_, &size)| size > 0))
        .map(|(rank, (index, &size))| Cluster { index: index as u32, rank, size, count: 0 })
        .collect();
    match options.choice {
        Choice::Stratified => {
            clusters.sort_by_key(|cluster| (cluster.size, cluster.index));
            rounds(&clusters, clip, options.seed, len)
        }
        Choice::Independent => independent(&mut clusters, clip, options.seed, len),
    }
}

fn random(documents: u64, seed: u64, len: usize) -> Vec<Draw> {
    (0..len as u64)
        .map(|position| {
            let epoch = position / documents;
            let member = perm(hash(&[seed, 3, epoch]), documents, position % documents);
            Draw { cluster: None, member, repetition: epoch + 1 }
        })
        .collect()
}

fn rounds(clusters: &[Cluster], clip: u64, seed: u64, len: usize) -> Vec<Draw> {
    let largest = clusters.last().unwrap().size;
    let mut order = Vec::new();
    let mut round = 0;
    // The clip, then the passes of raise-clip: each its own run of rounds.
    for epochs_before in std::iter::once(0).chain(clip..) {
        let most = if epochs_before == 0 { clip } else { 1 };
        if epochs_before > 0 {
            assert_eq!(round, epochs_before * largest, "rounds are numbered on");
        }
        for time in 0.. {
            let active: Vec<&Cluster> = clusters.iter().filter(|c| time / c.size < most).collect();
            if active.is_empty() {
                break;
            }
            let key = hash(&[seed, 1, round]);
            for slot in 0..active.len() as u64 {
                let cluster = active[perm(key, active.len() as u64, slot) as usize];
                let (epoch, place) = (time / cluster.size, time % cluster.size);
                order.push(cluster.draw(seed, epochs_before + epoch, place));
                if order.len() == len {
                    return order;
                }
            }
            round += 1;
        }
    }
    unreachable!("raise-clip has no end")
}

fn independent(clusters: &mut [Cluster], clip: u64, seed: u64, len: usize) -> Vec<Draw> {
    let mut limit = clip;
    let mut order = Vec::new();
    while order.len() < len {
        let mut active: Vec<usize> =
            (0..clusters.len()).filter(|&i| clusters[i].count / clusters[i].size < limit).collect();
        if active.is_empty() {
            limit += 1;
            active = (0..clusters.len()).collect();
        }
        let choice = pick(hash(&[seed, 4, order.len() as u64]), active.len() as u64);
        let cluster = &mut clusters[active[choice as usize]];
        let (epoch, place) = (cluster.count / cluster.size, cluster.count % cluster.size);
        cluster.count += 1;
        order.push(cluster.draw(seed, epoch, place));
    }
    order
}
