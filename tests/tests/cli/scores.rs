//! Clusters drawn by score: from the field of a record to the order, over folders together, of given labels.

use std::fs;
use std::path::Path;

use clusterclip_core::keys::{hash, scale};
use clusterclip_core::sampler::{Budget, Members, Options, Sampler, Strategy, Weights};
use clusterclip_tests::columns::{Column, parquet};
use clusterclip_tests::{corpus, npy, results};
use parquet::record::Field;
use serde_json::json;
use tempfile::TempDir;

use crate::refused::table;
use crate::{clusterclip, folder};

const LABELS: &[u8] = b"cluster,score,n\na,0.5,1\na,,2\nb,-3,4\na,7e-1,1\nb,2,9\na,0.5,1\n-1,9,1\n";

table! {
    scores_of_documents_without_any: [("a.jsonl", b"{\"text\": \"a\"}\n")], "run a.jsonl --out out --within score", 2,
        ["--within score: the documents need scores", "--score-field"];
    scores_with_random: [("l.csv", LABELS)], "sample l.csv --out out --within score --strategy random", 2,
        ["--within score: does not go with --strategy random"];
    an_order_that_is_unknown: [("l.csv", LABELS)], "sample l.csv --out out --within scores", 2, ["--within", "score"];
    a_column_of_scores_that_nobody_looks_at: [("l.csv", LABELS)], "sample l.csv --out out --score-field n", 2,
        ["--score-field n: is for --within score only"];
    labels_without_scores: [("l.csv", b"cluster,n\n1,2\n")], "sample l.csv --out out --within score", 1,
        ["l.csv: no column `score`; there are `cluster`, `n`; name it with --score-field"];
    labels_in_an_array_have_no_scores: [("l.npy", &npy::i32_bytes(&[1, 2]))], "sample l.npy --out out --within score", 1,
        ["l.npy: a .npy file of labels has no scores, which --within score needs"];
    a_score_that_is_a_word: [("l.csv", b"cluster,score\n1,2\n1,good\n")], "sample l.csv --out out --within score", 1,
        ["l.csv:3: \"good\" in the column `score` (--score-field); a number is wanted, or null"];
    a_score_that_is_no_number: [("l.jsonl", b"{\"cluster\": 1, \"q\": {\"s\": NaN}}\n")],
        "sample l.jsonl --out out --within score --score-field q.s", 1, ["l.jsonl:1: NaN in the column `q.s`"];
    a_score_in_a_list: [("l.jsonl", b"{\"cluster\": 1, \"score\": [1]}\n")], "sample l.jsonl --out out --within score", 1,
        ["l.jsonl:1: the column `score` (--score-field) holds lists; numbers are wanted"];
    a_record_whose_score_is_no_number: [("a.jsonl", b"{\"text\": \"a\", \"s\": 1}\n{\"text\": \"b\", \"s\": NaN}\n")],
        "embed a.jsonl --out out --score-field s", 1, ["a.jsonl:2: the field `s` (--score-field) holds NaN, a number is wanted"];
    a_record_without_the_field_of_the_score: [("a.jsonl", b"{\"text\": \"a\", \"s\": 1}\n{\"text\": \"b\"}\n")],
        "embed a.jsonl --out out --score-field s", 1, ["a.jsonl:2: no field `s` (--score-field)"];
    a_table_without_the_column_of_the_score: [("a.csv", b"text\na\n")], "embed a.csv --out out --score-field s", 1,
        ["a.csv", "no column `s` (--score-field)"];
    plain_text_has_no_scores: [("a.txt", b"a\n")], "embed a.txt --out out --score-field s", 1, ["--score-field s: no INPUT is read as records"];
}

/// The score of a document: some have none, some the same.
fn score(row: u64) -> Option<f64> {
    (row % 7 != 3).then(|| scale(hash(&[9, row]), 40) as f64 / 8.0 - 2.0)
}

/// `a.jsonl`, the first 200 of 260 documents, and `b.jsonl`, the others, with scores.
fn scored() -> TempDir {
    let documents = corpus::documents(260, 40);
    let lines = |rows: std::ops::Range<usize>| -> Vec<u8> {
        let line = |row: usize| {
            let document = &documents[row];
            let quality = json!({ "score": score(row as u64) });
            format!("{}\n", json!({ "text": document.text, "n": document.tokens, "quality": quality }))
        };
        rows.map(line).collect::<String>().into_bytes()
    };
    folder(&[("a.jsonl", &lines(0..200)), ("b.jsonl", &lines(200..260))])
}

const RUN: &str = "run a.jsonl --clusters 6 --score-field quality.score --token-field n";

fn labels(dir: &Path, out: &str) -> Vec<i32> {
    npy::read(&dir.join(out).join("labels.npy")).i32()
}

fn drawn(dir: &Path, out: &str) -> Vec<u64> {
    npy::read(&dir.join(out).join("order.npy")).u64()
}

/// The core's order of these labels by these scores.
fn order(labels: &[i32], scores: &[Option<f64>], options: Options) -> Vec<u64> {
    let mut members = Members::from_labels(labels).expect("labels");
    let scores = members.sort_by_score(scores, &options.weights).expect("scores");
    let sampler =
        Sampler::new(members.sizes(), Options { scores: Some(scores), ..options }).expect("options");
    sampler.iter().map(|draw| members.row(&draw)).collect()
}

#[test]
fn clusters_of_documents_are_drawn_from_the_highest_score_to_the_lowest() {
    let folder = scored();
    let dir = folder.path();
    let ended = clusterclip(dir, &format!("{RUN} --within score --export ids --out out")).assert_done();
    let said = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("within clusters by score"), "{ended}");
    let scores: Vec<Option<f64>> = (0..200).map(score).collect();
    let kept = results::parquet(&dir.join("out/documents.parquet"));
    let kept: Vec<Option<f64>> = kept
        .iter()
        .map(|row| if let Field::Double(score) = row["score"] { Some(score) } else { None })
        .collect();
    assert_eq!(kept, scores);
    let labels = labels(dir, "out");
    assert_eq!(drawn(dir, "out"), order(&labels, &scores, Options::default()));
    // The default id ends in the line.
    let ids = fs::read_to_string(dir.join("out/ids.txt")).unwrap();
    let lines: Vec<u64> =
        ids.lines().map(|id| id.rsplit_once(':').unwrap().1.parse::<u64>().unwrap() - 1).collect();
    assert_eq!(lines, drawn(dir, "out"));

    let again = clusterclip(dir, &format!("{RUN} --within score --export ids --out out")).assert_done();
    assert!(again.stderr.matches("reused").count() >= 4, "{again}");
    clusterclip(dir, "sample out").assert_failed(1, &["--within score there, shuffled here", "--force"]);
    clusterclip(dir, "sample out --out shuffled").assert_done();
    assert_eq!(drawn(dir, "shuffled"), crate::transcripts::order(&labels, Options::default()));

    for (words, options) in [
        ("--strategy g2s", Options { strategy: Strategy::GeneralToSpecific, ..Options::default() }),
        ("--strategy unimax --clip 2 --documents 90", {
            let budget = Budget::Documents(90);
            Options { strategy: Strategy::Unimax, clip: Some(2), budget, ..Options::default() }
        }),
    ] {
        clusterclip(dir, &format!("sample out --within score --out other --force {words}")).assert_done();
        assert_eq!(drawn(dir, "other"), order(&labels, &scores, options), "{words}");
    }
    // A budget in tokens ends with the draw that reaches it, in the order of the scores.
    clusterclip(dir, "sample out --within score --tokens 3000 --out tokens").assert_done();
    let tokens: Vec<u64> = corpus::documents(200, 40).iter().map(|document| document.tokens.into()).collect();
    let drawn = drawn(dir, "tokens");
    let sum: u64 = drawn.iter().map(|&row| tokens[row as usize]).sum();
    let last = tokens[drawn[drawn.len() - 1] as usize];
    assert!(sum >= 3000 && sum - last < 3000, "{sum}");
    let budget = Budget::Documents(drawn.len() as u64);
    assert_eq!(drawn, order(&labels, &scores, Options { budget, ..Options::default() }));
}

#[test]
fn folders_together_are_drawn_by_the_scores_of_each() {
    let folder = scored();
    let dir = folder.path();
    clusterclip(dir, &format!("{RUN} --out a")).assert_done();
    clusterclip(dir, "join a b.jsonl --score-field quality.score --out b").assert_done();
    clusterclip(dir, "sample a b --within score --out both").assert_done();
    let scores: Vec<Option<f64>> = (0..260).map(score).collect();
    let all = [labels(dir, "a"), labels(dir, "b")].concat();
    assert_eq!(drawn(dir, "both"), order(&all, &scores, Options::default()));

    clusterclip(dir, "join a b.jsonl --out plain").assert_done();
    clusterclip(dir, "sample a plain --within score --out x").assert_failed(
        1,
        &["--within score: the documents in plain were embedded without scores", "--score-field"],
    );
    clusterclip(dir, "cluster a --clusters 3 --out clusters").assert_done();
    clusterclip(dir, "sample clusters --within score --out x")
        .assert_failed(1, &["clusters holds clusters alone", "where the documents were embedded"]);
    clusterclip(dir, "sample a --within score --score-field n --out x")
        .assert_failed(2, &["--score-field n: a is a folder of results"]);
    assert!(!dir.join("x").exists());
}

/// What the labels above say: a is 0, b is 1.
const RANKED: [i32; 7] = [0, 0, 1, 0, 1, 0, -1];
const SCORES: [Option<f64>; 7] = [Some(0.5), None, Some(-3.0), Some(0.7), Some(2.0), Some(0.5), Some(9.0)];

#[test]
fn given_labels_have_their_scores_in_a_column() {
    let names = ["a", "a", "b", "a", "b", "a"].map(Some);
    let columns = [("cluster", Column::Texts(&names)), ("score", Column::Reals(&SCORES[..6]))];
    let folder = folder(&[
        ("l.csv", LABELS),
        ("l.parquet", &parquet(&columns)),
        ("l.jsonl", b"{\"document\": 5, \"cluster\": \"a\", \"score\": 0.5}\n{\"document\": 4, \"cluster\": \"b\", \"score\": 2}\n{\"document\": 3, \"cluster\": \"a\", \"score\": 0.7}\n{\"document\": 2, \"cluster\": \"b\", \"score\": -3}\n{\"document\": 1, \"cluster\": \"a\", \"score\": null}\n{\"document\": 0, \"cluster\": \"a\", \"score\": 0.5}\n"),
        ("w.csv", b"cluster,weight\na,3\nb,1\n"),
        ("z.csv", b"cluster,weight\na,1\nb,0\n"),
    ]);
    let dir = folder.path();
    let expected = order(&RANKED, &SCORES, Options::default());
    // The two of equal score by row, that without one last.
    let of_a: Vec<u64> = expected.iter().copied().filter(|row| [0, 1, 3, 5].contains(row)).collect();
    assert_eq!(of_a[..3], [3, 0, 5]);
    for name in ["l.csv", "l.parquet", "l.jsonl"] {
        clusterclip(dir, &format!("sample {name} --within score --out {name}.out")).assert_done();
        assert_eq!(drawn(dir, &format!("{name}.out")), expected, "{name}");
    }
    for (list, weights) in [("w.csv", [3.0, 1.0]), ("z.csv", [1.0, 0.0])] {
        clusterclip(dir, &format!("sample l.csv --within score --weights {list} --out {list}.out"))
            .assert_done();
        let options = Options { weights: Weights::new(&weights).unwrap(), ..Options::default() };
        assert_eq!(drawn(dir, &format!("{list}.out")), order(&RANKED, &SCORES, options), "{list}");
    }
    let numbers = [Some(1.0), Some(4.0), Some(4.0), Some(f64::NAN), Some(0.0), Some(2.0)];
    let columns = [("cluster", Column::Texts(&names)), ("score", Column::Reals(&numbers))];
    fs::write(dir.join("l.parquet"), parquet(&columns)).unwrap();
    clusterclip(dir, "sample l.parquet --within score --out x")
        .assert_failed(1, &["l.parquet: row 3: NaN in the column `score`"]);
    let columns = [("cluster", Column::Texts(&names)), ("s", Column::Texts(&names))];
    fs::write(dir.join("l.parquet"), parquet(&columns)).unwrap();
    clusterclip(dir, "sample l.parquet --within score --score-field s --out x")
        .assert_failed(1, &["l.parquet: row 0: \"a\" in the column `s` (--score-field)"]);
}
