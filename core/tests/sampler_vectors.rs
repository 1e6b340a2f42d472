//! The sampler against vectors of an independent implementation of SPEC.md, sections 0 and 3.
//!
//! Each order is compared position for position, and again after one word of its options was changed: a
//! comparison that cannot fail proves nothing. The vectors hold small clusters (160 rows, 22 clusters); those of up to
//! 1024 documents are compared with a plain reading of the text in `sampler_pinned.rs`.

use clusterclip_core::keys::{Permutation, hash};
use clusterclip_core::sampler::{Budget, Members, Options, Sampler, WhenExhausted};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    perm: Vec<Perm>,
    #[serde(rename = "H")]
    hashes: std::collections::BTreeMap<String, String>,
    orders: Vec<Order>,
}

#[derive(Deserialize)]
struct Perm {
    key: String,
    m: u64,
    perm: Vec<u64>,
}

#[derive(Deserialize)]
struct Order {
    labels: Vec<i32>,
    strategy: String,
    clip: Option<u64>,
    budget: u64,
    seed: u64,
    #[serde(default)]
    raise_clip: bool,
    choice: Option<String>,
    order: Vec<u64>,
}

impl Order {
    fn options(&self) -> Options {
        Options {
            strategy: self.strategy.parse().unwrap(),
            // The vectors give g2s and s2g the clip that they always have.
            clip: self.clip.filter(|_| self.strategy == "cluster-clip"),
            choice: self.choice.as_deref().unwrap_or("stratified").parse().unwrap(),
            when_exhausted: if self.raise_clip { WhenExhausted::RaiseClip } else { WhenExhausted::Error },
            seed: self.seed,
            budget: Budget::Documents(self.budget),
            ..Options::default()
        }
    }
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/order.json")).unwrap()
}

#[test]
fn keyed_permutations_are_those_of_the_vectors() {
    let vectors = vectors();
    assert_eq!(vectors.perm.len(), 8);
    for Perm { key, m, perm } in vectors.perm {
        let permutation = Permutation::new(key.parse().unwrap(), m);
        assert_eq!((0..m).map(|i| permutation.at(i)).collect::<Vec<_>>(), perm, "perm({key}, {m}, ·)");
    }
}

#[test]
fn hashes_are_those_of_the_vectors() {
    let hashes = vectors().hashes;
    assert_eq!(hashes.len(), 3);
    for (name, value) in hashes {
        let words: Vec<u64> = name
            .trim_start_matches("H(")
            .trim_end_matches(')')
            .split(',')
            .filter(|word| !word.is_empty())
            .map(|word| word.parse().unwrap())
            .collect();
        assert_eq!(hash(&words), value.parse::<u64>().unwrap(), "{name}");
    }
}

#[test]
fn orders_are_those_of_the_vectors_position_for_position() {
    let orders = vectors().orders;
    assert_eq!(orders.len(), 26);
    for vector in orders {
        let members = Members::from_labels(&vector.labels).unwrap();
        let rows = |options: Options| -> Vec<u64> {
            let sampler = Sampler::new(members.sizes(), options).unwrap();
            sampler.iter().map(|draw| members.row(&draw)).collect()
        };
        let options = vector.options();
        let what = format!("{options:?}");
        assert_eq!(rows(options.clone()), vector.order, "{what}");
        let another_seed = Options { seed: options.seed.wrapping_add(1), ..options };
        assert_ne!(rows(another_seed), vector.order, "control: {what}");
    }
}
