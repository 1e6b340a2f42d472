//! Orders that must never change without a new order version: SPEC.md's examples, and one digest for each strategy,
//! choice and seed.

mod reference;

use clusterclip_core::keys::{Permutation, hash, mix};
use clusterclip_core::sampler::{Budget, Choice, Draw, Members, Options, Sampler, Strategy, WhenExhausted};

#[test]
fn the_keys_of_the_specification_are_these() {
    assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
    assert_eq!(hash(&[0, 1, 2]), 0x5def_8c1f_8a9e_3322);
    let permutation = Permutation::new(hash(&[0, 2, 0, 0]), 20);
    let places: Vec<u64> = (0..20).map(|i| permutation.at(i)).collect();
    assert_eq!(places, [12, 2, 9, 16, 1, 0, 17, 10, 6, 5, 15, 11, 13, 4, 3, 8, 14, 19, 7, 18]);
}

/// Sizes 1, 3, 5 as rows 0 | 1 2 3 | 4 5 6 7 8.
const EXAMPLE: [i32; 9] = [0, 1, 1, 1, 2, 2, 2, 2, 2];

fn example(options: Options) -> Vec<u64> {
    let members = Members::from_labels(&EXAMPLE).unwrap();
    let sampler = Sampler::new(members.sizes(), options).unwrap();
    sampler.iter().map(|draw| members.row(&draw)).collect()
}

#[test]
fn the_worked_example_is_the_specifications() {
    let options = Options { clip: Some(2), budget: Budget::Documents(18), ..Options::default() };
    assert_eq!(example(options.clone()), [0, 1, 5, 2, 4, 0, 7, 3, 6, 3, 2, 8, 6, 1, 7, 5, 8, 4]);
    let sampler = Sampler::new(&[1, 3, 5], options.clone()).unwrap();
    let mut counts = [0; 3];
    sampler.iter().take(9).for_each(|draw| counts[draw.cluster.unwrap() as usize] += 1);
    assert_eq!(counts, [2, 3, 4]);
    let exposure =
        Sampler::new(&[1, 3, 5], Options { budget: Budget::Documents(9), ..options }).unwrap().exposure();
    let law: Vec<f64> = exposure.clusters.iter().map(|cluster| cluster.draws).collect();
    assert_eq!(law, [2.0, 3.5, 3.5]);
    let positions: Vec<_> = exposure.clusters.iter().map(|cluster| cluster.clip_position).collect();
    assert_eq!(positions, [Some(6), None, None]);
    assert!(exposure.clip_acts && !exposure.expected);
    assert_eq!(exposure.coverage, (1.0 + 3.0 + 3.5) / 9.0);
    // Shares 2/9, 7/18, 7/18.
    assert!((exposure.effective_clusters - 2.911_943_340_288).abs() < 1e-12, "{exposure:?}");
}

#[test]
fn raise_clip_goes_on_as_in_the_worked_example() {
    let options = Options {
        clip: Some(2),
        when_exhausted: WhenExhausted::RaiseClip,
        budget: Budget::Documents(27),
        ..Options::default()
    };
    assert_eq!(example(options)[18..], [0, 6, 3, 8, 2, 1, 5, 4, 7]);
}

#[test]
fn states_are_the_specified_json() {
    let options = Options { clip: Some(2), budget: Budget::Documents(18), ..Options::default() };
    let state = |options: Options| {
        let sampler = Sampler::new(&[1, 3, 0, 5], options).unwrap();
        let mut walk = sampler.iter();
        walk.by_ref().take(4).for_each(drop);
        serde_json::to_string(&walk.state()).unwrap()
    };
    let fingerprint = hash(&[1, 0, 0, 2, 0, 0, 1, 3, 5]);
    assert_eq!(
        state(options.clone()),
        format!(r#"{{"version":"clusterclip-order/1","sampler":"{fingerprint:016x}","position":4}}"#)
    );
    let fingerprint = hash(&[1, 0, 1, 2, 0, 0, 1, 3, 5]);
    assert_eq!(
        state(Options { choice: Choice::Independent, ..options }),
        format!(
            r#"{{"version":"clusterclip-order/1","sampler":"{fingerprint:016x}","position":4,"counters":[1,1,2]}}"#
        )
    );
    let s2g =
        Options { strategy: Strategy::SpecificToGeneral, budget: Budget::Documents(8), ..Options::default() };
    assert!(state(s2g).contains(&format!("{:016x}", hash(&[1, 4, 0, 1, 0, 8, 1, 3, 5]))));
}

/// Digest of an order over 300 clusters of 0 to 1024 documents, which is compared with a plain reading of SPEC.md
/// too: a wrong order must not be pinned.
fn digest(options: &Options) -> u64 {
    let sizes: Vec<u64> = (0..300).map(|i| (1024 / (i % 97 + 1)) * u64::from(i % 11 != 3)).collect();
    let documents: u64 = sizes.iter().sum();
    let sampler = Sampler::new(&sizes, options.clone()).unwrap();
    assert!(sampler.len() <= 4 * documents);
    let order: Vec<Draw> = sampler.iter().collect();
    assert!(order == reference::order(&sizes, options, order.len()), "not as specified: {options:?}");
    order.iter().fold(0, |h, draw| {
        let cluster = draw.cluster.map_or(u64::MAX, u64::from);
        mix(mix(mix(h ^ cluster) ^ draw.member) ^ draw.repetition)
    })
}

#[test]
fn orders_are_pinned_for_each_strategy_and_seed() {
    let mut found = Vec::new();
    for (strategy, choice, raise) in [
        (Strategy::ClusterClip, Choice::Stratified, false),
        (Strategy::ClusterClip, Choice::Stratified, true),
        (Strategy::ClusterClip, Choice::Independent, false),
        (Strategy::ClusterClip, Choice::Independent, true),
        (Strategy::Uniform, Choice::Stratified, false),
        (Strategy::Uniform, Choice::Independent, false),
        (Strategy::Random, Choice::Stratified, false),
        (Strategy::GeneralToSpecific, Choice::Stratified, false),
        (Strategy::GeneralToSpecific, Choice::Stratified, true),
        (Strategy::SpecificToGeneral, Choice::Stratified, false),
    ] {
        for seed in [0, 1, u64::MAX] {
            let epochs = match strategy {
                Strategy::SpecificToGeneral => "0.9",
                Strategy::GeneralToSpecific if !raise => "1",
                _ if raise => "3.7",
                _ => "2",
            };
            let options = Options {
                strategy,
                choice,
                clip: (strategy == Strategy::ClusterClip).then_some(2),
                when_exhausted: if raise { WhenExhausted::RaiseClip } else { WhenExhausted::Error },
                seed,
                budget: Budget::Epochs(epochs.parse().unwrap()),
                ..Options::default()
            };
            found.push(format!("{:016x} {strategy} {choice} {raise} {seed}", digest(&options)));
        }
    }
    let pinned: Vec<&str> = PINNED.lines().collect();
    assert_eq!(found, pinned, "the order has changed:\n{}", found.join("\n"));
}

const PINNED: &str = "\
520b62819ceae9d4 cluster-clip stratified false 0
1723f9224e4804c2 cluster-clip stratified false 1
2aa7dc6cf158fd85 cluster-clip stratified false 18446744073709551615
bf18780194a5aa04 cluster-clip stratified true 0
d5c78975b4da2997 cluster-clip stratified true 1
d4fd204c953c65d5 cluster-clip stratified true 18446744073709551615
b8afd2b9af80b84b cluster-clip independent false 0
0a24b8404b8b7dea cluster-clip independent false 1
7ffb54aee94de77b cluster-clip independent false 18446744073709551615
b9fdbee4fad338d6 cluster-clip independent true 0
57195e5be9390037 cluster-clip independent true 1
1f9e02eba07e9789 cluster-clip independent true 18446744073709551615
dde04b48aa7c6712 uniform stratified false 0
abe40206647c8e13 uniform stratified false 1
e3e6f1c56eda5659 uniform stratified false 18446744073709551615
e35b91b7a64cea6e uniform independent false 0
63708cec8b25f515 uniform independent false 1
852eedeed9a14975 uniform independent false 18446744073709551615
c0aa51dd1c6a7862 random stratified false 0
1e0470371d45a30c random stratified false 1
835da8ded3c803a2 random stratified false 18446744073709551615
de868f078b2d73e9 g2s stratified false 0
c0fbd619481b77c5 g2s stratified false 1
f4c49e617776591c g2s stratified false 18446744073709551615
c1b4c123e8a1e862 g2s stratified true 0
674f2bc808c45435 g2s stratified true 1
ff411e3f6af6ff98 g2s stratified true 18446744073709551615
ababa7e5936152ae s2g stratified false 0
0d5d96e257933e1b s2g stratified false 1
a71287d672fba971 s2g stratified false 18446744073709551615";
