//! The bytes of a small corpus that is checked in, under explicit options: every later version must leave them.
//!
//! The hashes were made by a version of `clusterclip-kmeans/1`. A hash that changes means another answer for the same
//! input: a mistake, or a new format version (CONTRIBUTING.md says what that takes).

use std::fs;
use std::path::Path;

use clusterclip_tests::results;
use xxhash_rust::xxh3::xxh3_128;

use crate::{clusterclip, folder};

/// Options, and the hashes (XXH3, 128 bits) of embeddings, labels and order under them.
type Case = (&'static str, [u128; 3]);

const FILES: [&str; 3] = ["embeddings.npy", "labels.npy", "order.npy"];

// The clusters do not depend on the strategy, nor the rows on either.
const EMBEDDINGS: u128 = 0x1cd7b7cd_afab030b_446cc895_12e75214;
const SEVEN: u128 = 0x30045e91_7adc49aa_cd20360f_ec3d30dd;
const TWENTY_FOUR: u128 = 0xcd325395_ebf18ad4_8ec094b9_d0bf9fd5;

const CASES: [Case; 8] = [
    (
        "--clusters 7 --seed 3 --strategy cluster-clip --clip 2 --epochs 1.25",
        [EMBEDDINGS, SEVEN, 0xf148f952_bdf13829_10b2f0b3_a39712b2],
    ),
    (
        "--clusters 7 --seed 3 --strategy cluster-clip --choice independent --clip 4 --documents 500",
        [EMBEDDINGS, SEVEN, 0x71fd6ea2_2cbd6e56_db0ec8b7_1f8467f7],
    ),
    (
        "--clusters 7 --seed 3 --strategy uniform --documents 700",
        [EMBEDDINGS, SEVEN, 0xc5ff2d0c_c7e97866_c321bda1_8889a5e5],
    ),
    (
        "--clusters 7 --seed 3 --strategy uniform --choice independent --documents 700",
        [EMBEDDINGS, SEVEN, 0xbf60d19e_4a48c621_afffbf29_89123c0e],
    ),
    (
        "--clusters 7 --seed 3 --strategy random --epochs 2.5",
        [EMBEDDINGS, SEVEN, 0x2c7503e6_9cc9bae9_7aeb1305_0d269c34],
    ),
    (
        "--clusters 7 --seed 3 --strategy g2s --epochs 1",
        [EMBEDDINGS, SEVEN, 0x1f059a5c_6208f36d_09f8eed9_729d17fd],
    ),
    (
        "--clusters 7 --seed 3 --strategy s2g --epochs 1",
        [EMBEDDINGS, SEVEN, 0x4c6368a3_01afba79_25170c3f_45476f6a],
    ),
    (
        "--clusters 24 --seed 0 --init k-means++ --strategy cluster-clip --clip 5 --epochs 2",
        [EMBEDDINGS, TWENTY_FOUR, 0xb009b1aa_a96db3e9_93ded59c_2216be88],
    ),
];

#[test]
fn bytes_of_every_strategy_stay() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/words.jsonl");
    let folder = folder(&[("words.jsonl", &fs::read(corpus).expect("the corpus"))]);
    let mut wrong = Vec::new();
    for (number, (options, expected)) in CASES.into_iter().enumerate() {
        let words = format!("run words.jsonl --out {number} --embedder lexical --tolerance 0 {options}");
        clusterclip(folder.path(), &words).assert_done();
        let files = results::files(&folder.path().join(number.to_string()));
        let found = FILES.map(|name| xxh3_128(&files[name]));
        if found != expected {
            wrong.push(format!("{options}: {found:032x?}"));
        }
    }
    assert!(wrong.is_empty(), "found (embeddings, labels, order):\n{}", wrong.join("\n"));
}
