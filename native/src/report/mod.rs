//! What a command says at its end, on standard output: a table for people, or one JSON object.

mod facts;
mod gather;
mod table;

use std::io::{self, Write as _};

use anyhow::Result;

pub use facts::Report;

use crate::args::OutputArgs;
use crate::error::OutputClosed;

impl Report {
    /// Prints the report in the way that was asked for.
    pub fn print(&self, output: &OutputArgs) -> Result<()> {
        match (output.json, output.quiet) {
            (true, _) => print(&(serde_json::to_string(self)? + "\n")),
            (false, true) => Ok(()),
            (false, false) => print(&table::text(self)),
        }
    }
}

/// Writes to standard output; a reader that went away is told apart from what goes wrong.
pub fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(OutputClosed.into()),
        other => Ok(other?),
    }
}
