//! The one event stream, and the cancel flag.
//!
//! Every slow step takes a [`Monitor`]: it tells what it does through [`Monitor::emit`], which the shells only
//! render, and asks [`Monitor::check`] at least every 100 ms whether it should stop.
//!
//! ```
//! use std::cell::RefCell;
//!
//! use clusterclip_core::monitor::{CancelFlag, Cancelled, Event, Monitor, Stage};
//!
//! let (told, cancel) = (RefCell::new(Vec::new()), CancelFlag::default());
//! let sink = |event| told.borrow_mut().push(event);
//! let monitor = Monitor::new(&sink, cancel.clone());
//! monitor.emit(Event::Progress { stage: Stage::Embed, done: 7 });
//! assert_eq!(monitor.check(), Ok(()));
//! cancel.cancel();
//! assert_eq!(monitor.check(), Err(Cancelled));
//! assert_eq!(told.take(), [Event::Progress { stage: Stage::Embed, done: 7 }]);
//! ```

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Kind;
use crate::named;

/// A stage of the pipeline, in the order in which data flows through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Files are fetched from elsewhere.
    Fetch,
    /// Documents are read, counted and hashed.
    Read,
    /// The embedder is fitted on its sample.
    Fit,
    /// Documents become rows.
    Embed,
    /// Rows become bytes.
    Quantize,
    /// Rows get labels.
    Cluster,
    /// Centroids and similarities are computed for saving.
    Finish,
    /// Rows become points of a map.
    Map,
    /// Labels become an order.
    Sample,
    /// Results are written.
    Write,
    /// Files that are there already are read and hashed.
    Check,
}

named!(
    Stage:
    Fetch = "fetch",
    Read = "read",
    Fit = "fit",
    Embed = "embed",
    Quantize = "quantize",
    Cluster = "cluster",
    Finish = "finish",
    Map = "map",
    Sample = "sample",
    Write = "write",
    Check = "check",
);

/// What a slow step says of itself.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A stage begins; `total` is the amount of work in `unit`, where it is known.
    Started {
        /// Which stage.
        stage: Stage,
        /// Amount of work, in `unit`.
        total: Option<u64>,
        /// What is counted: "documents", "bytes", "rows", "positions".
        unit: &'static str,
    },
    /// So much of the current stage is done.
    Progress {
        /// Which stage.
        stage: Stage,
        /// Amount done so far, in the unit of the `Started` event.
        done: u64,
    },
    /// One K-Means iteration has ended.
    Iteration {
        /// Its number, from 1.
        iteration: u32,
        /// Sum of the scores of all rows before refill.
        objective: i64,
        /// Rows whose label changed.
        moved: u64,
        /// Empty clusters that were given a row.
        refilled: u64,
    },
    /// A stage has ended.
    Finished {
        /// Which stage.
        stage: Stage,
    },
    /// Something to be said once, of which no result depends: what a stage runs on, what was there already.
    Note {
        /// What it is about, in one word: a stage, or a thing that a stage needs.
        about: &'static str,
        /// What there is to say.
        text: String,
    },
    /// Something the person should know. Those that the manifest keeps are the same text on every device.
    Warning(String),
}

/// Set by a person who wants the work to stop; shared between threads.
#[derive(Debug, Clone, Default)]
pub struct CancelFlag {
    told: Arc<AtomicBool>,
    ask: Option<fn() -> bool>,
}

impl From<Arc<AtomicBool>> for CancelFlag {
    /// Takes a flag that somebody else sets, a signal handler for one.
    fn from(told: Arc<AtomicBool>) -> Self {
        Self { told, ask: None }
    }
}

impl CancelFlag {
    /// A flag that asks, for places where nobody can set one while the work goes on: a browser's worker has a single
    /// thread. `ask` is called at every look at the flag, so it must be quick; once it has said yes it is not asked again.
    pub fn asking(ask: fn() -> bool) -> Self {
        Self { told: Arc::default(), ask: Some(ask) }
    }

    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.told.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        if self.told.load(Ordering::Relaxed) {
            return true;
        }
        let asked = self.ask.is_some_and(|ask| ask());
        if asked {
            self.cancel();
        }
        asked
    }

    /// Returns an error once the work was asked to stop.
    ///
    /// # Errors
    /// [`Cancelled`] after [`CancelFlag::cancel`].
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

/// The work was stopped by its [`CancelFlag`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Cancelled;

crate::nameless!(Cancelled, Kind::Cancelled);

/// What a slow step is given to speak with and to listen to.
#[derive(Clone)]
pub struct Monitor<'a> {
    sink: Option<&'a dyn Fn(Event)>,
    cancel: CancelFlag,
}

impl fmt::Debug for Monitor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").field("cancel", &self.cancel).finish_non_exhaustive()
    }
}

impl<'a> Monitor<'a> {
    /// A monitor whose events go to `sink`. Events are sent from the coordinating thread only.
    pub fn new(sink: &'a dyn Fn(Event), cancel: CancelFlag) -> Self {
        Self { sink: Some(sink), cancel }
    }

    /// A monitor that nobody listens to and that never cancels.
    pub fn silent() -> Self {
        Self { sink: None, cancel: CancelFlag::default() }
    }

    /// A monitor that nobody hears and that stops when the flag says so: for worker threads, and for steps whose progress
    /// is told otherwise.
    pub fn stopping(cancel: CancelFlag) -> Self {
        Self { sink: None, cancel }
    }

    /// Sends an event.
    pub fn emit(&self, event: Event) {
        if let Some(sink) = self.sink {
            sink(event);
        }
    }

    /// Returns an error once the work was asked to stop.
    ///
    /// # Errors
    /// [`Cancelled`] after the flag was set.
    pub fn check(&self) -> Result<(), Cancelled> {
        self.cancel.check()
    }

    /// The flag, for worker threads (a monitor itself stays on its thread).
    pub fn cancel_flag(&self) -> &CancelFlag {
        &self.cancel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_that_asks_remembers_a_yes_and_tells_its_clones() {
        static ASKED: AtomicBool = AtomicBool::new(false);
        let flag = CancelFlag::asking(|| ASKED.load(Ordering::Relaxed));
        let clone = flag.clone();
        assert_eq!(flag.check(), Ok(()));
        ASKED.store(true, Ordering::Relaxed);
        assert_eq!(flag.check(), Err(Cancelled));
        ASKED.store(false, Ordering::Relaxed);
        assert!(clone.is_cancelled() && flag.is_cancelled());
    }
}
