//! Documents become rows in a folder.

use std::path::PathBuf;

use clusterclip_core::monitor::Monitor;

use super::{Output, check_counts, models, refuse_inputs};
use crate::error::{Result, SettingsError};
use crate::input::{self, Corpus};
use crate::pipeline::Work;
use crate::pipeline::embed::{Embedded, Rows, embed as embed_stage};
use crate::settings::{EmbedSettings, Embedder};
use crate::store::{Machine, OutDir, StageName};

/// What to embed, and how.
#[derive(Debug, Clone, Default)]
pub struct EmbedTask {
    /// Files, folders, or `-` for standard input.
    pub inputs: Vec<PathBuf>,
    /// How they are read.
    pub input: input::Options,
    /// How they become rows.
    pub embed: EmbedSettings,
    /// Where results go.
    pub output: Output,
}

/// The finished task.
pub struct DoneEmbed {
    /// The folder.
    pub out: OutDir,
    /// How the stage ended.
    pub embedded: Embedded,
}

/// Embeds documents: `documents.parquet`, `embeddings.npy`, and what was fitted.
///
/// # Errors
/// What cannot be read, embedded or written; the work was stopped.
pub fn embed(task: &EmbedTask, monitor: &Monitor<'_>) -> Result<DoneEmbed> {
    if let Embedder::Given(file) = &task.embed.embedder {
        return Err(SettingsError::NothingToEmbed { file: file.clone() }.into());
    }
    check_counts(&task.input, &task.embed)?;
    input::check(&task.inputs, &task.input)?;
    let machine = Machine::cpu(None);
    let work = Work { monitor, machine: &machine };
    let (model, tokenizer) = models(work, &task.embed)?;
    let options = input::Options { out: vec![task.output.dir.clone()], ..task.input.clone() };
    let mut corpus = Corpus::open(&task.inputs, options.clone(), monitor)?;
    let mut out = OutDir::open(&task.output.dir, task.output.force, monitor)?;
    out.want(&[StageName::Embed])?;
    refuse_inputs(&out, &corpus, &task.embed, (model.as_ref(), tokenizer.as_ref()))?;
    let rows = Rows::new(None, model.as_ref(), &task.embed);
    let embedded = embed_stage(work, &mut out, &mut corpus, &options, &rows, tokenizer.as_ref())?;
    Ok(DoneEmbed { out, embedded })
}
