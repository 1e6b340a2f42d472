//! Later documents join old clusters: the labels of an assign in one run, one order over both.

use std::fs;
use std::path::Path;

use clusterclip_core::sampler::{Members, Options, Sampler};
use clusterclip_tests::{corpus, npy, results};
use serde_json::Value;
use tempfile::TempDir;

use crate::{clusterclip, folder};

/// Earlier and later documents.
const EARLIER: usize = 300;
const ALL: usize = 420;

/// A folder with `a.jsonl`, the earlier documents, and `b.jsonl`, the later ones.
fn parts() -> TempDir {
    let documents = corpus::documents(ALL as u64, 40);
    let (earlier, later) = documents.split_at(EARLIER);
    folder(&[("a.jsonl", &corpus::jsonl(earlier)), ("b.jsonl", &corpus::jsonl(later))])
}

fn labels(dir: &Path, out: &str) -> Vec<i32> {
    npy::read(&dir.join(out).join("labels.npy")).i32()
}

#[test]
fn what_made_the_text_makes_that_of_later_documents() {
    let lines = |row: usize| {
        let topics = ["apple pear plum grape melon", "clutch piston wheel brake valve"];
        let (body, text) = (topics[row % 2], topics[(row + 1) % 2]);
        format!("{}\n", serde_json::json!({ "text": text, "body": body }))
    };
    let (earlier, later): (String, String) = ((0..40).map(lines).collect(), (40..60).map(lines).collect());
    let folder = folder(&[("a.jsonl", earlier.as_bytes()), ("b.jsonl", later.as_bytes())]);
    let dir = folder.path();
    clusterclip(dir, "run a.jsonl --text-field body --out a --clusters 2").assert_done();
    clusterclip(dir, "join a b.jsonl --out as-before").assert_done();
    clusterclip(dir, "join a b.jsonl --text-field body --out named").assert_done();
    results::assert_same(&dir.join("as-before"), &dir.join("named"));
    clusterclip(dir, "join a b.jsonl --text-field text --out other").assert_done();
    let rows = |out: &str| fs::read(dir.join(out).join("embeddings.npy")).unwrap();
    assert_ne!(rows("other"), rows("named"));
}

#[test]
fn documents_that_join_get_the_labels_of_one_assign() {
    let folder = parts();
    let dir = folder.path();
    clusterclip(dir, "run a.jsonl --out a --clusters 12").assert_done();
    let ended = clusterclip(dir, "join a b.jsonl --out b").assert_done();
    assert!(ended.stdout.contains("Joined") && ended.stdout.contains("of 12 clusters"), "{ended}");

    // The same documents again: those that the last assign of K-Means gave them.
    clusterclip(dir, "join a a.jsonl --out same").assert_done();
    assert_eq!(labels(dir, "same"), labels(dir, "a"));
    for name in ["embeddings.npy", "members.npy", "clusters.parquet", "labels.npy", "assignments.parquet"] {
        assert!(
            fs::read(dir.join("same").join(name)).ok() == fs::read(dir.join("a").join(name)).ok(),
            "{name}"
        );
    }
    // A tenth of the earlier documents would be too many: one in twenty is far by what far means.
    assert!(!dir.join("same").join("embedder.safetensors").exists());
    let manifest = results::json(&dir.join("same/manifest.json"));
    assert_eq!(manifest["drift"]["under"], "15");

    // Earlier and later documents in one, and what joined alone: label for label.
    let bytes = [fs::read(dir.join("a.jsonl")).unwrap(), fs::read(dir.join("b.jsonl")).unwrap()].concat();
    fs::write(dir.join("all.jsonl"), bytes).unwrap();
    clusterclip(dir, "join a all.jsonl --out all").assert_done();
    assert_eq!(labels(dir, "all"), [labels(dir, "a"), labels(dir, "b")].concat());

    // The manifest names the clustering.
    let listed = results::json(&dir.join("a/manifest.json"));
    let hash = &listed["stages"]["cluster"]["files"]["clusters.safetensors"]["hash"];
    let inputs = results::json(&dir.join("b/manifest.json"))["inputs"]["cluster"].clone();
    let named = inputs.as_array().unwrap().iter().find(|input| input["name"] == "clusters.safetensors");
    assert_eq!(&named.unwrap()["hash"], hash);
    results::assert_nothing_half_written(&dir.join("b"));
}

#[test]
fn given_rows_join_as_those_that_were_embedded() {
    let folder = parts();
    let dir = folder.path();
    clusterclip(dir, "run a.jsonl --out a --clusters 12").assert_done();
    clusterclip(dir, "join a b.jsonl --out b").assert_done();
    clusterclip(dir, "cluster a/embeddings.npy --out given --clusters 12").assert_done();
    clusterclip(dir, "join given --embeddings b/embeddings.npy --out rows").assert_done();
    assert_eq!(labels(dir, "rows"), labels(dir, "b"));
    clusterclip(dir, "join given b.jsonl --embeddings b/embeddings.npy --out both").assert_done();
    assert_eq!(labels(dir, "both"), labels(dir, "b"));
    for (words, says) in [
        ("join given b.jsonl --out x", "was clustered by rows that were given"),
        ("join a --embeddings b/embeddings.npy --out x", "leave --embeddings out"),
        ("join a b.jsonl --embedder some/model --out x", "is not what a was embedded with (lexical there)"),
        ("join b a.jsonl --out x", "joined the clusters of another folder"),
    ] {
        clusterclip(dir, words).assert_failed(1, &[says]);
        assert!(!dir.join("x").exists(), "{words}");
    }
    clusterclip(dir, "join a --out x").assert_failed(2, &["INPUT"]);
    clusterclip(dir, "join a b.jsonl --out a").assert_failed(2, &["that folder is read"]);
}

#[test]
fn one_order_is_drawn_over_a_folder_and_what_joined_it() {
    let folder = parts();
    let dir = folder.path();
    clusterclip(dir, "run a.jsonl --out a --clusters 12 --token-field n_tokens").assert_done();
    // The first ten of the later documents are earlier ones.
    let earlier = fs::read_to_string(dir.join("a.jsonl")).unwrap();
    let mut later: Vec<&str> = earlier.lines().take(10).collect();
    let new = fs::read_to_string(dir.join("b.jsonl")).unwrap();
    later.extend(new.lines());
    fs::write(dir.join("b.jsonl"), later.join("\n")).unwrap();
    clusterclip(dir, "join a b.jsonl --out b --token-field n_tokens").assert_done();
    for (words, options) in [
        ("", Options::default()),
        ("--strategy random", Options { strategy: "random".parse().unwrap(), ..Options::default() }),
    ] {
        let ended = clusterclip(dir, &format!("sample a b --out order --force {words}")).assert_done();
        assert!(ended.stderr.contains("10 documents have the text of one in an earlier folder"), "{ended}");
        let all = [labels(dir, "a"), labels(dir, "b")].concat();
        let members = Members::from_labels(&all).unwrap();
        let sampler = Sampler::new(members.sizes(), options).unwrap();
        let expected: Vec<u64> = sampler.iter().map(|draw| members.row(&draw)).collect();
        assert_eq!(npy::read(&dir.join("order/order.npy")).u64(), expected, "{words}");
    }
    // A budget in tokens is of both.
    clusterclip(dir, "sample a b --out tokens --tokens 14000").assert_done();
    clusterclip(dir, "sample b --out later").assert_done();
    assert_eq!(npy::read(&dir.join("later/order.npy")).u64().len(), ALL - EARLIER + 10);

    for (words, code, says) in [
        ("sample a b", 2, "say with --out DIR where it goes"),
        ("sample a b --out b", 2, "that folder is read"),
        ("sample a a/labels.npy --out x", 2, "one order is drawn over one file of labels"),
    ] {
        clusterclip(dir, words).assert_failed(code, &[says]);
    }
    clusterclip(dir, "run a.jsonl --out other --clusters 12 --seed 1").assert_done();
    clusterclip(dir, "sample other b --out x").assert_failed(1, &["are of different clusters"]);
    assert!(!dir.join("x").exists());
}

#[test]
fn a_join_is_reused_and_damage_is_mended() {
    let folder = parts();
    let dir = folder.path();
    clusterclip(dir, "run a.jsonl --out a --clusters 12").assert_done();
    clusterclip(dir, "join a b.jsonl --out b").assert_done();
    let first = results::files(&dir.join("b"));
    let ended = clusterclip(dir, "join a b.jsonl --out b").assert_done();
    assert!(ended.stdout.contains("Reused"), "{ended}");
    for name in first.keys().filter(|name| *name != "manifest.json") {
        fs::write(dir.join("b").join(name), "damaged").unwrap();
        clusterclip(dir, "join a b.jsonl --out b").assert_done();
        assert_eq!(results::differences(&first, &results::files(&dir.join("b"))), [""; 0], "{name}");
    }
    clusterclip(dir, "run a.jsonl --out a --clusters 9 --force").assert_done();
    clusterclip(dir, "join a b.jsonl --out b").assert_failed(1, &["--force", "clusters.safetensors"]);
    assert_eq!(results::json(&dir.join("b/manifest.json"))["iterations"], Value::Null);
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_join_goes_on_to_the_same_bytes() {
    use clusterclip_tests::stepped::{Stepped, stages};
    let folder = parts();
    let dir = folder.path();
    clusterclip(dir, "run a.jsonl --out a --clusters 12").assert_done();
    let ended = clusterclip(dir, "join a b.jsonl --out whole").assert_done();
    let stages: Vec<String> = stages(&ended.stderr).map(str::to_owned).collect();
    assert!(stages.len() > 2, "{stages:?}");
    for count in 0..stages.len() {
        let name = format!("b{count}");
        let words = format!("join a b.jsonl --out {name}");
        let mut run = Stepped::start(crate::command(dir).args(words.split(' ')));
        run.until_stage(count);
        run.kill();
        results::assert_consistent(&dir.join(&name));
        clusterclip(dir, &words).assert_done();
        results::assert_same(&dir.join("whole"), &dir.join(&name));
    }
}
