//! Data sets of the hub: what is resolved, fetched, kept, and said where that cannot be.

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
const CONVERTED: &str = "refs/convert/parquet";
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

const CONFIGS: &str = "---\nconfigs:\n- config_name: en\n  data_files:\n  - split: train\n    path: en/*.csv\n  - split: \
                       few\n    path: [few.csv]\n- config_name: de\n  data_dir: de\n---\n";

/// Files, and a README.
fn with<'a>(data: &[(&'a str, &'a [u8])], readme: &'a str) -> Vec<(&'a str, &'a [u8])> {
    [data, &[("README.md", readme.as_bytes())]].concat()
}

#[test]
fn configurations_are_those_of_the_readme() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let [one, two, few, de] = ["one", "two", "few", "de"].map(csv);
    let data: [(&str, &[u8]); 5] = [
        ("en/2.csv", &two),
        ("en/1.csv", &one),
        ("few.csv", &few),
        ("de/train.csv", &de),
        ("de/test.csv", &few),
    ];
    hub.publish(ID, "main", NEWEST, &with(&data, CONFIGS));
    let name = "hf://datasets/owner/data";
    run(dir, &hub, &format!("x|{name}")).assert_failed(1, &["several configs", "--config", "en, de"]);
    run(dir, &hub, &format!("x|{name}|--config|fr"))
        .assert_failed(1, &["no config fr", "--config", "en, de"]);
    run(dir, &hub, &format!("x|{name}|--config|en|--split|no"))
        .assert_failed(1, &["no split no", "train, few"]);
    run(dir, &hub, &format!("x|{name}/en|--config|en")).assert_failed(2, &["--config en", "path en"]);
    assert_eq!(fetched(&hub.asked()), ["README.md"], "nothing else was needed");
    run(dir, &hub, &format!("en|{name}|--config|en")).assert_done();
    assert_reads(dir, "en", &[("en/1.csv", &one), ("en/2.csv", &two)]);
    run(dir, &hub, &format!("few|{name}|--config|en|--split|few")).assert_done();
    assert_reads(dir, "few", &[("few.csv", &few)]);
    run(dir, &hub, &format!("de|{name}|--config|de")).assert_done();
    assert_reads(dir, "de", &[("de/train.csv", &de)]);

    // The newest commit says which is meant.
    let flagged = CONFIGS.replace("data_dir: de", "data_dir: de\n  default: true");
    hub.publish(ID, "main", OLDER, &with(&data, &flagged));
    run(dir, &hub, &format!("default|{name}")).assert_done();
    assert_reads(dir, "default", &[("de/train.csv", &de)]);

    hub.publish(ID, "main", NEWEST.replace('0', "a").as_str(), &with(&data, "---\nconfigs: [\n---\n"));
    run(dir, &hub, &format!("x|{name}")).assert_failed(1, &["README.md", "/PATH"]);
    run(dir, &hub, &format!("path|{name}/en")).assert_done();
    assert_reads(dir, "path", &[("en/1.csv", &one), ("en/2.csv", &two)]);
}

#[test]
fn revisions_are_asked_for_in_the_name_or_by_the_option() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let (old, new) = (records("old"), records("new"));
    hub.publish(ID, "v1/a", OLDER, &[("a.jsonl", &old)]);
    hub.publish(ID, "main", NEWEST, &[("a.jsonl", &new)]);
    for (out, words) in [
        ("option", "hf://datasets/owner/data|--revision|v1/a".to_owned()),
        ("name", "hf://datasets/owner/data@v1%2Fa".to_owned()),
        ("both", "hf://datasets/owner/data@v1%2Fa|--revision|v1/a".to_owned()),
        ("commit", format!("hf://datasets/owner/data@{OLDER}")),
    ] {
        run(dir, &hub, &format!("{out}|{words}")).assert_done();
        assert_reads(dir, out, &[("a.jsonl", &old)]);
    }
    hub.asked();
    run(dir, &hub, &format!("again|hf://datasets/owner/data@{OLDER}")).assert_done();
    assert_eq!(hub.asked(), [], "a commit does not change");
    assert_eq!(fs::read_to_string(dir.join(KEPT).join("refs/v1/a")).expect("a reference"), OLDER);
    let name = "x|hf://datasets/owner/data";
    run(dir, &hub, &format!("{name}@main|--revision|v1/a")).assert_failed(2, &["@main", "--revision v1/a"]);
    run(dir, &hub, &format!("{name}|--revision|../x")).assert_failed(2, &["--revision", "no revision"]);
    run(dir, &hub, &format!("{name}|--revision|v2")).assert_failed(1, &["no revision v2"]);
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
fn a_script_is_not_run_and_a_conversion_is_read_where_it_is_whole() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let script: [(&str, &[u8]); 2] = [("README.md", b"# Title\n"), ("data.py", b"import datasets\n")];
    hub.publish(ID, "main", NEWEST, &script);
    let name = "hf://datasets/owner/data";
    run(dir, &hub, &format!("x|{name}")).assert_failed(1, &["a script, data.py", "no Parquet conversion"]);
    hub.publish(ID, CONVERTED, OLDER, &[("default/partial-train/0000.parquet", b"PAR1")]);
    run(dir, &hub, &format!("x|{name}")).assert_failed(1, &["a script, data.py", "a part of it only"]);
    let (en, de) = (b"PAR1 en PAR1", b"PAR1 de PAR1");
    let both: [(&str, &[u8]); 2] = [("de/train/0000.parquet", de), ("en/train/0000.parquet", en)];
    let moved = OLDER.replace('8', "b");
    hub.publish(ID, CONVERTED, &moved, &both);
    run(dir, &hub, &format!("x|{name}")).assert_failed(1, &["several configs", "de, en"]);
    hub.asked();
    // What it holds is no Parquet; that it is read is what counts here.
    run(dir, &hub, &format!("x|{name}|--config|en")).assert_failed(1, &["en/train/0000.parquet"]);
    assert_eq!(fetched(&hub.asked()), ["en/train/0000.parquet"]);
    run(dir, &hub, &format!("x|{name}@v1")).assert_failed(1, &["no revision v1"]);

    // Data of its own go before the conversion.
    let own = records("own");
    let newer = NEWEST.replace('0', "c");
    hub.publish(ID, "main", &newer, &[script[0], script[1], ("a.jsonl", &own)]);
    run(dir, &hub, &format!("own|{name}")).assert_done();
    assert_reads(dir, "own", &[("a.jsonl", &own)]);
    hub.publish("owner/pictures", "main", NEWEST, &[("1.jpg", b"x"), ("2.jpg", b"x")]);
    run(dir, &hub, "x|hf://datasets/owner/pictures")
        .assert_failed(1, &[".jpg files", "no Parquet conversion"]);
}

#[test]
fn what_the_hub_refuses_is_told_with_what_to_do() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let data = records("data");
    hub.publish(ID, "main", NEWEST, &[("a.jsonl", &data)]);
    let name = "x|hf://datasets/owner/data";
    for (status, code, says) in [
        (401, "RepoNotFound", &["401", "private or gated", "HF_TOKEN", "home/token"][..]),
        (401, "GatedRepo", &["401", "it is gated", "/datasets/owner/data", "HF_TOKEN", "home/token"]),
        (403, "GatedRepo", &["403", "accept its terms", "HF_TOKEN"]),
        (404, "RepoNotFound", &["no such data set"]),
        (429, "", &["429", "later"]),
        (500, "", &["500", "later"]),
    ] {
        hub.refuse(ID, Some((status, code)));
        run(dir, &hub, name).assert_failed(1, &[&["hf://datasets/owner/data: ", "home/hub"], says].concat());
        assert!(!dir.join("x").exists());
    }
    hub.refuse(ID, None);
    let told = run(dir, &hub, "x|hf://datasets/data/a.jsonl");
    told.assert_failed(1, &["no such data set", "hf://datasets/data@main/a.jsonl"]);
    hub.fault("a.jsonl", Some(Fault::Status(500)));
    run(dir, &hub, name).assert_failed(1, &["cannot fetch", "a.jsonl", "500", "the same command"]);
    hub.fault("a.jsonl", None);
    hub.gate("hf_right");
    run(dir, &hub, name).assert_failed(1, &["401", "HF_TOKEN"]);
    program::finish(embed(dir, &hub, name).env("HF_TOKEN", "hf_right")).assert_done();
}

#[test]
fn the_name_that_was_meant_is_told() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    for (input, says) in [
        ("hf://owner/data", "hf://datasets/owner/data"),
        ("https://huggingface.co/datasets/owner/data", "hf://datasets/owner/data"),
        ("hf://models/owner/data", "only data sets"),
        ("hf://datasets/owner/data/../x", ".."),
    ] {
        run(dir, &hub, &format!("x|{input}")).assert_failed(2, &[input, says]);
    }
    fs::write(dir.join("a.jsonl"), records("a")).expect("a file");
    for option in ["--config", "--revision"] {
        run(dir, &hub, &format!("x|a.jsonl|{option}|en"))
            .assert_failed(2, &[option, "hf://datasets/OWNER/NAME"]);
    }
    assert_eq!(hub.asked(), []);
}

#[test]
fn names_that_lead_out_of_their_folder_are_refused() {
    for path in ["../../../evil.csv", "/evil.csv", "a/../../evil.csv", "a\\evil.csv", "C:/evil.csv"] {
        let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
        let dir = temporary.path();
        hub.publish(ID, "main", NEWEST, &[("a.csv", b"text\nx\n"), (path, b"text\nevil\n")]);
        run(dir, &hub, "x|hf://datasets/owner/data").assert_failed(1, &["such a name is not taken"]);
        assert_eq!(fetched(&hub.asked()), [""; 0]);
    }
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

#[test]
fn what_cannot_fit_is_not_fetched() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    hub.publish(ID, "main", NEWEST, &[("a.csv", b"text\nx\n"), ("b.csv", b"text\ny\n")]);
    hub.claim_size(ID, "b.csv", 1 << 60);
    run(dir, &hub, "x|hf://datasets/owner/data")
        .assert_failed(1, &["1153 PB are to come", "free", "HF_HOME"]);
    assert_eq!(fetched(&hub.asked()), [""; 0]);
}

#[test]
fn half_a_file_is_never_taken_for_the_whole() {
    for (path, fault) in [
        ("a.csv", Fault::Half),
        ("a.csv", Fault::HalfUntold),
        ("a.csv", Fault::Hang),
        ("b.parquet", Fault::Half),
    ] {
        let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
        let dir = temporary.path();
        let bytes = csv("a text that is long enough to be cut in two");
        hub.publish(ID, "main", NEWEST, &[(path, &bytes)]);
        hub.fault(path, Some(fault));
        let command = &mut embed(dir, &hub, &format!("x|hf://datasets/owner/data/{path}"));
        let ended = program::finish(command.env("HF_HUB_DOWNLOAD_TIMEOUT", "1"));
        ended.assert_failed(1, &["cannot fetch", path, "the same command goes on"]);
        assert!(!dir.join("x").exists());
        hub.fault(path, None);
        hub.asked();
        let again = run(dir, &hub, &format!("out|hf://datasets/owner/data/{path}"));
        // What is called Parquet here is none.
        if path == "a.csv" {
            again.assert_done();
            assert_reads(dir, "out", &[(path, &bytes)]);
        }
        let from = hub.asked().iter().find_map(|asked| asked.from);
        assert!(from.is_some_and(|from| from > 0), "{path} {fault:?} begins again at {from:?}");
    }
}

#[test]
fn a_file_of_another_length_than_listed_is_refused() {
    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    hub.publish(ID, "main", NEWEST, &[("a.csv", b"text\nx\n")]);
    hub.claim_size(ID, "a.csv", 5);
    run(dir, &hub, "x|hf://datasets/owner/data").assert_failed(1, &["more than the 5 bytes"]);
}

#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_download_ends_at_once_and_goes_on_later() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, kill_process};

    let (temporary, hub) = (TempDir::new().expect("a folder"), hub());
    let dir = temporary.path();
    let data: Vec<u8> =
        (0..20_000).flat_map(|n| format!("{{\"text\": \"text {n}\"}}\n").into_bytes()).collect();
    hub.publish(ID, "main", NEWEST, &[("a.jsonl", &data)]);
    hub.fault("a.jsonl", Some(Fault::Hang));
    let mut command = embed(dir, &hub, "out|hf://datasets/owner/data");
    let mut child =
        command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    hub.wait_for("a.jsonl");
    std::thread::sleep(Duration::from_millis(300));
    kill_process(Pid::from_child(&child), Signal::INT).expect("it is there");
    let begun = Instant::now();
    while child.try_wait().expect("a status").is_none() {
        if begun.elapsed() > Duration::from_secs(60) {
            child.kill().expect("it is there");
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let ended = Ended::from(child.wait_with_output().expect("its end")).assert_calm();
    assert_eq!(ended.code, Some(130), "{ended}");
    assert!(ended.stderr.contains("interrupted"), "{ended}");
    assert!(!dir.join("out").exists());
    hub.fault("a.jsonl", None);
    hub.asked();
    run(dir, &hub, "out|hf://datasets/owner/data").assert_done();
    let from = hub.asked().iter().find_map(|asked| asked.from);
    assert_eq!(from, Some(data.len() / 2), "it goes on from what has come");
    assert_reads(dir, "out", &[("a.jsonl", &data)]);
}
