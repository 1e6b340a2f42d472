//! Futures of the core that never wait: all but those of a GPU.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The result of such a future.
///
/// # Panics
/// If it waits after all.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("nothing on the CPU waits"),
    }
}
