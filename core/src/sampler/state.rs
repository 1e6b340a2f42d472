//! A small state to go on from.

use serde::{Deserialize, Serialize};

/// Where a walk was: enough for the same sampler, made anew, to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The order version, [`super::ORDER_VERSION`].
    pub version: String,
    /// The sampler's fingerprint: a hash of sizes and options, as 16 hexadecimal digits.
    pub sampler: String,
    /// The next position to read.
    pub position: u64,
    /// With [`super::Choice::Independent`], draws so far of each non-empty cluster in index order; else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<u64>,
}
