//! Model embedders: static tables and transformer encoders, from the bytes of their files.
//!
//! [`Model::load`] takes the files of a Hugging Face folder as bytes and gives a [`Model`] that [embeds](Model::embed)
//! texts. No files, no GPU, no network: the caller reads and fetches.
//!
//! **Same bytes.** Every reduction runs in an order that the sequence alone decides, and every step is an exactly
//! rounded operation (sum, product, fused product, quotient, root) or a polynomial made of them. So a row depends
//! neither on the other texts of its batch nor on threads, nor on which kernel multiplied: [`Kernel`]s are compared
//! byte for byte. There is no padding to leak: sequences lie behind one another, and attention looks at each alone.
//!
//! It is a crate of its own beside the core because tokenizers weigh more than all of the core's dependencies, and
//! because a page loads it only when a model is used.

mod bytes;
mod config;
mod encoder;
mod error;
mod gemm;
mod lanes;
mod model;
mod options;
mod table;
mod tokens;
mod weights;

/// The version of the arithmetic. A change of any byte of a row is another version.
pub const FORMAT: &str = "clusterclip-models/1";

pub use error::ModelError;
pub use gemm::Kernel;
pub use model::{Embedded, Model};
pub use options::{Dtype, Files, Options, Pooling};
pub use tokens::TextTokenizer;
