//! The forms in which an order is written for trainers.

use clap::Args;
use clap::builder::TypedValueParser;
use clusterclip_engine::settings::{Export, ExportSettings, Shards};

use super::SamplingArgs;
use super::values;
use crate::error::UsageError;

/// The most trainers for each of which a file is written.
const MAX_RANKS: u64 = 1 << 16;

/// The forms in which an order is written for trainers.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Export")]
pub struct ExportArgs {
    /// Also write the order in this form; again for several
    #[arg(long, value_name = "FORM", value_parser = export())]
    pub export: Vec<Export>,
    /// Cut the exported order into this many files: order-00000-of-00064.jsonl, …
    #[arg(long, value_name = "N", value_parser = values::shards, requires = "export", conflicts_with = "shard_size", allow_negative_numbers = true)]
    pub shards: Option<u64>,
    /// Cut it into files of at most this size before they are packed, such as 500MB (MB = 10^6 bytes)
    #[arg(long, value_name = "SIZE", value_parser = values::shard_size, requires = "export", allow_negative_numbers = true)]
    pub shard_size: Option<u64>,
}

impl ExportArgs {
    /// What is written besides the order; `sampling` says how many trainers share it.
    ///
    /// # Errors
    /// [`UsageError`] for options that do not go together.
    pub fn settings(&self, sampling: &SamplingArgs) -> Result<ExportSettings, UsageError> {
        let mut kinds = self.export.clone();
        kinds.sort_unstable();
        kinds.dedup();
        let ranks = kinds.contains(&Export::Ranks);
        if let (Some(world_size), None, false) = (sampling.world_size, sampling.rank, ranks) {
            return Err(UsageError::new(format!(
                "--world-size {world_size} goes with --rank R, the trainer whose share is written, or with --export \
                 ranks, which writes all shares"
            )));
        }
        if let (Some(world_size), true) = (sampling.world_size.filter(|&size| size > MAX_RANKS), ranks) {
            return Err(UsageError::new(format!(
                "--world-size {world_size}: --export ranks writes a file for each trainer, at most {MAX_RANKS}"
            )));
        }
        if let (true, Some(kind)) = (self.shards.is_some() || self.shard_size.is_some(), kinds.first())
            && !kinds.iter().any(|kind| is_cut(*kind))
        {
            let option = if self.shards.is_some() { "--shards" } else { "--shard-size" };
            return Err(UsageError::new(format!(
                "{option} does not go with --export {kind}, which is one file or one for each trainer"
            )));
        }
        Ok(ExportSettings {
            kinds,
            shards: match (self.shards, self.shard_size) {
                (Some(count), _) => Shards::Count(count),
                (None, Some(bytes)) => Shards::Bytes(bytes),
                (None, None) => Shards::One,
            },
            world_size: sampling.world_size.filter(|_| ranks),
            drop_last: ranks && sampling.drop_last,
        })
    }
}

/// Whether a form is cut into files where that is asked for.
fn is_cut(kind: Export) -> bool {
    !matches!(kind, Export::Ids | Export::Table | Export::Ranks)
}

fn export() -> impl TypedValueParser<Value = Export> {
    values::named(&[
        ("jsonl", "order.jsonl: a document a line, with document, id, source, cluster, repetition and text"),
        ("jsonl.gz", "The same, packed by gzip"),
        ("jsonl.zst", "The same, packed by Zstandard"),
        ("records", "records.jsonl: the records as they were, JSON made of the rows of tables"),
        ("records.gz", "The same, packed by gzip"),
        ("records.zst", "The same, packed by Zstandard"),
        (
            "parquet",
            "order-00000-of-00001.parquet: the same columns, and all columns of Parquet and Arrow sources",
        ),
        ("folders", "cluster_0/data_0.jsonl, …: each cluster's documents, once"),
        ("ids", "ids.txt: an id a line"),
        ("table", "positions.parquet: position, document, id, source, cluster and repetition"),
        ("ranks", "rank-0-of-8.npy, …: the positions of each of --world-size trainers"),
    ])
}
