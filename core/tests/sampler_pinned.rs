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

/// Digest of an order over 300 clusters of 0 to 4096 documents, which is compared with a plain reading of SPEC.md
/// too: a wrong order must not be pinned.
fn digest(options: &Options) -> u64 {
    let sizes: Vec<u64> = (0..300).map(|i| (4096 / (i % 97 + 1)) * u64::from(i % 11 != 3)).collect();
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
            };
            found.push(format!("{:016x} {strategy} {choice} {raise} {seed}", digest(&options)));
        }
    }
    let pinned: Vec<&str> = PINNED.lines().collect();
    assert_eq!(found, pinned, "the order has changed:\n{}", found.join("\n"));
}

const PINNED: &str = "\
5f1e5703ca8bebf1 cluster-clip stratified false 0
889cbfe954a66bd5 cluster-clip stratified false 1
3ae287619a3d0931 cluster-clip stratified false 18446744073709551615
a90d4788d885dfe1 cluster-clip stratified true 0
c4c97835375f0b3a cluster-clip stratified true 1
23d0978e792b2799 cluster-clip stratified true 18446744073709551615
656f886f4f4f7430 cluster-clip independent false 0
1dc9a4be198e6575 cluster-clip independent false 1
94545ab863404404 cluster-clip independent false 18446744073709551615
7b20cba5a7c7e0d2 cluster-clip independent true 0
5998d5b9c483ffce cluster-clip independent true 1
58a98560a16e8ea5 cluster-clip independent true 18446744073709551615
3ece4b59dd25e5a0 uniform stratified false 0
1cd5c2d38433acc3 uniform stratified false 1
e73ff325387345ed uniform stratified false 18446744073709551615
490ab6d183ea4e90 uniform independent false 0
9eb0b76d9a961387 uniform independent false 1
0f86dcd7ac3cb697 uniform independent false 18446744073709551615
4dea8fd1956f79cb random stratified false 0
cf767e8e88ef8647 random stratified false 1
09c0e7ac06519250 random stratified false 18446744073709551615
b4ac4f3f746f409a g2s stratified false 0
0043f131dcf8e2e3 g2s stratified false 1
0c66ade0ecc5b373 g2s stratified false 18446744073709551615
db6a0cc0e2a123fa g2s stratified true 0
641b4c3c3ed1e4da g2s stratified true 1
ce55c132bf6d21ba g2s stratified true 18446744073709551615
180a695625d97651 s2g stratified false 0
b9f6cf28d227ac75 s2g stratified false 1
798935fb9f44c508 s2g stratified false 18446744073709551615";
