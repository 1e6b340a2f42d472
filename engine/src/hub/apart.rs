//! Work that cannot be stopped from outside: it is waited for, or left behind.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use clusterclip_core::monitor::{Cancelled, Monitor};

use super::{ANSWER, HubError};

/// How long the wait lasts before the cancel flag is looked at again.
const PATIENCE: Duration = Duration::from_millis(50);

/// Asks the hub on another thread, and waits for the end, or for this long.
///
/// # Errors
/// The work was stopped; how it went is what is returned.
pub(crate) fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HubError> + Send + 'static,
    limit: Option<Duration>,
    monitor: &Monitor<'_>,
) -> Result<Result<T, HubError>, Cancelled> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // The receiver may have gone: then nobody asks.
        let _ = sender.send(work());
    });
    let begun = Instant::now();
    loop {
        monitor.check()?;
        match receiver.recv_timeout(PATIENCE) {
            Ok(outcome) => return Ok(outcome),
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(Err(HubError::Ended)),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        if limit.is_some_and(|limit| begun.elapsed() >= limit) {
            return Ok(Err(HubError::NoAnswer { variable: ANSWER.0 }));
        }
    }
}
