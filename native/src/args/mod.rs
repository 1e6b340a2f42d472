//! The command line: what a person may type, and what each option means when it is not given.
//!
//! clap reads; [`values`] turns words into values that can only be valid; what depends on several options at
//! once is checked by [`sampling::SamplingArgs::settings`] and the commands. All of it is wrong *usage* and
//! ends with exit code 2, before anything is read or written.

mod clustering;
mod embedding;
mod export;
mod input;
mod output;
mod sampling;
mod values;

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{Args, Parser, Subcommand};
use clusterclip_engine::settings::Noise;

pub use clustering::ClusteringArgs;
pub use embedding::{EmbedderArgs, EmbedderChoice, JoinEmbedderArgs};
pub use export::ExportArgs;
pub use input::{InputArgs, ReadingArgs};
pub use output::{ComputeArgs, OutputArgs};
pub use sampling::SamplingArgs;

const EXAMPLES: &str = "\
Examples:
  clusterclip run ~/texts --out balanced
  clusterclip run corpus.jsonl.zst --out balanced --clusters 500 --clip 3 --epochs 1.5
  clusterclip sample labels.npy --out order --strategy uniform --documents 1000000

`clusterclip COMMAND --help` has more of them.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.";

const RUN_EXAMPLES: &str = "\
Examples:
  A folder of files, every default:
    clusterclip run ~/.cargo/registry/src --out demo
  JSON lines that say how many tokens each text has, a budget of five billion tokens:
    clusterclip run corpus.jsonl.gz --out balanced --token-field n_tokens --tokens 5B
  Standard input, one document a line:
    zcat lines.gz | clusterclip run - --lines --out balanced
  Your own embeddings of the same documents, and the texts in training order:
    clusterclip run corpus.jsonl --embeddings vectors.npy --out balanced --export jsonl
  The same as Parquet in files of half a gigabyte, and the positions of eight trainers:
    clusterclip run corpus.jsonl --out balanced --export parquet --shard-size 500MB \\
      --export ranks --world-size 8

A run that was stopped is started again with the same command: finished stages are reused, and
the bytes are the same.";

const EMBED_EXAMPLES: &str = "\
Examples:
  clusterclip embed corpus.jsonl --out work
  clusterclip embed ~/texts more.jsonl.gz --out work";

const CLUSTER_EXAMPLES: &str = "\
Examples:
  clusterclip cluster work --clusters 500
  clusterclip cluster work --clusters 100 --out work-100
  clusterclip cluster embeddings.npy --out clusters --init k-means++ --seed 7";

const SAMPLE_EXAMPLES: &str = "\
Examples:
  clusterclip sample work --clip 3 --epochs 2 --force
  clusterclip sample work --strategy g2s --out work-g2s
  clusterclip sample work --weights equal --out as-in-the-paper
  clusterclip sample topics.csv --cluster-field topic --weights weights.csv --strategy unimax --out order
  clusterclip sample labels.npy --out order --documents 1000000
  clusterclip sample topics.csv --cluster-field topic --token-field n_tokens --tokens 20B --out order
  clusterclip sample topics.jsonl.gz --cluster-field meta.topic --noise one-cluster --out order
  clusterclip sample work --input corpus.jsonl --export parquet --shards 64
  clusterclip sample work --out rank-3 --rank 3 --world-size 8 --drop-last
  clusterclip sample work later --out order

LABELS: a .npy of integers, or a Parquet, CSV, TSV or JSON lines file with a column of clusters, packed
or not. Distinct labels are ranked (integers by value, strings by bytes). Null and -1 are noise and
never drawn; an empty cell is null, and among numbers so are nan, NaN, null, NULL, None, NA, N/A and
<NA>. A unique column `document` gives the row, else the line does.

Several DIRs are one that was clustered and those whose documents joined its clusters (`clusterclip
join`): a document's number is its row in the DIRs put one after another.

With --rank R and --world-size W, order.npy holds what trainer R reads: positions R, R+W, R+2W, …
of the order. The shares differ in length by at most one; nothing is padded or dropped, unless
--drop-last cuts the order to a multiple of W.";

const JOIN_EXAMPLES: &str = "\
Examples:
  clusterclip join work later.jsonl --out later
  clusterclip join clusters --embeddings later.npy --out later
  clusterclip sample work later --out order

The later documents are embedded as those in DIR were, and each gets the cluster that K-Means would
have given it there; the clusters stay as they are. In an order over both, documents of `later` are
numbered after those of `work`.";

const DEVICES_NOTE: &str = "\
To compare ways to compute, the environment variable CLUSTERCLIP_KERNEL names the CPU's kernel of K-Means
to use instead of the fastest, and CLUSTERCLIP_GPU_PLAN how a GPU multiplies, instead of what a timing at
its first use found (kept in this user's cache folder). All give the same bytes.";

/// Balances the data a language model trains on.
///
/// Embeds documents, groups them by K-Means and emits a training order in which every topic is drawn evenly
/// and no document more often than a clip allows (ClusterClip Sampling, arXiv 2402.14526). The same input,
/// options and seed give the same bytes on every machine.
#[derive(Debug, Parser)]
#[command(name = "clusterclip", version, max_term_width = 110, after_help = EXAMPLES)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Embed, cluster and sample in one go
    Run(Box<RunArgs>),
    /// Turn documents into rows: embeddings.npy, documents.parquet, embedder.safetensors
    Embed(EmbedArgs),
    /// Group rows by K-Means: labels.npy, centroids.npy, clusters.safetensors, assignments.parquet
    Cluster(ClusterArgs),
    /// Turn clusters into a training order: order.npy
    Sample(SampleArgs),
    /// Give later documents the clusters of earlier ones: labels.npy, assignments.parquet
    Join(Box<JoinArgs>),
    /// List what this machine computes with
    Devices(DevicesArgs),
}

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(after_help = RUN_EXAMPLES)]
pub struct RunArgs {
    /// What to read.
    #[command(flatten)]
    pub input: InputArgs,
    /// How to embed.
    #[command(flatten)]
    pub embedder: EmbedderArgs,
    /// How to cluster.
    #[command(flatten)]
    pub clustering: ClusteringArgs,
    /// How to sample.
    #[command(flatten)]
    pub sampling: SamplingArgs,
    /// The seed.
    #[command(flatten)]
    pub seed: SeedArg,
    /// Where results go.
    #[command(flatten)]
    pub out: RequiredOut,
    /// In which forms to write the order besides.
    #[command(flatten)]
    pub export: ExportArgs,
    /// What else to write and print.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What to compute with.
    #[command(flatten)]
    pub compute: ComputeArgs,
}

/// Arguments of `embed`.
#[derive(Debug, Args)]
#[command(after_help = EMBED_EXAMPLES)]
pub struct EmbedArgs {
    /// What to read.
    #[command(flatten)]
    pub input: InputArgs,
    /// Which embedder.
    #[command(flatten)]
    pub embedder: EmbedderChoice,
    /// Where results go.
    #[command(flatten)]
    pub out: RequiredOut,
    /// What else to write and print.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What to compute with.
    #[command(flatten)]
    pub compute: ComputeArgs,
}

/// Arguments of `cluster`.
#[derive(Debug, Args)]
#[command(after_help = CLUSTER_EXAMPLES)]
pub struct ClusterArgs {
    /// A folder that `embed` or `run` wrote, or a .npy of float32 or float16 rows (n_samples, n_features)
    #[arg(value_name = "DIR | FILE.npy")]
    pub source: PathBuf,
    /// How to cluster.
    #[command(flatten)]
    pub clustering: ClusteringArgs,
    /// The seed.
    #[command(flatten)]
    pub seed: SeedArg,
    /// Where results go.
    #[command(flatten)]
    pub out: OptionalOut,
    /// What else to write and print.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What to compute with.
    #[command(flatten)]
    pub compute: ComputeArgs,
}

/// Arguments of `sample`.
#[derive(Debug, Args)]
#[command(after_help = SAMPLE_EXAMPLES)]
pub struct SampleArgs {
    /// A folder that `cluster` or `run` wrote, and folders that `join` wrote of it; or a file of labels
    #[arg(value_name = "DIR | LABELS", required = true)]
    pub sources: Vec<PathBuf>,
    /// The column of clusters in a table of labels, or a path such as `meta.cluster` (default: `cluster`)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub cluster_field: Option<String>,
    /// The column of token counts in a table of labels, or a path (default: `tokens`, if there is one)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub token_field: Option<String>,
    /// The column of scores in a table of labels, or a path, with --within score (default: `score`)
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub score_field: Option<String>,
    /// The labels that are noise, besides null, and no others (default: -1; another negative integer is an error)
    #[arg(
        long,
        value_name = "LABEL,…",
        value_delimiter = ',',
        allow_hyphen_values = true,
        help_heading = "Input"
    )]
    pub noise_label: Option<Vec<String>>,
    /// What becomes of documents whose label is noise (default: leave-out)
    #[arg(long, value_name = "WHAT", value_parser = noise(), help_heading = "Input")]
    pub noise: Option<Noise>,
    /// How to sample.
    #[command(flatten)]
    pub sampling: SamplingArgs,
    /// The seed.
    #[command(flatten)]
    pub seed: SeedArg,
    /// Where results go.
    #[command(flatten)]
    pub out: OptionalOut,
    /// In which forms to write the order besides.
    #[command(flatten)]
    pub export: ExportArgs,
    /// What was embedded into DIR, for exports that hold documents; it is read as it was then. Again for several
    #[arg(long, value_name = "INPUT", requires = "export", help_heading = "Export")]
    pub input: Vec<PathBuf>,
    /// What else to write and print.
    #[command(flatten)]
    pub output: OutputArgs,
    /// How many threads to use (default: one for each core)
    #[arg(long, value_name = "N", value_parser = values::threads, help_heading = "Compute", allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

fn noise() -> impl TypedValueParser<Value = Noise> {
    values::named(&[
        ("leave-out", "They have no cluster and are never drawn"),
        ("one-cluster", "They are one cluster, after all others"),
    ])
}

/// Arguments of `join`.
#[derive(Debug, Args)]
#[command(after_help = JOIN_EXAMPLES)]
pub struct JoinArgs {
    /// A folder that `cluster` or `run` wrote
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The later documents, as `run` takes them; may be left out where their rows are given
    #[arg(value_name = "INPUT", required_unless_present = "embeddings")]
    pub inputs: Vec<PathBuf>,
    /// How they are read.
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// What makes their rows.
    #[command(flatten)]
    pub embedder: JoinEmbedderArgs,
    /// Where results go.
    #[command(flatten)]
    pub out: RequiredOut,
    /// What else to write and print.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What to compute with.
    #[command(flatten)]
    pub compute: ComputeArgs,
}

/// Arguments of `devices`.
#[derive(Debug, Args)]
#[command(after_help = DEVICES_NOTE)]
pub struct DevicesArgs {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// The seed of everything random.
#[derive(Debug, Args)]
#[command(next_help_heading = "Randomness")]
pub struct SeedArg {
    /// Another seed gives other clusters and another order, the same seed the same bytes: 0 to 2^64 - 1
    #[arg(long, value_name = "SEED", default_value_t = 0, value_parser = values::seed, allow_negative_numbers = true)]
    pub seed: u64,
}

/// A folder for the results that must be named.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct RequiredOut {
    /// Folder for the results; it is made when missing, and finished stages in it are reused
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// A folder for the results that may be the one results are read from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OptionalOut {
    /// Folder for the results (default: the DIR that is read; required with a single file)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[cfg(test)]
mod tests;
