//! Facts of an independent implementation of core/SPEC.md, through the command line.
//!
//! The same files are held against the core directly, with more detail, in core/tests.

use std::fs;
use std::path::{Path, PathBuf};

use clusterclip_tests::{npy, results};
use serde_json::Value;

use crate::{clusterclip, folder};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/vectors")
}

#[test]
fn cluster_gives_the_labels_and_iterations_listed() {
    let listed = results::json(&vectors().join("kmeans.json"));
    let cases = listed.as_array().expect("a list");
    assert!(!cases.is_empty());
    let folder = folder(&[]);
    for case in cases {
        let name = case["file"].as_str().expect("a name");
        fs::copy(vectors().join(name), folder.path().join(name)).expect("a copy");
        let (k, seed) = (&case["n_clusters"], case["seed"].as_str().expect("a seed"));
        clusterclip(folder.path(), &format!("cluster {name} --out {name}.out --clusters {k} --seed {seed}"))
            .assert_done();
        let out = folder.path().join(format!("{name}.out"));
        let labels: Vec<Value> =
            npy::read(&out.join("labels.npy")).i32().into_iter().map(Value::from).collect();
        assert_eq!(Value::from(labels), case["labels"], "{name}");
        assert_eq!(results::json(&out.join("manifest.json"))["iterations"], case["iterations"], "{name}");
    }
}

#[test]
fn sample_gives_the_orders_listed() {
    let listed = results::json(&vectors().join("order.json"));
    let cases = listed["orders"].as_array().expect("a list");
    assert!(!cases.is_empty());
    let folder = folder(&[]);
    for (number, case) in cases.iter().enumerate() {
        let integers = |key: &str| -> Vec<i64> {
            case[key].as_array().expect(key).iter().map(|value| value.as_i64().expect("an integer")).collect()
        };
        let labels: Vec<i32> = integers("labels").into_iter().map(|label| label as i32).collect();
        fs::write(folder.path().join("labels.npy"), npy::i32_bytes(&labels)).expect("a file");
        let strategy = case["strategy"].as_str().expect("a strategy");
        let seed = case["seed"].as_str().map_or_else(|| case["seed"].to_string(), str::to_owned);
        let mut words = format!(
            "sample labels.npy --out {number} --strategy {strategy} --documents {} --seed {seed}",
            case["budget"]
        );
        if strategy == "cluster-clip" && !case["clip"].is_null() {
            words += &format!(" --clip {}", case["clip"]);
        }
        if let Some(choice) = case["choice"].as_str() {
            words += &format!(" --choice {choice}");
        }
        if case["raise_clip"] == true {
            words += " --when-exhausted raise-clip";
        }
        clusterclip(folder.path(), &words).assert_done();
        let order = npy::read(&folder.path().join(number.to_string()).join("order.npy")).u64();
        let order: Vec<i64> = order.into_iter().map(|row| row as i64).collect();
        assert_eq!(order, integers("order"), "order {number}: {words}");
    }
}
