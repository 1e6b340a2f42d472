//! Why a model cannot be used.

use clusterclip_core::monitor::Cancelled;

/// Why a model or a tokenizer cannot be loaded. Messages name the file; the caller knows the folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file is not what its name promises.
    #[error("{file}: {reason}")]
    File {
        /// Its name.
        file: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The architecture is not one of those that are implemented.
    #[error(
        "config.json: {found} is no architecture that this version knows; it knows static tables (model2vec, \
         WordLlama, StaticEmbedding), the BERT family (model_type `bert` with learned positions: BERT, MiniLM, BGE, \
         E5, GTE) and JinaBERT v2 (model_type `bert`, position_embedding_type `alibi`, feed_forward_type `geglu`)"
    )]
    Unknown {
        /// What config.json says.
        found: String,
    },
    /// A tensor is missing, has another shape, or values that are no numbers.
    #[error("model.safetensors: {tensor}: {reason}")]
    Tensor {
        /// Its name.
        tensor: String,
        /// What is wrong.
        reason: String,
    },
    /// Nothing says how token rows become the row of a text.
    #[error(
        "nothing says how this model pools (no 1_Pooling/config.json): name it with --pooling mean or --pooling cls"
    )]
    NoPooling,
    /// An option does not fit the model.
    #[error("--{option} {value}: {reason}")]
    Option {
        /// Its name.
        option: &'static str,
        /// Its value.
        value: String,
        /// Why not, and the limit.
        reason: String,
    },
    /// The processor has no such kernel.
    #[error("no kernel {0:?} on this processor")]
    Kernel(String),
    /// Loading was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl ModelError {
    /// Something wrong with a file.
    pub(crate) fn file(file: &'static str, reason: impl ToString) -> Self {
        Self::File { file, reason: reason.to_string() }
    }

    /// Something wrong with a tensor.
    pub(crate) fn tensor(tensor: &str, reason: impl ToString) -> Self {
        Self::Tensor { tensor: tensor.to_owned(), reason: reason.to_string() }
    }
}
