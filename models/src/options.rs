//! What a model is loaded from, and what a person may choose of it.

use std::fmt;
use std::str::FromStr;

use clusterclip_core::error::{Explain, Kind, Names};

/// The files of a model folder, as bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Files<'a> {
    /// `config.json`; a static table may come without.
    pub config: Option<&'a [u8]>,
    /// `tokenizer.json`.
    pub tokenizer: &'a [u8],
    /// `model.safetensors`.
    pub weights: &'a [u8],
    /// `modules.json`, if there is one.
    pub modules: Option<&'a [u8]>,
    /// `1_Pooling/config.json`, if there is one.
    pub pooling: Option<&'a [u8]>,
    /// `sentence_bert_config.json`, if there is one.
    pub sentence: Option<&'a [u8]>,
}

/// What a person may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How token rows become one row, instead of what the folder says.
    pub pooling: Option<Pooling>,
    /// Put before every text: `query: ` and the like.
    pub prefix: String,
    /// The longest sequence, special tokens counted, instead of what the folder says.
    pub max_tokens: Option<usize>,
    /// The numbers that an encoder multiplies.
    pub dtype: Dtype,
    /// Tokens that one thread takes through the layers together. Changes speed and memory, not rows.
    pub batch_tokens: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { pooling: None, prefix: String::new(), max_tokens: None, dtype: Dtype::F32, batch_tokens: 1024 }
    }
}

/// How the rows of tokens become the row of their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// Their mean, special tokens among them.
    Mean,
    /// The row of the first token.
    Cls,
}

impl fmt::Display for Pooling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mean => "mean",
            Self::Cls => "cls",
        })
    }
}

impl FromStr for Pooling {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "mean" => Ok(Self::Mean),
            "cls" => Ok(Self::Cls),
            _ => Err(UnknownName { name: name.to_owned(), known: ["mean", "cls"] }),
        }
    }
}

/// The numbers that an encoder multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    /// Weights and states as f32.
    F32,
    /// In linear layers weights and states as bytes: a scale for each column of weights, and for each token a scale and
    /// a zero of its own. Sums are exact; rows come close to those of [`Dtype::F32`].
    Int8,
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        })
    }
}

impl FromStr for Dtype {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "f32" => Ok(Self::F32),
            "int8" => Ok(Self::Int8),
            _ => Err(UnknownName { name: name.to_owned(), known: ["f32", "int8"] }),
        }
    }
}

/// A choice has no such name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected `{}` or `{}`", .known[0], .known[1])]
pub struct UnknownName {
    /// What was given.
    pub name: String,
    /// The names that it has.
    pub known: [&'static str; 2],
}

impl Explain for UnknownName {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn explain(&self, _: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
