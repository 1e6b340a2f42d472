//! Data sets of the hub: what is resolved, fetched, kept, and said where that cannot be.

mod broken_off;
mod chosen;
mod refused;

use std::fs;
use std::path::Path;
use std::process::Command;

use clusterclip_tests::hub::{Asked, Fault, Hub};
use clusterclip_tests::program::{self, Ended};
use clusterclip_tests::results;
use tempfile::TempDir;

use crate::{clusterclip, command, folder};

const ID: &str = "owner/data";
const NEWEST: &str = "0123456789abcdef0123456789abcdef01234567";
const OLDER: &str = "89abcdef0123456789abcdef0123456789abcdef";
/// Where the cache keeps the data set.
const KEPT: &str = "home/hub/datasets--owner--data";

fn hub() -> Hub {
    Hub::new(Path::new("."), &[])
}

/// Some records that tell what they are.
fn records(what: &str) -> Vec<u8> {
    (0..3).flat_map(|n| format!("{{\"text\": \"{what} number {n} of {what}\"}}\n").into_bytes()).collect()
}

fn csv(what: &str) -> Vec<u8> {
    format!("text\n{what} one\n{what} two\n").into_bytes()
}

fn embed(dir: &Path, hub: &Hub, words: &str) -> Command {
    let mut command = command(dir);
    command.args(["embed", "--out"]).args(words.split('|'));
    hub.serve(&mut command, &dir.join("home"));
    command.env_remove("HF_HUB_DOWNLOAD_TIMEOUT");
    command
}

/// Runs `embed --out WORDS`, which stand between `|`.
fn run(dir: &Path, hub: &Hub, words: &str) -> Ended {
    program::finish(&mut embed(dir, hub, words))
}

fn offline(dir: &Path, hub: &Hub, words: &str) -> Ended {
    program::finish(embed(dir, hub, words).env("HF_HUB_OFFLINE", "1"))
}

/// The files whose content was asked for, in the order of their names.
fn fetched(asked: &[Asked]) -> Vec<&str> {
    let mut files: Vec<_> =
        asked.iter().filter(|asked| asked.from.is_some()).map(|asked| &*asked.file).collect();
    files.sort_unstable();
    files
}

/// Asserts that rows and documents are those of a folder with these files, in this order.
#[track_caller]
fn assert_reads(dir: &Path, out: &str, files: &[(&str, &[u8])]) {
    let local = folder(files);
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    clusterclip(local.path(), &format!("embed --out own {}", names.join(" "))).assert_done();
    for file in ["embeddings.npy", "embedder.safetensors"] {
        let read = |folder: &Path| fs::read(folder.join(file)).expect("a result");
        assert!(read(&dir.join(out)) == read(&local.path().join("own")), "{file} of {out}");
    }
}

fn inputs(dir: &Path, out: &str) -> Vec<(String, String)> {
    let manifest = results::json(&dir.join(out).join("manifest.json"));
    let inputs = manifest["inputs"]["embed"].as_array().expect("inputs").clone();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    inputs.iter().map(|input| (text(&input["name"]), text(&input["hash"]))).collect()
}

#[test]
fn a_data_set_is_fetched_once_and_read_like_its_files() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let (train, test) = (records("train"), records("test"));
    let files: [(&str, &[u8]); 4] = [
        ("README.md", b"---\nlicense: mit\n---\n"),
        ("test.jsonl", &test),
        ("train.jsonl", &train),
        ("x.py", b"x"),
    ];
    hub.publish(ID, "main", NEWEST, &files);
    let told = run(dir, &hub, "one|hf://datasets/owner/data").assert_done();
    for says in [
        "asks the hub for hf://datasets/owner/data@main",
        "split train (of train, test)",
        "1 file",
        "home/hub",
    ] {
        assert!(told.stderr.contains(says), "{says}: {told}");
    }
    assert_eq!(fetched(&hub.asked()), ["README.md", "train.jsonl"]);
    assert_reads(dir, "one", &[("train.jsonl", &train)]);
    assert!(inputs(dir, "one").contains(&("hf://datasets/owner/data@main".to_owned(), NEWEST.to_owned())));
    // As the hub's other clients keep it.
    let kept = dir.join(KEPT);
    assert_eq!(fs::read_to_string(kept.join("refs/main")).expect("a reference"), NEWEST);
    assert_eq!(fs::read(kept.join("snapshots").join(NEWEST).join("train.jsonl")).expect("a file"), train);

    let told = run(dir, &hub, "two|hf://datasets/owner/data").assert_done();
    let asked = hub.asked();
    assert_eq!(asked.iter().map(|asked| &*asked.file).collect::<Vec<_>>(), ["revision"], "{told}");
    results::assert_same(&dir.join("one"), &dir.join("two"));

    run(dir, &hub, "three|hf://datasets/owner/data|--split|all").assert_done();
    assert_eq!(fetched(&hub.asked()), ["test.jsonl"]);
    assert_reads(dir, "three", &[("train.jsonl", &train), ("test.jsonl", &test)]);
    run(dir, &hub, "four|hf://datasets/owner/data|--split|dev")
        .assert_failed(1, &["dev", "train, test", "--split"]);
}

#[test]
fn names_of_files_are_whatever_they_are() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let names = ["a b/lang=de/x#1?.csv", "a b/ü%20.csv", "c/d/e/f.csv", "c/empty.csv"];
    let contents: Vec<Vec<u8>> = names[..3].iter().map(|name| csv(name)).chain([Vec::new()]).collect();
    let files: Vec<(&str, &[u8])> = names.iter().copied().zip(contents.iter().map(Vec::as_slice)).collect();
    hub.publish(ID, "main", NEWEST, &files);
    run(dir, &hub, "out|hf://datasets/owner/data").assert_done();
    assert_eq!(fetched(&hub.asked()), &names[..3]);
    let one = "one|hf://datasets/owner/data/a b/ü%20.csv";
    run(dir, &hub, one).assert_done();
    assert_reads(dir, "one", &[("one.csv", &contents[1])]);
    run(dir, &hub, "folder|hf://datasets/owner/data@main/c/d/").assert_done();
    assert_reads(dir, "folder", &[("f.csv", &contents[2])]);
    run(dir, &hub, "none|hf://datasets/owner/data/c/x").assert_failed(1, &["no file and no folder c/x"]);
}

#[test]
fn everything_is_of_one_commit_also_when_the_branch_moves() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let (old, new) = (records("old"), records("new"));
    let files = |bytes| [("README.md", &b"# Title\n"[..]), ("a.jsonl", bytes), ("b.jsonl", bytes)];
    hub.publish(ID, "main", OLDER, &files(&old));
    hub.publish_after_listing(ID, "main", NEWEST, &files(&new));
    run(dir, &hub, "old|hf://datasets/owner/data").assert_done();
    assert_reads(dir, "old", &[("a.jsonl", &old), ("b.jsonl", &old)]);
    assert!(inputs(dir, "old").iter().any(|(_, hash)| hash == OLDER));
    run(dir, &hub, "new|hf://datasets/owner/data").assert_done();
    assert_reads(dir, "new", &[("a.jsonl", &new), ("b.jsonl", &new)]);
}

#[test]
fn without_the_hub_the_cache_is_read() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let (train, test) = (records("train"), records("test"));
    hub.publish(ID, "main", NEWEST, &[("test.jsonl", &test), ("train.jsonl", &train)]);
    let name = "hf://datasets/owner/data";
    offline(dir, &hub, &format!("x|{name}")).assert_failed(1, &["HF_HUB_OFFLINE is set", "home/hub"]);
    run(dir, &hub, &format!("one|{name}")).assert_done();
    hub.asked();
    let told = offline(dir, &hub, &format!("two|{name}")).assert_done();
    assert!(!told.stderr.contains("warning"), "{told}");
    results::assert_same(&dir.join("one"), &dir.join("two"));
    let lacks = ["the cache", "lacks 1 file of it, test.jsonl", "HF_HUB_OFFLINE"];
    offline(dir, &hub, &format!("x|{name}|--split|test")).assert_failed(1, &lacks);
    assert_eq!(hub.asked(), []);

    // The hub has failed: the cache stands for it, and that is said.
    hub.fault("revision", Some(Fault::Status(503)));
    let told = run(dir, &hub, &format!("three|{name}")).assert_done();
    assert!(
        told.stderr.contains("warning: hf://datasets/owner/data: the hub cannot be asked for main"),
        "{told}"
    );
    results::assert_same(&dir.join("one"), &dir.join("three"));

    // As another client leaves it: without a list.
    fs::remove_dir_all(dir.join(KEPT).join(".clusterclip")).expect("the lists");
    let told = offline(dir, &hub, &format!("four|{name}")).assert_done();
    assert!(told.stderr.contains("warning") && told.stderr.contains("taken for all"), "{told}");
    assert_reads(dir, "four", &[("train.jsonl", &train)]);
    let snapshot = dir.join(KEPT).join("snapshots").join(NEWEST);
    fs::write(snapshot.join("x-00001-of-00002.jsonl"), &train).expect("a file");
    offline(dir, &hub, &format!("x|{name}")).assert_failed(1, &["lacks", "x-00000-of-00002"]);
}
