//! clusterclip in the browser: the border between JavaScript and the core.
//!
//! Nothing is decided here. Options and facts cross the border as JSON, rows, labels and files as typed arrays; errors
//! become JavaScript errors with the core's messages. Three modules are built from this crate: the one without features
//! has everything but K-Means on a GPU (feature `gpu`) and models (feature `models`), which are loaded only when they
//! are used. Each has a memory of its own.

#![cfg(target_arch = "wasm32")]

mod error;
#[cfg(not(feature = "models"))]
mod facts;
mod panic;
#[cfg(not(feature = "models"))]
mod params;
mod watch;

#[cfg(not(any(feature = "gpu", feature = "models")))]
mod data;
#[cfg(feature = "gpu")]
mod gpu;
#[cfg(feature = "models")]
mod models;
