//! What is printed, what may be replaced, and what to compute with.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use super::values;

/// What is printed, and what may be replaced.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Replace results that were made with other options; later results made from them are removed
    #[arg(long)]
    pub force: bool,
    /// Print errors only
    #[arg(long, short)]
    pub quiet: bool,
    /// Print one JSON object on standard output instead of tables
    #[arg(long)]
    pub json: bool,
}

/// What to compute with. None of it changes a result.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Compute")]
pub struct ComputeArgs {
    /// What to cluster on; the results are the same bytes
    #[arg(long, value_name = "DEVICE", value_enum, default_value_t)]
    pub device: Device,
    /// The GPU to use, by a part of its name (see `clusterclip devices`)
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub adapter: Option<String>,
    /// How many threads to use (default: one for each core)
    #[arg(long, value_name = "N", value_parser = values::threads, allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

/// `--device`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Device {
    /// A hardware GPU when there is one that works, else the CPU
    #[default]
    Auto,
    /// The CPU
    Cpu,
    /// A GPU, software ones where there is no other, or an error
    Gpu,
}
