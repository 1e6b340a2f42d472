//! What a model is loaded from, and what a person may choose of it.

use clusterclip_core::named;

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

named!(Pooling of Pooling: Mean = "mean", Cls = "cls");

/// The numbers that an encoder multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    /// Weights and states as f32.
    F32,
    /// In linear layers weights and states as bytes: a scale for each column of weights, and for each token a scale and
    /// a zero of its own. Sums are exact; rows come close to those of [`Dtype::F32`].
    Int8,
}

named!(Dtype of Dtype: F32 = "f32", Int8 = "int8");
