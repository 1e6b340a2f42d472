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
    labels_that_are_fractions: [("l.npy", &npy::bytes("<f4", false, "(2,)", &[0; 8]))], "sample l.npy --out out", 1,
        ["l.npy", "integer"];
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
