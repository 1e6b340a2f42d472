//! Files that are read only to be hashed.

use clusterclip_core::monitor::{Cancelled, Event, Monitor, Stage};

/// What is read without a word: at some 2 GB a second it is done before a line about it could be read.
const SILENT: u64 = 64 << 20;

/// Tells of a check: nothing of a short one, the bytes of a long one.
#[derive(Debug)]
pub struct Check<'a> {
    monitor: &'a Monitor<'a>,
    told: bool,
    done: u64,
}

impl<'a> Check<'a> {
    /// Begins a check of `total` bytes.
    pub fn begin(total: u64, monitor: &'a Monitor<'a>) -> Self {
        let told = total > SILENT;
        if told {
            monitor.emit(Event::Started { stage: Stage::Check, total: Some(total), unit: "bytes" });
        }
        Self { monitor, told, done: 0 }
    }

    /// Counts `bytes` that were read, at most a few megabytes.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn read(&mut self, bytes: u64) -> Result<(), Cancelled> {
        self.done += bytes;
        if self.told {
            self.monitor.emit(Event::Progress { stage: Stage::Check, done: self.done });
        }
        self.monitor.check()
    }

    /// Ends the check.
    pub fn end(self) {
        if self.told {
            self.monitor.emit(Event::Finished { stage: Stage::Check });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use clusterclip_core::monitor::CancelFlag;

    use super::*;

    #[test]
    fn long_checks_are_told_and_short_ones_are_not() {
        for (total, expected) in [(SILENT, 0), (SILENT + 1, 3)] {
            let events = RefCell::new(Vec::new());
            let sink = |event| events.borrow_mut().push(event);
            let monitor = Monitor::new(&sink, CancelFlag::default());
            let mut check = Check::begin(total, &monitor);
            check.read(total).unwrap();
            check.end();
            let events = events.borrow();
            assert_eq!(events.len(), expected);
            if expected > 0 {
                assert_eq!(events[1], Event::Progress { stage: Stage::Check, done: total });
            }
        }
    }

    #[test]
    fn a_short_check_can_be_cancelled_too() {
        let cancel = CancelFlag::default();
        let sink = |_| {};
        let monitor = Monitor::new(&sink, cancel.clone());
        let mut check = Check::begin(1, &monitor);
        cancel.cancel();
        assert_eq!(check.read(1), Err(Cancelled));
    }
}
