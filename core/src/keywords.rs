//! Words that mark a cluster.

/// Returns, for each cluster, up to `top` words that mark its sample documents against a background sample.
///
/// `clusters[c]` are sample texts of cluster `c`, `background` texts of the whole input. Deterministic.
pub fn keywords(_clusters: &[Vec<&str>], _background: &[&str], _top: usize) -> Vec<Vec<String>> {
    unimplemented!()
}
