//! The stages, joined: each asks the output folder whether its results are there, and makes them if not.
//!
//! What a stage computes is in `clusterclip-core`; how its files appear is in [`crate::store`]. Here is the
//! thin thread between them, in the one direction in which data flows: embed, cluster, sample, export.

pub mod cluster;
pub mod embed;
pub mod export;
pub mod keywords;
pub mod sample;

use clusterclip_core::monitor::{Event, Monitor};

use crate::progress::Progress;
use crate::store::StageName;

/// What every stage is given besides its data.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// What to speak with and listen to.
    pub monitor: &'a Monitor<'a>,
    /// Who renders it, and keeps the times.
    pub progress: &'a Progress,
}

impl Work<'_> {
    /// Says that a stage's results were there already.
    fn reused(&self, stage: StageName) {
        self.progress.note(&format!("{stage}: the results are there already, with the same input and options"));
    }

    /// Sends warnings, which a person should see, and hands them back, for the manifest.
    fn warn(&self, warnings: Vec<String>) -> Vec<String> {
        for warning in &warnings {
            self.monitor.emit(Event::Warning(warning.clone()));
        }
        warnings
    }
}

/// A 128-bit hash as inputs are listed by.
fn hex(hash: u128) -> String {
    format!("{hash:032x}")
}
