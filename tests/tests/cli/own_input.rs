//! What is read is never written over, with `--force` or without, whatever its path looks like.
//!
//! The relatives: a document file, the file of `--embeddings`, of `--init`, LABELS, a model's file and a tokenizer, each
//! being a file of the results; named plainly, by a path with `..`, by a link, by another name of the same file, inside of
//! a folder of links, or as standard input.

use std::fs::{self, File};
use std::path::Path;

use clusterclip_tests::{npy, program};

use crate::{clusterclip, command, folder};

const TEXTS: &[u8] =
    b"{\"text\": \"one fine day\"}\n{\"text\": \"two fine days\"}\n{\"text\": \"three fine days\"}\n";

/// Runs with `--force` and asserts that `file` is refused and stays as it was.
#[track_caller]
fn refused(dir: &Path, words: &str, file: &str, says: &[&str]) {
    let path = dir.join(file);
    let before = fs::read(&path).expect("the file");
    let says = [says, &["is a result in --out", "copy the file"]].concat();
    clusterclip(dir, &format!("{words} --force")).assert_failed(1, &says);
    assert!(fs::read(&path).expect("the file") == before, "{file} is as it was");
}

#[test]
fn documents_that_are_results_of_the_folder_are_refused() {
    let folder = folder(&[("out/order.jsonl", TEXTS)]);
    let dir = folder.path();
    let input = &["the input"][..];
    refused(dir, "run out/order.jsonl --export jsonl --out out", "out/order.jsonl", input);
    // It would be removed, for it belongs to a later stage than those that are made.
    refused(dir, "run out/order.jsonl --out out", "out/order.jsonl", input);
    refused(dir, "embed out/order.jsonl --out out", "out/order.jsonl", input);
    refused(dir, "run ./out/../out/order.jsonl --out ./out/.", "out/order.jsonl", input);
    // In another folder it is an input like others.
    clusterclip(dir, "run out/order.jsonl --out other").assert_done();
}

#[cfg(unix)]
#[test]
fn links_and_other_names_of_a_result_are_refused() {
    use std::os::unix::fs::symlink;
    let folder = folder(&[("out/order.jsonl", TEXTS)]);
    let dir = folder.path();
    symlink("out/order.jsonl", dir.join("link.jsonl")).expect("a link");
    symlink("out", dir.join("way")).expect("a link");
    fs::hard_link(dir.join("out/order.jsonl"), dir.join("same.jsonl")).expect("a name");
    fs::create_dir(dir.join("x")).expect("a folder");
    fs::hard_link(dir.join("out/order.jsonl"), dir.join("x/same.jsonl")).expect("a name");
    for input in ["link.jsonl", "way/order.jsonl", "same.jsonl", "x"] {
        refused(dir, &format!("run {input} --out out"), "out/order.jsonl", &["the input"]);
        refused(dir, &format!("run {input} --out way"), "out/order.jsonl", &["the input"]);
    }
}

#[test]
fn a_result_on_standard_input_is_refused() {
    let folder = folder(&[("out/order.jsonl", TEXTS), ("a.jsonl", TEXTS)]);
    let dir = folder.path();
    let run = |file: &str| {
        let mut command = command(dir);
        command.args("run - --out out --force".split(' '));
        program::finish(command.stdin(File::open(dir.join(file)).expect("the file")))
    };
    run("out/order.jsonl").assert_failed(1, &["the input on standard input", "is a result in --out"]);
    assert_eq!(fs::read(dir.join("out/order.jsonl")).expect("the file"), TEXTS);
    run("a.jsonl").assert_done();
}

#[test]
fn labels_rows_and_starts_that_are_results_are_refused() {
    let rows: Vec<f32> = (0..24).map(|i| (i as f32 * 1.7).sin()).collect();
    let rows = npy::f32_bytes(&rows, 8);
    let labels = npy::i32_bytes(&[0, 1, 0]);
    let folder = folder(&[
        ("a.jsonl", TEXTS),
        ("out/embeddings.npy", &rows),
        ("out/centroids.npy", &rows),
        ("out/order.npy", &labels),
        ("x/order.npy", &labels),
    ]);
    let dir = folder.path();
    refused(
        dir,
        "run a.jsonl --embeddings out/embeddings.npy --out out",
        "out/embeddings.npy",
        &["--embeddings"],
    );
    refused(dir, "run a.jsonl --init out/centroids.npy --out out", "out/centroids.npy", &["--init"]);
    refused(dir, "cluster out/centroids.npy --clusters 2 --out out", "out/centroids.npy", &["the input"]);
    refused(
        dir,
        "cluster x/../out/embeddings.npy --init out/centroids.npy --out out",
        "out/centroids.npy",
        &["--init"],
    );
    refused(dir, "sample x/order.npy --out x", "x/order.npy", &["the input"]);
    refused(dir, "sample x/../x/order.npy --out ./x", "x/order.npy", &["the input"]);
    clusterclip(dir, "sample x/order.npy --out x/order.npy --force")
        .assert_failed(1, &["is a file, not a folder"]);
    assert_eq!(fs::read(dir.join("x/order.npy")).expect("the file"), labels);
}

/// The one .safetensors file of a folder is the weights, and that is what the lexical embedder's model is called.
#[test]
fn a_model_and_a_tokenizer_in_the_folder_of_results_are_refused() {
    let folder = folder(&[("a.jsonl", TEXTS)]);
    let (dir, model) = (folder.path(), crate::models::model("model2vec"));
    fs::create_dir(dir.join("out")).expect("a folder");
    for (from, to) in [
        ("config.json", "config.json"),
        ("tokenizer.json", "tokenizer.json"),
        ("model.safetensors", "embedder.safetensors"),
    ] {
        fs::copy(model.join(from), dir.join("out").join(to)).expect("a copy");
    }
    refused(dir, "run a.jsonl --embedder ./out --out out", "out/embedder.safetensors", &["--embedder"]);
    fs::copy(model.join("tokenizer.json"), dir.join("out/run.json")).expect("a copy");
    refused(dir, "run a.jsonl --tokenizer out/run.json --out out", "out/run.json", &["--tokenizer"]);
}
