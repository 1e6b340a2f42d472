//! Every reader of clusterclip on files that were changed at random: none may panic, hang, or take memory that the file
//! does not account for.
//!
//! A [`Target`] is a reader, as the program calls it, and files that it reads without a complaint. Two things feed it:
//!
//! - `cargo xtask fuzz` builds the program of this crate (feature `guided`) with libFuzzer, which keeps the changed
//!   files that reach code no other has reached, and changes these further. That needs no nightly compiler: the counters
//!   are put in by LLVM's own pass, which `-C passes=sancov-module` runs, and LLVM's runtime comes with `libfuzzer-sys`.
//! - `cargo test` changes each file a fixed number of times by a fixed seed ([`mutated`]), and reads again what once
//!   failed, which lies in `kept/TARGET/`.
//!
//! An error is a right answer. So is a panic of a library that is fenced and becomes an error: the fence is there for
//! that. A panic of our own code is none, fenced or not ([`panics`]).
//!
//! What is not counted as memory: what C libraries (zstd) allocate themselves. libFuzzer's limit on the whole process
//! holds for it.

pub mod memory;
pub mod panics;

mod case;
mod mutate;
mod scratch;
mod seeds;
mod targets;

pub use case::{MOST_BYTES, tried};
pub use mutate::{Random, mutated};
pub use seeds::kept;
pub use targets::{TARGETS, Target};
