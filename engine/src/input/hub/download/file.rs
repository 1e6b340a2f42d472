//! One file: asked for again where it breaks off, from what has come on.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use super::super::DatasetError;
use super::super::kept::length;
use super::super::listing::Entry;
use super::super::remote::{Failed, header};
use super::{Downloads, PATIENCE, Shared, Told};
use crate::hub::HubError;

/// How often a file is asked for again that has failed without a byte, and how long is waited before.
const AGAIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];
/// The longest that the hub may have us wait.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// Bytes that are read at a time.
const CHUNK: usize = 256 << 10;

impl Shared {
    /// Has a file in its place.
    pub(super) fn file(&self, entry: &Entry, sender: &Sender<Told>) -> Result<(), DatasetError> {
        let Downloads { kept, commit, .. } = &self.downloads;
        let blob = kept.blob(entry);
        if length(&blob) != Some(entry.size) {
            fs::create_dir_all(blob.parent().unwrap_or(&blob)).map_err(cannot(&blob))?;
            let _lock = self.lock(entry, sender)?;
            // Another program may have brought it meanwhile.
            if length(&blob) != Some(entry.size) {
                let part = kept.part(entry);
                self.content(entry, &part, sender)?;
                fs::rename(&part, &blob).map_err(cannot(&blob))?;
            }
        }
        kept.link(commit, entry).map_err(cannot(&kept.file(commit, &entry.path)))
    }

    /// Waits until nobody else fetches this content; where locks are not to be had, nobody is waited for.
    fn lock(&self, entry: &Entry, sender: &Sender<Told>) -> Result<Option<File>, DatasetError> {
        let path = self.downloads.kept.lock(entry);
        fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(cannot(&path))?;
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(cannot(&path))?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::Error(_)) => return Ok(None),
                Err(TryLockError::WouldBlock) if self.stopped() => return Err(self.failed(HubError::Ended)),
                Err(TryLockError::WouldBlock) => {}
            }
            if !std::mem::replace(&mut told, true) {
                let _ = sender.send(Told::Waits(entry.path.clone()));
            }
            thread::sleep(PATIENCE);
        }
    }

    /// Has the bytes of a file in `part`.
    fn content(&self, entry: &Entry, part: &Path, sender: &Sender<Told>) -> Result<(), DatasetError> {
        let url = self.downloads.remote.address(&self.downloads.commit, &entry.path);
        let mut again = AGAIN.iter();
        loop {
            let before = length(part).unwrap_or_default();
            let failed = match self.attempt(&url, entry, part, sender)? {
                None => return Ok(()),
                Some(failed) => failed,
            };
            if length(part).unwrap_or_default() > before {
                again = AGAIN.iter();
            }
            let wait = match failed.again {
                Some(wait) if wait.is_zero() => again.next().copied(),
                Some(wait) if wait <= LONGEST_WAIT => again.next().map(|least| wait.max(*least)),
                _ => None,
            };
            let Some(wait) = wait.filter(|_| !self.stopped()) else {
                return Err(self.failed(match failed.error {
                    HubError::Ask { url, reason } => HubError::Fetch {
                        url,
                        reason: format!("{reason}; the same command goes on from what has come"),
                    },
                    error => error,
                }));
            };
            for _ in 0..wait.as_millis().div_ceil(PATIENCE.as_millis()) {
                if self.stopped() {
                    return Err(self.failed(HubError::Ended));
                }
                thread::sleep(PATIENCE);
            }
        }
    }

    /// Asks once for what is still to come of a file; `None` when all is there.
    fn attempt(
        &self,
        url: &str,
        entry: &Entry,
        part: &Path,
        sender: &Sender<Told>,
    ) -> Result<Option<Failed>, DatasetError> {
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(part);
        let mut file = open.map_err(cannot(part))?;
        let empty = |file: &mut File| file.set_len(0).and_then(|()| file.rewind()).map_err(cannot(part));
        let mut come = file.seek(SeekFrom::End(0)).map_err(cannot(part))?;
        if come > entry.size {
            empty(&mut file)?;
            come = 0;
        }
        if come == entry.size {
            return Ok(None);
        }
        let response = match self.downloads.remote.bytes(url, come) {
            Ok(response) => response,
            Err(failed) => return Ok(Some(failed)),
        };
        let ask = |reason: String, again| {
            Some(Failed { error: HubError::Ask { url: url.to_owned(), reason }, again })
        };
        // Who was asked for the rest and sends the whole begins anew.
        if come > 0 && !begins_at(header(&response, "content-range"), come) {
            empty(&mut file)?;
            come = 0;
        }
        let mut body = response.into_body().into_reader();
        let mut chunk = vec![0; CHUNK];
        loop {
            if self.stopped() {
                return Ok(ask("stopped".to_owned(), None));
            }
            let read = match body.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Ok(ask(cause.to_string(), Some(Duration::ZERO))),
            };
            come += read as u64;
            if come > entry.size {
                empty(&mut file)?;
                let reason = format!("more than the {} bytes of the hub's own list came", entry.size);
                return Ok(ask(reason, None));
            }
            file.write_all(&chunk[..read]).map_err(cannot(part))?;
            let _ = sender.send(Told::Bytes(read as u64));
        }
        if come < entry.size {
            return Ok(ask(format!("{come} of {} bytes came", entry.size), Some(Duration::ZERO)));
        }
        Ok(None)
    }
}

fn cannot(path: &Path) -> impl FnOnce(io::Error) -> DatasetError + use<> {
    let path = path.to_owned();
    move |cause| DatasetError::Cache { path, cause }
}

/// Whether `bytes FROM-TO/ALL` begins at this byte.
fn begins_at(range: Option<&str>, from: u64) -> bool {
    let first = range.and_then(|range| range.strip_prefix("bytes ")?.split_once('-'));
    first.is_some_and(|(first, _)| first.trim().parse() == Ok(from))
}
