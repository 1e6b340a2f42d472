//! Labels: files that give each document a cluster.

use clusterclip_core::monitor::Monitor;
use clusterclip_engine::input::labels::{LabelOptions, read};

use crate::scratch;

/// Reads a file as it is, and once more where token counts are needed.
fn labels(name: &str, bytes: &[u8]) -> bool {
    let path = scratch::file(name, bytes);
    let counted = LabelOptions { tokens_needed: true, ..LabelOptions::default() };
    let _ = read(&path, &counted, &Monitor::silent());
    read(&path, &LabelOptions::default(), &Monitor::silent()).is_ok()
}

pub fn npy(bytes: &[u8]) -> bool {
    labels("labels.npy", bytes)
}

pub fn jsonl(bytes: &[u8]) -> bool {
    labels("labels.jsonl", bytes)
}

pub fn csv(bytes: &[u8]) -> bool {
    labels("labels.tsv", bytes);
    labels("labels.csv", bytes)
}

pub fn parquet(bytes: &[u8]) -> bool {
    labels("labels.parquet", bytes)
}
