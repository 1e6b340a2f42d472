//! Labels: files that give each document a cluster; and weights, files that give each cluster one.

use clusterclip_core::error::Param;
use clusterclip_core::monitor::Monitor;
use clusterclip_engine::input::labels::{LabelOptions, WeightsFile, read};

use crate::scratch;

/// Reads a file as it is, and once more where token counts are needed.
fn labels(name: &str, bytes: &[u8]) -> bool {
    let path = scratch::file(name, bytes);
    let counted =
        LabelOptions { tokens_needed: Some(Param::Tokens), scored: true, ..LabelOptions::default() };
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

pub fn weights(bytes: &[u8]) -> bool {
    let read = |name| WeightsFile::read(&scratch::file(name, bytes), &Monitor::silent()).is_ok();
    ["weights.csv", "weights.jsonl", "weights.parquet"].map(read).contains(&true)
}
