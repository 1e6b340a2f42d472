//! Why a model cannot be used.

use std::fmt;

use clusterclip_core::error::{Explain, Kind, Names, Param};
use clusterclip_core::monitor::Cancelled;

use crate::options::{Dtype, Pooling};

/// Why a model or a tokenizer cannot be loaded. Messages name the file; the caller knows the folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file is not what its name promises.
    File {
        /// Its name.
        file: &'static str,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The architecture is not one of those that are implemented.
    Unknown {
        /// What config.json says.
        found: String,
    },
    /// A tensor is missing, has another shape, or values that are no numbers.
    Tensor {
        /// Its name.
        tensor: String,
        /// What is wrong.
        reason: String,
    },
    /// Nothing says how token rows become the row of a text.
    NoPooling,
    /// The folder asks for another pooling than those that are implemented, or for several at once.
    UnknownPooling {
        /// What it asks for.
        modes: Vec<String>,
    },
    /// A static table has one pooling only.
    TablePooling {
        /// The pooling asked for.
        pooling: Pooling,
    },
    /// A static table multiplies nothing.
    TableDtype {
        /// The type asked for.
        dtype: Dtype,
    },
    /// The longest sequence asked for is longer than the model takes.
    TooManyTokens {
        /// The longest sequence asked for.
        max_tokens: usize,
        /// The longest that the model takes.
        most: usize,
    },
    /// The longest sequence asked for has no room for a token of a text.
    TooFewTokens {
        /// The longest sequence asked for.
        max_tokens: usize,
        /// Special tokens around a text.
        special: usize,
    },
    /// The processor has no such kernel.
    Kernel {
        /// The name asked for.
        name: String,
    },
    /// Loading was stopped.
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

impl Explain for ModelError {
    fn kind(&self) -> Kind {
        match self {
            Self::Kernel { .. } => Kind::Device,
            Self::Cancelled(_) => Kind::Cancelled,
            // What was asked for is wrong for this model, and right for others.
            _ => Kind::Input,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pooling_name = || names(Param::Pooling);
        match self {
            Self::File { file, reason } => write!(f, "{file}: {reason}"),
            Self::Unknown { found } => write!(
                f,
                "config.json: {found} is no architecture that this version knows; it knows static tables (model2vec, \
                 WordLlama, StaticEmbedding), the BERT family (model_type `bert` with learned positions: BERT, MiniLM, \
                 BGE, E5, GTE) and JinaBERT v2 (model_type `bert`, position_embedding_type `alibi`, feed_forward_type \
                 `geglu`)"
            ),
            Self::Tensor { tensor, reason } => write!(f, "model.safetensors: {tensor}: {reason}"),
            Self::NoPooling => write!(
                f,
                "nothing says how this model pools (no 1_Pooling/config.json): name it with {pooling} mean or {pooling} \
                 cls",
                pooling = pooling_name()
            ),
            Self::UnknownPooling { modes } => write!(
                f,
                "1_Pooling/config.json: it asks for {}; mean and cls alone are known: choose one with {}",
                modes.join(" and "),
                pooling_name()
            ),
            Self::TablePooling { pooling } => {
                write!(f, "{} {pooling}: a static table is the mean of its tokens' rows", pooling_name())
            }
            Self::TableDtype { dtype } => {
                let name = names(Param::Dtype);
                write!(f, "{name} {dtype}: a static table multiplies nothing; it is as fast without")
            }
            Self::TooManyTokens { max_tokens, most } => {
                let name = names(Param::MaxTokens);
                write!(
                    f,
                    "{name} {max_tokens}: this model takes at most {most} tokens (its max_position_embeddings)"
                )
            }
            Self::TooFewTokens { max_tokens, special } => {
                let (name, least) = (names(Param::MaxTokens), special + 1);
                write!(
                    f,
                    "{name} {max_tokens}: at least {least} are needed: {special} of them are special tokens"
                )
            }
            Self::Kernel { name } => write!(f, "no kernel {name:?} on this processor"),
            Self::Cancelled(cancelled) => write!(f, "{cancelled}"),
        }
    }
}

clusterclip_core::explained!(ModelError);
