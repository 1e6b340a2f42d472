//! Model embedders, by folders of small models: what they write, what they refuse, how they go on.

use std::fs;
use std::path::{Path, PathBuf};

use clusterclip_tests::program::{self, Ended};
use clusterclip_tests::{npy, results};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{clusterclip, command, folder};

/// What texts without a token are made of in the sample.
const BLANKS: [char; 5] = [' ', '\t', '\n', '\u{3000}', '\u{a0}'];

/// The folder of a small model.
pub fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tests/vectors").join(name)
}

/// The texts that the small models' vectors are of.
fn texts() -> Vec<String> {
    let texts = results::json(&model("texts.json"));
    let texts: Vec<String> = serde_json::from_value(texts).expect("a list of strings");
    [&texts[..60], &texts[187..191]].concat()
}

/// The same as JSON lines.
fn sample() -> Vec<u8> {
    texts().iter().flat_map(|text| format!("{}\n", json!({ "text": text })).into_bytes()).collect()
}

/// A folder with `a.jsonl`, the sample.
pub fn with_sample() -> TempDir {
    folder(&[("a.jsonl", &sample())])
}

fn embed(dir: &Path, name: &str, words: &str) -> Ended {
    clusterclip(dir, &format!("embed a.jsonl --embedder {} {words}", model(name).display()))
}

/// The listed rows of a small model: (values, width).
fn expected(name: &str) -> (Vec<f32>, usize) {
    let bytes = fs::read(model(name).join("expected.safetensors")).expect("the vectors");
    let header = u64::from_le_bytes(bytes[..8].try_into().expect("a length")) as usize;
    let listed: Value = serde_json::from_slice(&bytes[8..8 + header]).expect("a header");
    let (first, end) = (&listed["rows"]["data_offsets"][0], &listed["rows"]["data_offsets"][1]);
    let at = |offset: &Value| 8 + header + offset.as_u64().expect("an offset") as usize;
    let values = bytes[at(first)..at(end)].as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
    (values.collect(), listed["rows"]["shape"][1].as_u64().expect("a width") as usize)
}

#[test]
fn rows_are_those_of_the_reference_and_documents_have_counts() {
    let folder = with_sample();
    for name in ["jina-12", "jina-8", "bert", "model2vec"] {
        embed(folder.path(), name, &format!("--out {name}")).assert_done();
        let rows = npy::read(&folder.path().join(name).join("embeddings.npy")).f32();
        let (listed, width) = expected(name);
        assert_eq!(rows.len(), listed.len(), "{name}");
        let pairs = rows.chunks(width).zip(listed.chunks(width));
        for (document, (text, (row, listed))) in texts().iter().zip(pairs).enumerate() {
            if text.trim_matches(BLANKS).is_empty() {
                // A blank text has no row, whatever a model makes of it.
                assert!(row.iter().all(|&x| x == 0.0), "{name}: document {document}");
                continue;
            }
            let furthest = row.iter().zip(listed).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(furthest <= 1e-5, "{name}: document {document} is off by {furthest}");
        }
        let documents = &results::json(&folder.path().join(name).join("manifest.json"))["documents"];
        let tokens: u64 = documents["tokens"].as_str().expect("a sum").parse().expect("a number");
        assert!(tokens > 10_000, "{name}: {tokens}");
        let truncated: u64 = documents["truncated"].as_str().expect("a count").parse().expect("a number");
        assert!(truncated > 0, "{name} was given long texts");
    }
}

#[test]
fn batches_threads_and_where_the_model_lies_change_nothing_and_a_prefix_does() {
    let folder = with_sample();
    let dir = folder.path();
    embed(dir, "bert", "--out one --threads 1 --batch-tokens 9").assert_done();
    embed(dir, "bert", "--out two --threads 3").assert_done();
    results::assert_same(&dir.join("one"), &dir.join("two"));
    let copy = dir.join("elsewhere");
    fs::create_dir_all(copy.join("1_Pooling")).expect("a folder");
    for name in ["config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json"] {
        fs::copy(model("bert").join(name), copy.join(name)).expect("a copy");
    }
    let again =
        clusterclip(dir, "embed a.jsonl --embedder elsewhere --out one --batch-tokens 100").assert_done();
    assert!(again.stderr.contains("reused"), "{again}");
    embed(dir, "bert", "--out one --prefix query:").assert_failed(1, &["--prefix", "query: here", "--force"]);
    fs::copy(model("jina-8").join("model.safetensors"), copy.join("model.safetensors")).expect("a copy");
    clusterclip(dir, "embed a.jsonl --embedder elsewhere --out one")
        .assert_failed(1, &["model/model.safetensors"]);
    embed(dir, "bert", "--out three --pooling mean").assert_done();
    let rows = |out: &str| npy::read(&dir.join(out).join("embeddings.npy")).f32();
    assert_ne!(rows("one"), rows("three"));
}

#[test]
fn a_budget_in_tokens_needs_no_field_with_a_model_or_a_tokenizer() {
    let folder = with_sample();
    let dir = folder.path();
    let run = |words: &str| clusterclip(dir, &format!("run a.jsonl --clusters 3 --tokens 20K {words}"));
    run("--out none").assert_failed(2, &["--tokens 20000", "--token-field", "--tokenizer"]);
    let bert = model("bert").display().to_string();
    run(&format!("--out model --embedder {bert}")).assert_done();
    for (out, tokenizer) in [("lexical", bert.clone()), ("file", format!("{bert}/tokenizer.json"))] {
        run(&format!("--out {out} --tokenizer {tokenizer}")).assert_done();
    }
    let tokens =
        |out: &str| results::json(&dir.join(out).join("manifest.json"))["documents"]["tokens"].clone();
    assert_eq!(tokens("model"), tokens("lexical"), "the same tokenizer");
    results::assert_same(&dir.join("lexical"), &dir.join("file"));
    let told = clusterclip(dir, "sample model --tokens 20K --json").assert_done();
    let order = serde_json::from_str::<Value>(&told.stdout).expect("JSON")["order"].clone();
    let drawn = order["in_tokens"]["tokens"].as_f64().expect("tokens");
    assert!((10_000.0..40_000.0).contains(&drawn), "about the budget: {drawn}");
    run(&format!("--out both --tokenizer {bert} --token-field n"))
        .assert_failed(2, &["--token-field n", "--tokenizer"]);
}

#[test]
fn int8_gives_rows_of_its_own_that_are_close() {
    let folder = with_sample();
    let dir = folder.path();
    embed(dir, "jina-12", "--out f32").assert_done();
    let told = embed(dir, "jina-12", "--out int8 --dtype int8 --threads 1").assert_done();
    assert!(told.stderr.contains("transformer in int8"), "{told}");
    embed(dir, "jina-12", "--out again --dtype int8 --batch-tokens 50").assert_done();
    results::assert_same(&dir.join("int8"), &dir.join("again"));
    embed(dir, "jina-12", "--out int8").assert_failed(1, &["--dtype int8 there, f32 here", "--force"]);
    embed(dir, "model2vec", "--out table --dtype int8").assert_failed(1, &["--dtype int8", "static table"]);
    let rows = |out: &str| npy::read(&dir.join(out).join("embeddings.npy")).f32();
    let (exact, bytes) = (rows("f32"), rows("int8"));
    assert_ne!(exact, bytes);
    let (_, width) = expected("jina-12");
    for (i, (a, b)) in exact.chunks(width).zip(bytes.chunks(width)).enumerate() {
        if texts()[i].trim_matches(BLANKS).is_empty() {
            assert!(a.iter().chain(b).all(|&x| x == 0.0), "document {i} is blank");
            continue;
        }
        let cosine: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
        assert!(cosine > 0.99, "document {i}: {cosine}");
    }
}

/// Beyond what a tokenizer holds at once, and what a model sees.
#[test]
fn a_text_of_50_mb_is_counted_whole_and_told_to_be_cut() {
    let text = "a word and another one ".repeat(2_300_000);
    let folder = folder(&[("long.txt", text.as_bytes()), ("short.txt", b"a word")]);
    let dir = folder.path();
    let words = format!("embed long.txt short.txt --embedder {} --out out", model("bert").display());
    let told = clusterclip(dir, &words).assert_done();
    assert!(told.stderr.contains("1 of 2 documents are longer than the"), "{told}");
    let documents = &results::json(&dir.join("out/manifest.json"))["documents"];
    // 18 a phrase, and those of "a word".
    let short = 5;
    assert_eq!(documents["tokens"], (18 * 2_300_000 + short).to_string());
}

#[test]
fn options_of_models_are_refused_without_one() {
    let folder = with_sample();
    for (words, told) in [
        ("--pooling cls", "--pooling is for models"),
        ("--max-tokens 9", "--max-tokens is for models"),
        ("--prefix x", "--prefix is for models"),
        ("--dtype int8", "--dtype is for models"),
        ("--dtype f16", "expected `f32` or `int8`"),
        ("--batch-tokens 9", "--batch-tokens is for models"),
        ("--pooling max", "expected `mean` or `cls`"),
        ("--max-tokens 0", "from 1 to 1048576"),
    ] {
        clusterclip(folder.path(), &format!("embed a.jsonl --out out {words}")).assert_failed(2, &[told]);
    }
}

/// The config of jina-embeddings-v2-base-en, what decides about the model.
const PUBLISHED: &str = r#"{"architectures": ["JinaBertForMaskedLM"], "model_type": "bert", "hidden_size": 768,
    "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12, "max_position_embeddings": 8192,
    "vocab_size": 30528, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "position_embedding_type": "alibi",
    "feed_forward_type": "geglu", "emb_pooler": "mean", "torch_dtype": "float32"}"#;

#[test]
fn a_model_that_cannot_be_used_is_told_and_leaves_nothing() {
    let folder = with_sample();
    let dir = folder.path();
    let copy = |name: &str, leave: &[&str], change: &dyn Fn(&str, Vec<u8>) -> Vec<u8>| {
        fs::create_dir_all(dir.join(name)).expect("a folder");
        for file in ["config.json", "tokenizer.json", "model.safetensors"] {
            if !leave.contains(&file) {
                let bytes = change(file, fs::read(model("jina-12").join(file)).expect("a file"));
                fs::write(dir.join(name).join(file), bytes).expect("a copy");
            }
        }
    };
    let same = |_: &str, bytes: Vec<u8>| bytes;
    let cut = |wanted: &'static str| {
        move |file: &str, mut bytes: Vec<u8>| {
            if file == wanted {
                bytes.truncate(bytes.len() / 2);
            }
            bytes
        }
    };
    copy("no-weights", &["model.safetensors"], &same);
    copy("no-tokenizer", &["tokenizer.json"], &same);
    fs::write(dir.join("no-weights/config.json"), PUBLISHED).expect("a config");
    copy("cut-weights", &[], &cut("model.safetensors"));
    copy("cut-tokenizer", &[], &cut("tokenizer.json"));
    copy("cut-config", &[], &cut("config.json"));
    for (name, says) in [
        ("no-weights", &["no-weights has no model.safetensors"][..]),
        ("no-tokenizer", &["no-tokenizer has no tokenizer.json"]),
        ("cut-weights", &["the model in cut-weights", "model.safetensors", "no whole safetensors file"]),
        ("cut-tokenizer", &["the model in cut-tokenizer", "tokenizer.json: not a tokenizer"]),
        ("cut-config", &["the model in cut-config", "config.json: not the JSON"]),
        ("a.jsonl", &["this is a file"]),
        ("nowhere/to/be/found", &["there is no such folder", "OWNER/NAME"]),
    ] {
        let option = format!("--embedder {name}");
        let says = [&[&*option][..], says].concat();
        clusterclip(dir, &format!("embed a.jsonl --out out {option}")).assert_failed(1, &says);
        assert!(!dir.join("out").exists(), "{name} left something");
    }
    embed(dir, "bert", "--out out --max-tokens 65").assert_failed(1, &["--max-tokens 65", "at most 64"]);
    assert!(!dir.join("out").exists());
}

/// A hub that does not answer, and one that is not to be asked.
#[test]
fn an_id_that_cannot_be_fetched_is_told_with_the_cache_and_the_way_around_it() {
    let folder = with_sample();
    let dir = folder.path();
    let run = |offline: &str, id: &str| {
        let words = format!("embed a.jsonl --out out --embedder {id}");
        let mut command = command(dir);
        command.args(words.split(' ')).env("HF_HOME", dir.join("hub-home")).env("HF_HUB_OFFLINE", offline);
        program::finish(command.env("HF_ENDPOINT", "http://127.0.0.1:9"))
    };
    let says = ["--embedder owner/small", "hub-home", "a folder that holds the model's files"];
    run("0", "owner/small").assert_failed(1, &[&says[..], &["cannot fetch"]].concat());
    run("1", "owner/small").assert_failed(1, &[&says[..], &["HF_HUB_OFFLINE is set"]].concat());
    assert!(!dir.join("out").exists());

    // As the hub's clients leave it.
    let repo = dir.join("hub-home/hub/models--owner--small");
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let snapshot = repo.join("snapshots").join(commit);
    fs::create_dir_all(snapshot.join("1_Pooling")).expect("a folder");
    fs::create_dir_all(repo.join("refs")).expect("a folder");
    fs::write(repo.join("refs/main"), commit).expect("a reference");
    for name in ["config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json"] {
        fs::copy(model("bert").join(name), snapshot.join(name)).expect("a copy");
    }
    run("0", "owner/small").assert_done();
    embed(dir, "bert", "--out folder").assert_done();
    results::assert_same(&dir.join("out"), &dir.join("folder"));
}

/// Killed and interrupted between two blocks, the same command goes on and ends with the same bytes, where records were
/// skipped or are empty too: each of them has its row.
#[test]
#[cfg(target_os = "linux")]
fn a_stopped_embedding_goes_on_from_its_last_block() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    let lines: Vec<u8> = (0..15_000u64)
        .flat_map(|row| {
            let text = clusterclip_core::keys::hash(&[row]).to_string().repeat(20);
            let record = match row % 7 {
                3 => json!({ "text": 7 }),
                5 => json!({ "text": "" }),
                _ => json!({ "text": text }),
            };
            format!("{record}\n").into_bytes()
        })
        .collect();
    let folder = folder(&[("a.jsonl", &lines)]);
    let dir = folder.path();
    const SKIP: &str = "--on-bad-record skip";
    embed(dir, "model2vec", &format!("--out whole {SKIP}")).assert_done();
    for signal in [rustix::process::Signal::KILL, rustix::process::Signal::INT] {
        let out = format!("out-{}", signal.as_raw());
        let words = format!(
            "embed a.jsonl --out {out} {SKIP} --embedder {} --threads 1",
            model("model2vec").display()
        );
        let mut child = command(dir)
            .args(words.split(' '))
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let log = dir.join(&out).join(".clusterclip-embeddings.log");
        let begun = Instant::now();
        while fs::read_to_string(&log).map_or(0, |text| text.lines().count()) < 3 {
            assert!(begun.elapsed() < Duration::from_secs(60), "no block in a minute");
            std::thread::sleep(Duration::from_millis(1));
        }
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).expect("it is there");
        assert!(!child.wait().expect("it ends").success(), "it was stopped before its end");
        results::assert_consistent(&dir.join(&out));
        assert!(!dir.join(&out).join("embeddings.npy").exists());
        let again = embed(dir, "model2vec", &format!("--out {out} {SKIP}")).assert_done();
        assert!(again.stderr.contains("goes on after"), "{again}");
        results::assert_same(&dir.join("whole"), &dir.join(&out));
        assert!(!log.exists() && !log.with_extension("part").exists());
    }
}
