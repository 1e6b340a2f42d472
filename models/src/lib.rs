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
//!
//! ```
//! use clusterclip_core::monitor::CancelFlag;
//! use clusterclip_models::{Files, Model, Options};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = std::path::Path::new("tests/vectors/model2vec");
//! let read = |name: &str| std::fs::read(folder.join(name));
//! let (config, tokenizer, weights) =
//!     (read("config.json")?, read("tokenizer.json")?, read("model.safetensors")?);
//! let files = Files { config: Some(&config), tokenizer: &tokenizer, weights: &weights, ..Files::default() };
//! let cancel = CancelFlag::default();
//! let model = Model::load(&files, &Options::default(), &cancel)?;
//!
//! // One row of unit norm a text, shape (n_samples, n_features).
//! let texts = ["a red fox", "a brown fox", ""];
//! let mut rows = vec![0.0; texts.len() * model.n_features()];
//! let found = model.embed(&texts, &mut rows, &cancel)?;
//! let norm = rows[..model.n_features()].iter().map(|x| x * x).sum::<f32>().sqrt();
//! assert!((norm - 1.0).abs() < 1e-6);
//! // A text without tokens has a row of zeros.
//! assert!(found[2].featureless && found[2].tokens == 0);
//! # Ok(())
//! # }
//! ```

mod bytes;
mod config;
mod encoder;
mod error;
mod fence;
mod gemm;
mod lanes;
mod model;
mod options;
mod table;
mod tokens;
mod weights;

/// The version of the arithmetic. A change of any byte of a row is another version.
pub const FORMAT: &str = "clusterclip-models/2";

pub use error::ModelError;
pub use fence::fenced;
pub use gemm::Kernel;
pub use model::{Embedded, Model};
pub use options::{Dtype, Files, Options, Pooling};
pub use tokens::TextTokenizer;
