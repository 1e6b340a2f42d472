//! What is printed, what may be replaced, and what to compute with.

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clusterclip_engine::settings::{Device, DeviceSettings};

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
    #[arg(long, value_name = "DEVICE", default_value = "auto", value_parser = device())]
    pub device: Device,
    /// The GPU to use, by a part of its name (see `clusterclip devices`)
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub adapter: Option<String>,
    /// How many threads to use (default: one for each core)
    #[arg(long, value_name = "N", value_parser = values::threads, allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

impl ComputeArgs {
    /// What K-Means is to run on.
    pub fn settings(&self) -> DeviceSettings {
        DeviceSettings { device: self.device, adapter: self.adapter.clone() }
    }
}

fn device() -> impl TypedValueParser<Value = Device> {
    let values = [
        PossibleValue::new("auto").help("A hardware GPU when there is one that works, else the CPU"),
        PossibleValue::new("cpu").help("The CPU"),
        PossibleValue::new("gpu").help("A GPU, software ones where there is no other, or an error"),
    ];
    PossibleValuesParser::new(values).map(|name| match name.as_str() {
        "cpu" => Device::Cpu,
        "gpu" => Device::Gpu,
        _ => Device::Auto,
    })
}
