//! Pipes on disk: input is read more than once, a pipe gives its bytes only once.

use std::io::{Read, Write};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result};
use clusterclip_core::monitor::Monitor;
use tempfile::NamedTempFile;

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
    let mut file = tempfile::Builder::new()
        .prefix("clusterclip-")
        .tempfile()
        .with_context(|| format!("no temporary file for {name} in {}", std::env::temp_dir().display()))?;
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
                let chunk = chunk.with_context(|| format!("{name} cannot be read"))?;
                file.write_all(&chunk).with_context(|| {
                    format!(
                        "{name} cannot be copied to {}; TMPDIR names another folder",
                        file.path().display()
                    )
                })?;
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(file),
        }
    }
}
