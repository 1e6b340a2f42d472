//! Embedders: documents become rows of unit norm.
//!
//! What needs no model is here: the [`lexical`] embedder, fitted on the documents themselves.
//!
//! ```
//! use clusterclip_core::embed::lexical::{Params, embed};
//! use clusterclip_core::monitor::Monitor;
//! let texts = ["red green red", "green blue", "one two three", "two three four", "..."];
//! let embedded = embed(&texts, Params::default(), &Monitor::silent())?;
//! let row = &embedded.rows[..embedded.model.n_features()];
//! assert!((row.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5);
//! # Ok::<(), clusterclip_core::embed::lexical::WholeError>(())
//! ```

pub mod lexical;
