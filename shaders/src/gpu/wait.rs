//! Waiting for a device without standing in the way of a person who wants to stop.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use clusterclip_core::monitor::CancelFlag;

use super::device::Gpu;
use super::error::GpuError;

/// What has been sent to the device, and whether it is done.
#[derive(Debug, Clone)]
pub struct Submitted {
    #[cfg(not(target_arch = "wasm32"))]
    index: wgpu::SubmissionIndex,
    signal: Signal,
}

/// Set once by a callback of the device.
#[derive(Debug, Clone, Default)]
pub(super) struct Signal(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    result: Option<Result<(), String>>,
    waker: Option<Waker>,
}

impl Signal {
    pub fn set(&self, result: Result<(), String>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.result = Some(result);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn is_set(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).result.is_some()
    }

    /// Waits for the callback; browsers call it from their event loop.
    async fn wait(&self) -> Result<(), String> {
        poll_fn(|context| {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match &state.result {
                Some(result) => Poll::Ready(result.clone()),
                None => {
                    state.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl Submitted {
    pub(super) fn new(index: wgpu::SubmissionIndex, signal: Signal) -> Self {
        #[cfg(target_arch = "wasm32")]
        let _ = index;
        Self {
            #[cfg(not(target_arch = "wasm32"))]
            index,
            signal,
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
std::thread_local! {
    /// Whether a panic of this thread is caught and told in other words.
    static CAUGHT: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Lets others go on, once.
#[cfg(not(target_arch = "wasm32"))]
async fn give_way() {
    let mut gave = false;
    poll_fn(|context| {
        if std::mem::replace(&mut gave, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Gpu {
    /// Asks the device how far it is.
    #[cfg(not(target_arch = "wasm32"))]
    fn poll(&self, poll: wgpu::PollType) -> Result<(), GpuError> {
        use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
        static HOOK: std::sync::Once = std::sync::Once::new();
        // wgpu panics here when the system says that the device is gone. That is no fault of this program, so it
        // becomes an error, without a backtrace on standard error.
        HOOK.call_once(|| {
            let other = take_hook();
            set_hook(Box::new(move |info| {
                if !CAUGHT.get() {
                    other(info);
                }
            }));
        });
        CAUGHT.set(true);
        let polled = catch_unwind(AssertUnwindSafe(|| self.device.poll(poll)));
        CAUGHT.set(false);
        match polled {
            Ok(Ok(_) | Err(wgpu::PollError::Timeout)) => Ok(()),
            Ok(Err(error)) => Err(GpuError::failed(error)),
            Err(panic) => {
                let text = panic.downcast::<String>();
                let reason = text.map_or_else(|_| "no reason was given".into(), |text| *text);
                let error = GpuError::Lost { reason };
                self.note(error.clone());
                Err(error)
            }
        }
    }

    /// Waits until the device has done what was submitted, looking at `cancel` every 2 ms and letting
    /// other futures of this thread go on.
    ///
    /// # Errors
    /// When the work was stopped, or the device is lost or failed.
    pub async fn wait(&self, submitted: &Submitted, cancel: &CancelFlag) -> Result<(), GpuError> {
        #[cfg(not(target_arch = "wasm32"))]
        while !submitted.signal.is_set() {
            cancel.check()?;
            self.check()?;
            // Others on this thread go first: a second device is given its work while this one does its own.
            give_way().await;
            let poll = wgpu::PollType::Wait {
                submission_index: Some(submitted.index.clone()),
                timeout: Some(std::time::Duration::from_millis(2)),
            };
            self.poll(poll)?;
        }
        let result = submitted.signal.wait().await;
        cancel.check()?;
        self.check()?;
        result.map_err(|reason| GpuError::Failed { reason })
    }
}
