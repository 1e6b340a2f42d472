//! Downloads: the files that the cache lacks, a few at a time, each going on from what has come.

use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use clusterclip_core::monitor::{Event, Monitor, Stage};

use super::DatasetError;
use super::kept::{Kept, length};
use super::listing::Entry;
use super::remote::{Failed, Remote, header};
use crate::error::Result;
use crate::hub::HubError;

/// How many files are fetched at a time.
const AT_ONCE: usize = 8;
/// How long the wait for news lasts before the cancel flag is looked at again.
const PATIENCE: Duration = Duration::from_millis(50);
/// How often a file is asked for again that has failed without a byte, and how long is waited before.
const AGAIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];
/// The longest that the hub may have us wait.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// Bytes that are read at a time.
const CHUNK: usize = 256 << 10;

/// Files of a commit that are to come.
pub(super) struct Downloads {
    pub(super) name: String,
    pub(super) remote: Remote,
    pub(super) kept: Kept,
    pub(super) commit: String,
    pub(super) entries: Vec<Entry>,
}

enum Told {
    Bytes(u64),
    /// The content of this file is fetched elsewhere: by another program, or as that of a file with the same.
    Waits(String),
    /// A file is there, or why it is not.
    File(Result<(), DatasetError>),
}

struct Shared {
    downloads: Downloads,
    queue: Mutex<VecDeque<usize>>,
    stop: AtomicBool,
}

impl Downloads {
    /// Bytes that are to come; those of files that are the same come once.
    pub(super) fn to_come(&self) -> u64 {
        let mut seen = BTreeSet::new();
        let contents = self.entries.iter().filter(|entry| seen.insert(&entry.etag));
        contents.map(|entry| self.kept.to_come(&self.commit, entry)).sum()
    }

    /// Files that are not in their places yet.
    pub(super) fn lacking(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !self.kept.has(&self.commit, entry))
    }

    /// Fetches all.
    ///
    /// # Errors
    /// There is no room, a file cannot be fetched or kept, the work was stopped.
    pub(super) fn fetch(mut self, monitor: &Monitor<'_>) -> Result<()> {
        self.entries.retain(|entry| !self.kept.has(&self.commit, entry));
        if self.entries.is_empty() {
            return Ok(());
        }
        let total = self.to_come();
        self.check_room(total)?;
        let stage = Stage::Fetch;
        if total > 0 {
            monitor.emit(Event::Started { stage, total: Some(total), unit: "bytes" });
        }
        let mut left = self.entries.len();
        let queue = Mutex::new((0..left).collect());
        let shared = Arc::new(Shared { downloads: self, queue, stop: AtomicBool::new(false) });
        let (sender, receiver) = mpsc::channel();
        // A download cannot be stopped from outside while it waits for the hub: it is left behind, and ends with the
        // next byte.
        for _ in 0..left.min(AT_ONCE) {
            let (shared, sender) = (Arc::clone(&shared), sender.clone());
            thread::spawn(move || shared.work(&sender));
        }
        drop(sender);
        let stopping = Stopping(&shared.stop);
        let mut done = 0;
        while left > 0 {
            monitor.check()?;
            match receiver.recv_timeout(PATIENCE) {
                Ok(Told::Bytes(bytes)) => {
                    // What came twice counts once.
                    done = total.min(done + bytes);
                    monitor.emit(Event::Progress { stage, done });
                }
                Ok(Told::Waits(path)) => monitor.emit(Event::Note {
                    about: "fetch",
                    text: format!("waits for another download of {path}"),
                }),
                Ok(Told::File(outcome)) => {
                    outcome?;
                    left -= 1;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(shared.failed(HubError::Ended).into()),
            }
        }
        drop(stopping);
        if total > 0 {
            monitor.emit(Event::Finished { stage });
        }
        Ok(())
    }

    fn check_room(&self, wanted: u64) -> Result<(), DatasetError> {
        let cache = self.kept.cache.path();
        let there = cache.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
        let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
        // A system that cannot tell refuses nothing.
        match fs4::available_space(there) {
            Ok(free) if free < wanted => {
                Err(DatasetError::NoRoom { name: self.name.clone(), wanted, free, cache: cache.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// Stops the threads when nobody waits for them any more.
struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    fn work(&self, sender: &Sender<Told>) {
        loop {
            let next = self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(entry) = next.map(|number| &self.downloads.entries[number]) else { return };
            // Whoever waits may have gone.
            if sender.send(Told::File(self.file(entry, sender))).is_err() || self.stopped() {
                return;
            }
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Has a file in its place.
    fn file(&self, entry: &Entry, sender: &Sender<Told>) -> Result<(), DatasetError> {
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

    fn failed(&self, cause: HubError) -> DatasetError {
        let Downloads { name, kept, .. } = &self.downloads;
        let (name, cache) = (name.clone(), kept.cache.path().clone());
        DatasetError::Hub { name, cause: cause.into(), cache, meant: None }
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
