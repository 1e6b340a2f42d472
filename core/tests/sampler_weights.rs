//! Orders with weights: SPEC.md, section 4, against vectors of an independent implementation and a plain reading of the
//! text, and what they promise for all inputs that proptest tries. Speed: `benches/sampler.rs`.

mod reference;

use std::collections::{BTreeMap, BTreeSet};

use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{
    Budget, Choice, Draw, ListedWeight, Members, Options, Rank, Sampler, SamplerError, Strategy, Weights,
    WhenExhausted, documents_for_tokens,
};
use proptest::prelude::*;
use proptest::strategy::Strategy as Strategy_;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    orders: Vec<Order>,
    fixed: Vec<Fixed>,
    unimax_totals: Vec<Totals>,
    even_in_tokens: EvenInTokens,
}

#[derive(Deserialize)]
struct Order {
    labels: Vec<i32>,
    weights: Option<BTreeMap<String, f64>>,
    clips: Option<BTreeMap<String, u64>>,
    scores: Option<Vec<Option<f64>>>,
    #[serde(default)]
    strategy: Option<String>,
    clip: Option<u64>,
    budget: u64,
    seed: u64,
    choice: Option<String>,
    #[serde(default)]
    raise_clip: bool,
    order: Vec<u64>,
}

#[derive(Deserialize)]
struct Fixed {
    weights: Vec<f64>,
    w: Vec<String>,
}

#[derive(Deserialize)]
struct Totals {
    caps: Vec<u64>,
    weights: Vec<f64>,
    budget: u64,
    totals: Vec<u64>,
}

#[derive(Deserialize)]
struct EvenInTokens {
    weights: Vec<f64>,
    sizes: Vec<u64>,
    tokens: Vec<u64>,
    w: Vec<String>,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/weights.json")).unwrap()
}

/// The weights that an exposure shows, as integers.
fn fixed_of(sampler: &Sampler) -> Vec<String> {
    let clusters = sampler.exposure().clusters;
    clusters.iter().map(|cluster| format!("{}", (cluster.weight * 4_294_967_296.0) as u64)).collect()
}

#[test]
fn orders_are_those_of_the_vectors_position_for_position() {
    let orders = vectors().orders;
    assert_eq!(orders.len(), 31);
    for (i, vector) in orders.into_iter().enumerate() {
        let mut members = Members::from_labels(&vector.labels).unwrap();
        let listed: Vec<ListedWeight> = (0..members.sizes().len() as u64)
            .map(|cluster| ListedWeight {
                cluster,
                weight: vector
                    .weights
                    .iter()
                    .flatten()
                    .find(|(c, _)| **c == cluster.to_string())
                    .map_or(1.0, |(_, w)| *w),
                clip: vector
                    .clips
                    .iter()
                    .flatten()
                    .find(|(c, _)| **c == cluster.to_string())
                    .map(|(_, clip)| *clip),
            })
            .collect();
        let weights = Weights::listed(members.sizes(), &listed).unwrap();
        let strategy: Strategy = vector.strategy.as_deref().unwrap_or("cluster-clip").parse().unwrap();
        let takes_clip = matches!(strategy, Strategy::ClusterClip | Strategy::Unimax);
        let scores = vector.scores.map(|scores| members.sort_by_score(&scores, &weights).unwrap());
        let options = Options {
            strategy,
            choice: vector.choice.as_deref().unwrap_or("stratified").parse().unwrap(),
            clip: vector.clip.filter(|_| takes_clip),
            when_exhausted: if vector.raise_clip { WhenExhausted::RaiseClip } else { WhenExhausted::Error },
            seed: vector.seed,
            budget: Budget::Documents(vector.budget),
            weights,
            scores,
        };
        let rows = |options: &Options| -> Vec<u64> {
            let sampler = Sampler::new(members.sizes(), options.clone()).unwrap();
            sampler.iter().map(|draw| members.row(&draw)).collect()
        };
        assert_eq!(rows(&options), vector.order, "order {i}: {options:?}");
        let len = vector.order.len();
        let plain: Vec<u64> = reference::weights::order(members.sizes(), &options, len)
            .iter()
            .map(|draw| members.row(draw))
            .collect();
        assert_eq!(plain, vector.order, "plain reading, order {i}");
        let control = Options { seed: options.seed.wrapping_add(1), ..options };
        assert_ne!(rows(&control), vector.order, "control: order {i}");
    }
}

#[test]
fn fixed_weights_are_those_of_the_vectors() {
    for Fixed { weights, w } in vectors().fixed {
        let options = Options { weights: Weights::new(&weights).unwrap(), ..Options::default() };
        assert_eq!(fixed_of(&Sampler::new(&vec![9; weights.len()], options).unwrap()), w, "{weights:?}");
    }
    let EvenInTokens { weights, sizes, tokens, w } = vectors().even_in_tokens;
    let labels: Vec<i32> = (0..).zip(&sizes).flat_map(|(label, &size)| vec![label; size as usize]).collect();
    let members = Members::from_labels(&labels).unwrap();
    // All tokens of a cluster lie in its first document.
    let starts: Vec<u64> =
        sizes.iter().scan(0, |sum, size| Some(std::mem::replace(sum, *sum + size))).collect();
    let counts = |row| Some(starts.iter().position(|&start| start == row).map_or(0, |c| tokens[c] as u32));
    let weights =
        Weights::new(&weights).unwrap().even_in_tokens(&members, counts, &Monitor::silent()).unwrap();
    assert_eq!(fixed_of(&Sampler::new(&sizes, Options { weights, ..Options::default() }).unwrap()), w);
}

#[test]
fn the_totals_of_unimax_are_those_of_the_vectors() {
    for Totals { caps, weights, budget, totals } in vectors().unimax_totals {
        let options = Options {
            strategy: Strategy::Unimax,
            clip: Some(1),
            budget: Budget::Documents(budget),
            weights: Weights::new(&weights).unwrap(),
            ..Options::default()
        };
        let sampler = Sampler::new(&caps, options).unwrap();
        let mut counts = vec![0; caps.len()];
        sampler.iter().for_each(|draw| counts[draw.cluster.unwrap() as usize] += 1);
        assert_eq!(counts, totals);
        let law: Vec<f64> = sampler.exposure().clusters.iter().map(|cluster| cluster.draws).collect();
        assert_eq!(law, totals.iter().map(|&n| n as f64).collect::<Vec<_>>());
    }
}

/// Weights, a few of them 0, equal or far apart, and clips by cluster for some.
fn weights(clusters: usize) -> impl Strategy_<Value = Vec<(f64, Option<u64>)>> {
    let weight = prop_oneof![
        6 => (-6f64..6.0).prop_map(libm::exp2),
        2 => Just(1.0),
        1 => Just(0.0),
    ];
    let clip = prop_oneof![3 => Just(None), 1 => (1u64..5).prop_map(Some)];
    prop::collection::vec((weight, clip), clusters).prop_flat_map(|weights| {
        (any::<bool>(), Just(weights)).prop_map(|(own, weights)| {
            weights.into_iter().map(|(weight, clip)| (weight, clip.filter(|_| own))).collect()
        })
    })
}

fn cases() -> impl Strategy_<Value = (Vec<u64>, Options)> {
    let size = prop_oneof![1 => Just(0u64), 6 => 1u64..6, 3 => 1u64..20, 2 => 15u64..60];
    let kind = prop_oneof![
        4 => Just((Strategy::ClusterClip, Choice::Stratified)),
        2 => Just((Strategy::ClusterClip, Choice::Independent)),
        1 => Just((Strategy::Uniform, Choice::Stratified)),
        1 => Just((Strategy::Uniform, Choice::Independent)),
        2 => Just((Strategy::GeneralToSpecific, Choice::Stratified)),
        2 => Just((Strategy::SpecificToGeneral, Choice::Stratified)),
        2 => Just((Strategy::Unimax, Choice::Stratified)),
    ];
    let sizes_and_weights = prop::collection::vec(size, 1..24)
        .prop_flat_map(|sizes| {
            let clusters = sizes.len();
            (Just(sizes), weights(clusters))
        })
        .prop_filter("documents", |(sizes, weights)| {
            sizes.iter().zip(weights).any(|(&size, (weight, _))| size > 0 && *weight > 0.0)
        });
    (sizes_and_weights, kind, 1u64..5, any::<bool>(), any::<u64>(), 0.0f64..1.0).prop_map(
        |((sizes, weights), (strategy, choice), clip, raise, seed, part)| {
            let clipped = matches!(strategy, Strategy::ClusterClip | Strategy::Unimax);
            let raise = raise && matches!(strategy, Strategy::ClusterClip | Strategy::GeneralToSpecific);
            let listed: Vec<ListedWeight> = (0..)
                .zip(&weights)
                .map(|(cluster, &(weight, clip))| ListedWeight {
                    cluster,
                    weight,
                    clip: clip.filter(|_| clipped),
                })
                .collect();
            let options = Options {
                strategy,
                choice,
                clip: clipped.then_some(clip),
                when_exhausted: if raise { WhenExhausted::RaiseClip } else { WhenExhausted::Error },
                seed,
                budget: Budget::Documents(1),
                weights: Weights::listed(&sizes, &listed).unwrap(),
                ..Options::default()
            };
            let clusters = reference::weights::clusters(&sizes, &options);
            let documents: u64 = clusters.iter().map(|c| c.size).sum();
            let most = match strategy {
                Strategy::Uniform => 3 * documents,
                _ => clusters.iter().map(|c| c.cap as u64).sum(),
            } + if raise { 3 * documents } else { 0 };
            let len = (1 + (part * most as f64) as u64).min(most);
            (sizes, Options { budget: Budget::Documents(len), ..options })
        },
    )
}

fn sampler(sizes: &[u64], options: &Options) -> Sampler {
    Sampler::new(sizes, options.clone()).unwrap()
}

fn order(sizes: &[u64], options: &Options) -> Vec<Draw> {
    sampler(sizes, options).iter().collect()
}

/// The same options with each weight changed.
fn reweighed(sizes: &[u64], options: &Options, change: impl Fn(f64) -> f64) -> Options {
    let row = |cluster: usize| ListedWeight {
        cluster: cluster as u64,
        weight: change(options.weights.get(cluster)),
        clip: options.weights.clip(cluster),
    };
    let rows: Vec<ListedWeight> = (0..sizes.len()).map(row).collect();
    Options { weights: Weights::listed(sizes, &rows).unwrap(), ..options.clone() }
}

fn counts(order: &[Draw], clusters: usize) -> Vec<u64> {
    let mut counts = vec![0; clusters];
    order.iter().for_each(|draw| counts[draw.cluster.unwrap() as usize] += 1);
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_order_is_the_plain_reading_of_the_specification((sizes, options) in cases()) {
        let order = order(&sizes, &options);
        prop_assert_eq!(&order, &reference::weights::order(&sizes, &options, order.len()));
    }

    #[test]
    fn any_position_stride_and_piece_equals_iteration(
        (sizes, options) in cases(), start in 0u64..200, stride in 1u64..60, room in 0usize..300,
    ) {
        let sampler = sampler(&sizes, &options);
        let order: Vec<Draw> = sampler.iter().collect();
        prop_assert_eq!(order.len() as u64, sampler.len());
        if options.choice == Choice::Stratified {
            for (position, draw) in (0u64..).zip(&order) {
                prop_assert_eq!(&sampler.at(position).unwrap(), draw);
            }
            let expected: Vec<Draw> =
                order.iter().skip(start as usize).step_by(stride as usize).take(room).copied().collect();
            let mut out = vec![Draw::default(); room];
            let count = sampler.fill(start, stride, &mut out).unwrap();
            prop_assert_eq!(&out[..count], &expected[..]);
        }
        let mut out = [Draw::default(); 5];
        let mut walk = sampler.iter();
        let mut pieces: Vec<Draw> = walk.by_ref().take(start as usize % 7).collect();
        while walk.remaining() > 0 {
            let count = walk.fill(&mut out[..room.min(5)]);
            pieces.extend(&out[..count]);
            pieces.extend(walk.next());
        }
        prop_assert_eq!(&pieces, &order);
        let mut together = vec![None; order.len()];
        for r in 0..stride {
            let share: Vec<Draw> = sampler.rank(Rank::new(r, stride, false).unwrap()).collect();
            for (i, draw) in share.into_iter().enumerate() {
                prop_assert!(together[r as usize + i * stride as usize].replace(draw).is_none());
            }
        }
        prop_assert_eq!(together.into_iter().collect::<Option<Vec<Draw>>>(), Some(order));
    }

    #[test]
    fn a_walk_goes_on_from_its_state_and_another_weight_refuses_it((sizes, options) in cases(), part in 0.0f64..1.0) {
        let sampler = sampler(&sizes, &options);
        let read = (part * sampler.len() as f64) as usize;
        let mut walk = sampler.iter();
        let mut order: Vec<Draw> = walk.by_ref().take(read).collect();
        let state = walk.state();
        order.extend(sampler.resume(&state).unwrap());
        prop_assert_eq!(order, sampler.iter().collect::<Vec<_>>());
        let clusters = reference::weights::clusters(&sizes, &options);
        if clusters.len() > 1 {
            let first = options.weights.get(clusters[0].index as usize);
            let other = reweighed(&sizes, &options, |weight| if weight == first { 1.5 * weight } else { weight });
            let all_alike = clusters.iter().all(|c| options.weights.get(c.index as usize) == first);
            let refused = matches!(self::sampler(&sizes, &other).resume(&state), Err(SamplerError::StateSampler { .. }));
            prop_assert!(refused || all_alike);
        }
    }

    #[test]
    fn equal_weights_of_any_value_give_the_orders_without((sizes, options) in cases(), value in -300f64..300.0) {
        let value = libm::ldexp(1.0, value as i32);
        let given = Weights::new(&vec![value; sizes.len()]).unwrap();
        let even = Options { weights: given, budget: Budget::Epochs("0.9".parse().unwrap()), ..options };
        let without = Options { weights: Weights::EQUAL, ..even.clone() };
        let (Ok(even), Ok(without)) = (Sampler::new(&sizes, even), Sampler::new(&sizes, without)) else {
            // Nothing to draw from one document.
            return Ok(());
        };
        prop_assert_eq!(even.iter().collect::<Vec<_>>(), without.iter().collect::<Vec<_>>());
        prop_assert_eq!(even.iter().state(), without.iter().state());
        prop_assert_eq!(even.exposure(), without.exposure());
    }

    #[test]
    fn a_weight_of_zero_is_as_if_the_cluster_were_empty((sizes, options) in cases()) {
        let left: Vec<u64> = sizes
            .iter()
            .enumerate()
            .map(|(i, &size)| if options.weights.get(i) > 0.0 { size } else { 0 })
            .collect();
        prop_assert_eq!(order(&left, &options), order(&sizes, &options));
        let sampler = sampler(&sizes, &options);
        prop_assert_eq!(sampler.n_documents(), left.iter().sum::<u64>());
        prop_assert_eq!(sampler.n_left_out() + sampler.n_documents(), sizes.iter().sum::<u64>());
    }

    #[test]
    fn scaling_all_weights_by_a_power_of_two_changes_nothing((sizes, options) in cases(), power in -200i32..200) {
        let scaled = reweighed(&sizes, &options, |weight| libm::ldexp(weight, power));
        prop_assert_eq!(order(&sizes, &scaled), order(&sizes, &options));
    }

    #[test]
    fn no_cluster_is_drawn_over_its_cap_nor_a_document_twice_in_an_epoch((sizes, options) in cases()) {
        let clusters = reference::weights::clusters(&sizes, &options);
        let documents: u64 = clusters.iter().map(|c| c.size).sum();
        let limit: u128 = clusters.iter().map(|c| c.cap).fold(0, u128::saturating_add);
        let order = order(&sizes, &options);
        let passes = (order.len() as u128).saturating_sub(limit).div_ceil(documents.into()) as u64;
        let counts = counts(&order, sizes.len());
        for c in &clusters {
            let cap = c.cap.saturating_add(u128::from(passes * c.size));
            prop_assert!(u128::from(counts[c.index as usize]) <= cap);
        }
        // The places of one round come in any order.
        let epochs: BTreeSet<_> = order.iter().map(|draw| (draw.cluster, draw.member, draw.repetition)).collect();
        prop_assert_eq!(epochs.len(), order.len());
        let mut counts = BTreeMap::new();
        order.iter().for_each(|draw| *counts.entry((draw.cluster, draw.member)).or_insert(0) += 1);
        for draw in &order {
            let cluster = clusters.iter().find(|c| Some(c.index) == draw.cluster).unwrap();
            let most = cluster.cap / u128::from(cluster.size);
            prop_assert!(counts[&(draw.cluster, draw.member)] <= most.saturating_add(passes.into()));
        }
    }

    #[test]
    fn at_the_end_of_each_round_every_cluster_is_within_one_of_its_share((sizes, options) in cases()) {
        if options.choice == Choice::Independent || options.strategy == Strategy::SpecificToGeneral {
            return Ok(());
        }
        let mut clusters = reference::weights::clusters(&sizes, &options);
        let order = order(&sizes, &options);
        if options.strategy == Strategy::Unimax {
            let totals = reference::weights::totals(&clusters, order.len() as u64);
            prop_assert_eq!(totals.iter().sum::<u64>(), order.len() as u64);
            for (c, &n) in clusters.iter().zip(&totals) {
                prop_assert_eq!(counts(&order, sizes.len())[c.index as usize], n, "the totals of unimax are exact");
            }
            let count = clusters.len() as u128;
            for (c, n) in clusters.iter_mut().zip(totals) {
                (c.cap, c.weight) = (n.into(), (((u128::from(n) * count) << 32) / order.len() as u128).max(1) as u64);
            }
        }
        let mut position = 0;
        for t in 1u32..60 {
            let end = clusters.iter().map(|c| c.drawn(options.seed, t.into())).sum::<u128>() as usize;
            if end > order.len() || (end == position && t > 30) {
                break;
            }
            position = end;
            let counts = counts(&order[..end], sizes.len());
            for c in &clusters {
                let share = (f64::from(t) * c.weight as f64 / 4_294_967_296.0).min(c.cap as f64);
                let count = counts[c.index as usize] as f64;
                prop_assert!((count - share).abs() <= 1.0, "round {t}: {count} draws, share {share}");
            }
        }
    }

    #[test]
    fn exposure_follows_the_weighted_law((sizes, options) in cases()) {
        let sampler = sampler(&sizes, &options);
        let exposure = sampler.exposure();
        let total: f64 = exposure.clusters.iter().map(|cluster| cluster.draws).sum();
        prop_assert!((total - sampler.len() as f64).abs() < 1e-6 * total);
        if exposure.expected {
            return Ok(());
        }
        let order: Vec<Draw> = sampler.iter().collect();
        let counts = counts(&order, sizes.len());
        for cluster in &exposure.clusters {
            let count = counts[cluster.cluster as usize] as f64;
            // Whole draws lag behind by less than one a cluster, which is at most 1 + k / Σ w rounds of the water.
            let active: f64 = exposure.clusters.iter().filter(|c| c.clip_position.is_none()).map(|c| c.weight).sum();
            let rounds = 1.0 + exposure.clusters.len() as f64 / active.max(1e-9);
            let off = (count - cluster.draws).abs();
            let bound = if options.strategy == Strategy::Unimax { 1e-9 } else { 1.0 + rounds * cluster.weight };
            prop_assert!(off <= bound, "{cluster:?}, drawn {count} times");
        }
        let reversed = options.strategy == Strategy::SpecificToGeneral;
        for cluster in exposure.clusters.iter().filter(|_| options.strategy != Strategy::Unimax) {
            let Some(position) = cluster.clip_position else { continue };
            let forwards = if reversed { sampler.len() - position } else { position } as usize;
            let order: Vec<Draw> =
                if reversed { order.iter().rev().copied().collect() } else { order.clone() };
            let before = order[..forwards].iter().filter(|draw| draw.cluster == Some(cluster.cluster)).count();
            prop_assert_eq!(before as u64, cluster.clip.unwrap() * cluster.size);
        }
        let acts = exposure.clusters.iter().any(|cluster| cluster.clip_position.is_some());
        prop_assert!(exposure.clip_acts == acts || options.strategy == Strategy::Unimax);
    }

    #[test]
    fn a_token_budget_ends_with_the_draw_that_reaches_it((sizes, options) in cases(), salt in any::<u64>()) {
        let labels: Vec<i32> =
            (0..).zip(&sizes).flat_map(|(label, &size)| vec![label; size as usize]).collect();
        let members = Members::from_labels(&labels).unwrap();
        let out = |row: u64| options.weights.get(labels[row as usize] as usize) == 0.0;
        // Documents that are left out need no count.
        let tokens = |row: u64| (!out(row)).then(|| (clusterclip_core::keys::hash(&[salt, row]) % 9) as u32);
        let walked = match options.strategy {
            Strategy::SpecificToGeneral => Strategy::GeneralToSpecific,
            Strategy::Unimax => Strategy::ClusterClip,
            strategy => strategy,
        };
        let order = order(&sizes, &Options { strategy: walked, ..options.clone() });
        let sums: Vec<u64> = order
            .iter()
            .scan(0, |sum, draw| {
                *sum += u64::from(tokens(members.row(draw)).unwrap());
                Some(*sum)
            })
            .collect();
        let whole = *sums.last().unwrap();
        for wanted in [1, whole / 3, whole / 2, whole].into_iter().filter(|&wanted| wanted > 0 && wanted <= whole) {
            let draws = documents_for_tokens(&members, &options, wanted, tokens, &Monitor::silent()).unwrap();
            prop_assert_eq!(draws as usize, sums.partition_point(|&sum| sum < wanted) + 1, "{} tokens", wanted);
        }
    }
}

#[test]
fn weights_far_apart_finish_at_once() {
    let weights = Weights::new(&[1.0, 1e-9, 1e-300]).unwrap();
    let options = Options { weights, clip: Some(1), budget: Budget::Documents(3000), ..Options::default() };
    let sampler = Sampler::new(&[1000; 3], options).unwrap();
    let order: Vec<Draw> = sampler.iter().collect();
    assert_eq!(counts(&order, 3), [1000; 3]);
    assert_eq!(counts(&order[..1000], 3)[0], 1000);
    for position in (0..3000).step_by(37) {
        assert_eq!(sampler.at(position).unwrap(), order[position as usize]);
    }
    let s2g = Options { strategy: Strategy::SpecificToGeneral, clip: None, ..sampler.options().clone() };
    let backwards: Vec<Draw> = Sampler::new(&[1000; 3], s2g).unwrap().iter().collect();
    assert!(backwards.iter().rev().eq(&order));
}

#[test]
fn one_cluster_has_no_one_to_share_with() {
    let options = Options { weights: Weights::new(&[0.3]).unwrap(), ..Options::default() };
    assert_eq!(order(&[40], &options), order(&[40], &Options::default()));
}

#[test]
fn a_hundred_thousand_clusters_are_walked_and_asked() {
    let k = 100_000u64;
    let sizes: Vec<u64> = (0..k).map(|c| 1 + clusterclip_core::keys::mix(c) % 20).collect();
    let weight = |c: u64| 1.0 + (clusterclip_core::keys::mix(c + k) % 1000) as f64;
    let weights = Weights::new(&(0..k).map(weight).collect::<Vec<_>>()).unwrap();
    let options = Options { clip: Some(1), weights, ..Options::default() };
    let sampler = Sampler::new(&sizes, options).unwrap();
    let mut order = vec![Draw::default(); sampler.len() as usize];
    assert_eq!(sampler.fill(0, 1, &mut order).unwrap(), order.len());
    assert_eq!(counts(&order, sizes.len()), sizes);
    for i in 0..50 {
        let position = i * (sampler.len() - 1) / 49;
        assert_eq!(sampler.at(position).unwrap(), order[position as usize]);
    }
    let last = sampler.len() - 1000;
    assert!(sampler.iter_from(last).unwrap().eq(order[last as usize..].iter().copied()));
}

#[test]
fn bad_weights_are_refused_by_name() {
    let said = |options: Options| Sampler::new(&[3, 0, 2], options).unwrap_err().to_string();
    let given = |weights: &[f64]| Weights::new(weights).unwrap();
    assert_eq!(
        said(Options { weights: given(&[0.0, 1.0, 0.0]), ..Options::default() }),
        "weights: every cluster that has documents has weight 0, so all 5 are left out; at least one weight must be \
         over 0"
    );
    assert_eq!(
        said(Options { weights: given(&[1.0]), ..Options::default() }),
        "weights: there are 1 for 3 clusters; give one for each cluster"
    );
    assert_eq!(
        said(Options { strategy: Strategy::Random, weights: given(&[1.0; 3]), ..Options::default() }),
        "weights: do not go with strategy random, which does not look at clusters"
    );
    let row = |cluster| ListedWeight { cluster, weight: 1.0, clip: Some(2) };
    let clips = Weights::listed(&[3, 0, 2], &[row(0), row(2)]).unwrap();
    for strategy in [Strategy::Uniform, Strategy::GeneralToSpecific, Strategy::SpecificToGeneral] {
        assert_eq!(
            said(Options { strategy, weights: clips.clone(), ..Options::default() }),
            format!(
                "weights: clips by cluster do not go with strategy {strategy}; only cluster-clip and unimax take a clip"
            )
        );
    }
    assert_eq!(
        said(Options { weights: clips, budget: Budget::Documents(11), ..Options::default() }),
        "documents 11: the order ends after 10 draws, because each of the 5 clustered documents is drawn at most as \
         often as its cluster's clip says (cluster-clip); ask for at most documents 10, raise clip, or use \
         when_exhausted raise-clip"
    );
    for (choice, when_exhausted) in
        [(Choice::Independent, WhenExhausted::Error), (Choice::Stratified, WhenExhausted::RaiseClip)]
    {
        let options = Options { strategy: Strategy::Unimax, choice, when_exhausted, ..Options::default() };
        assert!(Sampler::new(&[3], options).is_err());
    }
}

#[test]
fn bad_scores_are_refused_with_their_row() {
    let mut members = Members::from_labels(&[0, 0, 1]).unwrap();
    let mut said =
        |scores: &[Option<f64>]| members.sort_by_score(scores, &Weights::EQUAL).unwrap_err().to_string();
    assert_eq!(
        said(&[Some(1.0), None, Some(f64::NAN)]),
        "score_field: the score of row 2 is NaN; give a number, or null for a document without one"
    );
    assert_eq!(said(&[None]), "score_field: there are 1 scores for 3 rows");
    let scores = members.sort_by_score(&[None; 3], &Weights::EQUAL).unwrap();
    let options = Options { strategy: Strategy::Random, scores: Some(scores), ..Options::default() };
    assert_eq!(
        Sampler::new(members.sizes(), options).unwrap_err().to_string(),
        "within score: does not go with strategy random, which does not look at clusters"
    );
}

#[test]
fn scores_are_a_part_of_the_state() {
    let labels = [0, 0, 0, 1, 1];
    let state = |scores: &[Option<f64>]| {
        let mut members = Members::from_labels(&labels).unwrap();
        let scores = members.sort_by_score(scores, &Weights::EQUAL).unwrap();
        let sampler =
            Sampler::new(members.sizes(), Options { scores: Some(scores), ..Options::default() }).unwrap();
        sampler.iter().state()
    };
    let by_row = state(&[None; 5]);
    assert_eq!(by_row, state(&[Some(5.0), Some(4.0), Some(3.0), Some(2.0), Some(1.0)]));
    assert_ne!(by_row, state(&[Some(1.0), Some(2.0), None, None, None]));
    let shuffled = Sampler::new(&[3, 2], Options::default()).unwrap();
    assert_ne!(by_row, shuffled.iter().state());
}

#[test]
fn weights_even_in_tokens_need_counts() {
    let members = Members::from_labels(&[0, 1, -1, 1]).unwrap();
    let counts = |row| (row != 3).then_some(4);
    let error = Weights::EQUAL.even_in_tokens(&members, counts, &Monitor::silent()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "even_in tokens: row 3 has no token count; give counts with token_field, or use even_in documents"
    );
    let without = Weights::new(&[1.0, 0.0]).unwrap();
    let weights = without.even_in_tokens(&members, counts, &Monitor::silent()).unwrap();
    assert_eq!([weights.get(0), weights.get(1)], [0.25, 0.0]);
}
