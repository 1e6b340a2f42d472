//! What may go wrong with a device.

use std::fmt;

use clusterclip_core::error::{Explain, Kind, Names, Param};
use clusterclip_core::monitor::Cancelled;

/// Why a GPU could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GpuError {
    /// The work was stopped.
    Cancelled(#[from] Cancelled),
    /// There is no adapter at all.
    NoAdapter,
    /// There are only software adapters, and hardware was asked for.
    OnlySoftware {
        /// Their names.
        there: Vec<String>,
    },
    /// No adapter has this name.
    UnknownAdapter {
        /// What was asked for.
        name: String,
        /// The names that there are.
        there: Vec<String>,
    },
    /// The adapter gives no device.
    Refused {
        /// What it said.
        reason: String,
    },
    /// A buffer does not fit.
    Memory {
        /// What was to be held.
        what: &'static str,
        /// How much.
        bytes: u64,
        /// What is in the way.
        limit: Limit,
        /// What to change.
        advice: Advice,
    },
    /// The device is gone: reset, taken out, or killed by the system for taking too long.
    Lost {
        /// What the driver said.
        reason: String,
    },
    /// The device went on without a batch that it was given.
    LeftOut,
    /// The driver does not take a shader.
    Stage {
        /// The stage's name.
        stage: &'static str,
        /// What the driver said.
        reason: String,
    },
    /// The device said no to what this program sent: a fault of ours or of the driver.
    Failed {
        /// What it said.
        reason: String,
    },
}

/// What is in the way of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The most bytes of one buffer.
    Buffer(u64),
    /// The most rows that a device counts.
    Rows(u64),
    /// The device's memory is full; how many bytes it has, where the driver tells.
    Device(Option<u64>),
    /// The host's memory is full.
    Host,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Buffer(most) => write!(f, "one buffer holds at most {most}"),
            Self::Rows(most) => write!(f, "it holds at most {most} rows"),
            Self::Device(Some(memory)) => write!(f, "no more of its {memory} bytes of memory is free"),
            Self::Device(None) => f.write_str("its memory is full"),
            Self::Host => f.write_str("the host's memory is full"),
        }
    }
}

/// What to change when something does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Less of a parameter.
    Fewer(Param),
    /// Fewer rows.
    FewerRows,
    /// Room is made by others, or the CPU does the work.
    CloseOthers,
    /// The CPU does the work.
    Cpu,
}

impl GpuError {
    pub(crate) fn failed(reason: impl ToString) -> Self {
        Self::Failed { reason: reason.to_string() }
    }
}

impl Advice {
    fn explain(self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let device = names(Param::Device);
        match self {
            Self::Fewer(param) => write!(f, "give fewer {}", names(param)),
            Self::FewerRows => f.write_str("give fewer rows"),
            Self::CloseOthers => write!(f, "close other programs that use it, or choose {device} cpu"),
            Self::Cpu => write!(f, "choose {device} cpu"),
        }
    }
}

impl Explain for GpuError {
    fn kind(&self) -> Kind {
        match self {
            Self::Cancelled(_) => Kind::Cancelled,
            // Another device may have what this one lacks, memory too.
            _ => Kind::Device,
        }
    }

    fn explain(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let device = names(Param::Device);
        match self {
            Self::Cancelled(cancelled) => write!(f, "{cancelled}"),
            Self::NoAdapter => write!(
                f,
                "no GPU was found: install a driver with Vulkan, Metal or DX12 (a software one on Debian: \
                 mesa-vulkan-drivers and libvulkan1), or choose {device} cpu"
            ),
            Self::OnlySoftware { there } => {
                let there = there.join(", ");
                write!(
                    f,
                    "no hardware GPU was found, only {there}; choose it by {device} gpu, or {device} cpu"
                )
            }
            Self::UnknownAdapter { name, there } => {
                let adapter = names(Param::Adapter);
                write!(f, "{adapter} {name}: no such GPU; there are: {}", there.join(", "))
            }
            Self::Refused { reason } => write!(f, "it gives no device: {reason}"),
            Self::Memory { what, bytes, limit, advice } => {
                let place = if *limit == Limit::Host { "" } else { " on the device" };
                write!(f, "there is no room for {bytes} bytes of {what}{place} ({limit}); ")?;
                advice.explain(names, f)
            }
            Self::Lost { reason } => {
                write!(f, "the device was lost: {reason}; start again, or choose {device} cpu")
            }
            Self::LeftOut => write!(
                f,
                "the device was lost: it said that it was done, but left out a batch of work; start again, or choose \
                 {device} cpu"
            ),
            Self::Stage { stage, reason } => write!(f, "the device failed: stage {stage}: {reason}"),
            Self::Failed { reason } => write!(f, "the device failed: {reason}"),
        }
    }
}

clusterclip_core::explained!(GpuError);

#[cfg(test)]
mod tests {
    use clusterclip_core::error::{dashed, said};

    use super::*;

    #[test]
    fn parameters_have_the_names_that_a_shell_gives_them() {
        let error = GpuError::UnknownAdapter { name: "abacus".into(), there: vec!["A".into(), "B".into()] };
        assert_eq!(said(&error, dashed).to_string(), "--adapter abacus: no such GPU; there are: A, B");
        assert_eq!(error.to_string(), "adapter abacus: no such GPU; there are: A, B");
        let (limit, advice) = (Limit::Buffer(7), Advice::Fewer(Param::Clusters));
        let error = GpuError::Memory { what: "sums", bytes: 9, limit, advice };
        let text = "there is no room for 9 bytes of sums on the device (one buffer holds at most 7); give fewer --clusters";
        assert_eq!(said(&error, dashed).to_string(), text);
        let text = said(&GpuError::OnlySoftware { there: vec!["llvmpipe".into()] }, dashed).to_string();
        assert!(text.ends_with("only llvmpipe; choose it by --device gpu, or --device cpu"), "{text}");
    }
}
