//! What is told, and when: mistakes before the work that they would spoil, warnings only where they help.

use std::fs;
use std::path::Path;

use clusterclip_tests::npy;

use crate::{clusterclip, folder, with_corpus};

fn exists(out: &Path, names: &[&str]) -> Vec<bool> {
    names.iter().map(|name| out.join(name).exists()).collect()
}

#[test]
fn a_mistake_in_the_options_is_told_before_anything_is_embedded() {
    let folder = with_corpus();
    let dir = folder.path();
    fs::write(dir.join("first.npy"), npy::f32_bytes(&[1.0; 12], 4)).expect("a file");
    fs::create_dir(dir.join("taken")).expect("a folder");
    fs::write(dir.join("taken/order.npy"), b"mine").expect("a file");
    for (out, words, says) in [
        ("out", "--init missing.npy", &["--init", "missing.npy"][..]),
        ("out", "--init first.npy --clusters 4", &["--init first.npy", "3 rows", "--clusters 4"]),
        ("taken", "", &["order.npy", "--force"]),
    ] {
        let ended = clusterclip(dir, &format!("run corpus.jsonl --out {out} {words}")).assert_failed(1, says);
        assert!(!ended.stderr.contains("begins"), "nothing was begun: {ended}");
        assert!(!dir.join(out).join("documents.parquet").exists());
    }
    assert_eq!(fs::read(dir.join("taken/order.npy")).expect("a file"), b"mine");
}

#[test]
fn a_budget_beyond_the_documents_is_told_before_they_are_clustered() {
    let folder = folder(&[(
        "a.jsonl",
        b"{\"text\": \"one fine day\", \"n\": 3}\n{\"text\": \"two fine days\", \"n\": null}\n",
    )]);
    for (words, says) in [
        ("--documents 11", &["--documents 11", "--documents 10"][..]),
        ("--epochs 5.5", &["--epochs 5.5", "--epochs 5"]),
        ("--epochs 0.2", &["--epochs 0.2", "2 documents"]),
        ("--strategy g2s --documents 3", &["--documents 3", "--documents 2"]),
    ] {
        let words = format!("run a.jsonl --out out {words}");
        let ended = clusterclip(folder.path(), &words).assert_failed(1, says);
        assert!(!ended.stderr.contains("cluster   begins"), "clustering was not begun: {ended}");
        let there = exists(&folder.path().join("out"), &["documents.parquet", "labels.npy"]);
        assert_eq!(there, [true, false], "what was embedded is kept for the next try");
    }
    // The control: the largest order there is.
    clusterclip(folder.path(), "run a.jsonl --out out --documents 10").assert_done();
}

#[test]
fn a_document_without_a_count_is_told_before_they_are_clustered() {
    let folder = folder(&[(
        "a.jsonl",
        b"{\"text\": \"one fine day\", \"n\": 3}\n{\"text\": \"two fine days\", \"n\": null}\n",
    )]);
    let words = "run a.jsonl --out out --token-field n --tokens 4";
    let ended = clusterclip(folder.path(), words).assert_failed(1, &["row 1 has no token count"]);
    assert!(!ended.stderr.contains("cluster   begins"), "{ended}");
}

#[test]
fn columns_are_for_files_of_labels_and_not_for_folders() {
    let folder = with_corpus();
    clusterclip(folder.path(), "run corpus.jsonl --out out").assert_done();
    let before = fs::read(folder.path().join("out/order.npy")).expect("order.npy");
    for words in ["--cluster-field topic", "--token-field n", "--cluster-field topic --out other"] {
        let option = words.split(' ').next().expect("an option");
        clusterclip(folder.path(), &format!("sample out --force {words}"))
            .assert_failed(2, &[option, "out is a folder of results"]);
    }
    assert_eq!(fs::read(folder.path().join("out/order.npy")).expect("order.npy"), before);
    assert!(!folder.path().join("other").exists());
}

#[test]
fn rows_that_cannot_be_clustered_are_named_with_their_file() {
    let none = npy::bytes("<f4", false, "(0, 8)", &[]);
    let folder = folder(&[("x.npy", &none)]);
    clusterclip(folder.path(), "cluster x.npy --out out")
        .assert_failed(1, &["x.npy: there is nothing to cluster: 0 of 0 rows"]);
}

#[test]
fn a_source_that_does_not_exist_is_said_not_to() {
    let folder = folder(&[]);
    for command in ["sample", "cluster"] {
        let words = format!("{command} nothere --out out");
        clusterclip(folder.path(), &words).assert_failed(1, &["nothere does not exist"]);
    }
}

#[test]
fn a_clip_that_never_acts_is_a_warning_only_where_it_was_asked_for() {
    let folder = folder(&[("l.csv", b"cluster\na\na\nb\nb\n")]);
    let ended = clusterclip(folder.path(), "sample l.csv --out default").assert_done();
    assert!(!ended.stderr.contains("warning"), "{ended}");
    assert!(ended.stdout.contains("never acts at this budget"), "the report keeps it: {ended}");
    let ended = clusterclip(folder.path(), "sample l.csv --out asked --clip 5").assert_done();
    assert!(ended.stderr.contains("warning: --clip 5 never acts at this budget"), "{ended}");
}

#[test]
fn a_share_without_a_position_is_told_and_so_is_what_is_cut() {
    let folder = folder(&[("l.npy", &npy::i32_bytes(&[0, 0, 1, 1, 1]))]);
    let sample = |words: &str| clusterclip(folder.path(), &format!("sample l.npy {words}")).assert_done();
    let ended = sample("--out a --rank 0 --world-size 100 --drop-last");
    assert!(ended.stderr.contains("order.npy is empty, because the order of 5 positions"), "{ended}");
    assert!(ended.stderr.contains("once --drop-last has cut it"), "{ended}");
    assert!(npy::read(&folder.path().join("a/order.npy")).u64().is_empty());
    let ended = sample("--out b --rank 7 --world-size 8");
    assert!(ended.stderr.contains("order.npy is empty") && !ended.stderr.contains("--drop-last"), "{ended}");
    let ended = sample("--out c --rank 1 --world-size 2 --drop-last");
    assert!(!ended.stderr.contains("warning"), "{ended}");
    assert!(ended.stdout.contains("--drop-last cuts off the last 1 position"), "{ended}");
}

/// The texts are read once more for the keywords, after every result is in place.
#[cfg(target_os = "linux")]
#[test]
fn results_are_complete_where_keywords_cannot_be_found() {
    use clusterclip_tests::stepped::Stepped;
    let folder = with_corpus();
    let words = "run corpus.jsonl --out out";
    let mut run = Stepped::start(crate::command(folder.path()).args(words.split(' ')));
    let found = (0..).map_while(|count| run.until_stage(count)).any(|stage| stage == "sample");
    assert!(found, "the stage sample was met");
    fs::remove_file(folder.path().join("corpus.jsonl")).expect("the input goes away");
    let ended = run.finish().assert_done();
    assert!(ended.stderr.contains("warning: no keywords are shown: "), "{ended}");
    assert!(
        ended.stderr.contains("corpus.jsonl") && ended.stderr.contains("results are complete"),
        "{ended}"
    );
    assert_eq!(exists(&folder.path().join("out"), &["labels.npy", "order.npy"]), [true, true]);
}

/// A report that cannot be written must not read as if the results were lost.
#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_printed_says_that_the_results_are_there() {
    let folder = with_corpus();
    let full = fs::File::options().write(true).open("/dev/full").expect("/dev/full");
    let mut command = crate::command(folder.path());
    command.args("run corpus.jsonl --out out --json".split(' ')).stdout(full);
    let child = command.stderr(std::process::Stdio::piped()).spawn().expect("the program starts");
    let ended = clusterclip_tests::program::Ended::from(child.wait_with_output().expect("it ends"));
    ended.assert_failed(1, &["the results are complete, in out", "standard output cannot be written"]);
    assert!(folder.path().join("out/order.npy").exists());
}
