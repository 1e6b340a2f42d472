//! `sample LABELS`: the kinds of files, their rules, and what is wrong with them.

use std::fs;

use clusterclip_core::sampler::Options;
use clusterclip_tests::npy;

use crate::refused::table;
use crate::transcripts::order;
use crate::{clusterclip, folder, with_corpus};

const ROW_TWICE: &[u8] = b"document,cluster\n0,a\n1,b\n0,c\n";

table! {
    labels_that_are_missing: [], "sample l.npy --out out", 1, ["l.npy does not exist"];
    labels_that_are_fractions: [("l.npy", &npy::bytes("<f4", false, "(2,)", &[0, 0, 0, 0, 0, 0, 0, 0x3F]))], "sample l.npy --out out", 1,
        ["l.npy: row 1: the label 0.5 is no integer", "--cluster-field"];
    labels_that_are_truths: [("l.npy", &npy::bytes("|b1", false, "(2,)", &[0; 2]))], "sample l.npy --out out", 1,
        ["l.npy", "integers are wanted"];
    negative_labels_of_which_nobody_speaks: [("l.csv", b"cluster\n3\n-1\n-2\n")], "sample l.csv --out out", 1,
        ["l.csv:4: the label -2 is negative", "--noise-label -1,-2", "--noise-label -1 "];
    negative_labels_of_an_array: [("l.npy", &npy::i32_bytes(&[3, -9]))], "sample l.npy --out out", 1,
        ["l.npy: row 1: the label -9 is negative", "--noise-label -1,-9"];
    text_after_a_closing_quote: [("l.csv", b"cluster,x\na,b\n\"a\" b,c\n")], "sample l.csv --out out", 1,
        ["l.csv:3: text follows the quote that closes cell 1"];
    a_quote_that_is_never_closed: [("l.csv", b"cluster,x\na,b\n\"a,c\nd,e\n")], "sample l.csv --out out", 1,
        ["l.csv:3: the quote that opens cell 1 is never closed"];
    a_quote_that_is_closed_on_another_line: [("l.csv", b"x,cluster\na,\"b\nc,\"d\n")], "sample l.csv --out out", 1,
        ["l.csv:3: text follows the quote that closes cell 2"];
    a_label_over_two_lines: [("l.csv", b"cluster\n\"a\nb\"\nc\n")], "sample l.csv --out out", 1,
        ["l.csv:2: a label that goes over a line end"];
    semicolons_for_commas: [("l.csv", b"id;cluster\n1;2\n")], "sample l.csv --out out", 1,
        ["no column `cluster`; there are `id;cluster`", "by commas in .csv"];
    a_json_array_of_labels: [("l.json", b"[{\"cluster\": 1}]")], "sample l.json --out out", 1, ["l.json:1: a JSON array", "JSON lines"];
    noise_of_a_folder: [("x/y", b"")], "sample x --noise one-cluster", 2, ["--noise one-cluster", "x is a folder of results"];
    noise_that_is_unknown: [("l.csv", b"cluster\na\n")], "sample l.csv --out out --noise drop", 2, ["--noise", "drop", "one-cluster"];
    labels_in_two_dimensions: [("l.npy", &npy::bytes("<i4", false, "(2, 1)", &[0; 8]))], "sample l.npy --out out", 1,
        ["l.npy", "(2, 1)"];
    no_labels: [("l.npy", &npy::i32_bytes(&[]))], "sample l.npy --out out", 1, ["l.npy holds no labels"];
    nothing_but_noise: [("l.npy", &npy::i32_bytes(&[-1, -1]))], "sample l.npy --out out", 1,
        ["no document has a cluster: there is nothing to draw"];
    a_csv_without_the_column: [("l.csv", b"topic,n\na,1\n")], "sample l.csv --out out", 1,
        ["l.csv", "cluster", "topic", "--cluster-field"];
    a_csv_with_a_ragged_line: [("l.csv", b"document,cluster\n0,a\n1\n")], "sample l.csv --out out", 1, ["l.csv:3: 1 cells where the header has 2"];
    a_csv_without_lines: [("l.csv", b"cluster\n")], "sample l.csv --out out", 1, ["l.csv holds no labels"];
    a_parquet_that_is_none: [("l.parquet", b"hello, I am a text file")], "sample l.parquet --out out", 1,
        ["l.parquet is no Parquet file"];
    labels_of_an_unknown_kind: [("l.txt", b"0\n1\n")], "sample l.txt --out out", 1, ["l.txt", ".npy"];
    a_null_count_of_tokens: [("l.csv", b"cluster,n\na,1\na,\n")], "sample l.csv --token-field n --tokens 2 --out out", 1,
        ["--tokens: row 1 has no token count"];
    a_cell_that_is_no_count: [("l.csv", b"cluster,tokens\na,1\na,many\n")], "sample l.csv --tokens 2 --out out", 1,
        ["l.csv:3", "\"many\" in the column `tokens` (for --tokens)"];
    a_file_without_counts: [("l.csv", b"cluster,n\na,1\n")], "sample l.csv --tokens 2 --out out", 1,
        ["--tokens needs token counts", "no column `tokens`", "`n`", "--token-field"];
    an_array_has_no_counts: [("l.npy", &npy::i32_bytes(&[0, 1]))], "sample l.npy --tokens 2 --out out", 1,
        ["l.npy", "use Parquet or CSV with a token column"];
    counts_of_tokens_that_are_all_zero: [("l.csv", b"cluster,n\na,0\na,0\n")],
        "sample l.csv --token-field n --tokens 2 --out out", 1, ["--tokens: the token counts of all 2 clustered documents are zero"];
}

#[test]
fn every_kind_of_file_gives_the_same_order() {
    let folder = with_corpus();
    let dir = folder.path();
    clusterclip(dir, "run corpus.jsonl --out out --clusters 7").assert_done();
    let labels = npy::read(&dir.join("out/labels.npy")).i32();
    let csv: String = labels.iter().map(|label| format!("{label}\n")).collect();
    fs::write(dir.join("l.csv"), format!("cluster\n{csv}")).expect("a file");
    let long: Vec<u8> = labels.iter().flat_map(|&label| i64::from(label).to_le_bytes()).collect();
    fs::write(dir.join("long.npy"), npy::bytes("<i8", false, "(300,)", &long)).expect("a file");
    let expected = npy::read(&dir.join("out/order.npy")).u64();
    for name in ["out/labels.npy", "out/assignments.parquet", "l.csv", "long.npy"] {
        let out = format!("from-{}", name.replace('/', "-"));
        clusterclip(dir, &format!("sample {name} --out {out}")).assert_done();
        assert_eq!(npy::read(&dir.join(out).join("order.npy")).u64(), expected, "{name}");
    }
}

/// Distinct labels are ranked: strings by bytes, integers by value; null and −1 are never drawn.
#[test]
fn labels_are_ranked_and_rows_follow_the_column_document() {
    let strings = b"name,cluster,document\nx,b,4\nx,a,0\nx,,1\nx,B,3\nx,a,2\n";
    let integers = b"cluster\n10\n-1\n10\n9\n200\n";
    let folder = folder(&[("s.csv", strings), ("i.csv", integers)]);
    for (name, labels) in [("s.csv", [1, -1, 1, 0, 2]), ("i.csv", [1, -1, 1, 0, 2])] {
        clusterclip(folder.path(), &format!("sample {name} --out {name}.out")).assert_done();
        let drawn = npy::read(&folder.path().join(format!("{name}.out/order.npy"))).u64();
        assert_eq!(drawn, order(&labels, Options::default()), "{name}");
    }
}

/// A column `document` that is not unique gives no rows: the lines do, and that is told.
#[test]
fn a_document_column_with_repeats_is_not_half_used() {
    let folder = folder(&[("l.csv", ROW_TWICE)]);
    let ended = clusterclip(folder.path(), "sample l.csv --out out").assert_done();
    assert!(ended.stderr.contains("warning: the column `document` does not say which row"), "{ended}");
    let drawn = npy::read(&folder.path().join("out/order.npy")).u64();
    assert_eq!(drawn, order(&[0, 1, 2], Options::default()));
}

#[test]
fn the_shares_of_all_ranks_partition_the_order() {
    let labels: Vec<i32> = (0..101).map(|row| row % 10).collect();
    let folder = folder(&[("l.npy", &npy::i32_bytes(&labels))]);
    let read = |out: &str| npy::read(&folder.path().join(out).join("order.npy")).u64();
    clusterclip(folder.path(), "sample l.npy --out whole --epochs 1.5").assert_done();
    let whole = read("whole");
    assert_eq!(whole.len(), 151);
    let mut joined = vec![0; 151];
    for rank in 0..4 {
        let words = format!("sample l.npy --out rank-{rank} --epochs 1.5 --rank {rank} --world-size 4");
        clusterclip(folder.path(), &words).assert_done();
        for (turn, row) in read(&format!("rank-{rank}")).into_iter().enumerate() {
            joined[rank + 4 * turn] = row;
        }
        clusterclip(folder.path(), &format!("{words} --drop-last --force")).assert_done();
        assert_eq!(read(&format!("rank-{rank}")).len(), 37, "151 positions give four times 37");
    }
    assert_eq!(joined, whole);
}

#[test]
fn a_budget_in_tokens_ends_with_the_draw_that_reaches_it() {
    let counts: Vec<u64> = (0..40).map(|row| 3 + row % 7).collect();
    let lines: String = counts.iter().enumerate().map(|(row, n)| format!("{},{n}\n", row % 5)).collect();
    let folder = folder(&[("l.csv", format!("cluster,n\n{lines}").as_bytes())]);
    clusterclip(folder.path(), "sample l.csv --out out --token-field n --tokens 100").assert_done();
    let drawn = npy::read(&folder.path().join("out/order.npy")).u64();
    let sum = |rows: &[u64]| rows.iter().map(|&row| counts[row as usize]).sum::<u64>();
    assert!(sum(&drawn) >= 100 && sum(&drawn[..drawn.len() - 1]) < 100, "{}", sum(&drawn));
}

/// The order of labels in a file is that of these.
#[track_caller]
fn drawn(name: &str, bytes: &[u8], words: &str, labels: &[i32]) -> String {
    let folder = folder(&[(name, bytes)]);
    let ended = clusterclip(folder.path(), &format!("sample {name} --out out {words}")).assert_done();
    let drawn = npy::read(&folder.path().join("out/order.npy")).u64();
    assert_eq!(drawn, order(labels, Options::default()), "{name}: {ended}");
    format!("{}{}", ended.stderr, ended.stdout)
}

/// The relatives of a shifted row: an empty line first, in the middle, several, last, with each line end.
#[test]
fn an_empty_line_of_one_column_is_a_row_without_a_label() {
    for end in ["\n", "\r\n", "\r"] {
        for (lines, labels) in [
            (&["cluster", "", "5", "3"][..], &[-1, 1, 0][..]),
            (&["cluster", "5", "", "", "3"], &[1, -1, -1, 0]),
            (&["cluster", "5", "3", ""], &[1, 0, -1]),
            (&["cluster", "5", "\"\"", "3"], &[1, -1, 0]),
            (&["\u{FEFF}cluster", "sea", "", "air"], &[1, -1, 0]),
        ] {
            let text = lines.join(end) + end;
            drawn("l.csv", text.as_bytes(), "", labels);
            drawn("l.tsv", text.as_bytes(), "", labels);
        }
    }
    // Without a line end at the end.
    drawn("l.csv", b"cluster\n5\n\n3", "", &[1, -1, 0]);
    // Of several columns it cannot be a row.
    let told = drawn("l.csv", b"cluster,x\n5,1\n\n3,2\n\n", "", &[1, 0]);
    assert!(told.contains("warning: 2 empty lines between rows of several columns are no rows"), "{told}");
    drawn("l.csv", b"cluster,x\n5,1\n,\n3,2\n", "", &[1, -1, 0]);
}

/// The relatives of noise that became a topic: every way in which programs write it.
#[test]
fn noise_is_noise_however_it_is_written() {
    let words = [
        "-1", "-1.0", "-1.", "-1e0", " -1 ", "nan", "NaN", "null", "NULL", "None", "NA", "N/A", "<NA>", "",
        "  ",
    ];
    for word in words {
        for other in [["12", "3"], ["12.0", "3.0"]] {
            let csv = format!("x,cluster\na,{}\nb,{word}\nc,{}\n", other[0], other[1]);
            let told = drawn("l.csv", csv.as_bytes(), "", &[1, -1, 0]);
            assert!(told.contains("Labels      3 rows, 1 of noise: never drawn"), "{word:?}: {told}");
            assert!(!told.contains("warning"), "{word:?}: {told}");
            drawn("l.csv", csv.as_bytes(), "--noise one-cluster", &[1, 2, 0]);
            drawn("l.tsv", csv.replace(',', "\t").as_bytes(), "", &[1, -1, 0]);
            let json = format!(
                "{{\"cluster\": \"{}\"}}\n{{\"cluster\": \"{word}\"}}\n{{\"cluster\": {}}}\n",
                other[0], other[1]
            );
            drawn("l.jsonl", json.as_bytes(), "", &[1, -1, 0]);
        }
    }
    for value in ["null", "NaN", "-1", "-1.0"] {
        let json = format!("{{\"cluster\": 12}}\n{{\"cluster\": {value}}}\n{{\"cluster\": 3.0}}\n");
        drawn("l.jsonl", json.as_bytes(), "", &[1, -1, 0]);
    }
    drawn("l.jsonl", b"{\"cluster\": 12}\n{\"x\": 1}\n{\"cluster\": 3}\n", "", &[1, -1, 0]);
    // Among names a word may be one, which is told.
    let told = drawn("l.csv", b"cluster\nsea\nnan\nair\n", "", &[2, 1, 0]);
    assert!(told.contains("warning: the label \"nan\" (line 3) is taken as the name of a cluster"), "{told}");
    assert!(told.contains("--noise-label nan makes it noise"), "{told}");
    drawn("l.csv", b"cluster\nsea\nnan\nair\n", "--noise-label nan", &[1, -1, 0]);
}

#[test]
fn the_list_of_noise_is_exactly_what_is_noise() {
    let csv = b"cluster\n4\n-1\n-2\n7\n";
    drawn("l.csv", csv, "--noise-label -1,-2", &[0, -1, -1, 1]);
    drawn("l.csv", csv, "--noise-label=-2", &[1, 0, -1, 2]);
    drawn("l.csv", csv, "--noise-label 7,-1", &[1, -1, 0, -1]);
    drawn("l.csv", csv, "--noise-label -1,-2 --noise one-cluster", &[0, 2, 2, 1]);
    let told = drawn("l.csv", csv, "--noise-label -1,-3", &[1, -1, 0, 2]);
    assert!(told.contains("warning: --noise-label: no label is \"-3\""), "{told}");
    drawn("l.npy", &npy::i32_bytes(&[4, -1, -2, 7]), "--noise-label -1,-2", &[0, -1, -1, 1]);
    // One number among names makes names of all, which is told where it looks like a mistake.
    let told = drawn("l.csv", b"cluster\n10\n9\n8\nx\n", "", &[0, 2, 1, 3]);
    assert!(
        told.contains("warning: the labels are taken as text, not as numbers, since line 5 has \"x\""),
        "{told}"
    );
}

/// Other noise is another order: it is no reason to reuse one.
#[test]
fn what_is_noise_is_part_of_what_an_order_was_made_with() {
    let folder = folder(&[("l.csv", b"cluster\na\n-1\nb\n")]);
    let sample = |words: &str| clusterclip(folder.path(), &format!("sample l.csv --out out {words}"));
    sample("").assert_done();
    sample("--noise one-cluster").assert_failed(1, &["--noise leave-out there, one-cluster here"]);
    sample("--noise-label a").assert_failed(1, &["--noise-label unset there, a here"]);
    let ended = sample("--noise leave-out").assert_done();
    assert!(ended.stderr.contains("reused"), "{ended}");
    let ended = sample("--noise one-cluster --force --json").assert_done();
    let summary: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let labels = serde_json::json!({ "rows": 3, "noise": 1, "noise_is_cluster": true, "absent": 0 });
    assert_eq!(summary["labels"], labels);
    let names: Vec<_> =
        summary["largest"].as_array().expect("a list").iter().map(|cluster| &cluster["name"]).collect();
    assert_eq!(names, ["a", "b", "noise"]);
}

#[test]
fn quotes_in_tsv_are_quotes_where_all_of_them_are() {
    drawn("l.tsv", b"x\tcluster\n\"a b\"\t5\nc\t3\n", "", &[1, 0]);
    drawn("l.tsv", b"x\tcluster\n5\" disk\t5\n\"no end\t3\n", "", &[1, 0]);
    drawn("l.tsv", b"cluster\n\"b\"\na\n", "", &[1, 0]);
}
