//! Downloads: the files that the cache lacks, a few at a time, each going on from what has come.

mod file;

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use clusterclip_core::monitor::{Event, Monitor, Stage};

use super::DatasetError;
use super::kept::Kept;
use super::listing::Entry;
use super::remote::Remote;
use crate::error::Result;
use crate::hub::HubError;

/// How many files are fetched at a time.
const AT_ONCE: usize = 8;
/// How long the wait for news lasts before the cancel flag is looked at again.
const PATIENCE: Duration = Duration::from_millis(50);

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
    fn failed(&self, cause: HubError) -> DatasetError {
        let Downloads { name, kept, .. } = &self.downloads;
        let (name, cache) = (name.clone(), kept.cache.path().clone());
        DatasetError::Hub { name, cause: cause.into(), cache, meant: None }
    }
}
