//! How documents become rows.

use std::path::PathBuf;

use clap::Args;

/// Which embedder.
#[derive(Debug, Args)]
#[command(next_help_heading = "Embedding")]
pub struct EmbedderChoice {
    /// Which embedder: `lexical` needs no model and no download and reads any language and code
    #[arg(long, value_name = "NAME", default_value = "lexical")]
    pub embedder: String,
}

/// Which embedder, or rows that were made elsewhere.
#[derive(Debug, Args)]
#[command(next_help_heading = "Embedding")]
pub struct EmbedderArgs {
    /// Which embedder.
    #[command(flatten)]
    pub choice: EmbedderChoice,
    /// Skip embedding and use these rows: a .npy of float32 or float16, one row a document
    #[arg(long, value_name = "FILE", conflicts_with = "embedder")]
    pub embeddings: Option<PathBuf>,
}
