//! Numbers of documents: a record that is skipped, empty or without features keeps its own, so that the rows of an order
//! pick the right records of the file.

use std::fs;
use std::path::Path;

use clusterclip_tests::program::Ended;
use clusterclip_tests::{corpus, npy, results};
use serde_json::{Value, json};

use crate::{clusterclip, folder};

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Good,
    Skipped,
    Featureless,
}

use Kind::{Featureless, Good, Skipped};

/// 80 documents, some of which are bad or empty: the first and the last, several in a row, and alone.
fn kinds() -> Vec<Kind> {
    let bad = [0, 1, 9, 40, 41, 42, 79];
    let empty = [3, 10, 39, 78];
    let kind = |row| match row {
        row if bad.contains(&row) => Skipped,
        row if empty.contains(&row) => Featureless,
        _ => Good,
    };
    (0..80).map(kind).collect()
}

fn texts() -> Vec<String> {
    let documents = corpus::documents(80, 30);
    let text = |(document, kind): (&corpus::Document, Kind)| match kind {
        Featureless => String::new(),
        _ => document.text.clone(),
    };
    documents.iter().zip(kinds()).map(text).collect()
}

/// JSON lines whose bad records are bad in different ways; the first has all fields, for it says what is read.
fn jsonl() -> String {
    let bad = [
        "{\"text\": null}",
        "{\"text\": 7}",
        "{\"text\": \"no end",
        "[1, 2]",
        "{\"text\": [\"a\"]}",
        "null",
        "x",
    ];
    let mut bad = bad.into_iter().cycle();
    let record = |(text, kind): (&String, Kind)| match kind {
        Skipped => format!("{}\n", bad.next().expect("an endless cycle")),
        _ => format!("{}\n", json!({ "text": text })),
    };
    texts().iter().zip(kinds()).map(record).collect()
}

/// CSV whose bad records have a cell too few or too many.
fn csv() -> String {
    let record = |(row, (text, kind)): (usize, (&String, Kind))| match kind {
        Skipped if row % 2 == 0 => "alone\n".to_owned(),
        Skipped => "one,two,three\n".to_owned(),
        _ => format!("{row},\"{text}\"\n"),
    };
    let records: String = texts().iter().zip(kinds()).enumerate().map(record).collect();
    format!("n,text\n{records}")
}

/// Asserts that every file of a run counts all records.
fn check(out: &Path, kinds: &[Kind]) {
    let rows = results::parquet(&out.join("documents.parquet"));
    let flag = |row: usize, name: &str| rows[row][name].to_string() == "true";
    assert_eq!(rows.len(), kinds.len());
    let labels = npy::read(&out.join("labels.npy")).i32();
    let assignments = results::parquet(&out.join("assignments.parquet"));
    assert_eq!((labels.len(), assignments.len()), (kinds.len(), kinds.len()));
    for (row, &kind) in kinds.iter().enumerate() {
        assert_eq!(rows[row]["document"].to_string(), row.to_string());
        assert_eq!(
            (flag(row, "skipped"), flag(row, "featureless")),
            (kind == Skipped, kind == Featureless),
            "{row}"
        );
        assert_eq!(labels[row] == -1, kind != Good, "{row}");
        assert_eq!(assignments[row]["cluster"].to_string() == "null", kind != Good, "{row}");
    }
    let good: Vec<u64> = (0..).zip(kinds).filter(|(_, kind)| **kind == Good).map(|(row, _)| row).collect();
    let mut order = npy::read(&out.join("order.npy")).u64();
    order.sort_unstable();
    assert_eq!(order, good, "g2s draws once each document that can be drawn");
    let manifest = results::json(&out.join("manifest.json"));
    let count = |kind| kinds.iter().filter(|&&other| other == kind).count().to_string();
    assert_eq!(manifest["documents"]["read"], kinds.len().to_string());
    assert_eq!(manifest["documents"]["skipped"]["bad_records"], count(Skipped));
    assert_eq!(manifest["documents"]["featureless"], count(Featureless));
    assert_eq!(manifest["documents"]["duplicates"], "0", "those without a text repeat nothing");
    assert_eq!(manifest["n"], count(Good));
    if out.join("embeddings.npy").exists() {
        let embeddings = npy::read(&out.join("embeddings.npy"));
        assert_eq!(embeddings.shape[0], kinds.len());
        let width = embeddings.shape[1];
        for (row, values) in embeddings.f32().chunks_exact(width).enumerate() {
            assert_eq!(values.iter().all(|&value| value == 0.0), kinds[row] != Good, "row {row}");
        }
    }
}

/// Asserts that the lines of an export are the records that their rows mean.
fn check_export(out: &Path, texts: &[String]) {
    let lines = fs::read_to_string(out.join("order.jsonl")).expect("order.jsonl");
    let order = npy::read(&out.join("order.npy")).u64();
    assert_eq!(lines.lines().count(), order.len());
    for (line, row) in lines.lines().zip(order) {
        let line: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(
            (line["document"].as_u64(), line["text"].as_str()),
            (Some(row), Some(&*texts[row as usize]))
        );
    }
}

#[track_caller]
fn run(dir: &Path, words: &str) -> Ended {
    clusterclip(dir, &format!("run {words} --on-bad-record skip --clusters 5 --strategy g2s")).assert_done()
}

#[test]
fn skipped_and_empty_records_keep_their_numbers_in_json_lines_and_csv() {
    let (jsonl, csv) = (jsonl(), csv());
    let packed = corpus::gzip(jsonl.as_bytes());
    let folder = folder(&[("a.jsonl", jsonl.as_bytes()), ("a.csv", csv.as_bytes()), ("p.jsonl.gz", &packed)]);
    for name in ["a.jsonl", "a.csv", "p.jsonl.gz"] {
        let out = folder.path().join(format!("{name}.out"));
        let ended = run(folder.path(), &format!("{name} --out {name}.out --export jsonl"));
        assert!(
            ended.stdout.contains("80 read, no duplicates, 7 bad records skipped, 4 without features"),
            "{ended}"
        );
        assert!(ended.stderr.contains("7 bad records were skipped"), "{ended}");
        check(&out, &kinds());
        check_export(&out, &texts());
    }
}

/// The numbers go on from file to file.
#[test]
fn numbers_go_on_over_several_files() {
    let (one, two) = (jsonl(), csv());
    let folder = folder(&[("x/a.jsonl", one.as_bytes()), ("x/b.csv", two.as_bytes())]);
    run(folder.path(), "x/a.jsonl x/b.csv --out out --export jsonl");
    let out = folder.path().join("out");
    let order = npy::read(&out.join("order.npy")).u64();
    let good: Vec<u64> = (0..160).filter(|&row| kinds()[row as usize % 80] == Good).collect();
    assert_eq!(sorted(order), good);
    check_export(&out, &[texts(), texts()].concat());
}

fn sorted(mut order: Vec<u64>) -> Vec<u64> {
    order.sort_unstable();
    order
}

#[test]
fn blank_lines_are_documents_of_a_text_and_none_of_json_lines() {
    let text = "one fine day\n\ntwo fine days\n  \nthree fine days\nfour\n\n";
    let json = "{\"text\": \"one fine day\"}\n\n{\"text\": \"two fine days\"}\n \n{\"text\": \"three\"}\n";
    let folder = folder(&[("a.txt", text.as_bytes()), ("a.jsonl", json.as_bytes())]);
    let dir = folder.path();
    clusterclip(dir, "run a.txt --lines --out lines --clusters 2 --strategy g2s").assert_done();
    check(&dir.join("lines"), &[Good, Featureless, Good, Featureless, Good, Good, Featureless]);
    clusterclip(dir, "run a.jsonl --out json --clusters 2 --strategy g2s").assert_done();
    check(&dir.join("json"), &[Good; 3]);
}

#[test]
fn a_skipped_record_is_named_by_its_place_and_what_follows_it_too() {
    let folder =
        folder(&[("a.jsonl", b"{\"id\": \"x\", \"text\": \"a\"}\n{\"id\": \"y\"}\n\n{\"text\": \"b\"}\n")]);
    clusterclip(folder.path(), "embed a.jsonl --out out --on-bad-record skip").assert_done();
    let rows = results::parquet(&folder.path().join("out/documents.parquet"));
    let ids: Vec<String> = rows.iter().map(|row| row["id"].to_string()).collect();
    assert_eq!(ids, ["\"x\"", "\"a.jsonl:2\"", "\"a.jsonl:4\""]);
}

#[test]
fn given_rows_are_counted_with_the_skipped_ones_whatever_these_hold() {
    let folder = folder(&[("a.jsonl", jsonl().as_bytes())]);
    let dir = folder.path();
    run(dir, "a.jsonl --out own");
    let own = npy::read(&dir.join("own/embeddings.npy"));
    let (width, mut values) = (own.shape[1], own.f32());
    fs::write(dir.join("same.npy"), npy::f32_bytes(&values, width)).expect("a file");
    // Rows of documents that say nothing are not looked at: another model embeds an empty text too.
    for (row, kind) in kinds().into_iter().enumerate() {
        let filler = if row % 2 == 0 { f32::NAN } else { 1.0 };
        if kind != Good {
            values[row * width..][..width].fill(filler);
        }
    }
    fs::write(dir.join("other.npy"), npy::f32_bytes(&values, width)).expect("a file");
    for name in ["same", "other"] {
        let ended = run(dir, &format!("a.jsonl --embeddings {name}.npy --out {name} --export jsonl"));
        assert!(!ended.stderr.contains("nothing but zeros"), "{ended}");
        check(&dir.join(name), &kinds());
        check_export(&dir.join(name), &texts());
        for file in ["labels.npy", "order.npy", "centroids.npy"] {
            let read = |out: &str| fs::read(dir.join(out).join(file)).expect(file);
            assert!(read(name) == read("own"), "{file} of {name}");
        }
    }
    // Rows for the good ones alone are too few.
    let few = npy::f32_bytes(&values[..69 * width], width);
    fs::write(dir.join("few.npy"), few).expect("a file");
    clusterclip(dir, "run a.jsonl --on-bad-record skip --embeddings few.npy --out few")
        .assert_failed(1, &["69 rows", "80 documents", "skipped or empty"]);
}

#[test]
fn rows_of_zeros_that_others_made_are_documents_without_features() {
    let folder = folder(&[("a.jsonl", jsonl().as_bytes())]);
    let dir = folder.path();
    run(dir, "a.jsonl --out own");
    let own = npy::read(&dir.join("own/embeddings.npy"));
    let (width, mut values) = (own.shape[1], own.f32());
    values[20 * width..][..width].fill(0.0);
    fs::write(dir.join("x.npy"), npy::f32_bytes(&values, width)).expect("a file");
    let zero = |ended: &Ended, words: &str| assert!(ended.stderr.contains(words), "{ended}");
    zero(
        &run(dir, "a.jsonl --embeddings x.npy --out given"),
        "warning: 1 of 80 rows hold nothing but zeros: documents without features",
    );
    zero(
        &clusterclip(dir, "cluster x.npy --clusters 5 --out bare").assert_done(),
        "warning: 12 of 80 rows hold nothing but zeros",
    );
    let labels = |out: &str| npy::read(&dir.join(out).join("labels.npy")).i32();
    assert_eq!(labels("given"), labels("bare"));
    assert_eq!(labels("bare").iter().filter(|&&label| label == -1).count(), 12);
    let warnings = &results::json(&dir.join("bare/manifest.json"))["warnings"]["cluster"];
    assert!(warnings.to_string().contains("12 of 80 rows"), "{warnings}");
    assert_eq!(results::json(&dir.join("bare/manifest.json"))["n"], "68");
}

/// What is counted by documents counts those that can be drawn.
#[test]
fn clusters_and_budgets_are_of_the_documents_that_have_clusters() {
    let folder = folder(&[("a.jsonl", jsonl().as_bytes())]);
    let refused = |words: &str, says: &[&str]| {
        let words = format!("run a.jsonl --on-bad-record skip --out out {words}");
        clusterclip(folder.path(), &words).assert_failed(1, says);
    };
    refused("--clusters 70", &["--clusters 70 is more than the 69 rows"]);
    refused("--strategy g2s --documents 70", &["--documents 70: the order ends after 69 draws"]);
    refused("--documents 346", &["at most --documents 345"]);
    let words = "run a.jsonl --on-bad-record skip --out out --strategy g2s --documents 69 --json";
    let ended = clusterclip(folder.path(), words).assert_done();
    let summary: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!((&summary["documents"]["read"], &summary["clusters"]["documents"]), (&json!(80), &json!(69)));
    assert_eq!((&summary["order"]["documents"], &summary["order"]["coverage"]), (&json!(69), &json!(1.0)));
}

/// A budget in tokens asks for no count of what is never drawn.
#[test]
fn skipped_records_need_no_token_counts() {
    let lines = "{\"text\": \"one fine day\", \"n\": 3}\n{\"text\": 1}\n{\"text\": \"two fine days\", \"n\": 4}\n{\"text\": \
                 \"b\", \"n\": -1}\n{\"text\": \"\"}\n";
    let lines = lines.replace("{\"text\": \"\"}", "{\"text\": \"\", \"n\": null}");
    let folder = folder(&[("a.jsonl", lines.as_bytes())]);
    let words = "run a.jsonl --on-bad-record skip --token-field n --tokens 7 --clusters 2 --out out";
    clusterclip(folder.path(), words).assert_done();
    assert_eq!(sorted(npy::read(&folder.path().join("out/order.npy")).u64()), [0, 2]);
    let rows = results::parquet(&folder.path().join("out/documents.parquet"));
    let tokens: Vec<String> = rows.iter().map(|row| row["tokens"].to_string()).collect();
    assert_eq!(tokens, ["3", "null", "4", "null", "null"]);
}

#[test]
fn nothing_but_bad_records_is_an_error() {
    let folder = folder(&[("a.jsonl", b"{\"text\": 1}\n{\"text\": 2}\n")]);
    clusterclip(folder.path(), "run a.jsonl --on-bad-record skip --out out")
        .assert_failed(1, &["no document to read in a.jsonl", "2 bad records were skipped"]);
}

/// A model has rows for skipped documents as the lexical embedder has: none.
#[test]
fn models_give_skipped_and_blank_documents_zero_rows() {
    let lines: String = jsonl().lines().map(|line| format!("{line}\n")).collect();
    let folder = folder(&[("a.jsonl", lines.as_bytes())]);
    let dir = folder.path();
    for name in ["bert", "model2vec"] {
        let model = crate::models::model(name);
        let words = format!("a.jsonl --embedder {} --out {name} --export jsonl", model.display());
        run(dir, &words);
        check(&dir.join(name), &kinds());
        check_export(&dir.join(name), &texts());
    }
}
