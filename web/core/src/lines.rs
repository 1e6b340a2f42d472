//! The documents of an order as JSON lines.

use clusterclip_core::format::order::OrderLine;
use clusterclip_core::sampler::Draw;
use clusterclip_web_border::error;
use clusterclip_web_border::watch::{Watch, Watching};
use wasm_bindgen::prelude::*;

use crate::documents::Documents;
use crate::walk::Walk;

/// Most bytes of lines that are made. Browsers keep them in memory, and on disk what of them does not fit: how much that
/// may be they do not say, and a file beyond it is lost without an error.
const MAX_BYTES: u64 = 1 << 32;

/// Draws of which lines are made at a time, and those that are only counted.
const LINES: usize = 256;
const COUNTED: usize = 1 << 16;

/// The documents of an order as JSON lines.
#[wasm_bindgen]
pub struct Lines {
    walk: Walk,
    labels: Vec<i32>,
}

impl Lines {
    /// Begins at the beginning of a walk along an order with members.
    ///
    /// # Errors
    /// For more bytes than may be made: before any line is.
    pub fn new(
        walk: impl Fn() -> Result<Walk, JsValue>,
        labels: Vec<i32>,
        documents: &Documents,
        watch: Watch,
    ) -> Result<Lines, JsValue> {
        let watching = Watching::new(watch);
        let lines = Self { walk: walk()?, labels };
        let (mut counted, mut bytes) = (walk()?, 0);
        loop {
            watching.cancel().check().map_err(error::js)?;
            let draws = counted.draws(COUNTED)?;
            if draws.is_empty() {
                return Ok(lines);
            }
            for draw in &draws {
                bytes += lines.with_line(documents, draw, |line| line.least_len())?;
            }
            if bytes > MAX_BYTES {
                let said = format!(
                    "order.jsonl would take more than {MAX_BYTES} bytes, the most that is made here: choose a smaller \
                     budget, or make it on the command line with --export jsonl"
                );
                return Err(error::memory(&said));
            }
        }
    }

    fn with_line<T>(
        &self,
        documents: &Documents,
        draw: &Draw,
        work: impl FnOnce(&OrderLine<'_>) -> T,
    ) -> Result<T, JsValue> {
        let documents = &documents.found;
        let document = self.walk.row(draw);
        let row = document as usize;
        if row >= documents.len() {
            let said = format!("row {row} is not among {} documents", documents.len());
            return Err(error::input(&said));
        }
        Ok(work(&OrderLine {
            document,
            id: &documents.id(row),
            source: documents.source(),
            cluster: self.labels.get(row).copied().unwrap_or(-1),
            repetition: draw.repetition,
            text: documents.text(row),
        }))
    }
}

#[wasm_bindgen]
impl Lines {
    /// How many lines were made so far.
    #[wasm_bindgen(getter)]
    pub fn done(&self) -> f64 {
        self.walk.done() as f64
    }

    /// The next lines, a few more than so many bytes of them; nothing after the last.
    pub fn next(&mut self, documents: &Documents, bytes: usize) -> Result<Option<Vec<u8>>, JsValue> {
        let mut out = Vec::new();
        while out.len() < bytes {
            let draws = self.walk.draws(LINES)?;
            if draws.is_empty() {
                break;
            }
            for draw in &draws {
                self.with_line(documents, draw, |line| line.write(&mut out))?;
            }
        }
        Ok((!out.is_empty()).then_some(out))
    }
}
