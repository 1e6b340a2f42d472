//! Pipes on disk: input is read more than once, a pipe gives its bytes only once.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use clusterclip_core::monitor::Monitor;
use tempfile::NamedTempFile;

use crate::error::{FileError, Result};

const CHUNK: usize = 1 << 20;

/// Copies a pipe to a temporary file, which vanishes when it is dropped.
///
/// The pipe is read on a thread of its own, so that an interrupt is heard while nobody writes to it; that
/// thread ends with the pipe or with the process.
pub(crate) fn spool(
    mut pipe: impl Read + Send + 'static,
    name: &str,
    monitor: &Monitor<'_>,
) -> Result<NamedTempFile> {
    let copy =
        |to: &Path, cause| FileError::Copy { name: name.to_owned(), to: to.display().to_string(), cause };
    let mut file = tempfile::Builder::new()
        .prefix("clusterclip-")
        .tempfile()
        .map_err(|cause| copy(&std::env::temp_dir(), cause))?;
    let (sender, receiver) = mpsc::sync_channel(2);
    std::thread::spawn(move || {
        loop {
            let mut chunk = Vec::new();
            let read = (&mut pipe).take(CHUNK as u64).read_to_end(&mut chunk);
            let ended = !matches!(read, Ok(1..));
            if sender.send(read.map(|_| chunk)).is_err() || ended {
                return;
            }
        }
    });
    loop {
        monitor.check()?;
        match receiver.recv_timeout(Duration::from_millis(50)) {
            Ok(chunk) => {
                let chunk = chunk.map_err(|cause| FileError::Read { name: name.to_owned(), cause })?;
                let written = file.write_all(&chunk);
                written.map_err(|cause| copy(file.path(), cause))?;
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(file),
        }
    }
}
