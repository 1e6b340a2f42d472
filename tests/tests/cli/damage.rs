//! Results that were cut, changed or removed: made again, or named; never taken for whole.

use std::fs;
use std::path::Path;

use clusterclip_tests::program::Ended;
use clusterclip_tests::{corpus, results};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::{clusterclip, folder};

/// What becomes of a file's bytes; `None` is a file that is gone.
type Damage = fn(&[u8], &mut StdRng) -> Option<Vec<u8>>;

const WAYS: [(&str, Damage); 4] = [
    ("gone", |_, _| None),
    ("empty", |_, _| Some(Vec::new())),
    ("cut", |bytes, random| Some(bytes[..random.random_range(0..bytes.len())].to_vec())),
    ("changed", |bytes, random| {
        let mut bytes = bytes.to_vec();
        let place = random.random_range(0..bytes.len());
        bytes[place] ^= 1 << random.random_range(0..8);
        Some(bytes)
    }),
];

/// Lists all others, and itself by a hash.
const MANIFEST: &str = "manifest.json";

/// After what a bit of the manifest is changed: places whose change leaves JSON that says something.
const PLACES: [(&str, &str); 9] = [
    ("a figure", "\"inertia\": 0."),
    ("a count", "\"counts\": [\""),
    ("a letter of a key", "\n  \"inerti"),
    ("a setting", "\"embedder\": \""),
    ("the length of a file", "\"bytes\": \""),
    ("the key of a stage", "\"key\": \""),
    ("the version of a stage", "\"clusterclip-kmeans/"),
    ("the version of the folder", "\"clusterclip-files/"),
    ("its hash", "\n  \"hash\": \""),
];

/// What damage makes of a file, and how it came about.
fn damages(name: &str, bytes: &[u8], random: &mut StdRng) -> Vec<(&'static str, Option<Vec<u8>>)> {
    let mut all: Vec<_> = WAYS.iter().map(|(way, damage)| (*way, damage(bytes, random))).collect();
    if name == MANIFEST {
        let text = str::from_utf8(bytes).expect("the manifest is UTF-8");
        all.extend(PLACES.map(|(way, before)| {
            let place = text.find(before).unwrap_or_else(|| panic!("{way}: {text}")) + before.len();
            let mut bytes = bytes.to_vec();
            bytes[place] ^= 1;
            (way, Some(bytes))
        }));
    }
    all
}

fn put(path: &Path, bytes: Option<Vec<u8>>) {
    match bytes {
        None => fs::remove_file(path).expect("the file is there"),
        Some(bytes) => fs::write(path, bytes).expect("the file can be written"),
    }
}

/// Damages each file of `out` in each way, and has it mended by the command that made it.
fn damage_every_file(dir: &Path, words: &str, out: &str) {
    let whole = results::files(&dir.join(out));
    let mut random = StdRng::seed_from_u64(4);
    for (name, bytes) in &whole {
        for (way, damaged) in damages(name, bytes, &mut random) {
            put(&dir.join(out).join(name), damaged);
            let ended = clusterclip(dir, words).assert_calm();
            if ended.code != Some(0) {
                assert_named(&ended, name, way);
                clusterclip(dir, &format!("{words} --force")).assert_done();
            }
            let differences = results::differences(&whole, &results::files(&dir.join(out)));
            assert_eq!(differences, [""; 0], "{name}, {way}: {ended}");
        }
    }
}

/// A manifest that is damaged lists nothing, and what it does not list is not ours to replace.
fn assert_named(ended: &Ended, name: &str, way: &str) {
    assert_eq!(ended.code, Some(1), "{name}, {way}: {ended}");
    assert_eq!(name, MANIFEST, "{way}: {ended}");
    assert!(ended.stderr.contains(name) && ended.stderr.contains("--force"), "{way}: {ended}");
}

#[test]
fn every_file_of_results_that_is_damaged_is_made_again_or_named() {
    let documents = corpus::documents(260, 40);
    let (now, later) = documents.split_at(200);
    let folder = folder(&[("now.jsonl", &corpus::jsonl(now)), ("later.jsonl", &corpus::jsonl(later))]);
    let dir = folder.path();
    let run =
        "run now.jsonl --clusters 4 --out out --export parquet --export jsonl.gz --export ids --shards 2";
    clusterclip(dir, run).assert_done();
    damage_every_file(dir, run, "out");
    let join = "join out later.jsonl --out later";
    clusterclip(dir, join).assert_done();
    damage_every_file(dir, join, "later");
}

/// What a later command reads of a folder is held against the manifest before it is used.
#[test]
fn a_damaged_folder_is_named_by_those_who_read_it() {
    let documents = corpus::documents(260, 40);
    let (now, later) = documents.split_at(200);
    let folder = folder(&[("now.jsonl", &corpus::jsonl(now)), ("later.jsonl", &corpus::jsonl(later))]);
    let dir = folder.path();
    clusterclip(dir, "run now.jsonl --clusters 4 --out out").assert_done();
    let whole = results::files(&dir.join("out"));
    let mut random = StdRng::seed_from_u64(5);
    for words in ["sample out --out read", "join out later.jsonl --out read"] {
        let _ = fs::remove_dir_all(dir.join("read"));
        clusterclip(dir, words).assert_done();
        let expected = results::files(&dir.join("read"));
        for (name, bytes) in &whole {
            for (way, damaged) in damages(name, bytes, &mut random) {
                let path = dir.join("out").join(name);
                put(&path, damaged);
                let _ = fs::remove_dir_all(dir.join("read"));
                let ended = clusterclip(dir, words).assert_calm();
                match ended.code {
                    // It does not read that file.
                    Some(0) if name != MANIFEST => {
                        let found = results::files(&dir.join("read"));
                        let differences = results::differences(&expected, &found);
                        assert_eq!(differences, [""; 0], "{name}, {way}: {ended}");
                    }
                    _ => {
                        assert_eq!(ended.code, Some(1), "{name}, {way}: {ended}");
                        assert!(ended.stderr.contains(name.as_str()), "{name}, {way}: {ended}");
                        assert!(!dir.join("read").exists(), "{name}, {way}");
                    }
                }
                fs::write(&path, bytes).expect("the file can be written");
            }
        }
    }
}
