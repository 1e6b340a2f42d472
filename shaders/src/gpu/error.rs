//! What may go wrong with a device.

use clusterclip_core::monitor::Cancelled;

/// Why a GPU could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GpuError {
    /// The work was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is no adapter at all.
    #[error(
        "no GPU was found: install a driver with Vulkan, Metal or DX12 (a software one on Debian: mesa-vulkan-drivers \
         and libvulkan1), or choose --device cpu"
    )]
    NoAdapter,
    /// There are only software adapters, and a GPU was asked for.
    #[error("no hardware GPU was found, only {0}; choose it by --device gpu, or --device cpu")]
    OnlySoftware(String),
    /// No adapter has this name.
    #[error("--adapter {name}: no such GPU; there are: {there}")]
    UnknownAdapter {
        /// What was asked for.
        name: String,
        /// What there is.
        there: String,
    },
    /// The adapter gives no device.
    #[error("it gives no device: {reason}")]
    Refused {
        /// What it said.
        reason: String,
    },
    /// A buffer does not fit.
    #[error("there is no room for {bytes} bytes of {what} on the device ({limit}); {advice}")]
    Memory {
        /// What was to be held.
        what: &'static str,
        /// How much.
        bytes: u64,
        /// What is in the way.
        limit: String,
        /// What to change.
        advice: &'static str,
    },
    /// The device is gone: reset, taken out, or killed by the system for taking too long.
    #[error("the device was lost: {0}; start again, or choose --device cpu")]
    Lost(String),
    /// The device said no to what this program sent: a fault of ours or of the driver.
    #[error("the device failed: {0}")]
    Failed(String),
}
