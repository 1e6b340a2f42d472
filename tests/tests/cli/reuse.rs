//! Finished stages are reused, other results are never replaced unasked, and nothing is lost by a failure.

use std::fs;

use clusterclip_tests::{corpus, npy, results};

use crate::{clusterclip, with_corpus};

#[test]
fn a_second_run_reuses_every_stage_and_force_makes_the_same_bytes_again() {
    let folder = with_corpus();
    let (dir, out) = (folder.path(), folder.path().join("out"));
    clusterclip(dir, "run corpus.jsonl --out out").assert_done();
    let first = results::files(&out);
    let written = |name: &str| fs::metadata(out.join(name)).and_then(|data| data.modified()).expect("a time");
    let times = results::FILES.map(|name| (name, written(name)));

    clusterclip(dir, "run corpus.jsonl --out out --threads 1").assert_done();
    assert_eq!(results::differences(&first, &results::files(&out)), [""; 0]);
    for (name, time) in times.iter().filter(|(name, _)| !["run.json", "manifest.json"].contains(name)) {
        assert_eq!(written(name), *time, "{name} was written again");
    }

    clusterclip(dir, "run corpus.jsonl --out out --force").assert_done();
    assert_eq!(results::differences(&first, &results::files(&out)), [""; 0]);
}

#[test]
fn other_results_are_replaced_only_with_force() {
    let folder = with_corpus();
    let (dir, out) = (folder.path(), folder.path().join("out"));
    clusterclip(dir, "run corpus.jsonl --out out --clusters 8").assert_done();
    let first = results::files(&out);
    for words in [
        "run corpus.jsonl --out out --clusters 9",
        "run corpus.jsonl --out out --clusters 8 --seed 3",
        "cluster out --clusters 9",
        "sample out --clip 2",
        "sample out --epochs 0.5",
    ] {
        clusterclip(dir, words).assert_failed(1, &["--force"]);
        assert_eq!(results::differences(&first, &results::files(&out)), [""; 0], "{words}");
    }
    clusterclip(dir, "sample out").assert_done();
    assert_eq!(
        results::differences(&first, &results::files(&out)),
        [""; 0],
        "identical options are no change"
    );

    clusterclip(dir, "sample out --strategy random --force").assert_done();
    assert!(results::files(&out)["order.npy"] != first["order.npy"], "another strategy, the same order");
    clusterclip(dir, "cluster out --clusters 9 --force").assert_done();
    assert_eq!(npy::read(&out.join("centroids.npy")).shape[0], 9);
    assert!(!out.join("order.npy").exists(), "an order of clusters that are gone must not look valid");
    results::assert_nothing_half_written(&out);
}

#[test]
fn changed_input_is_noticed_even_when_its_size_and_name_are_the_same() {
    let folder = with_corpus();
    let (dir, path) = (folder.path(), folder.path().join("corpus.jsonl"));
    clusterclip(dir, "run corpus.jsonl --out out").assert_done();
    let first = results::files(&dir.join("out"));
    let mut bytes = fs::read(&path).expect("the corpus");
    let place = bytes.windows(4).position(|part| part == b"baba").expect("the syllable ba, twice");
    bytes[place..place + 4].copy_from_slice(b"vava");
    fs::write(&path, bytes).expect("the corpus");
    clusterclip(dir, "run corpus.jsonl --out out").assert_failed(1, &["--force"]);
    assert_eq!(results::differences(&first, &results::files(&dir.join("out"))), [""; 0]);
    clusterclip(dir, "run corpus.jsonl --out out --force").assert_done();
    assert!(results::files(&dir.join("out"))["embeddings.npy"] != first["embeddings.npy"], "the same rows");
}

#[test]
fn a_failing_run_leaves_older_results_as_they_were() {
    let folder = with_corpus();
    let (dir, out) = (folder.path(), folder.path().join("out"));
    clusterclip(dir, "run corpus.jsonl --out out").assert_done();
    let first = results::files(&out);
    let mut broken = corpus::jsonl(&corpus::documents(50, 40));
    broken.extend(b"{\"text\": \n");
    fs::write(dir.join("broken.jsonl"), broken).expect("a file");
    clusterclip(dir, "run broken.jsonl --out out --force").assert_failed(1, &["broken.jsonl:51"]);
    assert_eq!(results::differences(&first, &results::files(&out)), [""; 0]);
}

#[test]
fn a_damaged_result_is_made_again() {
    let folder = with_corpus();
    let (dir, out) = (folder.path(), folder.path().join("out"));
    clusterclip(dir, "run corpus.jsonl --out out").assert_done();
    let first = results::files(&out);
    for name in ["embeddings.npy", "labels.npy", "order.npy"] {
        let mut bytes = first[name].clone();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(out.join(name), bytes).expect("a file");
        clusterclip(dir, "run corpus.jsonl --out out").assert_done();
        assert_eq!(results::differences(&first, &results::files(&out)), [""; 0], "{name}");
    }
}
