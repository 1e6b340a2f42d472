//! What the program leaves in a folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

/// Every file that `run` writes, by name.
pub const FILES: [&str; 10] = [
    "assignments.parquet",
    "centroids.npy",
    "clusters.safetensors",
    "documents.parquet",
    "embedder.safetensors",
    "embeddings.npy",
    "labels.npy",
    "manifest.json",
    "order.npy",
    "run.json",
];

/// Tells how it went, with times: the only file that differs between equal runs.
const RUN: &str = "run.json";
/// Held while a process works in the folder, and empty.
const LOCK: &str = ".clusterclip.lock";

/// The files of `folder` that must be the same for the same input and options, with their bytes.
///
/// # Panics
/// If one cannot be read.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .filter(|(name, _)| name != RUN && name != LOCK)
        .map(|(name, path)| (name, fs::read(path).expect("a file")))
        .collect()
}

/// Asserts that two folders hold the same files, byte for byte.
///
/// # Panics
/// If they do not; says which differ and where.
#[track_caller]
pub fn assert_same(left: &Path, right: &Path) {
    let differences = differences(&files(left), &files(right));
    assert!(differences.is_empty(), "{} and {}: {differences:#?}", left.display(), right.display());
}

/// Says what is different between two sets of files.
pub fn differences(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut names: Vec<_> = left.keys().chain(right.keys()).collect();
    names.sort();
    names.dedup();
    let difference = |name: &String| match (left.get(name), right.get(name)) {
        (Some(a), Some(b)) if a == b => None,
        (Some(a), Some(b)) => {
            let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
            Some(format!("{name}: {} and {} bytes, the first {same} equal", a.len(), b.len()))
        }
        (there, _) => {
            Some(format!("{name}: only in the {}", if there.is_some() { "first" } else { "second" }))
        }
    };
    names.into_iter().filter_map(difference).collect()
}

/// Asserts that a folder, where it exists, holds nothing half-written: no file that the manifest does not
/// list with its true size, and no temporary one.
///
/// # Panics
/// If it does.
#[track_caller]
pub fn assert_nothing_half_written(folder: &Path) {
    if !folder.exists() {
        return;
    }
    let mut files = files(folder);
    let listed: Value = match files.remove("manifest.json") {
        Some(bytes) => serde_json::from_slice(&bytes).expect("the manifest is JSON"),
        None => Value::Null,
    };
    let stages = listed["stages"].as_object().cloned().unwrap_or_default();
    let mut sizes = BTreeMap::new();
    for stage in stages.values() {
        for (name, file) in stage["files"].as_object().expect("the files of a stage") {
            sizes.insert(name.clone(), file["bytes"].as_str().expect("a size").to_owned());
        }
    }
    for (name, bytes) in files {
        let size = sizes.get(&name);
        assert_eq!(
            size,
            Some(&bytes.len().to_string()),
            "{name} in {} (first: listed size)",
            folder.display()
        );
    }
}

/// Reads `manifest.json` or another JSON file.
///
/// # Panics
/// If it is none.
pub fn json(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Reads the rows of a Parquet file, each by the names of its columns.
///
/// # Panics
/// If it is none.
pub fn parquet(path: &Path) -> Vec<BTreeMap<String, Field>> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let reader =
        SerializedFileReader::new(file).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows = reader.get_row_iter(None).expect("rows");
    rows.map(|row| row.expect("a row").into_columns().into_iter().collect()).collect()
}
