//! The table of bad input: embeddings that others made.

use std::fs;

use clusterclip_core::keys::hash;
use clusterclip_tests::npy;

use crate::refused::table;
use crate::{clusterclip, folder};

/// 20 rows of 8 features; the value at (`row`, `column`) is replaced.
fn rows(row: usize, column: usize, value: f32) -> Vec<u8> {
    let mut values: Vec<f32> = (0..160).map(|place| (hash(&[place]) % 1000) as f32 / 500.0 - 1.0).collect();
    values[row * 8 + column] = value;
    npy::f32_bytes(&values, 8)
}

fn good() -> Vec<u8> {
    rows(0, 0, 0.5)
}

fn lengthened(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.extend([0; 4]);
    bytes
}

fn shortened(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 4);
    bytes
}

const CLUSTER: &str = "cluster x.npy --clusters 3 --out out";

table! {
    integers: [("x.npy", &npy::bytes("<i8", false, "(2, 2)", &[0; 32]))], CLUSTER, 1, ["x.npy", "float32"];
    doubles: [("x.npy", &npy::bytes("<f8", false, "(2, 2)", &[0; 32]))], CLUSTER, 1, ["x.npy", "float32"];
    objects: [("x.npy", &npy::bytes("|O", false, "(2, 2)", &[0; 16]))], CLUSTER, 1, ["x.npy: elements of type |O cannot be read"];
    one_dimension: [("x.npy", &npy::bytes("<f4", false, "(4,)", &[0; 16]))], CLUSTER, 1, ["x.npy", "(4,)"];
    three_dimensions: [("x.npy", &npy::bytes("<f4", false, "(2, 2, 1)", &[0; 16]))], CLUSTER, 1, ["x.npy", "(2, 2, 1)"];
    no_rows: [("x.npy", &npy::bytes("<f4", false, "(0, 8)", &[]))], CLUSTER, 1, ["x.npy", "there is nothing to cluster: 0 of 0 rows"];
    no_columns: [("x.npy", &npy::bytes("<f4", false, "(8, 0)", &[]))], CLUSTER, 1, ["x.npy: an array of shape (8, 0); rows have 1 to"];
    a_header_of_nonsense: [("x.npy", &npy::bytes("<f4", false, "(2, ", &[0; 16]))], CLUSTER, 1, ["x.npy", "header"];
    a_header_that_promises_too_much: [("x.npy", &npy::bytes("<f4", false, "(99999999999, 768)", &[0; 16]))], CLUSTER, 1,
        ["x.npy", "cut off"];
    a_shape_beyond_64_bits: [("x.npy", &npy::bytes("<f4", false, "(9999999999999999, 99999999)", &[]))], CLUSTER, 1,
        ["x.npy: an array of shape (9999999999999999, 99999999) is larger than any file"];
    no_npy_at_all: [("x.npy", b"hello, I am a text file and no array")], CLUSTER, 1, ["x.npy: no .npy file"];
    an_empty_npy: [("x.npy", b"")], CLUSTER, 1, ["x.npy: no .npy file"];
    too_short: [("x.npy", &shortened(good()))], CLUSTER, 1, ["x.npy", "cut off"];
    too_long: [("x.npy", &lengthened(good()))], CLUSTER, 1, ["x.npy", "appended"];
    not_a_number: [("x.npy", &rows(7, 3, f32::NAN))], CLUSTER, 1, ["x.npy: embeddings row 7: column 3", "NaN"];
    infinite: [("x.npy", &rows(19, 0, f32::INFINITY))], CLUSTER, 1, ["x.npy", "row 19", "inf"];
    negative_infinite: [("x.npy", &rows(0, 7, f32::NEG_INFINITY))], CLUSTER, 1, ["x.npy", "row 0", "inf"];
    more_clusters_than_rows: [("x.npy", &good())], "cluster x.npy --clusters 21 --out out", 1, ["--clusters 21", "20"];
    nothing_but_zero_rows: [("x.npy", &npy::f32_bytes(&[0.0; 160], 8))], CLUSTER, 1, ["x.npy", "there is nothing to cluster: 0 of 20 rows"];
    rows_for_other_documents: [("x.npy", &good()), ("a.jsonl", b"{\"text\": \"a b c\"}\n")],
        "run a.jsonl --embeddings x.npy --out out", 1, ["--embeddings x.npy", "20 rows", "1 documents"];
    a_start_of_other_width: [("x.npy", &good()), ("first.npy", &npy::f32_bytes(&[1.0; 12], 4))],
        "cluster x.npy --clusters 3 --init first.npy --out out", 1, ["--init first.npy", "4 features", "8"];
    a_start_with_a_zero_row: [("x.npy", &good()), ("first.npy", &npy::f32_bytes(&[0.0; 24], 8))],
        "cluster x.npy --clusters 3 --init first.npy --out out", 1, ["--init first.npy row 0"];
}

#[test]
fn fortran_order_is_read_rightly() {
    let bytes = good();
    let values: Vec<[u8; 4]> =
        bytes[bytes.len() - 640..].chunks_exact(4).map(|value| value.try_into().expect("4 bytes")).collect();
    let columns: Vec<u8> = (0..8)
        .flat_map(|column| (0..20).flat_map(move |row| [row * 8 + column]))
        .flat_map(|place| values[place])
        .collect();
    let turned = npy::bytes("<f4", true, "(20, 8)", &columns);
    // The control: the same bytes read as C order are other rows.
    let wrong = npy::bytes("<f4", false, "(20, 8)", &columns);
    let folder = folder(&[("c.npy", &bytes), ("f.npy", &turned), ("wrong.npy", &wrong)]);
    let centroids = |name: &str| {
        clusterclip(folder.path(), &format!("cluster {name}.npy --clusters 3 --out {name}")).assert_done();
        fs::read(folder.path().join(name).join("centroids.npy")).expect("centroids")
    };
    let first = centroids("c");
    assert_eq!(first, centroids("f"));
    assert_ne!(first, centroids("wrong"));
}

#[test]
fn big_ends_are_read() {
    let bytes = good();
    let turned: Vec<u8> =
        bytes[bytes.len() - 640..].chunks_exact(4).flat_map(|v| [v[3], v[2], v[1], v[0]]).collect();
    let folder = folder(&[("x.npy", &bytes), ("big.npy", &npy::bytes(">f4", false, "(20, 8)", &turned))]);
    let centroids = |name: &str| {
        clusterclip(folder.path(), &format!("cluster {name}.npy --clusters 3 --out {name}")).assert_done();
        fs::read(folder.path().join(name).join("centroids.npy")).expect("centroids")
    };
    assert_eq!(centroids("x"), centroids("big"));
}

#[test]
fn half_precision_is_read() {
    let bytes = good();
    let values = bytes[bytes.len() - 640..].chunks_exact(4);
    let halves: Vec<half::f16> = values
        .map(|value| half::f16::from_f32(f32::from_le_bytes(value.try_into().expect("4 bytes"))))
        .collect();
    let narrow: Vec<u8> = halves.iter().flat_map(|value| value.to_le_bytes()).collect();
    let wide: Vec<f32> = halves.iter().map(|value| value.to_f32()).collect();
    let folder = folder(&[
        ("half.npy", &npy::bytes("<f2", false, "(20, 8)", &narrow)),
        ("full.npy", &npy::f32_bytes(&wide, 8)),
    ]);
    let labels = |name: &str| {
        clusterclip(folder.path(), &format!("cluster {name}.npy --clusters 3 --out {name}")).assert_done();
        fs::read(folder.path().join(name).join("labels.npy")).expect("labels")
    };
    assert_eq!(labels("half"), labels("full"));
}
