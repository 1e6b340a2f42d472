//! The stages, joined: each asks the output folder whether its results are there, and makes them if not.
//!
//! What a stage computes is in `clusterclip-core`; how its files appear is in [`crate::store`]. Here is the
//! thin thread between them, in the one direction in which data flows: embed, cluster, sample, export.

pub mod cluster;
pub mod embed;
pub mod export;
pub mod join;
pub mod keywords;
pub mod sample;
mod texts;
pub mod weights;

use clusterclip_core::monitor::{Event, Monitor};

use crate::error::Result;
use crate::store::{Facts, FinishedFile, Machine, OutDir, Request, StageName, StageTimer};

/// What every stage is given besides its data.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// What to speak with and listen to.
    pub monitor: &'a Monitor<'a>,
    /// What it all runs on.
    pub machine: &'a Machine,
}

impl Work<'_> {
    /// Says that a stage's results were there already, and what there is to know of them.
    fn reused(&self, out: &OutDir, stage: StageName) {
        self.note(stage.name(), "reused: made before from the same input with the same options".to_owned());
        let warnings = out.results().manifest().warnings.get(&stage);
        self.warn(warnings.cloned().unwrap_or_default());
    }

    /// Says something of which no result depends.
    pub fn note(&self, about: &'static str, text: String) {
        self.monitor.emit(Event::Note { about, text });
    }

    /// Puts the files of a finished stage in place and notes how it ran.
    fn commit(
        &self,
        out: &mut OutDir,
        request: &Request,
        files: Vec<FinishedFile>,
        facts: Facts,
        warnings: Vec<String>,
        timer: StageTimer,
    ) -> Result<()> {
        self.warn(out.commit(request, files, facts, warnings)?);
        Ok(out.record_run(request.stage, timer.finish(self.machine.clone()))?)
    }

    /// Sends warnings, which a person should see, and hands them back, for the manifest.
    pub fn warn(&self, warnings: Vec<String>) -> Vec<String> {
        for warning in &warnings {
            self.monitor.emit(Event::Warning(warning.clone()));
        }
        warnings
    }
}
