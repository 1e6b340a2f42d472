//! clusterclip in the browser: the border between JavaScript and the core.
//!
//! Nothing is decided here. Options and facts cross the border as JSON, rows, labels and files as typed arrays; errors
//! become JavaScript errors with the core's messages. Two modules are built from this crate: the one without features
//! has everything but the GPU, and the one with the feature `gpu` has K-Means on it, loaded only when it is used.

#![cfg(target_arch = "wasm32")]

mod error;
mod facts;
mod panic;
mod params;
mod watch;

// All but the GPU.
#[cfg(not(feature = "gpu"))]
mod clustering;
#[cfg(not(feature = "gpu"))]
mod documents;
#[cfg(not(feature = "gpu"))]
mod embeddings;
#[cfg(not(feature = "gpu"))]
mod npy;
#[cfg(not(feature = "gpu"))]
mod ready;
#[cfg(not(feature = "gpu"))]
mod sampler;
#[cfg(not(feature = "gpu"))]
mod versions;
#[cfg(not(feature = "gpu"))]
mod walk;

#[cfg(feature = "gpu")]
mod gpu;
