//! Claims that cross crates; the tests are in `tests/`. Here is what several of them use: small unbalanced
//! corpora, the program and how it ended, and readers of its results that share no code with it.

pub mod columns;
pub mod corpus;
pub mod hub;
pub mod npy;
pub mod program;
pub mod python;
pub mod results;
#[cfg(target_os = "linux")]
pub mod stepped;

#[cfg(test)]
mod readme;
