//! `clusters.safetensors`: the quantised centroids, so that later documents join exactly.

use std::collections::HashMap;
use std::io::Write as _;

use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::error::StoreError;
use super::file::{FileWriter, FinishedFile};

/// Writes `centroids` i8 (n_clusters, padded features) and `biases` i32 (n_clusters,). `version` names the
/// specification they follow, as metadata `version`.
///
/// # Errors
/// [`StoreError::Io`].
///
/// # Panics
/// If `centroids` does not hold as many rows of equal length as there are biases.
pub fn write_clusters(
    mut file: FileWriter,
    centroids: &[i8],
    biases: &[i32],
    version: &str,
) -> Result<FinishedFile, StoreError> {
    let k = biases.len();
    assert!(k > 0 && centroids.len().is_multiple_of(k), "{} components for {k} clusters", centroids.len());
    let bias_bytes: Vec<u8> = biases.iter().flat_map(|bias| bias.to_le_bytes()).collect();
    let centroids = TensorView::new(Dtype::I8, vec![k, centroids.len() / k], bytemuck::cast_slice(centroids));
    let biases = TensorView::new(Dtype::I32, vec![k], &bias_bytes);
    let tensors = [
        ("biases", biases.expect("the shape fits the data")),
        ("centroids", centroids.expect("the shape fits the data")),
    ];
    // One entry only: several would come in the random order of the map.
    let metadata = HashMap::from([("version".to_owned(), version.to_owned())]);
    let bytes = safetensors::serialize(tensors, Some(metadata)).expect("a header of two tensors is short");
    file.write_all(&bytes).map_err(|cause| StoreError::io("write", file.target(), cause))?;
    file.finish()
}
