//! Options of K-Means, as JSON.

use clusterclip_core::kmeans::{Init, Params};
use serde::Deserialize;
use wasm_bindgen::JsValue;

use crate::error;

/// What JavaScript may say; what it leaves out has the core's default.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Said {
    clusters: Option<u64>,
    seed: Option<String>,
    max_iterations: Option<u32>,
    tolerance: Option<f64>,
    init: Option<String>,
}

/// Reads JSON.
///
/// # Errors
/// Says what of it is wrong.
pub fn read<T: for<'de> Deserialize<'de>>(json: &str) -> Result<T, JsValue> {
    serde_json::from_str(json).map_err(|error| error::usage(&format!("options: {error}")))
}

/// Reads a seed, a string of digits: JSON numbers are no u64.
///
/// # Errors
/// For what is none.
pub fn seed(text: Option<String>) -> Result<u64, JsValue> {
    let Some(text) = text else { return Ok(0) };
    text.parse().map_err(|_| {
        let said = format!("seed {text}: a seed is a whole number from 0 to {} (2^64 - 1)", u64::MAX);
        error::usage(&said)
    })
}

/// Reads the options of K-Means.
///
/// # Errors
/// For an option that nobody knows, and for a value that cannot be.
pub fn kmeans(json: &str) -> Result<Params, JsValue> {
    let said: Said = read(json)?;
    let defaults = Params::default();
    let init = match said.init.as_deref() {
        None | Some("random") => Init::Random,
        Some("k-means++") => Init::KMeansPlusPlus,
        Some(other) => {
            let said = format!("init {other}: `random` or `k-means++` is wanted");
            return Err(error::usage(&said));
        }
    };
    Ok(Params {
        n_clusters: said.clusters,
        seed: seed(said.seed)?,
        max_iterations: said.max_iterations.unwrap_or(defaults.max_iterations),
        tolerance: said.tolerance.unwrap_or(defaults.tolerance),
        init,
    })
}
