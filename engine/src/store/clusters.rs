//! `clusters.safetensors`: the quantised centroids, so that later documents join exactly.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use clusterclip_core::kmeans::{self, Centroids};
use serde_json::Value;

use super::error::{Remedy, StoreError};
use super::file::{FileWriter, FinishedFile};

/// Writes `centroids` i8 (n_clusters, padded features) and `biases` i32 (n_clusters,), as metadata `n_features` the
/// features of the rows that they score, and `version`, the specification they follow.
///
/// # Errors
/// [`StoreError::Io`].
pub fn write_clusters(
    mut file: FileWriter,
    centroids: &Centroids,
    version: &str,
) -> Result<FinishedFile, StoreError> {
    let biases: Vec<u8> = centroids.biases().iter().flat_map(|bias| bias.to_le_bytes()).collect();
    let parts = [&*header(centroids, version), &biases, bytemuck::cast_slice(centroids.values())];
    for part in parts {
        file.write_all(part).map_err(|cause| StoreError::io("write", file.target(), cause))?;
    }
    file.finish()
}

/// The length of the header and the header. The safetensors crate would write several entries of metadata in the
/// random order of a hash map, so their one order (core/SPEC.md, 1.7) is written here.
fn header(centroids: &Centroids, version: &str) -> Vec<u8> {
    let (n_features, columns, k) = (centroids.n_features(), centroids.columns(), centroids.n_clusters());
    let (version, biases, end) = (Value::from(version), 4 * k, 4 * k + k * columns);
    let json = format!(
        r#"{{"__metadata__":{{"n_features":"{n_features}","version":{version}}},"biases":{{"dtype":"I32","shape":[{k}],"data_offsets":[0,{biases}]}},"centroids":{{"dtype":"I8","shape":[{k},{columns}],"data_offsets":[{biases},{end}]}}}}"#
    );
    let length = json.len().next_multiple_of(8);
    let mut header = (length as u64).to_le_bytes().to_vec();
    header.extend_from_slice(json.as_bytes());
    header.resize(8 + length, b' ');
    header
}

/// The first version whose clusters can be joined: its bytes mean the same (core/SPEC.md, 1.7).
const FIRST_VERSION: &str = "clusterclip-kmeans/1";

/// Reads what [`write_clusters`] wrote.
///
/// # Errors
/// [`StoreError::Io`]; [`StoreError::Damaged`] when it holds something else, also centroids of another version.
pub(super) fn read_clusters(path: &Path) -> Result<Centroids, StoreError> {
    let bytes = fs::read(path).map_err(|cause| StoreError::io("read", path, cause))?;
    let remedy = Remedy::Replace;
    parse(&bytes).map_err(|why| StoreError::Damaged { path: path.to_path_buf(), why, remedy })
}

fn parse(bytes: &[u8]) -> Result<Centroids, String> {
    let cut_off = || "it is cut off".to_owned();
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(cut_off)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok();
    let (json, data) = length.and_then(|length| rest.split_at_checked(length)).ok_or_else(cut_off)?;
    let header: Value = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let about = &header["__metadata__"];
    let version = about["version"].as_str().unwrap_or_default();
    if ![FIRST_VERSION, kmeans::VERSION].contains(&version) {
        return Err(format!("its version is {version:?}, not {FIRST_VERSION} or {}", kmeans::VERSION));
    }
    let n_features = about["n_features"].as_str().and_then(|number| number.parse().ok()).unwrap_or(0);
    let biases = header["biases"]["data_offsets"][1].as_u64().and_then(|end| usize::try_from(end).ok());
    let (biases, values) = biases.and_then(|end| data.split_at_checked(end)).ok_or_else(cut_off)?;
    let biases = biases.as_chunks::<4>().0.iter().map(|&bias| i32::from_le_bytes(bias)).collect();
    Centroids::from_parts(n_features, bytemuck::cast_slice(values).to_vec(), biases)
        .map_err(|error| error.to_string())
}
