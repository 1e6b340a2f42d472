//! What is saved: centroids, similarities, inertia (SPEC.md, 1.7). Sums are exact integers, so parts of the rows are
//! finished where they are, and what they give adds up in any order.

mod fixed;
mod labelled;
mod similarities;
mod sums;

pub use similarities::Similarities;
pub use sums::UnitSums;
