//! What a command says at its end, on standard output: a table for people, or one JSON object.

mod facts;
mod gather;
mod table;

use std::io::{self, Write as _};

use anyhow::{Context, Result};
use serde::Serialize;
use terminal_size::{Width, terminal_size_of};

pub use facts::{Labels, Summary};

use crate::args::OutputArgs;
use crate::error::OutputClosed;
use crate::terminal;

impl Summary {
    /// Prints the summary in the way that was asked for.
    pub fn print(&self, output: &OutputArgs) -> Result<()> {
        let printed = match (output.json, output.quiet) {
            (true, _) => print_json(self),
            (false, true) => Ok(()),
            (false, false) => print(&table::text(self, width())),
        };
        printed.with_context(|| format!("the results are complete, in {}, but this report is not", self.out))
    }
}

/// The width of the summary where standard output is no terminal.
const WIDTH: u16 = 110;

/// Below this a table of clusters cannot be laid out; a narrower terminal wraps it itself.
const LEAST: u16 = 60;

/// The width of the report in characters: the terminal's.
fn width() -> u16 {
    terminal_size_of(io::stdout()).map_or(WIDTH, |(Width(width), _)| width.max(LEAST))
}

/// Writes lines to standard output, control characters escaped.
pub fn print(text: &str) -> Result<()> {
    write(&terminal::lines(text))
}

/// Writes a value as one line of JSON to standard output.
pub fn print_json(value: &impl Serialize) -> Result<()> {
    write(&format!("{}\n", terminal::json(&serde_json::to_string(value)?)))
}

/// Writes to standard output; a reader that went away is told apart from what goes wrong.
fn write(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(OutputClosed.into()),
        other => other.context("standard output cannot be written"),
    }
}
