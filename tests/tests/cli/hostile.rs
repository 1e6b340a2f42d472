//! Files that mean harm, or look as if they did: control characters, tokenizers and weights on which libraries panic,
//! shapes that nobody has, folders that lead out of themselves.

use std::fs;
use std::path::Path;

use clusterclip_tests::program::{self, Ended};
use clusterclip_tests::{npy, results};
use serde_json::{Value, json};

use crate::models::{model, with_sample};
use crate::refused::table;
use crate::{clusterclip, command, folder};

/// Moves the cursor, colours, a title, C1, DEL, a bell, text turned around, and line ends.
const CONTROL: &str = "\u{1b}[31m\u{1b}]0;t\u{7}\u{9b}2J\u{7f}\u{202e}\u{2066}\u{200f}\u{85}\r\u{2028}";

#[track_caller]
fn assert_harmless(ended: &Ended) {
    let harmful = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2066}\u{200f}\u{2028}".contains(c));
    for text in [&ended.stdout, &ended.stderr] {
        assert!(!text.contains(harmful), "{text:?}");
    }
}

/// Where what a file holds is said: ids and names of files in the summary and in JSON, fields and cells in errors and
/// warnings, names of clusters.
#[test]
fn control_characters_of_data_never_reach_the_terminal() {
    let good = |id: &str, text: &str| format!("{}\n", json!({ "id": id, "text": text }));
    let ids: String =
        (0..6).map(|i| good(&format!("{i}{CONTROL}"), &format!("{CONTROL} fine day {i}"))).collect();
    let field = format!("{}\n", json!({ format!("t{CONTROL}"): "a" }));
    let counted = |text: &str, n: Value| format!("{}\n", json!({ "text": text, "n": n }));
    let skipped = counted("one", json!(3)) + &counted("two", json!(CONTROL));
    let labels = |cell: &str| format!("cluster,tokens\na{CONTROL}x,1\nb,\"{cell}\"\nc,2\n").replace('\r', "");
    let folder = folder(&[
        ("ids.jsonl", ids.as_bytes()),
        ("field.jsonl", field.as_bytes()),
        ("skipped.jsonl", skipped.as_bytes()),
        ("labels.csv", labels("3").as_bytes()),
        ("counts.csv", labels(CONTROL).as_bytes()),
        ("header.csv", format!("a{CONTROL},b\n1,2\n").replace('\r', "").as_bytes()),
        ("number.jsonl", format!("{}\n", json!({ "cluster": [CONTROL] })).as_bytes()),
    ]);
    let run = |words: &str| {
        let ended = clusterclip(folder.path(), words);
        assert_harmless(&ended);
        ended
    };
    let shown = run("run ids.jsonl --out ids --clusters 2").assert_done();
    assert!(shown.stdout.contains("\\u{1b}[31m"), "{shown}");
    let shown = run("run ids.jsonl --out ids --clusters 2 --json").assert_done();
    let summary: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    let example = summary["largest"][0]["example"].as_str().expect("an id");
    assert!(example.ends_with(CONTROL), "JSON means the same: {example:?}");
    run("run field.jsonl --out field").assert_failed(1, &["\\u{1b}[31m"]);
    run("run skipped.jsonl --token-field n --out fail").assert_failed(1, &["\\u{9b}"]);
    run("run skipped.jsonl --token-field n --on-bad-record skip --out skipped").assert_done();
    let shown = run("sample labels.csv --out labels").assert_done();
    assert!(shown.stdout.contains("\\u{202e}"), "{shown}");
    run("sample labels.csv --out labels-json --json").assert_done();
    let shown = run("sample counts.csv --out counts").assert_done();
    assert!(shown.stderr.contains("`tokens` is not used"), "{shown}");
    run("sample counts.csv --tokens 2 --out tokens").assert_failed(1, &["counts.csv:3"]);
    run("sample header.csv --out header").assert_failed(1, &["no column `cluster`", "\\u{1b}"]);
    run("sample number.jsonl --out number").assert_failed(1, &["number.jsonl:1", "lists"]);
}

/// Names of files and folders, also among the words that a person typed with a shell's help.
#[cfg(unix)]
#[test]
fn control_characters_of_names_never_reach_the_terminal() {
    let name = "\u{1b}[31m\u{9b}2J\u{202e}\n\u{7}x";
    let file = format!("{name}.jsonl");
    let good = b"{\"text\": \"one fine day\"}\n{\"text\": \"two fine days\"}\n{\"text\": 7}\n";
    let folder = folder(&[
        (&file, good),
        (&format!("{name}/a.txt"), b"a fine day"),
        (&format!("{name}/b\u{1b}.txt"), b"b c"),
    ]);
    let run = |words: &[&str]| {
        let ended = program::finish(command(folder.path()).args(words));
        assert_harmless(&ended);
        ended
    };
    run(&["run", &file, "--out", "out"])
        .assert_failed(1, &["\\u{1b}[31m\\u{9b}2J\\u{202e}\\n\\u{7}x.jsonl:3"]);
    run(&["run", &file, "--out", "o\u{1b}[31mut\u{9b}", "--on-bad-record", "skip"]).assert_done();
    run(&["run", name, "--out", "out", "--json"]).assert_done();
    run(&["run", "missing\u{1b}[31m", "--out", "out"])
        .assert_failed(1, &["missing\\u{1b}[31m does not exist"]);
    run(&["sample", &file, "--out", "labels"]).assert_failed(1, &["no column `cluster`"]);
    run(&["run", &file, "--out", "out", "--embedder", "\u{1b}[31m/\u{9b}x/y"])
        .assert_failed(1, &["--embedder"]);
    for words in
        [&["\u{1b}[31m"][..], &["run", "--\u{1b}[31m"], &["run", "a", "--out", "b", "--clip", "\u{9b}31m"]]
    {
        run(words).assert_failed(2, &["\\u{"]);
    }
}

/// A copy of a small model in which `change` has been done to the file `name`.
fn damaged(dir: &Path, of: &str, name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let copy = dir.join("model");
    let _ = fs::remove_dir_all(&copy);
    fs::create_dir_all(copy.join("1_Pooling")).expect("a folder");
    for file in
        ["config.json", "tokenizer.json", "model.safetensors", "modules.json", "1_Pooling/config.json"]
    {
        if let Ok(bytes) = fs::read(model(of).join(file)) {
            fs::write(copy.join(file), bytes).expect("a copy");
        }
    }
    let path = copy.join(name);
    let bytes = change(fs::read(&path).unwrap_or_default());
    fs::write(path, bytes).expect("a file");
}

/// The tokenizer of a small model with another normalizer.
fn normalizer(bytes: Vec<u8>, normalizer: &Value) -> Vec<u8> {
    let mut json: Value = serde_json::from_slice(&bytes).expect("JSON");
    json["normalizer"] = normalizer.clone();
    json.to_string().into_bytes()
}

fn precompiled(map: Value) -> Value {
    json!({ "type": "Precompiled", "precompiled_charsmap": map })
}

/// Damages the bytes of a file.
type Damage = fn(Vec<u8>) -> Vec<u8>;

#[test]
fn a_tokenizer_on_which_its_library_panics_is_an_error_that_names_the_file() {
    let folder = with_sample();
    let dir = folder.path();
    for map in [json!("####"), json!("AAAA"), json!("BAAAAA=="), json!("/////w=="), json!(7), json!([])] {
        damaged(dir, "bert", "tokenizer.json", |bytes| normalizer(bytes, &precompiled(map.clone())));
        let says = ["tokenizer.json"];
        clusterclip(dir, "run a.jsonl --embedder model --out out").assert_failed(1, &says);
        clusterclip(dir, "run a.jsonl --tokenizer model --out out").assert_failed(1, &says);
        assert!(!dir.join("out/documents.parquet").exists(), "{map}");
    }
    let cases: [(&str, Damage); 5] = [
        ("cut", |bytes| bytes[..bytes.len() / 2].to_vec()),
        ("empty", |_| Vec::new()),
        ("nested", |_| "[".repeat(1 << 20).into_bytes()),
        ("no UTF-8", |_| vec![0xFF; 4096]),
        ("a pattern without an end", |bytes| {
            let mut json: Value = serde_json::from_slice(&bytes).expect("JSON");
            json["pre_tokenizer"] = json!({ "type": "Split", "pattern": { "Regex": "(((" }, "behavior": "Isolated", "invert": false });
            json.to_string().into_bytes()
        }),
    ];
    for (what, change) in cases {
        damaged(dir, "bert", "tokenizer.json", change);
        clusterclip(dir, "run a.jsonl --tokenizer model --out out").assert_failed(1, &["tokenizer.json"]);
        assert!(!dir.join("out").exists(), "{what}");
    }
}

/// As it is published for models whose texts are taken as they are.
#[test]
fn a_tokenizer_without_a_table_of_replacements_is_read() {
    let folder = with_sample();
    let dir = folder.path();
    let rows = |normalized: Value| {
        damaged(dir, "bert", "tokenizer.json", |bytes| normalizer(bytes, &normalized));
        let out = dir.join("out");
        let _ = fs::remove_dir_all(&out);
        clusterclip(dir, "embed a.jsonl --embedder model --out out").assert_done();
        fs::read(out.join("embeddings.npy")).expect("rows")
    };
    let plain = rows(Value::Null);
    assert!(rows(precompiled(Value::Null)) == plain);
    assert!(rows(json!({ "type": "Sequence", "normalizers": [precompiled(Value::Null)] })) == plain);
    assert!(rows(json!({ "type": "Lowercase" })) != plain, "the control: a normalizer changes rows");
}

#[test]
fn weights_with_absurd_shapes_are_an_error_that_names_the_file() {
    let folder = with_sample();
    let dir = folder.path();
    let header = |header: Value, length: Option<u64>| {
        let text = header.to_string();
        [&length.unwrap_or(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
    };
    let tensor = |shape: Value, end: u64| json!({ "embeddings": { "dtype": "F32", "shape": shape, "data_offsets": [0, end] } });
    let most = u64::MAX;
    for bytes in [
        header(tensor(json!([most, most]), 4), None),
        header(tensor(json!([1u64 << 62, 4]), 0), None),
        header(tensor(json!([0, 0]), 0), None),
        header(tensor(json!([most, 0]), 0), None),
        header(tensor(json!([]), 4), None),
        header(tensor(json!([2, 2]), most), None),
        header(json!({}), Some(most)),
        header(json!({}), Some(1 << 40)),
        header(json!([]), None),
        vec![0xFF; 64],
    ] {
        damaged(dir, "model2vec", "model.safetensors", |_| bytes.clone());
        clusterclip(dir, "run a.jsonl --embedder model --out out").assert_failed(1, &["model.safetensors"]);
        assert!(!dir.join("out").exists());
    }
}

#[test]
fn a_model_folder_that_leads_out_of_itself_is_refused() {
    let folder = with_sample();
    let dir = folder.path();
    for path in ["../..", "../bert", "/etc", "1_Pooling/../..", "..\\x", "C:\\x"] {
        let modules = json!([
            { "idx": 0, "name": "0", "path": path, "type": "sentence_transformers.models.Transformer" },
            { "idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling" },
        ]);
        damaged(dir, "bert", "modules.json", |_| modules.to_string().into_bytes());
        clusterclip(dir, "run a.jsonl --embedder model --out out")
            .assert_failed(1, &["modules.json", "outside of the model's folder"]);
    }
}

/// A header of these words.
fn header(shape: &str) -> Vec<u8> {
    npy::bytes("<i4", false, shape, &[])
}

table! {
    labels_of_more_rows_than_bytes: [("l.npy", &header("(18446744073709551615,)"))], "sample l.npy --out out", 1, ["l.npy"];
    labels_of_more_rows_than_there_are: [("l.npy", &header("(99999999999,)"))], "sample l.npy --out out", 1, ["l.npy", "cut off"];
    labels_of_a_million_axes: [("l.npy", &header(&format!("({}0)", "0, ".repeat(20_000))))], "sample l.npy --out out", 1, ["l.npy"];
    a_header_of_a_million_columns: [("l.csv", &[b','; 100_000])], "sample l.csv --out out", 1, ["l.csv:1", "65536 columns"];
    a_row_of_a_million_cells: [("l.csv", &[&b"cluster\na\n"[..], &[b','; 1_000_000]].concat())], "sample l.csv --out out", 1,
        ["l.csv:3: 2 cells where the header has 1"];
    json_that_is_nested_without_an_end: [("l.jsonl", &[&b"{\"cluster\": "[..], &[b'['; 1_000_000]].concat())],
        "sample l.jsonl --out out", 1, ["l.jsonl:1"];
    json_labels_of_a_million_commas: [("l.jsonl", &[&b"{\"cluster\": ["[..], &b"0,".repeat(3_000_000), b"0]}"].concat())],
        "sample l.jsonl --out out", 1, ["l.jsonl:1"];
}

/// Every byte of the file's end, where its directory lies, and of its pages.
#[test]
fn a_damaged_parquet_of_labels_is_an_error_or_read_and_never_a_panic() {
    let rows: Vec<f32> = (0..64).map(|i| (i as f32 * 1.7).sin()).collect();
    let folder = folder(&[("x.npy", &npy::f32_bytes(&rows, 4))]);
    let dir = folder.path();
    clusterclip(dir, "cluster x.npy --clusters 4 --out out").assert_done();
    let whole = fs::read(dir.join("out/assignments.parquet")).expect("a table");
    let step = (whole.len() / 120).max(1);
    for place in (4..whole.len()).step_by(step) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xFF;
        fs::write(dir.join("l.parquet"), &bytes).expect("a file");
        let ended = clusterclip(dir, "sample l.parquet --out order --force").assert_calm();
        match ended.code {
            Some(0) => {}
            Some(1) => assert!(
                ended.stderr.contains("error: l.parquet") || ended.stderr.contains("error: no document"),
                "byte {place}: {ended}"
            ),
            _ => panic!("byte {place}: {ended}"),
        }
        results::assert_nothing_half_written(&dir.join("order"));
    }
}
