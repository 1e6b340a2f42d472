//! What this module is.

use clusterclip_core::{embed::lexical, kmeans, sampler};
use wasm_bindgen::prelude::*;

/// The version of the package, and of each specification that it follows, as JSON.
#[wasm_bindgen]
pub fn versions() -> String {
    let versions = serde_json::json!({
        "package": env!("CARGO_PKG_VERSION"),
        "kmeans": kmeans::VERSION,
        "lexical": lexical::FORMAT,
        "order": sampler::ORDER_VERSION,
    });
    versions.to_string()
}
