//! Lists of weights in Parquet and JSON: the orders that those in CSV give, and what is wrong with them, with its place.

use std::fs;

use clusterclip_tests::columns::{Column, parquet};
use clusterclip_tests::corpus;

use super::{LABELS, drawn};
use crate::{clusterclip, folder};

/// The list that all of them hold.
const CSV: &[u8] = b"cluster,weight,clip\nair,1,3\nsea,0.25,\n7,2,\n";

/// The list in every other format, by name.
fn lists() -> Vec<(&'static str, Vec<u8>)> {
    let texts = [Some("7"), Some("sea"), Some("air")];
    let clips = [None, None, Some(3)];
    let weights = [Some(2.0), Some(0.25), Some(1.0)];
    let columns = [
        ("clip", Column::Wholes(&clips)),
        ("cluster", Column::Texts(&texts)),
        ("weight", Column::Reals(&weights)),
    ];
    let lines =
        b"{\"cluster\": \"sea\", \"weight\": 0.25, \"clip\": null}\n{\"cluster\": 7, \"weight\": 2}\n\
                  {\"note\": [1], \"cluster\": \"air\", \"weight\": 1.0, \"clip\": 3}\n";
    vec![
        ("w.parquet", parquet(&columns)),
        ("w.parquet.zst", corpus::zstandard(&parquet(&columns))),
        ("list", parquet(&columns)),
        ("w.json", lines.to_vec()),
        ("w.jsonl.gz", corpus::gzip(lines)),
    ]
}

#[test]
fn a_list_in_parquet_or_json_gives_the_order_of_that_in_csv() {
    let folder = folder(&[("l.csv", LABELS), ("w.csv", CSV)]);
    let dir = folder.path();
    let words = "sample l.csv --clip 5 --documents 20";
    clusterclip(dir, &format!("{words} --weights w.csv --out csv")).assert_done();
    for (name, bytes) in lists() {
        fs::write(dir.join(name), bytes).unwrap();
        // A rule has no name with a dot: a file without one is given with its folder.
        let file = if name.contains('.') { name.to_owned() } else { format!("./{name}") };
        clusterclip(dir, &format!("{words} --weights {file} --out {name}.out")).assert_done();
        assert_eq!(drawn(dir, &format!("{name}.out")), drawn(dir, "csv"), "{name}");
    }
}

#[test]
fn integers_in_parquet_name_the_clusters_of_a_folder() {
    let folder = crate::with_corpus();
    let dir = folder.path();
    clusterclip(dir, "run corpus.jsonl --clusters 3 --out out").assert_done();
    let columns = |clusters: &[Option<i64>], weights: &[Option<i64>]| {
        parquet(&[("cluster", Column::Wholes(clusters)), ("weight", Column::Wholes(weights))])
    };
    fs::write(dir.join("w.parquet"), columns(&[Some(2), Some(0), Some(1)], &[Some(1), Some(2), Some(3)]))
        .unwrap();
    fs::write(dir.join("w.csv"), "cluster,weight\n0,2\n1,3\n2,1\n").unwrap();
    clusterclip(dir, "sample out --weights w.parquet --out parquet").assert_done();
    clusterclip(dir, "sample out --weights w.csv --out csv").assert_done();
    assert_eq!(drawn(dir, "parquet"), drawn(dir, "csv"));
    fs::write(dir.join("w.parquet"), columns(&[Some(0), Some(3)], &[Some(2), Some(3)])).unwrap();
    clusterclip(dir, "sample out --weights w.parquet --out x")
        .assert_failed(1, &["w.parquet: row 1: 3 is no cluster: there are 3, from 0"]);
    fs::write(dir.join("w.parquet"), columns(&[Some(0), Some(1)], &[Some(2), Some(3)])).unwrap();
    clusterclip(dir, "sample out --weights w.parquet --out x")
        .assert_failed(1, &["--weights: w.parquet: the cluster 2, which has", "has no weight"]);
}

#[test]
fn what_is_wrong_in_parquet_is_told_with_its_row() {
    let folder = folder(&[("l.csv", LABELS)]);
    let dir = folder.path();
    let names = [Some("air"), Some("sea"), Some("7")];
    let refused = |columns: &[(&str, Column<'_>)], says: &[&str]| {
        fs::write(dir.join("w.parquet"), parquet(columns)).unwrap();
        clusterclip(dir, "sample l.csv --weights w.parquet --out x").assert_failed(1, says);
        assert!(!dir.join("x").exists(), "{says:?}");
    };
    let cluster = ("cluster", Column::Texts(&names));
    let one = [Some(1.0); 3];
    let weight = ("weight", Column::Reals(&one));
    refused(
        &[cluster, ("weight", Column::Reals(&[Some(1.0), None, Some(1.0)]))],
        &["--weights: w.parquet: row 1: the weight null; a weight is a finite number, at least 0"],
    );
    refused(
        &[cluster, ("weight", Column::Reals(&[Some(1.0), Some(1.0), Some(f64::NAN)]))],
        &["w.parquet: row 2: the weight NaN"],
    );
    refused(
        &[cluster, ("weight", Column::Reals(&[Some(-1.0), Some(1.0), Some(1.0)]))],
        &["w.parquet: row 0: the weight -1"],
    );
    refused(
        &[("cluster", Column::Texts(&[Some("air"), None, Some("7")])), weight],
        &["w.parquet: row 1: null in the column `cluster`"],
    );
    refused(
        &[("cluster", Column::Texts(&[Some("air"), Some("sea"), Some("air")])), weight],
        &["w.parquet: row 2: the cluster \"air\" once more, after row 0"],
    );
    refused(
        &[cluster, weight, ("clip", Column::Wholes(&[None, Some(70_000), None]))],
        &["w.parquet: row 1: the clip 70000; a clip is a whole number from 1 to 65536"],
    );
    refused(
        &[cluster, ("share", Column::Reals(&one))],
        &["w.parquet: no column `weight`; there are `cluster`, `share`"],
    );
    fs::write(dir.join("w.parquet"), "cluster,weight\n").unwrap();
    clusterclip(dir, "sample l.csv --weights w.parquet --out x")
        .assert_failed(1, &["--weights: w.parquet is no Parquet file that can be read"]);
}
