//! The Hugging Face hub: what models and data sets have in common.
//!
//! Both go through the hub's ordinary cache, and listen to the variables that the hub's other clients listen to. Models
//! are in `crate::models`, data sets in `crate::input`.

mod apart;
mod error;
mod reason;

use std::env;
use std::time::Duration;

use hf_hub::Cache;

pub use error::HubError;

pub(crate) use apart::apart;
pub(crate) use reason::{is_absent, reason, refused};

// Variables of the hub's other clients.
/// The cache alone is wanted.
pub(crate) const OFFLINE: &str = "HF_HUB_OFFLINE";
/// How many seconds the hub is waited for in all where the cache would do.
pub(crate) const ANSWER: (&str, u64) = ("HF_HUB_ETAG_TIMEOUT", 10);
/// How many seconds may pass until the next byte comes. The usual time is longer than that of other clients, which try
/// five times.
pub(crate) const BYTE: (&str, u64) = ("HF_HUB_DOWNLOAD_TIMEOUT", 60);
/// Who asks.
const TOKEN: &str = "HF_TOKEN";
/// Where the hub is.
const ENDPOINT: (&str, &str) = ("HF_ENDPOINT", "https://huggingface.co");

/// Whether the cache alone is to be used.
pub(crate) fn is_offline() -> bool {
    env::var(OFFLINE).is_ok_and(|value| ["1", "ON", "YES", "TRUE"].contains(&value.to_uppercase().as_str()))
}

/// A time in seconds that a variable sets.
pub(crate) fn seconds((name, usual): (&str, u64)) -> Duration {
    Duration::from_secs(env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual))
}

/// The token of whoever asks: the variable's, else that which a login left.
pub(crate) fn token(cache: &Cache) -> Option<String> {
    let told = env::var(TOKEN).unwrap_or_default();
    if told.trim().is_empty() { cache.token() } else { Some(told.trim().to_owned()) }
}

/// The hub's address, without a slash at its end.
pub(crate) fn endpoint() -> String {
    let told = env::var(ENDPOINT.0).ok().filter(|told| !told.trim().is_empty());
    told.map_or_else(|| ENDPOINT.1.to_owned(), |told| told.trim().trim_end_matches('/').to_owned())
}
