//! Errors of the core as JavaScript errors: the message is the core's, the name says whose fault it is.

use std::error::Error;

use clusterclip_core::documents::DocumentsError;
use clusterclip_core::format::npy::NpyError;
use clusterclip_core::kmeans::{BackendError, CpuError, KMeansError, SelfTestError};
use clusterclip_core::map::MapError;
use clusterclip_core::monitor::Cancelled;
use wasm_bindgen::JsValue;

/// Bad input or options that do not go together.
pub const INPUT: &str = "InputError";
/// More than memory holds, or than a limit allows.
pub const MEMORY: &str = "MemoryError";
/// A device failed or cannot be used.
pub const DEVICE: &str = "DeviceError";
/// The work was asked to stop.
pub const CANCELLED: &str = "CancelledError";
/// Another run is in progress.
#[cfg(feature = "gpu")]
pub const BUSY: &str = "BusyError";

/// Makes a JavaScript error of that name.
pub fn named(name: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    error.set_name(name);
    error.into()
}

/// Makes a JavaScript error; its kind tells its name.
pub fn js(error: impl Error + 'static) -> JsValue {
    named(kind(&error), &error.to_string())
}

/// The same for an input that is called `name`.
#[cfg(not(any(feature = "gpu", feature = "models")))]
pub fn within(name: &str, error: impl Error + 'static) -> JsValue {
    named(kind(&error), &format!("{name}: {error}"))
}

fn kind(error: &(dyn Error + 'static)) -> &'static str {
    // Errors that wrap an interruption all say just that.
    if error.to_string() == Cancelled.to_string() {
        CANCELLED
    } else if of_memory(error) {
        MEMORY
    } else if of_device(error) {
        DEVICE
    } else {
        INPUT
    }
}

fn of_memory(error: &(dyn Error + 'static)) -> bool {
    let is_full = |error: &BackendError| matches!(error, BackendError::Memory { .. });
    matches!(error.downcast_ref(), Some(DocumentsError::Limit { .. }))
        || matches!(error.downcast_ref(), Some(NpyError::Limit { .. } | NpyError::Memory { .. }))
        || matches!(error.downcast_ref(), Some(MapError::Memory { .. }))
        || error.downcast_ref().is_some_and(is_full)
        || match error.downcast_ref() {
            Some(KMeansError::ClusterMemory { .. }) => true,
            Some(KMeansError::Backend(error)) => is_full(error),
            _ => false,
        }
}

fn of_device(error: &(dyn Error + 'static)) -> bool {
    error.is::<BackendError>()
        || error.is::<CpuError>()
        || error.is::<SelfTestError>()
        || matches!(error.downcast_ref(), Some(KMeansError::Backend(_)))
}
