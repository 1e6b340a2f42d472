//! Weights over folders together, in exposure.parquet, and in what is exported.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use clusterclip_core::kmeans::Centroids;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::sampler::{DENSITY_TEMPERATURE, Members, Options, Sampler, Weights};
use clusterclip_core::topics::{Groups, Kernel, Likeness, Spread};
use clusterclip_tests::{npy, results};
use parquet::record::Field;
use serde_json::Value;

use super::{LABELS, drawn, rows, told, with_rows};
use crate::{clusterclip, folder};

/// Folders `a`, 450 rows that were clustered, and `b`, the other 150, which joined.
fn joined() -> tempfile::TempDir {
    let rows = rows();
    let (earlier, later) = rows.split_at(450 * 16);
    let folder = folder(&[("a.npy", &npy::f32_bytes(earlier, 16)), ("b.npy", &npy::f32_bytes(later, 16))]);
    clusterclip(folder.path(), "cluster a.npy --clusters 20 --out a").assert_done();
    clusterclip(folder.path(), "join a --embeddings b.npy --out b").assert_done();
    folder
}

fn labels(dir: &Path) -> Vec<i32> {
    ["a", "b"].map(|out| npy::read(&dir.join(out).join("labels.npy")).i32()).concat()
}

fn spread(dir: &Path) -> Spread {
    let rows = ["a", "b"].map(|out| results::parquet(&dir.join(out).join("assignments.parquet"))).concat();
    let similarity = |row: &BTreeMap<String, Field>| match row["similarity"] {
        Field::Float(similarity) => similarity,
        _ => panic!("{row:?}"),
    };
    let similarities: Vec<f32> = rows.iter().map(similarity).collect();
    Spread::of(&labels(dir), &similarities, 20).expect("labels")
}

/// What `clusters.safetensors` holds.
fn centroids(path: &Path) -> Centroids {
    let bytes = fs::read(path).expect("a file");
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + length]).expect("JSON");
    let of = |name: &str| {
        let place = |end: usize| header[name]["data_offsets"][end].as_u64().expect("a place") as usize;
        &bytes[8 + length..][place(0)..place(1)]
    };
    let values = of("centroids").iter().map(|&byte| byte.cast_signed()).collect();
    let biases = of("biases").as_chunks::<4>().0.iter().map(|&bias| i32::from_le_bytes(bias)).collect();
    Centroids::from_parts(16, values, biases).expect("centroids")
}

#[test]
fn folders_together_are_weighed_by_the_clusters_that_they_share() {
    let folder = joined();
    let dir = folder.path();
    let (centroids, monitor) = (centroids(&dir.join("a/clusters.safetensors")), Monitor::silent());
    let members = Members::from_labels(&labels(dir)).unwrap();
    let likeness = Likeness::new(&centroids, members.sizes(), &monitor).unwrap();
    let kernel = Kernel::new(&likeness, &monitor).unwrap();
    let density = kernel.weights(&spread(dir), DENSITY_TEMPERATURE, &monitor).unwrap();
    let groups = Groups::new(&likeness, Some(4), &monitor).unwrap();
    let expected = |weights: Weights| {
        let sampler = Sampler::new(members.sizes(), Options { weights, ..Options::default() }).unwrap();
        sampler.iter().map(|draw| members.row(&draw)).collect::<Vec<u64>>()
    };
    // Rows that were given carry meaning, and so do those that join their clusters.
    for (words, out, weights) in [
        ("", "default", density.clone()),
        ("--weights density", "density", density.clone()),
        ("--weights groups --groups 4", "groups", groups.weights()),
        ("--weights equal", "equal", Weights::EQUAL),
    ] {
        let order = told(&clusterclip(dir, &format!("sample a b --out {out} --json {words}")).assert_done());
        assert_eq!(drawn(dir, out), expected(weights), "{words}");
        assert!(order["topics"]["order"].as_f64().is_some(), "{words}: {order}");
    }
    assert_ne!(drawn(dir, "density"), drawn(dir, "equal"));

    // Which folder comes first only numbers the documents.
    let (one, other) = (exposure(&dir.join("density")), {
        clusterclip(dir, "sample b a --weights density --out other").assert_done();
        exposure(&dir.join("other"))
    });
    assert_eq!(one, other);

    // What joined has no centroids of its own; it says what made its rows.
    assert_eq!(results::json(&dir.join("b/manifest.json"))["rows"], "given");
    let order = told(&clusterclip(dir, "sample b --out later --json").assert_done());
    assert_eq!((&order["weights"]["rule"], &order["weights"]["why"]), (&"equal".into(), &"elsewhere".into()));
    clusterclip(dir, "sample b --weights density --out x")
        .assert_failed(2, &["--weights density: compares the centroids", "b has none"]);

    let list: String = (0..20).map(|cluster| format!("{cluster},{}\n", cluster % 3)).collect();
    fs::write(dir.join("w.csv"), format!("cluster,weight\n{list}")).unwrap();
    clusterclip(dir, "sample a b --weights w.csv --out listed").assert_done();
    let weights: Vec<f64> = (0..20).map(|cluster| f64::from(cluster % 3)).collect();
    assert_eq!(drawn(dir, "listed"), expected(Weights::new(&weights).unwrap()));
}

fn exposure(out: &Path) -> Vec<BTreeMap<String, Field>> {
    results::parquet(&out.join("exposure.parquet"))
}

fn double(row: &BTreeMap<String, Field>, column: &str) -> f64 {
    match row[column] {
        Field::Double(value) => value,
        ref other => panic!("{column}: {other:?}"),
    }
}

#[test]
fn exposure_tells_weight_clip_and_group_of_each_cluster() {
    let folder = with_rows();
    let dir = folder.path();
    let run = "run a.jsonl --embeddings rows.npy --clusters 24 --token-field n";
    clusterclip(dir, &format!("{run} --weights groups --groups 3 --out out")).assert_done();
    let rows = exposure(&dir.join("out"));
    let group = |row: &BTreeMap<String, Field>| match row["group"] {
        Field::UInt(group) => group,
        ref other => panic!("{other:?}"),
    };
    let mut shares: BTreeMap<u32, f64> = BTreeMap::new();
    rows.iter().for_each(|row| *shares.entry(group(row)).or_default() += double(row, "weight"));
    assert_eq!(shares.len(), 3);
    assert!(shares.values().all(|share| (share - 8.0).abs() < 1e-6), "{shares:?}");
    assert!(rows.iter().all(|row| row["clip"] == Field::UInt(5)));
    // The topics were told apart: a group is named by its lowest cluster.
    let labels = npy::read(&dir.join("out/labels.npy")).i32();
    let of = |row: usize| group(&rows[labels[row] as usize]);
    assert_eq!(BTreeSet::from([of(0), of(500), of(580)]).len(), 3);
    assert!(shares.keys().all(|&name| group(&rows[name as usize]) == name));

    clusterclip(dir, "sample out --weights density --out density").assert_done();
    let rows = exposure(&dir.join("density"));
    assert!(rows.iter().all(|row| row["group"] == Field::Null));
    assert!(rows.iter().any(|row| double(row, "weight") > 1.1));
    let sum: f64 = rows.iter().map(|row| double(row, "weight")).sum();
    assert!((sum - 24.0).abs() < 1e-6, "{sum}");
}

#[test]
fn exposure_tells_own_clips_and_what_is_left_out() {
    let list: &[u8] = b"cluster,weight,clip\nair,0,\nsea,1,9\n7,3,\n";
    let folder = folder(&[("l.csv", LABELS), ("w.csv", list)]);
    let dir = folder.path();
    clusterclip(dir, "sample l.csv --weights w.csv --clip 2 --documents 8 --out out").assert_done();
    let rows = exposure(&dir.join("out"));
    // In the order of names: 7, air, sea.
    let column = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("weight"), [1.5, 0.0, 0.5].map(Field::Double));
    assert_eq!(column("clip"), [Field::UInt(2), Field::UInt(2), Field::UInt(9)]);
    assert_eq!(column("draws"), [4.0, 0.0, 4.0].map(Field::Double));
}

#[test]
fn exports_are_of_the_order_with_its_weights() {
    let folder = with_rows();
    let dir = folder.path();
    let run = "run a.jsonl --embeddings rows.npy --clusters 24 --export table --export ids";
    clusterclip(dir, &format!("{run} --weights density --out out")).assert_done();
    let positions = |out: &str| -> Vec<u64> {
        let table = results::parquet(&dir.join(out).join("positions.parquet"));
        table.iter().map(|row| if let Field::ULong(row) = row["document"] { row } else { u64::MAX }).collect()
    };
    assert_eq!(positions("out"), drawn(dir, "out"));
    clusterclip(dir, "sample out --weights groups --groups 3 --export table --out groups").assert_done();
    assert_eq!(positions("groups"), drawn(dir, "groups"));
    assert_ne!(positions("groups"), positions("out"));
}
