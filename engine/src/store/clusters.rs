//! `clusters.safetensors`: the quantised centroids, so that later documents join exactly.

use std::io::Write as _;

use clusterclip_core::kmeans::Centroids;

use super::error::StoreError;
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
    let (version, biases, end) = (serde_json::Value::from(version), 4 * k, 4 * k + k * columns);
    let json = format!(
        r#"{{"__metadata__":{{"n_features":"{n_features}","version":{version}}},"biases":{{"dtype":"I32","shape":[{k}],"data_offsets":[0,{biases}]}},"centroids":{{"dtype":"I8","shape":[{k},{columns}],"data_offsets":[{biases},{end}]}}}}"#
    );
    let length = json.len().next_multiple_of(8);
    let mut header = (length as u64).to_le_bytes().to_vec();
    header.extend_from_slice(json.as_bytes());
    header.resize(8 + length, b' ');
    header
}
