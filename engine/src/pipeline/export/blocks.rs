//! Blocks: documents as they are read, in ascending rows, each with its turns.

use std::ops::Range;
use std::sync::mpsc::SyncSender;

use clusterclip_core::monitor::{CancelFlag, Cancelled, Monitor};

use super::Order;
use super::names::{self, Named};
use super::wanted::{Turn, Wanted};
use crate::error::Result;
use crate::input::{Corpus, Forward, Place};
use crate::store::{Remedy, Results, StoreError};

/// Bytes of what a block comes to; a document with more turns than that is in several.
const BLOCK: usize = 8 << 20;

/// Bytes of a turn besides those of its document.
const TURN: usize = 64;

/// Documents that were read.
#[derive(Default)]
pub struct Block {
    pub documents: Vec<Taken>,
    pub turns: Vec<Turn>,
    /// Ids and sources.
    names: String,
    raw: Vec<u8>,
    /// What its turns come to.
    bytes: usize,
}

/// A document of a block.
pub struct Taken {
    pub document: u64,
    pub place: Place,
    /// Where in the block its turns are.
    pub turns: Range<usize>,
    /// Where its id and source are.
    id: Range<usize>,
    source: Range<usize>,
    /// What there is at its place; `None` where there is nothing, or nothing is read.
    raw: Option<Range<usize>>,
}

impl Block {
    /// What is known of a document, which is at `place`.
    pub fn named(&self, taken: &Taken, place: Place) -> Named<'_> {
        let [id, source] = [&taken.id, &taken.source].map(|name| &self.names[name.clone()]);
        Named { document: taken.document, id, source, place }
    }

    /// What there is at its place.
    pub fn raw(&self, taken: &Taken) -> Option<&[u8]> {
        taken.raw.clone().map(|raw| &self.raw[raw])
    }

    fn name(&mut self, name: &str) -> Range<usize> {
        let from = self.names.len();
        self.names.push_str(name);
        from..self.names.len()
    }
}

/// Reads documents and sends them on in blocks.
pub struct Reading<'a> {
    /// The order.
    pub order: Order<'a>,
    /// What it reads, where that is wanted.
    pub corpus: Option<&'a Corpus>,
    /// The folder that is written.
    pub here: &'a Results,
    /// Their turns.
    pub wanted: Wanted,
    pub sender: SyncSender<Block>,
    pub cancel: CancelFlag,
}

impl Reading<'_> {
    /// Sends all documents that have turns.
    ///
    /// # Errors
    /// Files that cannot be read or changed; the work was stopped.
    pub fn run(self) -> Result<()> {
        let Self { order, corpus, here, mut wanted, sender, cancel } = self;
        let mut forward = corpus.map(Forward::new);
        let monitor = Monitor::stopping(cancel.clone());
        let mut block = Block::default();
        let mut documents = 0;
        names::each(order, corpus, here, &monitor, |named| {
            documents += 1;
            if named.document >= order.labels.len() as u64 {
                return Ok(());
            }
            let mut turns = wanted.of_row(named.document)?;
            while !turns.is_empty() {
                let taken = block.take(named, turns, forward.as_mut(), &cancel)?;
                turns = &turns[taken..];
                if block.bytes >= BLOCK && sender.send(std::mem::take(&mut block)).is_err() {
                    // Who makes lines of them has failed, and says why.
                    return Err(Cancelled.into());
                }
            }
            Ok(())
        })?;
        if documents != order.labels.len() as u64 {
            let why = format!("{documents} documents of {}", order.labels.len());
            return Err(
                StoreError::Damaged { path: here.path().to_path_buf(), why, remedy: Remedy::Anew }.into()
            );
        }
        sender.send(block).map_err(|_| Cancelled)?;
        Ok(())
    }
}

impl Block {
    /// Adds a document with as many of its turns as there is room for, at least one; gives how many these are.
    fn take(
        &mut self,
        named: Named<'_>,
        turns: &[Turn],
        forward: Option<&mut Forward<'_>>,
        cancel: &CancelFlag,
    ) -> Result<usize> {
        let start = self.raw.len();
        let found = match forward {
            Some(forward) => forward.read(&named.place, &mut self.raw, cancel)?,
            None => false,
        };
        let raw = start..self.raw.len();
        let each = TURN + named.id.len() + named.source.len() + raw.len();
        let taken = (BLOCK.saturating_sub(self.bytes) / each).clamp(1, turns.len());
        self.bytes += taken * each;
        let from = self.turns.len();
        self.turns.extend_from_slice(&turns[..taken]);
        let (id, source) = (self.name(named.id), self.name(named.source));
        self.documents.push(Taken {
            document: named.document,
            place: named.place,
            turns: from..self.turns.len(),
            id,
            source,
            raw: found.then_some(raw),
        });
        Ok(taken)
    }
}
