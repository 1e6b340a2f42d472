//! Errors of the core as JavaScript errors: the message is the core's, the name says whose fault it is.

use std::error::Error;

use clusterclip_core::kmeans::{BackendError, CpuError, KMeansError, SelfTestError};
use clusterclip_core::monitor::Cancelled;
use wasm_bindgen::JsValue;

/// Bad input or options that do not go together.
pub const INPUT: &str = "InputError";
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
    let message = error.to_string();
    // Errors that wrap an interruption all say just that.
    let name = if message == Cancelled.to_string() {
        CANCELLED
    } else if of_device(&error) {
        DEVICE
    } else {
        INPUT
    };
    named(name, &message)
}

fn of_device(error: &(dyn Error + 'static)) -> bool {
    error.is::<BackendError>()
        || error.is::<CpuError>()
        || error.is::<SelfTestError>()
        || matches!(error.downcast_ref(), Some(KMeansError::Backend(_)))
}
