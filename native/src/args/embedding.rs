//! How documents become rows.

use std::path::PathBuf;

use clap::Args;
use clusterclip_engine::settings::{EmbedSettings, Embedder};
use clusterclip_models::{Dtype, Options, Pooling};

use super::values;
use crate::error::UsageError;

/// The embedder that needs no model.
pub const LEXICAL: &str = "lexical";

/// Which embedder.
#[derive(Debug, Args)]
#[command(next_help_heading = "Embedding")]
pub struct EmbedderChoice {
    /// Which embedder: `lexical` needs no model and no download and reads any language and code; a folder in the
    /// Hugging Face layout, or the id of such a model on the hub, gives clusters of meaning: static tables (model2vec,
    /// StaticEmbedding; WordLlama's from a folder), BERT (MiniLM, BGE, E5, GTE), JinaBERT v2
    #[arg(long, value_name = "lexical|DIR|MODEL-ID", default_value = LEXICAL)]
    pub embedder: String,
    /// How a model makes one row of its tokens' rows: `mean` or `cls` (default: as the model's files say)
    #[arg(long, value_name = "POOLING", value_parser = values::either::<Pooling>)]
    pub pooling: Option<Pooling>,
    /// Put before every text that a model is given, such as "query: "
    #[arg(long, value_name = "TEXT")]
    pub prefix: Option<String>,
    /// The longest text in tokens that a model is given, special tokens counted; the rest is left out
    /// (default: as the model's files say, at most 4096)
    #[arg(long, value_name = "N", value_parser = values::max_tokens, allow_negative_numbers = true)]
    pub max_tokens: Option<usize>,
    /// The numbers that a transformer multiplies, f32 or int8: bytes are faster, and their rows come close to those of
    /// f32
    #[arg(long, value_name = "f32|int8", value_parser = values::either::<Dtype>, default_value_t = Dtype::F32, hide_default_value = true)]
    pub dtype: Dtype,
    /// Tokens that a thread takes through a model together: changes speed and memory, not rows
    #[arg(long, value_name = "N", value_parser = values::batch_tokens, allow_negative_numbers = true)]
    pub batch_tokens: Option<usize>,
    /// Count tokens with this tokenizer.json, that of the model to be trained (default: the embedder's own)
    #[arg(long, value_name = "DIR|FILE|MODEL-ID")]
    pub tokenizer: Option<String>,
}

impl EmbedderChoice {
    /// The model that is named, if it is one.
    pub fn model(&self) -> Option<&str> {
        (self.embedder != LEXICAL).then_some(self.embedder.as_str())
    }

    /// What the stage is asked for.
    pub fn settings(&self) -> EmbedSettings {
        let default = Options::default();
        EmbedSettings {
            embedder: self.model().map_or(Embedder::Lexical, |named| Embedder::Model(named.to_owned())),
            model: Options {
                pooling: self.pooling,
                prefix: self.prefix.clone().unwrap_or_default(),
                max_tokens: self.max_tokens,
                dtype: self.dtype,
                batch_tokens: self.batch_tokens.unwrap_or(default.batch_tokens),
            },
            tokenizer: self.tokenizer.clone(),
        }
    }

    /// Checks the options together.
    ///
    /// # Errors
    /// [`UsageError`] for options that do not go together.
    pub fn check(&self) -> Result<(), UsageError> {
        let of_models = [
            ("--pooling", self.pooling.is_some()),
            ("--prefix", self.prefix.is_some()),
            ("--max-tokens", self.max_tokens.is_some()),
            ("--dtype", self.dtype != Dtype::F32),
            ("--batch-tokens", self.batch_tokens.is_some()),
        ];
        if let (None, Some((option, _))) = (self.model(), of_models.iter().find(|(_, given)| *given)) {
            return Err(UsageError::new(format!(
                "{option} is for models; name one with --embedder DIR or --embedder MODEL-ID"
            )));
        }
        Ok(())
    }
}

/// Which embedder, or rows that were made elsewhere.
#[derive(Debug, Args)]
#[command(next_help_heading = "Embedding")]
pub struct EmbedderArgs {
    /// Which embedder.
    #[command(flatten)]
    pub choice: EmbedderChoice,
    /// Skip embedding and use these rows: a .npy of float32 or float16, one row a document
    #[arg(long, value_name = "FILE", conflicts_with_all = ["embedder", "pooling", "prefix", "max_tokens", "dtype", "batch_tokens"])]
    pub embeddings: Option<PathBuf>,
}

impl EmbedderArgs {
    /// What the stage is asked for.
    pub fn settings(&self) -> EmbedSettings {
        let settings = self.choice.settings();
        match &self.embeddings {
            Some(file) => EmbedSettings { embedder: Embedder::Given(file.clone()), ..settings },
            None => settings,
        }
    }
}

/// What makes rows like those of a folder.
#[derive(Debug, Args)]
#[command(next_help_heading = "Embedding")]
pub struct JoinEmbedderArgs {
    /// The model that DIR was embedded with, if it was one: a folder, or an id on the hub; how it is used is as in DIR
    #[arg(long, value_name = "DIR|MODEL-ID")]
    pub embedder: Option<String>,
    /// The rows of the later documents, where those of DIR were given: a .npy of float32 or float16
    #[arg(long, value_name = "FILE", conflicts_with_all = ["embedder", "batch_tokens"])]
    pub embeddings: Option<PathBuf>,
    /// Tokens that a thread takes through a model together: changes speed and memory, not rows
    #[arg(long, value_name = "N", value_parser = values::batch_tokens, requires = "embedder", allow_negative_numbers = true)]
    pub batch_tokens: Option<usize>,
    /// Count tokens with this tokenizer.json, that of the model to be trained (default: the embedder's own)
    #[arg(long, value_name = "DIR|FILE|MODEL-ID")]
    pub tokenizer: Option<String>,
}
