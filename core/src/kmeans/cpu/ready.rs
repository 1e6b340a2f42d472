//! Futures that never wait.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The result of a future over the CPU backend: none of them ever waits.
///
/// # Panics
/// If it waits for something else.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("the CPU backend never waits"),
    }
}
