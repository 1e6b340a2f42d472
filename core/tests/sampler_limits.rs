//! The sampler at the ends of its range, and what it says beyond them.
//!
//! Sizes are numbers: nothing here is allocated per document, so orders over 2^40 documents cost nothing. Overflow
//! checks are on in this build. The order itself can only be spot-checked at such sizes.

mod reference;

use clusterclip_core::error::{Explain as _, Kind, Param, dashed, said};
use clusterclip_core::keys::{hash, mix, scale};
use clusterclip_core::monitor::{CancelFlag, Event, Monitor};
use clusterclip_core::sampler::{
    Budget, Choice, Draw, Epochs, MAX_BUDGET, MAX_CLIP, MAX_DOCUMENTS, Members, Options, Rank, Sampler,
    SamplerError, State, Strategy, WhenExhausted, documents_for_tokens,
};

/// `at` in u128, by walking phase after phase: SPEC.md, section 3, without a word of 64 bits but the keys'.
fn at(sizes: &[u64], options: &Options, len: u64, position: u64) -> Draw {
    let clip = u128::from(options.effective_clip().unwrap().unwrap_or(u64::MAX));
    let mut clusters: Vec<(u64, u32, u64)> = (0u32..)
        .zip(sizes)
        .filter(|&(_, &size)| size > 0)
        .zip(0u64..)
        .map(|((index, &size), rank)| (size, index, rank))
        .collect();
    clusters.sort_unstable();
    let documents: u128 = sizes.iter().map(|&size| u128::from(size)).sum();
    let largest = u128::from(clusters.last().unwrap().0);
    let mut position = u128::from(position);
    if options.strategy == Strategy::SpecificToGeneral {
        position = u128::from(len) - 1 - position;
    }
    let (mut most, mut before, mut first_round) = (clip, 0, 0);
    if position >= clip * documents {
        before = position / documents;
        most = 1;
        first_round = before * largest;
        position %= documents;
    }
    let (mut round, mut gone) = (0u128, 0);
    loop {
        let active = (clusters.len() - gone) as u128;
        let rounds = u128::from(clusters[gone].0) * most - round;
        if position >= rounds * active {
            position -= rounds * active;
            round += rounds;
            gone += 1;
            continue;
        }
        let (time, slot) = (round + position / active, position % active);
        let key = hash(&[options.seed, 1, u64::try_from(first_round + time).unwrap()]);
        let chosen = reference::perm(key, active as u64, slot as u64);
        let (size, index, rank) = clusters[gone + chosen as usize];
        let epoch = u64::try_from(before + time / u128::from(size)).unwrap();
        let place = (time % u128::from(size)) as u64;
        let member = reference::perm(hash(&[options.seed, 2, rank, epoch]), size, place);
        return Draw { cluster: Some(index), member, repetition: epoch + 1 };
    }
}

/// Positions all over an order: its ends, and thousands at random.
fn positions(len: u64) -> Vec<u64> {
    let mut positions: Vec<u64> = (0..2000).map(|i| scale(mix(i), len)).collect();
    positions.extend([0, 1, len / 2, len - 2, len - 1].into_iter().filter(|&position| position < len));
    positions
}

#[test]
fn positions_are_right_at_the_limits_of_documents_clip_and_budget() {
    let shapes: [Vec<u64>; 4] = [
        vec![MAX_DOCUMENTS],
        vec![MAX_DOCUMENTS - 1 - (1 << 32) - 5, 1, 1 << 32, 5],
        vec![1 << 30; 1 << 10],
        (0..41).map(|i| if i < 40 { 1 << i } else { 1 }).collect(),
    ];
    for sizes in shapes {
        assert_eq!(sizes.iter().sum::<u64>(), MAX_DOCUMENTS);
        for (strategy, clip, len) in [
            (Strategy::ClusterClip, Some(MAX_CLIP), MAX_BUDGET),
            (Strategy::ClusterClip, Some(256), MAX_BUDGET),
            (Strategy::Uniform, None, MAX_BUDGET),
            (Strategy::GeneralToSpecific, None, MAX_DOCUMENTS),
            (Strategy::SpecificToGeneral, None, MAX_DOCUMENTS),
        ] {
            let budget = Budget::Documents(len);
            let options = Options { strategy, clip, budget, seed: u64::MAX, ..Options::default() };
            let sampler = Sampler::new(&sizes, options.clone()).unwrap();
            for position in positions(len) {
                let expected = at(&sizes, &options, len, position);
                assert_eq!(sampler.at(position).unwrap(), expected, "{options:?}, {position}");
            }
            let end: Vec<Draw> = sampler.iter_from(len - 300).unwrap().collect();
            let expected: Vec<Draw> = (len - 300..len).map(|p| at(&sizes, &options, len, p)).collect();
            assert_eq!(end, expected);
            let exposure = sampler.exposure();
            let total: f64 = exposure.clusters.iter().map(|cluster| cluster.draws).sum();
            assert!((total / len as f64 - 1.0).abs() < 1e-9, "{total} of {len}");
        }
    }
}

#[test]
fn random_is_right_at_the_limits() {
    for documents in [1, 3, MAX_DOCUMENTS - 7, MAX_DOCUMENTS] {
        let (strategy, budget) = (Strategy::Random, Budget::Documents(MAX_BUDGET));
        let sampler = Sampler::new(&[documents], Options { strategy, budget, ..Options::default() }).unwrap();
        for position in positions(MAX_BUDGET) {
            let (epoch, place) = (position / documents, position % documents);
            let member = reference::perm(hash(&[0, 3, epoch]), documents, place);
            let expected = Draw { cluster: None, member, repetition: epoch + 1 };
            assert_eq!(sampler.at(position).unwrap(), expected);
        }
    }
}

#[test]
fn raise_clip_goes_on_to_the_largest_budget() {
    for sizes in [vec![1], vec![1, 3, 5], vec![1 << 39, 7, 1]] {
        for (strategy, clip) in [
            (Strategy::ClusterClip, Some(1)),
            (Strategy::ClusterClip, Some(3)),
            (Strategy::GeneralToSpecific, None),
        ] {
            let options = Options {
                strategy,
                clip,
                when_exhausted: WhenExhausted::RaiseClip,
                budget: Budget::Documents(MAX_BUDGET),
                ..Options::default()
            };
            let sampler = Sampler::new(&sizes, options.clone()).unwrap();
            for position in positions(MAX_BUDGET) {
                let expected = at(&sizes, &options, MAX_BUDGET, position);
                assert_eq!(sampler.at(position).unwrap(), expected, "{sizes:?}, {position}");
            }
        }
    }
}

#[test]
fn huge_strides_and_worlds_do_not_overflow() {
    let options =
        Options { budget: Budget::Documents(MAX_BUDGET), clip: Some(MAX_CLIP), ..Options::default() };
    let sampler = Sampler::new(&[MAX_DOCUMENTS / 2, MAX_DOCUMENTS / 2], options).unwrap();
    let mut out = [Draw::default(); 600];
    for (start, stride, count) in [
        (0, u64::MAX, 1),
        (MAX_BUDGET - 1, u64::MAX, 1),
        (MAX_BUDGET, 1, 0),
        (u64::MAX, u64::MAX, 0),
        (3, MAX_BUDGET / 2, 2),
        (0, MAX_BUDGET / 512, 512),
        (MAX_BUDGET - 600, 1, 600),
    ] {
        assert_eq!(sampler.fill(start, stride, &mut out), Ok(count), "{start} {stride}");
        for (i, draw) in out[..count].iter().enumerate() {
            assert_eq!(sampler.at(start + i as u64 * stride).as_ref(), Ok(draw));
        }
    }
    assert_eq!(sampler.fill(0, 0, &mut out), Err(SamplerError::ZeroStride));
    let far = Rank::new(u64::MAX - 1, u64::MAX, false).unwrap();
    assert_eq!(sampler.rank(far).next(), None);
    assert_eq!(sampler.rank(far).rank(far).state().position, 0);
    let first = Rank::new(0, u64::MAX, false).unwrap();
    let mut walk = sampler.rank(first);
    assert_eq!(walk.next(), sampler.at(0).ok());
    assert_eq!((walk.next(), walk.state().position), (None, MAX_BUDGET));
    assert_eq!(sampler.rank(Rank::new(0, u64::MAX, true).unwrap()).next(), None);
}

#[test]
fn a_hundred_thousand_clusters_take_a_hundred_thousand_entries() {
    let sizes: Vec<u64> = (0..100_000).map(|i| 1 + scale(mix(i), 3000)).collect();
    let documents: u64 = sizes.iter().sum();
    let options = Options { clip: Some(2), budget: Budget::Documents(2 * documents), ..Options::default() };
    let sampler = Sampler::new(&sizes, options.clone()).unwrap();
    for position in positions(2 * documents).into_iter().step_by(40) {
        let expected = at(&sizes, &options, 2 * documents, position);
        assert_eq!(sampler.at(position).unwrap(), expected);
    }
}

fn error(sizes: &[u64], options: Options) -> String {
    told(&Sampler::new(sizes, options).unwrap_err())
}

/// What the error says on a command line.
fn told(error: &dyn clusterclip_core::error::Explain) -> String {
    said(error, dashed).to_string()
}

fn documents(count: u64) -> Options {
    Options { budget: Budget::Documents(count), ..Options::default() }
}

#[test]
fn beyond_a_limit_is_an_error_that_names_it() {
    let sizes = [MAX_DOCUMENTS, 1];
    assert_eq!(
        error(&sizes, Options::default()),
        "1099511627777 clustered documents: over the limit of 1099511627776 (2^40)"
    );
    assert_eq!(
        error(&[u64::MAX, u64::MAX], Options::default()),
        "36893488147419103230 clustered documents: over the limit of 1099511627776 (2^40)"
    );
    let unclipped = Options { strategy: Strategy::Uniform, ..documents(MAX_BUDGET + 1) };
    assert_eq!(
        error(&[5], unclipped),
        "--documents 281474976710657: over the limit of 281474976710656 (2^48) draws"
    );
    let epochs = Budget::Epochs("18446744073709551615.5".parse::<Epochs>().unwrap());
    let unclipped = Options { strategy: Strategy::Random, budget: epochs, ..Options::default() };
    assert_eq!(
        error(&[MAX_DOCUMENTS], unclipped),
        "--epochs 18446744073709551615.5: over the limit of 281474976710656 (2^48) draws"
    );
    assert_eq!(
        error(&[5], Options { clip: Some(0), ..Options::default() }),
        "--clip 0: must be from 1 to 65536"
    );
    assert_eq!(
        error(&[5], Options { clip: Some(65_537), ..Options::default() }),
        "--clip 65537: must be from 1 to 65536"
    );
    for nothing in [&[][..], &[0, 0]] {
        assert_eq!(error(nothing, Options::default()), "no document has a cluster: there is nothing to draw");
    }
}

#[test]
fn a_budget_beyond_the_clip_names_the_largest() {
    assert_eq!(
        error(&[1, 3, 5], Options { clip: Some(2), ..documents(19) }),
        "--documents 19: the order ends after 18 draws, because each of the 9 clustered documents is drawn at \
         most 2 times (cluster-clip); ask for at most --documents 18 or --epochs 2, raise --clip, or use --when-exhausted raise-clip"
    );
    let epochs = Budget::Epochs("1.2".parse().unwrap());
    let g2s = Options { strategy: Strategy::GeneralToSpecific, budget: epochs, ..Options::default() };
    assert_eq!(
        error(&[1, 3, 5], g2s.clone()),
        "--epochs 1.2: the order ends after 9 draws, because each of the 9 clustered documents is drawn at \
         most 1 time (g2s); ask for at most --documents 9 or --epochs 1, or use --when-exhausted raise-clip"
    );
    assert!(
        Sampler::new(&[1, 3, 5], Options { when_exhausted: WhenExhausted::RaiseClip, ..g2s.clone() }).is_ok()
    );
    let s2g = Options { strategy: Strategy::SpecificToGeneral, ..g2s };
    assert!(error(&[1, 3, 5], s2g).ends_with("(s2g); ask for at most --documents 9 or --epochs 1"));
}

#[test]
fn an_order_of_nothing_is_refused() {
    assert_eq!(
        error(&[4], documents(0)),
        "--documents 0: an order of no draws from 4 documents; ask for at least one"
    );
    let epochs = Budget::Epochs("0.1".parse().unwrap());
    assert_eq!(
        error(&[4], Options { budget: epochs, ..Options::default() }),
        "--epochs 0.1: an order of no draws from 4 documents; ask for at least one"
    );
}

#[test]
fn positions_outside_and_random_access_without_it_are_errors() {
    let sampler = Sampler::new(&[1, 3, 5], Options::default()).unwrap();
    let message = sampler.at(9).unwrap_err().to_string();
    assert_eq!(message, "position 9: the order holds 9 draws, from position 0");
    assert!(sampler.iter_from(9).unwrap().next().is_none());
    assert!(sampler.iter_from(10).is_err());
    let independent = Options { choice: Choice::Independent, ..Options::default() };
    let sampler = Sampler::new(&[1, 3, 5], independent).unwrap();
    assert_eq!(sampler.at(3), Err(SamplerError::NoRandomAccess { position: 3 }));
    assert_eq!(sampler.iter_from(0).unwrap().count(), 9);
    assert!(sampler.iter_from(1).is_err());
    assert_eq!(
        told(&Rank::new(2, 2, false).unwrap_err()),
        "--rank 2 of --world-size 2: ranks are numbered from 0 and stay under the world size"
    );
    assert_eq!(
        told(&Rank::new(0, 0, false).unwrap_err()),
        "--rank 0 of --world-size 0: the world size must be at least 1"
    );
}

#[test]
fn another_samplers_state_is_refused() {
    let sizes = [1, 3, 5];
    let base = Options { clip: Some(2), ..documents(9) };
    let mut walk_of = Sampler::new(&sizes, base.clone()).unwrap();
    let state = walk_of.iter_from(4).unwrap().state();
    assert!(walk_of.resume(&state).is_ok());
    let others = [
        (vec![1, 3, 5], Options { seed: 1, ..base.clone() }),
        (vec![1, 3, 5], Options { clip: Some(3), ..base.clone() }),
        (vec![1, 3, 5], Options { choice: Choice::Independent, ..base.clone() }),
        (vec![1, 3, 5], Options { strategy: Strategy::Uniform, clip: None, ..base.clone() }),
        (vec![1, 3, 5], Options { strategy: Strategy::Random, clip: None, ..base.clone() }),
        (vec![1, 3, 5], Options { strategy: Strategy::GeneralToSpecific, clip: None, ..base.clone() }),
        (vec![3, 1, 5], base.clone()),
        (vec![1, 3, 6], base.clone()),
        (vec![1, 3, 4, 1], base.clone()),
    ];
    for (sizes, options) in others {
        let other = Sampler::new(&sizes, options.clone()).unwrap();
        let error = other.resume(&state).unwrap_err();
        assert!(matches!(error, SamplerError::StateSampler { .. }), "{options:?}: {error}");
        assert!(error.to_string().contains("strategy, choice, clip and seed"), "{error}");
    }
    // The budget moves no position, so a run may be prolonged; with s2g it moves them all.
    assert!(
        Sampler::new(&sizes, Options { budget: Budget::Documents(18), ..base.clone() })
            .unwrap()
            .resume(&state)
            .is_ok()
    );
    let shorter = Sampler::new(&sizes, Options { budget: Budget::Documents(3), ..base.clone() }).unwrap();
    assert_eq!(shorter.resume(&state).unwrap_err(), SamplerError::PositionOutOfRange { position: 4, len: 3 });
    let s2g = |len| Options { strategy: Strategy::SpecificToGeneral, clip: None, ..documents(len) };
    walk_of = Sampler::new(&sizes, s2g(9)).unwrap();
    let reversed = walk_of.iter().state();
    assert!(Sampler::new(&sizes, s2g(8)).unwrap().resume(&reversed).is_err());
    let old = State { version: "clusterclip-order/0".to_owned(), ..state };
    assert_eq!(
        Sampler::new(&sizes, base).unwrap().resume(&old).unwrap_err().to_string(),
        "saved state: it is of order version \"clusterclip-order/0\", this sampler makes \"clusterclip-order/1\""
    );
}

#[test]
fn damaged_counters_are_refused() {
    let options = Options { choice: Choice::Independent, clip: Some(2), ..documents(18) };
    let sampler = Sampler::new(&[1, 3, 5], options).unwrap();
    let mut walk = sampler.iter();
    walk.by_ref().take(10).for_each(drop);
    let state = walk.state();
    assert_eq!(state.counters.iter().sum::<u64>(), 10);
    let refusal = |counters: &[u64]| {
        let damaged = State { counters: counters.to_vec(), ..state.clone() };
        sampler.resume(&damaged).unwrap_err().to_string()
    };
    assert_eq!(refusal(&[1, 2]), "saved state: its counters are damaged: there are 2, this sampler has 3");
    assert_eq!(refusal(&[1, 2, 3]), "saved state: its counters are damaged: their sum is 6, the position 10");
    assert_eq!(
        refusal(&[3, 3, 4]),
        "saved state: its counters are damaged: cluster 0 has 3 draws at position 10, must have 0 to 2"
    );
    assert!(refusal(&[u64::MAX, u64::MAX, 12]).contains("sum"));
}

#[test]
fn a_token_budget_ends_with_the_draw_that_reaches_it() {
    let labels = [0, 1, 1, -1, 1, 2, 2, 2, 2, 2, -1];
    let members = Members::from_labels(&labels).unwrap();
    // Rows without a cluster need no count.
    let counts = |row: u64| (labels[row as usize] >= 0).then_some((row * 7 % 5) as u32);
    let total: u64 = (0..11).filter_map(counts).map(u64::from).sum();
    for (strategy, choice, when_exhausted, epochs) in [
        (Strategy::ClusterClip, Choice::Stratified, WhenExhausted::Error, 5),
        (Strategy::ClusterClip, Choice::Stratified, WhenExhausted::RaiseClip, 8),
        (Strategy::ClusterClip, Choice::Independent, WhenExhausted::RaiseClip, 8),
        (Strategy::Uniform, Choice::Stratified, WhenExhausted::Error, 20),
        (Strategy::Uniform, Choice::Independent, WhenExhausted::Error, 8),
        (Strategy::Random, Choice::Stratified, WhenExhausted::Error, 8),
        (Strategy::GeneralToSpecific, Choice::Stratified, WhenExhausted::Error, 1),
        (Strategy::GeneralToSpecific, Choice::Stratified, WhenExhausted::RaiseClip, 8),
        (Strategy::SpecificToGeneral, Choice::Stratified, WhenExhausted::Error, 1),
    ] {
        let options = Options { strategy, choice, when_exhausted, ..Options::default() };
        // s2g has the length of the g2s walk.
        let walked = match strategy {
            Strategy::SpecificToGeneral => Strategy::GeneralToSpecific,
            other => other,
        };
        for tokens in 1..=epochs * total {
            let draws = documents_for_tokens(&members, &options, tokens, counts, &Monitor::silent()).unwrap();
            let order = Sampler::new(
                members.sizes(),
                Options { strategy: walked, budget: Budget::Documents(draws), ..options.clone() },
            )
            .unwrap();
            let sums: Vec<u64> = order
                .iter()
                .map(|draw| u64::from(counts(members.row(&draw)).unwrap()))
                .scan(0, |sum, count| {
                    *sum += count;
                    Some(*sum)
                })
                .collect();
            let (last, before) = sums.split_last().unwrap();
            let found = *last >= tokens && before.last().is_none_or(|&sum| sum < tokens);
            assert!(found, "{strategy} {choice} {tokens}: {draws} draws");
        }
    }
}

/// Walked draw by draw, these would take hours. Independent choice without a clip has no such short cut.
#[test]
fn token_budgets_far_beyond_the_data_end_at_once() {
    let labels = [0, 1, 1, 2, 2, 2, 2];
    let members = Members::from_labels(&labels).unwrap();
    let counts = |row| Some(row as u32 + 1);
    let ask = |options: &Options, tokens| {
        documents_for_tokens(&members, options, tokens, counts, &Monitor::silent())
    };
    let raised = Options { when_exhausted: WhenExhausted::RaiseClip, ..Options::default() };
    let uniform = Options { strategy: Strategy::Uniform, ..Options::default() };
    let random = Options { strategy: Strategy::Random, ..Options::default() };
    let independent = Options { choice: Choice::Independent, ..raised.clone() };
    // Sums of all counts, and of four rounds: 4 times the first cluster, twice the second, once the third.
    let (total, rounds) = (28, 4 + 2 * (2 + 3) + 4 + 5 + 6 + 7);
    for times in [1 << 40, (1 << 40) + 1, 1_234_567_890_123] {
        assert_eq!(ask(&uniform, times * rounds), Ok(times * 12));
        for options in [&raised, &independent, &random] {
            assert_eq!(ask(options, times * total), Ok(times * 7), "{options:?}");
            // One token more takes one draw more.
            assert_eq!(ask(options, times * total + 1), Ok(times * 7 + 1), "{options:?}");
        }
    }
    let uniform_independent = Options { choice: Choice::Independent, ..uniform.clone() };
    for options in [&raised, &independent, &random, &uniform, &uniform_independent] {
        let tokens = u64::MAX;
        assert_eq!(ask(options, tokens), Err(SamplerError::TokensOverLimit { tokens }), "{options:?}");
    }
    // No order draws the richest document alone.
    let tokens = 7 * MAX_BUDGET;
    for options in [&raised, &independent, &random, &uniform] {
        assert_eq!(ask(options, tokens), Err(SamplerError::TokensOverLimit { tokens }), "{options:?}");
    }
    let most_clip = Options { clip: Some(MAX_CLIP), ..Options::default() };
    assert_eq!(ask(&most_clip, MAX_CLIP * total), Ok(MAX_CLIP * 7));
}

#[test]
fn token_budgets_that_cannot_be_met_say_why() {
    let members = Members::from_labels(&[0, 1, 1, -1, 1]).unwrap();
    let ask = |options: &Options, tokens, counts: &dyn Fn(u64) -> Option<u32>| {
        documents_for_tokens(&members, options, tokens, counts, &Monitor::silent()).map_err(|e| told(&e))
    };
    let clip_2 = Options { clip: Some(2), ..Options::default() };
    let ten = |_| Some(10);
    assert_eq!(ask(&clip_2, 80, &ten), Ok(8));
    assert_eq!(
        ask(&clip_2, 81, &ten),
        Err("--tokens 81: the order ends after 80 tokens, because each of the 4 clustered documents is drawn at \
             most 2 times (cluster-clip); ask for at most --tokens 80, raise --clip, or use --when-exhausted raise-clip"
            .to_owned())
    );
    let raised = Options { when_exhausted: WhenExhausted::RaiseClip, ..clip_2.clone() };
    assert_eq!(ask(&raised, 81, &ten), Ok(9));
    assert_eq!(ask(&clip_2, 0, &ten), Err("--tokens 0: ask for at least one token".to_owned()));
    assert_eq!(
        ask(&clip_2, 1, &|row| (row < 2).then_some(1)),
        Err("--tokens: row 2 has no token count; give counts with --token-field, or use --epochs or --documents"
            .to_owned())
    );
    assert_eq!(
        ask(&clip_2, 1, &|_| Some(0)),
        Err("--tokens: the token counts of all 4 clustered documents are zero".to_owned())
    );
    let huge = |_| Some(u32::MAX);
    assert_eq!(ask(&clip_2, 8 * u64::from(u32::MAX), &huge), Ok(8));
    assert!(ask(&Options { clip: Some(0), ..Options::default() }, 1, &ten).unwrap_err().contains("--clip 0"));
    let none = Members::from_labels(&[-1]).unwrap();
    let nothing = documents_for_tokens(&none, &clip_2, 1, ten, &Monitor::silent());
    assert_eq!(nothing, Err(SamplerError::NoDocuments));
}

#[test]
fn a_token_walk_stops_when_asked_to() {
    let members = Members::from_labels(&[0, 1]).unwrap();
    let cancel = CancelFlag::default();
    cancel.cancel();
    let monitor = Monitor::new(&|_| (), cancel);
    let error = documents_for_tokens(&members, &Options::default(), 1, |_| Some(1), &monitor).unwrap_err();
    assert!(matches!(error, SamplerError::Cancelled(_)));

    // A walk of days says how far it is, and stops there.
    let cancel = CancelFlag::default();
    let told = std::cell::RefCell::new(Vec::new());
    let sink = |event: Event| {
        if matches!(event, Event::Progress { .. }) {
            cancel.cancel();
        }
        told.borrow_mut().push(event);
    };
    let monitor = Monitor::new(&sink, cancel.clone());
    let options = Options { strategy: Strategy::Uniform, choice: Choice::Independent, ..Options::default() };
    let error = documents_for_tokens(&members, &options, 1 << 47, |_| Some(1), &monitor).unwrap_err();
    assert!(matches!(error, SamplerError::Cancelled(_)));
    let [Event::Started { unit: "tokens", total: Some(total), .. }, Event::Progress { done, .. }] =
        told.borrow()[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!(total, 1 << 47);
    assert!(done > 0 && done < total, "{done}");
}

#[test]
fn rows_of_a_long_order_are_the_same_in_blocks_of_any_size() {
    let labels: Vec<i32> = (0..70_000).map(|row| scale(mix(row), 300) as i32 - 1).collect();
    let members = Members::from_labels(&labels).unwrap();
    for choice in [Choice::Stratified, Choice::Independent] {
        let options =
            Options { choice, budget: Budget::Epochs("1.5".parse().unwrap()), ..Options::default() };
        let sampler = Sampler::new(members.sizes(), options).unwrap();
        let expected: Vec<u64> = sampler.iter().map(|draw| members.row(&draw)).collect();
        for block in [40_000, 200_000] {
            let (mut walk, mut rows, mut out) = (sampler.iter(), Vec::new(), vec![0; block]);
            while walk.remaining() > 0 {
                let count = walk.fill_rows(&members, &mut out);
                rows.extend_from_slice(&out[..count]);
            }
            assert!(rows == expected, "{choice}, blocks of {block}");
        }
    }
}

#[test]
fn threads_change_no_draw() {
    let sizes: Vec<u64> = (0..300).map(|cluster| scale(mix(cluster), 400)).collect();
    for name in Strategy::NAMES {
        for choice in [Choice::Stratified, Choice::Independent] {
            let options = Options { strategy: name.parse().unwrap(), choice, ..documents(50_000) };
            let Ok(sampler) = Sampler::new(&sizes, options) else { continue };
            let expected: Vec<Draw> = sampler.iter().collect();
            let strided: Vec<Draw> = expected.iter().copied().skip(5).step_by(2).collect();
            let mut walk = sampler.iter();
            // Draws that a walk has looked ahead for come first.
            assert_eq!(walk.next(), Some(expected[0]));
            for threads in [1, 2, 3, 7] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let mut out = vec![Draw::default(); expected.len()];
                let taken = pool.install(|| walk.clone().fill(&mut out));
                assert!(out[..taken] == expected[1..], "{name}, {choice}, {threads} threads");
                if choice == Choice::Stratified {
                    let mut out = vec![Draw::default(); expected.len()];
                    let taken = pool.install(|| sampler.fill(5, 2, &mut out)).unwrap();
                    assert!(out[..taken] == strided, "{name}, every second, {threads} threads");
                }
            }
        }
    }
}

#[test]
fn a_clip_that_never_acts_is_told_only_where_it_was_asked_for() {
    let warnings = |clip| Sampler::new(&[3, 4], Options { clip, ..Options::default() }).unwrap().warnings();
    assert!(warnings(None).is_empty());
    assert_eq!(
        warnings(Some(5))[0].said(dashed),
        "--clip 5 never acts at this budget: the order of 7 draws ends before any cluster is left out"
    );
    assert!(warnings(Some(1)).is_empty(), "this one acts");
    let independent = Options { clip: Some(9), choice: Choice::Independent, ..Options::default() };
    assert_eq!(
        Sampler::new(&[3, 4], independent).unwrap().warnings()[0].said(dashed),
        "--clip 9 is not expected to act at this budget: 7 draws end before the smallest cluster is expected to be \
         left out"
    );
}

#[test]
fn a_reversed_order_shorter_than_the_data_says_what_it_leaves_out() {
    let options = Options { strategy: Strategy::SpecificToGeneral, ..documents(3) };
    assert_eq!(
        Sampler::new(&[3, 4], options).unwrap().warnings()[0].said(dashed),
        "--strategy s2g: the order of 3 draws is the reverse of the first 3 of g2s, so the other 4 of 7 documents, \
         which g2s would draw last, are left out"
    );
}

#[test]
fn errors_speak_of_parameters_by_the_names_they_are_given() {
    let raise =
        Options { when_exhausted: WhenExhausted::RaiseClip, strategy: Strategy::Random, ..documents(1) };
    let error = Sampler::new(&[1], raise).unwrap_err();
    let rest = "raise-clip: does not go with strategy random; only cluster-clip and g2s take it";
    assert_eq!(error.to_string(), format!("when_exhausted {rest}"));
    let of_length = |param: Param| format!("<{}>", param.name().len());
    assert_eq!(said(&error, of_length).to_string(), format!("<14> {rest}").replace("strategy ", "<8> "));
    assert_eq!(told(&error), format!("--when-exhausted {rest}").replace(" strategy", " --strategy"));
}

#[test]
fn kinds_tell_wrong_options_from_data_that_do_not_fit() {
    let kind = |sizes: &[u64], options| Sampler::new(sizes, options).unwrap_err().kind();
    assert_eq!(kind(&[5], Options { clip: Some(0), ..Options::default() }), Kind::Usage);
    assert_eq!(kind(&[5], documents(26)), Kind::Input);
    assert_eq!(kind(&[], Options::default()), Kind::Input);
    assert_eq!(Rank::new(2, 2, false).unwrap_err().kind(), Kind::Usage);
    let unknown = "greedy".parse::<Strategy>().unwrap_err();
    assert_eq!(unknown.kind(), Kind::Usage);
    assert_eq!(
        told(&unknown),
        "--strategy greedy: unknown; use cluster-clip, uniform, unimax, random, g2s or s2g"
    );
    let unknown = "later".parse::<WhenExhausted>().unwrap_err();
    assert_eq!(told(&unknown), "--when-exhausted later: unknown; use error or raise-clip");
    let cancelled = CancelFlag::default();
    cancelled.cancel();
    let members = Members::from_labels(&[0, 1]).unwrap();
    let monitor = Monitor::new(&|_| (), cancelled);
    let stopped = documents_for_tokens(&members, &Options::default(), 1, |_| Some(1), &monitor).unwrap_err();
    assert_eq!(stopped.kind(), Kind::Cancelled);
}
