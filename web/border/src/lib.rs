//! clusterclip in the browser: what its modules share of the border between JavaScript and the core.
//!
//! Nothing is decided here. Options and facts cross the border as JSON, rows, labels and files as typed arrays; errors
//! become JavaScript errors with the core's messages and kinds. Each module is a crate beside this one, is loaded only
//! when it is used, and has a memory of its own.

#![cfg(target_arch = "wasm32")]

pub mod error;
pub mod facts;
pub mod panic;
pub mod params;
pub mod watch;
