//! Empty clusters take the worst rows of others: SPEC.md, 1.5.

use super::backend::{Backend, MAX_CANDIDATES};
use super::error::KMeansError;
use super::totals::Totals;

/// Candidates asked for beyond one for each empty cluster: some turn out to be the last of their cluster.
const SPARE: usize = 32;

/// Fills empty clusters in index order; returns how many were filled and adds every cluster that changed to
/// `changed` (ascending before and after).
pub(super) async fn refill<B: Backend>(
    totals: &mut Totals,
    changed: &mut Vec<u32>,
    backend: &mut B,
) -> Result<u64, KMeansError> {
    let empty: Vec<u32> =
        (0..).zip(&totals.counts).filter(|&(_, &count)| count == 0).map(|(c, _)| c).collect();
    if empty.is_empty() {
        return Ok(0);
    }
    let mut moves: Vec<(u64, u32)> = Vec::new();
    let mut after = None;
    let mut ask = (empty.len() + SPARE).min(MAX_CANDIDATES);
    // One walk over the candidates is enough: a cluster once down to one member never grows again here, and a
    // filled cluster has one member from the start, so a row passed over stays ineligible.
    while moves.len() < empty.len() {
        let candidates = backend.worst(after, ask).await?;
        for candidate in &candidates {
            if moves.len() == empty.len() {
                break;
            }
            if totals.counts[candidate.cluster as usize] >= 2 {
                let to = empty[moves.len()];
                totals.relabel(&candidate.q, candidate.cluster, to);
                changed.extend([candidate.cluster, to]);
                moves.push((candidate.row, to));
            }
        }
        if candidates.len() < ask {
            break;
        }
        after = candidates.last().map(|candidate| (candidate.score, candidate.row));
        ask = (2 * ask).min(MAX_CANDIDATES);
    }
    if !moves.is_empty() {
        backend.relabel(&moves).await?;
        changed.sort_unstable();
        changed.dedup();
    }
    Ok(moves.len() as u64)
}
