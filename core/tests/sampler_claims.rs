//! What the order promises, for all inputs that proptest tries: sizes of up to 60 documents, up to 12 clusters.
//!
//! Larger sizes and the limits of the arithmetic: `sampler_limits.rs`; randomness: `sampler_uniformity.rs`.

mod reference;

use std::collections::BTreeMap;

use clusterclip_core::sampler::{
    Budget, Choice, Draw, Members, Options, Rank, Sampler, State, Strategy, Warning, WhenExhausted,
};
use proptest::prelude::*;

/// Sizes with empty clusters among them and at least one document.
fn sizes() -> impl Strategy_<Value = Vec<u64>> {
    let size = prop_oneof![2 => Just(0u64), 6 => 1u64..6, 3 => 1u64..20, 2 => 15u64..60];
    prop::collection::vec(size, 1..12).prop_filter("documents", |sizes| sizes.iter().sum::<u64>() > 0)
}

use proptest::strategy::Strategy as Strategy_;

/// Options that go together, with a length of up to three passes beyond the clip where that is possible.
fn cases() -> impl Strategy_<Value = (Vec<u64>, Options)> {
    let kind = prop_oneof![
        4 => Just((Strategy::ClusterClip, Choice::Stratified)),
        2 => Just((Strategy::ClusterClip, Choice::Independent)),
        1 => Just((Strategy::Uniform, Choice::Stratified)),
        1 => Just((Strategy::Uniform, Choice::Independent)),
        1 => Just((Strategy::Random, Choice::Stratified)),
        2 => Just((Strategy::GeneralToSpecific, Choice::Stratified)),
        2 => Just((Strategy::SpecificToGeneral, Choice::Stratified)),
    ];
    (sizes(), kind, 1u64..5, any::<bool>(), any::<u64>(), 0.0f64..1.0).prop_map(
        |(sizes, (strategy, choice), clip, raise, seed, part)| {
            let documents: u64 = sizes.iter().sum();
            let can_raise = matches!(strategy, Strategy::ClusterClip | Strategy::GeneralToSpecific);
            let raise = raise && can_raise;
            let clipped = strategy == Strategy::ClusterClip;
            let most = match strategy {
                Strategy::ClusterClip | Strategy::Unimax => clip * documents,
                Strategy::GeneralToSpecific | Strategy::SpecificToGeneral => documents,
                Strategy::Uniform | Strategy::Random => 3 * documents,
            } + if raise { 3 * documents } else { 0 };
            let len = 1 + (part * most as f64) as u64;
            let options = Options {
                strategy,
                choice,
                clip: clipped.then_some(clip),
                when_exhausted: if raise { WhenExhausted::RaiseClip } else { WhenExhausted::Error },
                seed,
                budget: Budget::Documents(len.min(most)),
                ..Options::default()
            };
            (sizes, options)
        },
    )
}

fn sampler(sizes: &[u64], options: &Options) -> Sampler {
    Sampler::new(sizes, options.clone()).unwrap()
}

fn order(sizes: &[u64], options: &Options) -> Vec<Draw> {
    sampler(sizes, options).iter().collect()
}

/// The longest order of these options.
fn longest(sizes: &[u64], options: &Options, passes: u64) -> Options {
    let documents: u64 = sizes.iter().sum();
    let clip = options.effective_clip().unwrap().unwrap_or(3);
    Options { budget: Budget::Documents((clip + passes) * documents), ..options.clone() }
}

fn draws_of_documents(order: &[Draw]) -> BTreeMap<(Option<u32>, u64), u64> {
    let mut counts = BTreeMap::new();
    for draw in order {
        *counts.entry((draw.cluster, draw.member)).or_insert(0) += 1;
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_order_is_the_plain_reading_of_the_specification((sizes, options) in cases()) {
        let sampler = sampler(&sizes, &options);
        let expected = reference::order(&sizes, &options, sampler.len() as usize);
        prop_assert_eq!(sampler.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn at_equals_iteration_at_every_position((sizes, options) in cases()) {
        let sampler = sampler(&sizes, &options);
        let order: Vec<Draw> = sampler.iter().collect();
        prop_assert_eq!(order.len() as u64, sampler.len());
        for (position, draw) in (0u64..).zip(&order) {
            match options.choice {
                Choice::Stratified => prop_assert_eq!(&sampler.at(position).unwrap(), draw),
                Choice::Independent => prop_assert!(sampler.at(position).is_err()),
            }
        }
        prop_assert!(sampler.at(sampler.len()).is_err());
    }

    #[test]
    fn fill_equals_iteration_for_every_start_and_stride(
        (sizes, options) in cases(), start in 0u64..200, stride in 1u64..40, room in 0usize..600,
    ) {
        let sampler = sampler(&sizes, &options);
        let expected: Vec<Draw> =
            sampler.iter().skip(start as usize).step_by(stride as usize).take(room).collect();
        let mut out = vec![Draw::default(); room];
        if options.choice == Choice::Stratified {
            let count = sampler.fill(start, stride, &mut out).unwrap();
            prop_assert_eq!(&out[..count], &expected[..]);
            let from: Vec<Draw> = sampler.iter_from(start.min(sampler.len())).unwrap().collect();
            prop_assert!(from.iter().copied().eq(sampler.iter().skip(start as usize)));
        } else {
            prop_assert!(sampler.fill(start, stride, &mut out).is_err());
        }
        // A walk gives the same in whatever pieces it is taken.
        let mut walk = sampler.iter();
        let mut pieces: Vec<Draw> = walk.by_ref().take(start as usize % 7).collect();
        while walk.remaining() > 0 {
            let count = walk.fill(&mut out[..room.min(5)]);
            pieces.extend(&out[..count]);
            pieces.extend(walk.next());
        }
        prop_assert_eq!(pieces, sampler.iter().collect::<Vec<_>>());
    }

    #[test]
    fn the_clip_is_never_exceeded((sizes, options) in cases()) {
        let documents: u64 = sizes.iter().sum();
        let Some(clip) = options.effective_clip().unwrap() else { return Ok(()) };
        let order = order(&sizes, &options);
        // Passes of raise-clip that have begun allow one repetition more each.
        let passes = (order.len() as u64).saturating_sub(clip * documents).div_ceil(documents);
        for (document, count) in draws_of_documents(&order) {
            prop_assert!(count <= clip + passes, "{document:?} was drawn {count} times");
        }
    }

    #[test]
    fn at_the_end_of_the_data_every_document_was_drawn_clip_times((sizes, options) in cases()) {
        let Some(clip) = options.effective_clip().unwrap() else { return Ok(()) };
        let options = longest(&sizes, &Options { when_exhausted: WhenExhausted::Error, ..options }, 0);
        let counts = draws_of_documents(&order(&sizes, &options));
        prop_assert_eq!(counts.len() as u64, sizes.iter().sum::<u64>());
        prop_assert!(counts.values().all(|&count| count == clip), "{counts:?}");
        // Nothing comes after the largest clusters, so the clip leaves them out of nothing.
        let largest = *sizes.iter().max().unwrap();
        let exposure = sampler(&sizes, &options).exposure();
        prop_assert!(exposure.clusters.iter().all(|c| c.clip_position.is_none() == (c.size == largest)));
        let one_more = Options { budget: Budget::Documents(clip * counts.len() as u64 + 1), ..options };
        prop_assert!(Sampler::new(&sizes, one_more).is_err());
    }

    #[test]
    fn repetitions_within_a_cluster_never_differ_by_more_than_one((sizes, options) in cases()) {
        let mut counts: Vec<Vec<u64>> = sizes.iter().map(|&size| vec![0; size as usize]).collect();
        let mut order = order(&sizes, &options);
        if options.strategy == Strategy::SpecificToGeneral {
            order.reverse();
        }
        for draw in order {
            // random: all documents are one cluster.
            let all = sizes.iter().sum::<u64>() as usize;
            if draw.cluster.is_none() && counts[0].len() != all {
                counts[0] = vec![0; all];
            }
            let members = &mut counts[draw.cluster.unwrap_or(0) as usize];
            members[draw.member as usize] += 1;
            prop_assert_eq!(members[draw.member as usize], draw.repetition);
            let (least, most) = (members.iter().min().unwrap(), members.iter().max().unwrap());
            prop_assert!(most - least <= 1, "{members:?}");
        }
    }

    #[test]
    fn counts_follow_the_law_of_water_filling((sizes, options) in cases()) {
        let sampler = sampler(&sizes, &options);
        let exposure = sampler.exposure();
        let total: f64 = exposure.clusters.iter().map(|cluster| cluster.draws).sum();
        prop_assert!((total - sampler.len() as f64).abs() < 1e-6 * total);
        if exposure.expected {
            return Ok(());
        }
        let mut counts = vec![0u64; sizes.len()];
        for draw in sampler.iter() {
            counts[draw.cluster.unwrap() as usize] += 1;
        }
        for cluster in &exposure.clusters {
            let count = counts[cluster.cluster as usize] as f64;
            prop_assert!((count - cluster.draws).abs() < 1.0, "{cluster:?}, drawn {count} times");
        }
    }

    #[test]
    fn clip_positions_are_where_a_cluster_is_left_out((sizes, options) in cases()) {
        let Some(clip) = options.effective_clip().unwrap() else { return Ok(()) };
        if options.choice == Choice::Independent {
            return Ok(());
        }
        let sampler = sampler(&sizes, &options);
        let mut order: Vec<Draw> = sampler.iter().collect();
        let reversed = options.strategy == Strategy::SpecificToGeneral;
        if reversed {
            order.reverse();
        }
        let exposure = sampler.exposure();
        for cluster in &exposure.clusters {
            let last = (0u64..)
                .zip(&order)
                .filter(|(_, draw)| draw.cluster == Some(cluster.cluster))
                .nth((clip * cluster.size) as usize - 1);
            let position =
                cluster.clip_position.map(|p| if reversed { sampler.len() - p } else { p });
            if let Some(position) = position {
                // Its last draw is before, in the round that ends there.
                let (last, _) = last.unwrap();
                prop_assert!(last < position && position - last <= exposure.clusters.len() as u64);
                let pass = (clip * exposure.documents).min(sampler.len());
                let after = &order[position as usize..pass as usize];
                prop_assert!(after.iter().all(|draw| draw.cluster != Some(cluster.cluster)));
            } else {
                let left = order.len() as u64 - last.map_or(order.len() as u64, |(last, _)| last);
                prop_assert!(left <= exposure.clusters.len() as u64);
            }
        }
        let acts = exposure.clusters.iter().any(|cluster| cluster.clip_position.is_some());
        prop_assert_eq!(exposure.clip_acts, acts);
    }

    #[test]
    fn without_an_acting_clip_the_order_is_the_uniform_one((sizes, options) in cases()) {
        if options.strategy != Strategy::ClusterClip || options.choice == Choice::Independent {
            return Ok(());
        }
        let clipped = sampler(&sizes, &options);
        let uniform = Options {
            strategy: Strategy::Uniform,
            clip: None,
            when_exhausted: WhenExhausted::Error,
            ..options
        };
        let first_clip = clipped.exposure().clusters.iter().filter_map(|c| c.clip_position).min();
        let same = first_clip.unwrap_or(clipped.len()) as usize;
        let unclipped: Vec<Draw> = sampler(&sizes, &uniform).iter().take(same).collect();
        prop_assert_eq!(unclipped, clipped.iter().take(same).collect::<Vec<_>>());
        prop_assert_eq!(
            clipped.warnings().iter().any(|warning| matches!(warning, Warning::ClipNeverActs { .. })),
            first_clip.is_none()
        );
    }

    #[test]
    fn each_round_visits_each_active_cluster_once(sizes in sizes(), seed in any::<u64>(), clip in 1u64..4) {
        let options = Options { clip: Some(clip), seed, ..Options::default() };
        let order = order(&sizes, &longest(&sizes, &options, 0));
        let mut rest = &order[..];
        for round in 0.. {
            let active: Vec<u32> =
                (0u32..).zip(&sizes).filter(|&(_, &size)| round < clip * size).map(|(c, _)| c).collect();
            if active.is_empty() {
                break;
            }
            let (visited, after) = rest.split_at(active.len());
            let mut visited: Vec<u32> = visited.iter().map(|draw| draw.cluster.unwrap()).collect();
            visited.sort_unstable();
            prop_assert_eq!(visited, active);
            rest = after;
        }
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn g2s_draws_each_document_once_and_equals_clip_1(sizes in sizes(), seed in any::<u64>()) {
        let g2s = Options { strategy: Strategy::GeneralToSpecific, seed, ..Options::default() };
        let order = order(&sizes, &g2s);
        let counts = draws_of_documents(&order);
        prop_assert_eq!(counts.len() as u64, sizes.iter().sum::<u64>());
        prop_assert_eq!(counts.len(), order.len());
        let clip_1 = Options { clip: Some(1), seed, ..Options::default() };
        prop_assert_eq!(self::order(&sizes, &clip_1), order);
    }

    #[test]
    fn s2g_is_the_exact_reverse_of_g2s(sizes in sizes(), seed in any::<u64>(), part in 0.0f64..1.0) {
        let documents: u64 = sizes.iter().sum();
        let budget = Budget::Documents(1 + (part * (documents - 1) as f64) as u64);
        let g2s = Options { strategy: Strategy::GeneralToSpecific, seed, budget, ..Options::default() };
        let s2g = Options { strategy: Strategy::SpecificToGeneral, ..g2s.clone() };
        let mut reversed = order(&sizes, &s2g);
        reversed.reverse();
        prop_assert_eq!(reversed, order(&sizes, &g2s));
        let s2g = sampler(&sizes, &s2g);
        prop_assert_eq!(s2g.warnings().is_empty(), s2g.len() == documents);
    }

    #[test]
    fn ranks_partition_the_order((sizes, options) in cases(), world_size in 1u64..20, drop in any::<bool>()) {
        let sampler = sampler(&sizes, &options);
        let order: Vec<Draw> = sampler.iter().collect();
        let kept = if drop { order.len() / world_size as usize * world_size as usize } else { order.len() };
        let mut together = vec![None; kept];
        for r in 0..world_size {
            let rank = Rank::new(r, world_size, drop).unwrap();
            let share: Vec<Draw> = sampler.rank(rank).collect();
            prop_assert_eq!(share.len() as u64, rank.share(sampler.len()));
            prop_assert!((kept as u64 / world_size..=(kept as u64).div_ceil(world_size))
                .contains(&(share.len() as u64)));
            for (i, draw) in share.into_iter().enumerate() {
                let position = r as usize + i * world_size as usize;
                prop_assert!(together[position].replace(draw).is_none());
            }
        }
        let together: Option<Vec<Draw>> = together.into_iter().collect();
        prop_assert_eq!(together.unwrap(), &order[..kept]);
    }

    #[test]
    fn a_resumed_order_equals_the_unbroken_one((sizes, options) in cases(), part in 0.0f64..=1.0) {
        let sampler = sampler(&sizes, &options);
        let stop = (part * sampler.len() as f64) as usize;
        let mut walk = sampler.iter();
        let mut order: Vec<Draw> = walk.by_ref().take(stop).collect();
        let saved = serde_json::to_string(&walk.state()).unwrap();
        let state: State = serde_json::from_str(&saved).unwrap();
        prop_assert_eq!(state.position, stop as u64);
        let again = Sampler::new(&sizes, options).unwrap();
        order.extend(again.resume(&state).unwrap());
        prop_assert_eq!(order, sampler.iter().collect::<Vec<_>>());
    }

    #[test]
    fn ranks_resume_together_with_another_world_size(
        (sizes, options) in cases(), before in 1u64..6, after in 1u64..6, steps in 0u64..30,
    ) {
        let sampler = sampler(&sizes, &options);
        let steps = steps.min(sampler.len() / before);
        let mut states = Vec::new();
        for r in 0..before {
            let mut walk = sampler.rank(Rank::new(r, before, false).unwrap());
            for _ in 0..steps {
                walk.next();
            }
            states.push(walk.state());
        }
        prop_assert!(states.iter().all(|state| *state == states[0]));
        prop_assert_eq!(states[0].position, steps * before);
        let rest: Vec<Draw> = sampler.iter().skip((steps * before) as usize).collect();
        for r in 0..after {
            let rank = Rank::new(r, after, false).unwrap();
            let share: Vec<Draw> = sampler.resume(&states[0]).unwrap().rank(rank).collect();
            let expected = rest.iter().copied().skip(r as usize).step_by(after as usize);
            prop_assert!(share.into_iter().eq(expected));
        }
    }

    #[test]
    fn ranks_may_be_divided_again((sizes, options) in cases(), outer in 1u64..5, inner in 1u64..5, skip in 0usize..9) {
        let sampler = sampler(&sizes, &options);
        for r in 0..outer {
            let rank = Rank::new(r, outer, false).unwrap();
            let rest: Vec<Draw> = sampler.rank(rank).skip(skip).collect();
            for w in 0..inner {
                let mut walk = sampler.rank(rank);
                for _ in 0..skip {
                    walk.next();
                }
                let share: Vec<Draw> = walk.rank(Rank::new(w, inner, false).unwrap()).collect();
                let expected = rest.iter().copied().skip(w as usize).step_by(inner as usize);
                prop_assert!(share.into_iter().eq(expected));
            }
        }
    }

    #[test]
    fn empty_clusters_anywhere_change_nothing((sizes, options) in cases(), at in 0usize..12) {
        let compact: Vec<u64> = sizes.iter().copied().filter(|&size| size > 0).collect();
        let mut padded = sizes.clone();
        padded.insert(at.min(sizes.len()), 0);
        let documents = |sizes: &[u64]| -> Vec<u64> {
            let starts: Vec<u64> = sizes
                .iter()
                .scan(0, |sum, size| Some(std::mem::replace(sum, *sum + size)))
                .collect();
            let document = |draw: Draw| draw.cluster.map_or(0, |c| starts[c as usize]) + draw.member;
            order(sizes, &options).into_iter().map(document).collect()
        };
        prop_assert_eq!(documents(&compact), documents(&padded));
        prop_assert_eq!(documents(&compact), documents(&sizes));
        // A state goes with the documents too.
        let state = sampler(&compact, &options).iter().state();
        prop_assert!(sampler(&padded, &options).resume(&state).is_ok());
    }

    #[test]
    fn no_position_but_those_of_s2g_depends_on_the_budget((sizes, options) in cases(), passes in 0u64..3) {
        if options.strategy == Strategy::SpecificToGeneral {
            return Ok(());
        }
        let short = order(&sizes, &options);
        let raised = options.when_exhausted == WhenExhausted::RaiseClip;
        let long = longest(&sizes, &options, if raised { 3 + passes } else { 0 });
        let long: Vec<Draw> = sampler(&sizes, &long).iter().take(short.len()).collect();
        prop_assert_eq!(short, long);
    }

    #[test]
    fn raise_clip_never_changes_an_earlier_position(
        sizes in sizes(), clip in 1u64..4, seed in any::<u64>(), passes in 1u64..4, independent in any::<bool>(),
    ) {
        let choice = if independent { Choice::Independent } else { Choice::Stratified };
        let plain = Options { clip: Some(clip), choice, seed, ..Options::default() };
        let raised = Options { when_exhausted: WhenExhausted::RaiseClip, ..plain.clone() };
        let order = order(&sizes, &longest(&sizes, &raised, passes));
        let documents = sizes.iter().sum::<u64>() as usize;
        let ended = clip as usize * documents;
        prop_assert_eq!(&order[..ended], &self::order(&sizes, &longest(&sizes, &plain, 0))[..]);
        for (pass, draws) in (0u64..).zip(order[ended..].chunks(documents)) {
            prop_assert_eq!(draws_of_documents(draws).len(), documents);
            prop_assert!(draws.iter().all(|draw| draw.repetition == clip + pass + 1));
        }
    }

    #[test]
    fn rows_in_bulk_are_the_rows_of_the_draws((sizes, options) in cases(), world_size in 1u64..4, room in 1usize..90) {
        let mut labels: Vec<i32> =
            (0..).zip(&sizes).flat_map(|(label, &size)| vec![label; size as usize]).collect();
        labels.sort_by_key(|&label| label % 3);
        let members = Members::from_labels(&labels).unwrap();
        let sampler = Sampler::new(members.sizes(), options).unwrap();
        let rank = Rank::new(world_size - 1, world_size, false).unwrap();
        let expected: Vec<u64> = sampler.rank(rank).map(|draw| members.row(&draw)).collect();
        let (mut walk, mut rows, mut out) = (sampler.rank(rank), Vec::new(), vec![0; room]);
        while walk.remaining() > 0 {
            let count = walk.fill_rows(&members, &mut out);
            rows.extend_from_slice(&out[..count]);
            rows.extend(walk.next().map(|draw| members.row(&draw)));
        }
        prop_assert_eq!(rows, expected);
    }

    #[test]
    fn rows_have_the_label_of_their_draw_and_ascend_with_the_member(
        labels in prop::collection::vec(-1i32..6, 1..80), seed in any::<u64>(),
    ) {
        let members = Members::from_labels(&labels).unwrap();
        if members.n_documents() == 0 {
            return Ok(());
        }
        for strategy in [Strategy::ClusterClip, Strategy::Random] {
            let sampler = Sampler::new(members.sizes(), Options { strategy, seed, ..Options::default() }).unwrap();
            for draw in sampler.iter() {
                let row = members.row(&draw) as usize;
                let same = |label: &&i32| match draw.cluster {
                    Some(cluster) => **label == cluster as i32,
                    None => **label >= 0,
                };
                prop_assert!(same(&&labels[row]));
                prop_assert_eq!(labels[..row].iter().filter(same).count() as u64, draw.member);
            }
        }
    }
}
