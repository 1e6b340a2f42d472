//! The happy paths: which files appear, and that they agree with each other.

use std::collections::BTreeMap;

use clusterclip_core::sampler::{Members, Options, Sampler};
use clusterclip_tests::{corpus, npy, program, results};
use parquet::record::Field;
use serde_json::Value;

use crate::{clusterclip, command, folder, with_corpus};

#[test]
fn run_writes_every_file_and_they_agree() {
    let documents = corpus::documents(300, 40);
    let folder = folder(&[("corpus.jsonl", &corpus::jsonl(&documents))]);
    let ended = clusterclip(folder.path(), "run corpus.jsonl --out out --clusters 12 --token-field n_tokens")
        .assert_done();
    let out = folder.path().join("out");
    for name in results::FILES {
        assert!(out.join(name).exists(), "{name} is missing");
    }
    for stage in ["read", "embed", "cluster", "sample"] {
        for word in ["begins", "done"] {
            let start = format!("{stage:9} {word}");
            assert!(ended.stderr.lines().any(|line| line.starts_with(&start)), "no line {start:?}: {ended}");
        }
    }

    let (rows, features) = matrix(&npy::read(&out.join("embeddings.npy")).f32(), 300);
    for (row, values) in rows.iter().enumerate() {
        assert!((norm(values) - 1.0).abs() < 1e-4, "row {row} has norm {}", norm(values));
    }
    let labels = npy::read(&out.join("labels.npy")).i32();
    assert_eq!(labels.len(), 300);
    assert!(labels.iter().all(|label| (0..12).contains(label)));
    let mut sizes = BTreeMap::new();
    labels.iter().for_each(|&label| *sizes.entry(label).or_default() += 1);
    assert_told(&ended.stdout, &sizes);
    let centroids = npy::read(&out.join("centroids.npy"));
    assert_eq!(centroids.shape, [12, features]);
    let (centroids, _) = matrix(&centroids.f32(), 12);

    let stored = results::parquet(&out.join("documents.parquet"));
    let assigned = results::parquet(&out.join("assignments.parquet"));
    assert_eq!((stored.len(), assigned.len()), (300, 300));
    for (row, document) in documents.iter().enumerate() {
        let (kept, put) = (&stored[row], &assigned[row]);
        for table in [kept, put] {
            assert_eq!(table["document"], Field::ULong(row as u64));
            assert_eq!(table["id"], Field::Str(document.id.clone()));
            assert_eq!(table["source"], Field::Str("corpus.jsonl".into()));
            assert_eq!(table["tokens"], Field::UInt(document.tokens));
        }
        assert_eq!(kept["featureless"], Field::Bool(false));
        let cluster = labels[row] as u32;
        assert_eq!(put["cluster"], Field::UInt(cluster));
        let Field::Float(similarity) = put["similarity"] else { panic!("{:?}", put["similarity"]) };
        let cosine: f32 = rows[row].iter().zip(&centroids[cluster as usize]).map(|(a, b)| a * b).sum();
        assert!((similarity - cosine).abs() < 1e-4, "row {row}: {similarity} and {cosine}");
    }

    let manifest = results::json(&out.join("manifest.json"));
    assert_eq!((&manifest["n"], &manifest["k"]), (&Value::from("300"), &Value::from(12)));
    let found = format!("Clusters    12, of 300 documents; K-Means ended after {} ", manifest["iterations"]);
    assert!(ended.stdout.lines().any(|line| line.starts_with(&found)), "no line {found:?}: {ended}");
    assert_eq!(npy::read(&out.join("order.npy")).u64(), order(&labels, Options::default()));
}

/// Each line, number for number, belongs to the place in the order that it stands at.
#[test]
fn exported_lines_stand_in_the_order() {
    let documents = corpus::documents(120, 30);
    let folder = folder(&[("corpus.jsonl.gz", &corpus::gzip(&corpus::jsonl(&documents)))]);
    clusterclip(folder.path(), "run corpus.jsonl.gz --out out --epochs 2.5 --export jsonl").assert_done();
    let out = folder.path().join("out");
    let order = npy::read(&out.join("order.npy")).u64();
    let labels = npy::read(&out.join("labels.npy")).i32();
    let lines = std::fs::read_to_string(out.join("order.jsonl")).expect("order.jsonl");
    let mut drawn: BTreeMap<u64, u64> = BTreeMap::new();
    assert_eq!((order.len(), lines.lines().count()), (300, 300));
    for (line, &row) in lines.lines().zip(&order) {
        let record: Value = serde_json::from_str(line).expect("a line of JSON");
        let document = &documents[row as usize];
        assert_eq!(
            (&record["id"], &record["text"]),
            (&document.id.as_str().into(), &document.text.as_str().into())
        );
        assert_eq!(record["cluster"], labels[row as usize]);
        let times = drawn.entry(row).or_default();
        *times += 1;
        assert_eq!(record["repetition"].to_string().trim_matches('"'), times.to_string());
    }
    assert!(drawn.values().all(|&times| times <= 5), "the default clip is 5");
}

#[test]
fn json_is_one_object_and_quiet_says_nothing() {
    let folder = with_corpus();
    let ended = clusterclip(folder.path(), "run corpus.jsonl --out out --json --quiet").assert_done();
    let told: Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    assert!(told.is_object());
    assert_eq!(told["order"]["seed"], "0", "64-bit integers are strings, as in the manifest");
    assert!(told["clusters"]["objective"].as_str().is_some_and(|text| text.parse::<i64>().is_ok()), "{told}");
    assert_eq!(told["documents"]["skipped"]["bad_records"], 0);
    assert_eq!(ended.stderr, "");
    let ended = clusterclip(folder.path(), "run corpus.jsonl --out other --quiet").assert_done();
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
}

#[test]
fn devices_names_the_processor_and_its_kernels() {
    let folder = folder(&[]);
    let ended = clusterclip(folder.path(), "devices").assert_done();
    let kernels = "      kernels that this CPU can run, the fastest first: ";
    let listed = ended.stdout.lines().find_map(|line| line.strip_prefix(kernels)).expect(kernels);
    let listed: Vec<&str> = listed.split(", ").collect();
    assert_eq!(listed.last(), Some(&"portable"), "the slowest runs everywhere: {ended}");
    let first = ended.stdout.lines().next().expect("a line");
    assert!(first.starts_with("CPU ") && first.ends_with(&format!("kernel {}", listed[0])), "{ended}");

    let ended = clusterclip(folder.path(), "devices --json").assert_done();
    let told: Value = serde_json::from_str(&ended.stdout).expect("one JSON object");
    let cpu = &told["devices"][0];
    assert_eq!(cpu["device"], "CPU");
    assert_eq!((&cpu["kernels"], &cpu["kernel"]), (&Value::from(listed.clone()), &Value::from(listed[0])));
}

#[test]
fn a_closed_standard_output_is_no_failure_of_the_program() {
    let folder = with_corpus();
    for words in ["--help", "devices", "devices --json", "run corpus.jsonl --out out"] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let ended = program::finish(command(folder.path()).args(words.split(' ')).stdout(writer));
        assert_eq!(ended.code, Some(0), "{words}: {ended}");
        ended.assert_calm();
    }
    results::assert_nothing_half_written(&folder.path().join("out"));
    assert!(folder.path().join("out/order.npy").exists());
}

/// The core's order of these labels, as rows.
pub fn order(labels: &[i32], options: Options) -> Vec<u64> {
    let members = Members::from_labels(labels).expect("labels that hold");
    let sampler = Sampler::new(members.sizes(), options).expect("options that hold");
    sampler.iter().map(|draw| members.row(&draw)).collect()
}

/// Holds the rows of the table of clusters against the clusters' sizes: the five largest, the largest first, and the five
/// smallest, the smallest last.
#[track_caller]
fn assert_told(stdout: &str, sizes: &BTreeMap<i32, u64>) {
    let row = |line: &str| {
        let mut words = line.split_whitespace().peekable();
        words.next_if(|&word| word == "largest" || word == "smallest");
        let (cluster, size): (i32, u64) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let share = format!("{:.1}", 100.0 * size as f64 / 300.0);
        (words.next()? == share && words.next()? == "%").then_some((cluster, size))
    };
    let told: Vec<(i32, u64)> = stdout.lines().filter_map(row).collect();
    assert!(told.iter().all(|(cluster, size)| sizes.get(cluster) == Some(size)), "{sizes:?}: {stdout}");
    let mut expected: Vec<u64> = sizes.values().copied().collect();
    expected.sort_unstable_by(|a, b| b.cmp(a));
    expected.drain(5..expected.len() - 5);
    assert_eq!(told.iter().map(|&(_, size)| size).collect::<Vec<_>>(), expected, "{stdout}");
}

fn matrix(values: &[f32], rows: usize) -> (Vec<Vec<f32>>, usize) {
    let columns = values.len() / rows;
    (values.chunks_exact(columns).map(<[f32]>::to_vec).collect(), columns)
}

fn norm(values: &[f32]) -> f32 {
    values.iter().map(|value| value * value).sum::<f32>().sqrt()
}
