//! Models by their ids: what is fetched, what is kept, what is said where that cannot be.

mod faults;

use std::fs;
use std::path::Path;
use std::process::Command;

use clusterclip_tests::hub::{Asked, COMMIT, Fault, Hub, ID};
use clusterclip_tests::program::{self, Ended};
use clusterclip_tests::results;

use crate::models::{model, with_sample};
use crate::{clusterclip, command};

const WEIGHTS: &str = "model.safetensors";
const POOLING: &str = "1_Pooling/config.json";
/// Every file of the small BERT.
const BERT: [&str; 4] = ["config.json", "tokenizer.json", POOLING, WEIGHTS];
/// A commit before the newest.
const OLDER: &str = "89abcdef0123456789abcdef0123456789abcdef";
/// What every failure says: the option, the cache, the way without the hub.
const SAYS: [&str; 3] = ["--embedder owner/small", "home/hub", "a folder that holds the model's files"];

fn hub(names: &[&str]) -> Hub {
    Hub::new(&model("bert"), names)
}

fn embed(dir: &Path, hub: &Hub, words: &str) -> Command {
    let mut command = command(dir);
    command.args(format!("embed a.jsonl --embedder {ID} {words}").split_whitespace());
    hub.serve(&mut command, &dir.join("home"));
    command
}

fn run(dir: &Path, hub: &Hub, words: &str) -> Ended {
    program::finish(&mut embed(dir, hub, words))
}

/// The files whose content was asked for, in order.
fn fetched(asked: &[Asked]) -> Vec<&str> {
    asked.iter().filter(|asked| asked.from.is_some()).map(|asked| &*asked.file).collect()
}

fn assert_as_from_the_folder(dir: &Path, out: &str) {
    clusterclip(dir, &format!("embed a.jsonl --embedder {} --out folder", model("bert").display()))
        .assert_done();
    results::assert_same(&dir.join(out), &dir.join("folder"));
}

#[test]
fn a_model_is_fetched_once_and_is_what_its_folder_is() {
    let (folder, hub) = (with_sample(), hub(&BERT));
    let dir = folder.path();
    let told = run(dir, &hub, "--out one").assert_done();
    assert!(told.stderr.contains("owner/small"), "{told}");
    let asked = hub.asked();
    let mut names = fetched(&asked);
    names.sort_unstable();
    assert_eq!(names, [POOLING, "config.json", WEIGHTS, "tokenizer.json"]);
    assert!(asked.iter().all(|asked| asked.token.is_none()));
    assert_as_from_the_folder(dir, "one");
    // As the hub's other clients keep it.
    let kept = dir.join("home/hub/models--owner--small");
    assert_eq!(fs::read_to_string(kept.join("refs/main")).expect("a reference"), COMMIT);
    assert!(kept.join("snapshots").join(COMMIT).join(WEIGHTS).exists());

    let told = run(dir, &hub, "--out two").assert_done();
    assert_eq!(hub.asked(), [], "absent files are remembered too: {told}");
    results::assert_same(&dir.join("one"), &dir.join("two"));
}

/// As sentence-transformers publishes its tables.
#[test]
fn a_table_in_a_folder_of_its_own_is_fetched_by_what_modules_json_says() {
    let (folder, hub) = (with_sample(), hub(&[]));
    let dir = folder.path();
    let table = dir.join("table");
    fs::create_dir_all(table.join("0_StaticEmbedding")).expect("a folder");
    let modules = br#"[{"idx": 0, "path": "0_StaticEmbedding", "type": "sentence_transformers.models.StaticEmbedding"}]"#;
    let mut files = vec![("modules.json".to_owned(), modules.to_vec())];
    for name in ["tokenizer.json", WEIGHTS] {
        let bytes = fs::read(model("model2vec").join(name)).expect("a file");
        files.push((format!("0_StaticEmbedding/{name}"), bytes));
    }
    for (name, bytes) in &files {
        fs::write(table.join(name), bytes).expect("a copy");
        hub.add(name, bytes);
    }
    let told = run(dir, &hub, "--out id").assert_done();
    assert!(told.stderr.contains("static table"), "{told}");
    clusterclip(dir, "embed a.jsonl --embedder table --out folder").assert_done();
    results::assert_same(&dir.join("id"), &dir.join("folder"));
    let asked = hub.asked();
    assert_eq!(fetched(&asked).len(), 3, "nothing is asked for where it cannot be: {asked:?}");
    run(dir, &hub, "--out id").assert_done();
    assert_eq!(hub.asked(), []);
}

#[test]
fn pooling_that_the_hub_does_not_have_is_asked_for() {
    let (folder, hub) = (with_sample(), hub(&["config.json", "tokenizer.json", WEIGHTS]));
    let dir = folder.path();
    run(dir, &hub, "--out out").assert_failed(1, &["no 1_Pooling/config.json", "--pooling mean"]);
    run(dir, &hub, "--out out --pooling cls").assert_done();
    clusterclip(
        dir,
        &format!("embed a.jsonl --embedder {} --out folder --pooling cls", model("bert").display()),
    )
    .assert_done();
    let rows = |out: &str| fs::read(dir.join(out).join("embeddings.npy")).expect("rows");
    assert_eq!(rows("out"), rows("folder"));
}

/// A cache as another program leaves it, of an older commit.
fn lay(dir: &Path, files: &[(&str, &[u8])]) {
    let kept = dir.join("home/hub/models--owner--small");
    for (name, bytes) in files.iter().chain(&[("refs/main", OLDER.as_bytes())]) {
        let path = kept.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

#[test]
fn what_another_program_did_not_need_is_fetched_of_the_same_commit() {
    let (folder, hub) = (with_sample(), hub(&BERT));
    let dir = folder.path();
    let file = |name: &str| fs::read(model("bert").join(name)).expect("a file");
    for name in ["tokenizer.json", "config.json", WEIGHTS] {
        lay(dir, &[(&format!("snapshots/{OLDER}/{name}"), &file(name))]);
    }
    // The hub cannot be asked: the work goes on with what there is.
    let mean = |variable: &str, value: &str| {
        program::finish(embed(dir, &hub, "--out out --pooling mean").env(variable, value)).assert_done()
    };
    for fault in [Fault::Status(500), Fault::Hang] {
        hub.fault(POOLING, Some(fault));
        let told = mean("HF_HUB_ETAG_TIMEOUT", "1");
        assert!(told.stderr.contains("warning: owner/small: the hub cannot be asked"), "{told}");
        assert!(told.stderr.contains("HF_HUB_OFFLINE=1 keeps to the cache"), "{told}");
    }
    hub.asked();
    let told = mean("HF_HUB_OFFLINE", "1");
    assert!(!told.stderr.contains("the hub") && hub.asked().is_empty(), "{told}");

    hub.fault(POOLING, None);
    run(dir, &hub, "--out whole").assert_done();
    assert_eq!(fetched(&hub.asked()), [POOLING]);
    assert_as_from_the_folder(dir, "whole");
    let main = fs::read_to_string(dir.join("home/hub/models--owner--small/refs/main"));
    assert_eq!(main.expect("a reference"), OLDER);
}

/// Its history was rewritten: what is not found there says nothing of the model.
#[test]
fn nothing_is_noted_of_a_commit_that_the_hub_no_longer_has() {
    let (folder, hub) = (with_sample(), hub(&[]));
    let dir = folder.path();
    for name in ["tokenizer.json", "config.json", WEIGHTS] {
        let bytes = fs::read(model("bert").join(name)).expect("a file");
        lay(dir, &[(&format!("snapshots/{OLDER}/{name}"), &bytes)]);
    }
    let told = run(dir, &hub, "--out out --pooling mean").assert_done();
    assert!(told.stderr.contains("warning: owner/small: the hub cannot be asked"), "{told}");
    assert!(!dir.join("home/hub/models--owner--small/.no_exist").exists());
}

#[test]
fn files_of_two_commits_are_never_mixed() {
    let (folder, hub) = (with_sample(), hub(&BERT));
    let dir = folder.path();
    // Weights were looked for before the model had any of this format.
    let (tokenizer, none) =
        (format!("snapshots/{OLDER}/tokenizer.json"), format!(".no_exist/{OLDER}/{WEIGHTS}"));
    lay(dir, &[(&tokenizer, b"{}"), (&none, b"")]);
    run(dir, &hub, "--out out").assert_done();
    assert_as_from_the_folder(dir, "out");
    hub.asked();
    run(dir, &hub, "--out again").assert_done();
    assert_eq!(hub.asked(), []);
}

#[test]
fn weights_that_the_hub_does_not_have_are_told() {
    let (folder, hub) = (with_sample(), hub(&["config.json", "tokenizer.json", POOLING]));
    let dir = folder.path();
    let told = [&SAYS[..], &["no model.safetensors", "owner/small/resolve/"]].concat();
    run(dir, &hub, "--out out").assert_failed(1, &[&told[..], &["other formats"]].concat());
    hub.add("model.safetensors.index.json", b"{}");
    run(dir, &hub, "--out out").assert_failed(1, &[&told[..], &["several files", "max_shard_size"]].concat());
    assert!(!dir.join("out").exists());
}

#[test]
fn weights_are_not_fetched_for_a_model_that_lacks_another_file() {
    let (folder, hub) = (with_sample(), hub(&["config.json", POOLING, WEIGHTS]));
    run(folder.path(), &hub, "--out out").assert_failed(1, &[&SAYS[..], &["no tokenizer.json"]].concat());
    assert!(hub.asked().iter().all(|asked| asked.file != WEIGHTS));
}

#[test]
fn a_tokenizer_is_fetched_alone() {
    let (folder, hub) = (with_sample(), hub(&BERT));
    let dir = folder.path();
    let tokens = |tokenizer: &str, out: &str| {
        let mut command = command(dir);
        command.args(["run", "a.jsonl", "--clusters", "3", "--tokens", "20K", "--out", out]);
        hub.serve(command.args(["--tokenizer", tokenizer]), &dir.join("home"));
        program::finish(&mut command)
    };
    tokens(ID, "one").assert_done();
    assert!(hub.asked().iter().all(|asked| asked.file == "tokenizer.json"));
    tokens(&model("bert").display().to_string(), "two").assert_done();
    results::assert_same(&dir.join("one"), &dir.join("two"));
    tokens(ID, "three").assert_done();
    assert_eq!(hub.asked(), []);
    // A model takes the rest.
    run(dir, &hub, "--out out").assert_done();
    assert!(hub.asked().iter().all(|asked| asked.file != "tokenizer.json"));
    assert_as_from_the_folder(dir, "out");
}
