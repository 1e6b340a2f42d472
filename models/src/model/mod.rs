//! A model: texts in, rows of unit norm out.

mod embed;

use clusterclip_core::monitor::CancelFlag;

use crate::config::{self, Architecture};
use crate::encoder::Encoder;
use crate::error::ModelError;
use crate::fence::fenced;
use crate::gemm::Kernel;
use crate::options::{Dtype, Files, Options, Pooling};
use crate::table::Table;
use crate::tokens::TextTokenizer;
use crate::weights::Weights;

enum Body {
    Table {
        table: Table,
        /// Token left out, and characters that are looked at: as model2vec does.
        unknown: Option<u32>,
        characters: Option<usize>,
    },
    Encoder {
        encoder: Box<Encoder>,
        pooling: Pooling,
        dtype: Dtype,
    },
}

/// A loaded model.
pub struct Model {
    tokenizer: TextTokenizer,
    body: Body,
    prefix: String,
    /// The longest sequence, special tokens counted.
    max_tokens: Option<usize>,
    batch_tokens: usize,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").field("description", &self.description()).finish_non_exhaustive()
    }
}

/// What was found out about a text on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Embedded {
    /// Tokens of the whole text, without prefix and special tokens.
    pub tokens: u64,
    /// Whether the model saw only the first of them.
    pub truncated: bool,
    /// Whether its row is zero: the text is blank, or the tokenizer finds nothing in it, or a static table knows none of
    /// its tokens.
    pub featureless: bool,
}

impl Model {
    /// Reads a model from the bytes of its files.
    ///
    /// # Errors
    /// [`ModelError`], naming the file or tensor.
    pub fn load(files: &Files<'_>, options: &Options, cancel: &CancelFlag) -> Result<Self, ModelError> {
        Self::load_and_release(files, options, cancel, &|_| ())
    }

    /// [`Model::load`] which says of parts of `files.weights` that they are not read again: where the file is mapped,
    /// they need not stay in memory beside what was made of them.
    ///
    /// # Errors
    /// [`ModelError`], naming the file or tensor.
    pub fn load_and_release(
        files: &Files<'_>,
        options: &Options,
        cancel: &CancelFlag,
        release: &dyn Fn(&[u8]),
    ) -> Result<Self, ModelError> {
        // Libraries read these files; one that panics has said that they are damaged.
        fenced(|| Self::read(files, options, cancel, release)).unwrap_or_else(|panic| {
            Err(ModelError::file("model.safetensors", format!("cannot be read: {panic}")))
        })
    }

    fn read(
        files: &Files<'_>,
        options: &Options,
        cancel: &CancelFlag,
        release: &dyn Fn(&[u8]),
    ) -> Result<Self, ModelError> {
        let weights = Weights::parse(files.weights, release)?;
        let architecture = config::architecture(files, Table::matrix(&weights))?;
        config::check_modules(files, &architecture)?;
        let tokenizer = TextTokenizer::from_json(files.tokenizer)?;
        let (body, max_tokens, vocabulary) = match architecture {
            Architecture::Table(config) => {
                if let Some(pooling) = options.pooling.filter(|&pooling| pooling != Pooling::Mean) {
                    return Err(ModelError::TablePooling { pooling });
                }
                if options.dtype != Dtype::F32 {
                    return Err(ModelError::TableDtype { dtype: options.dtype });
                }
                let table = Table::load(config, &weights)?;
                let max_tokens = options.max_tokens.or(config.max_tokens);
                let vocabulary = table.vocabulary();
                let (unknown, characters) = match config.model2vec {
                    true => (
                        tokenizer.unknown(),
                        max_tokens.map(|most| most.saturating_mul(tokenizer.median_length())),
                    ),
                    false => (None, None),
                };
                (Body::Table { table, unknown, characters }, max_tokens, vocabulary)
            }
            Architecture::Encoder(config) => {
                let pooling = config::pooling(files, &config, options)?;
                let max_tokens = config::max_tokens(files, &config, options)?;
                let encoder = Encoder::load(config, &weights, options.dtype, cancel)?;
                let vocabulary = encoder.vocabulary();
                (
                    Body::Encoder { encoder: Box::new(encoder), pooling, dtype: options.dtype },
                    Some(max_tokens),
                    vocabulary,
                )
            }
        };
        let largest = tokenizer.largest_id() as usize;
        if largest >= vocabulary {
            let reason = format!(
                "it gives token {largest}, but model.safetensors has {vocabulary} rows: they do not belong together"
            );
            return Err(ModelError::file("tokenizer.json", reason));
        }
        let (before, after) = tokenizer.special();
        let special = match &body {
            Body::Table { .. } => 0,
            Body::Encoder { .. } => before.len() + after.len(),
        };
        if let Some(max_tokens) = max_tokens.filter(|&most| most <= special) {
            return Err(ModelError::TooFewTokens { max_tokens, special });
        }
        let Options { prefix, batch_tokens, .. } = options.clone();
        Ok(Self { tokenizer, body, prefix, max_tokens, batch_tokens: batch_tokens.max(1) })
    }

    /// What it is, for a person: kind, width, pooling, longest sequence.
    pub fn description(&self) -> String {
        let kind = match &self.body {
            Body::Table { .. } => "static table".to_owned(),
            Body::Encoder { pooling, dtype, .. } => format!("transformer in {dtype}, {pooling} pooling"),
        };
        let most = self.max_tokens.map_or(String::new(), |most| format!(", at most {most} tokens"));
        format!("{kind}, {} features{most}", self.n_features())
    }

    /// Whether these are the files of a static table: a mean of rows, and no transformer. Reads no weights.
    ///
    /// # Errors
    /// [`ModelError`], naming the file, also for architectures that are not known.
    pub fn is_table(files: &Files<'_>) -> Result<bool, ModelError> {
        let weights = Weights::parse(files.weights, &|_| ())?;
        Ok(matches!(config::architecture(files, Table::matrix(&weights))?, Architecture::Table(_)))
    }

    /// The longest sequence, special tokens counted, where there is a limit.
    pub fn max_tokens(&self) -> Option<usize> {
        self.max_tokens
    }

    /// How its tokens become one row.
    pub fn pooling(&self) -> Pooling {
        match self.body {
            Body::Table { .. } => Pooling::Mean,
            Body::Encoder { pooling, .. } => pooling,
        }
    }

    /// Names the kernel to compute with instead of the fastest. Changes no byte.
    ///
    /// # Errors
    /// [`ModelError::Kernel`] where this processor lacks it.
    pub fn set_kernel(&mut self, kernel: Kernel) -> Result<(), ModelError> {
        let kernel = Kernel::named(kernel.name())?;
        match &mut self.body {
            Body::Table { table, .. } => table.set_kernel(kernel),
            Body::Encoder { encoder, .. } => encoder.set_kernel(kernel),
        }
        Ok(())
    }

    /// Width of every row.
    pub fn n_features(&self) -> usize {
        match &self.body {
            Body::Table { table, .. } => table.width,
            Body::Encoder { encoder, .. } => encoder.width(),
        }
    }
}
