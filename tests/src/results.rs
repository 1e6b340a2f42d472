//! What the program leaves in a folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

/// Every file that `run` writes, by name.
pub const FILES: [&str; 13] = [
    "assignments.parquet",
    "centroids.npy",
    "clusters.parquet",
    "clusters.safetensors",
    "documents.parquet",
    "embedder.safetensors",
    "embeddings.npy",
    "exposure.parquet",
    "labels.npy",
    "manifest.json",
    "members.npy",
    "order.npy",
    "run.json",
];

/// Tells how it went, with times: the only file that differs between equal runs.
const RUN: &str = "run.json";
/// Held while a process works in the folder, and empty.
const LOCK: &str = ".clusterclip.lock";
/// Lists all others.
const MANIFEST: &str = "manifest.json";
/// How names of unfinished files begin.
const TEMPORARY: &str = ".clusterclip-";

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

/// Asserts that a folder, where it exists, holds nothing half-written: it is consistent, and there are neither
/// temporary files nor files that wait to be replaced.
///
/// # Panics
/// If it does.
#[track_caller]
pub fn assert_nothing_half_written(folder: &Path) {
    if !folder.exists() {
        return;
    }
    assert_consistent(folder);
    let files = files(folder);
    let temporary: Vec<_> = files.keys().filter(|name| name.starts_with(TEMPORARY)).collect();
    assert!(temporary.is_empty(), "{}: {temporary:?}", folder.display());
    if files.contains_key(MANIFEST) {
        assert_eq!(json(&folder.join(MANIFEST))["pending"], Value::Null, "{}", folder.display());
    }
}

/// Asserts what must hold of a folder at any moment, after a kill too: what the manifest lists is there with
/// the sizes and hashes listed, each stage was made from the one before it, and any other file is temporary or
/// listed as being replaced.
///
/// # Panics
/// If it does not.
#[track_caller]
pub fn assert_consistent(folder: &Path) {
    let mut files = files(folder);
    files.retain(|name, _| !name.starts_with(TEMPORARY));
    let manifest: Value = match files.remove(MANIFEST) {
        Some(bytes) => {
            let text = String::from_utf8(bytes).expect("the manifest is UTF-8");
            assert_eq!(text, sealed(&text), "the manifest in {} (right: with its hash)", folder.display());
            serde_json::from_str(&text).expect("the manifest is JSON")
        }
        None => Value::Null,
    };
    let mut before = Value::Null;
    for stage in ["embed", "cluster", "sample", "export"] {
        let Some(record) = manifest["stages"].get(stage) else { continue };
        if !before.is_null() {
            assert_eq!(record["from"], before, "{stage} in {}", folder.display());
        }
        before = record["key"].clone();
        for (name, listed) in record["files"].as_object().expect("the files of a stage") {
            let bytes = files.remove(name).unwrap_or_else(|| panic!("{name} of {stage} is not there"));
            let found = (bytes.len().to_string(), format!("{:032x}", xxh3_128(&bytes)));
            let text = |key: &str| listed[key].as_str().expect("a string").to_owned();
            assert_eq!(
                found,
                (text("bytes"), text("hash")),
                "{name} in {} (right: listed)",
                folder.display()
            );
        }
    }
    let pending = manifest["pending"].as_array().cloned().unwrap_or_default();
    files.retain(|name, _| !pending.iter().any(|pending| pending == name));
    assert!(files.is_empty(), "nobody lists {:?} in {}", files.keys(), folder.display());
}

/// A manifest with the hash that its other lines want, whatever was changed in them.
///
/// # Panics
/// If it holds no hash at all.
pub fn sealed(manifest: &str) -> String {
    let lines = || manifest.split_inclusive('\n');
    let is_hash = |line: &str| line.starts_with("  \"hash\": ");
    assert_eq!(lines().filter(|line| is_hash(line)).count(), 1, "one line holds the hash");
    let rest: String = lines().filter(|line| !is_hash(line)).collect();
    let hash = format!("  \"hash\": \"{:032x}\",\n", xxh3_128(rest.as_bytes()));
    lines().map(|line| if is_hash(line) { &hash } else { line }).collect()
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
