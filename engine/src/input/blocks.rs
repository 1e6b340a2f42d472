//! Blocks: the bytes of all sources in reading order, cut into records.
//!
//! This runs ahead of parsing on a thread of its own. A block is about 8 MiB, or one document where that is
//! longer; the channel holds one block more, so memory stays bounded whatever the input's size.

use std::ops::Range;

use clusterclip_core::format::cut::{Cutter, Shape, Span};
use clusterclip_core::monitor::{CancelFlag, Cancelled};
use xxhash_rust::xxh3::Xxh3;

use super::columnar::{ColumnFormat, Rows};
use super::error::InputError;
use super::fingerprint::{Fingerprint, check_unchanged, share};
use super::left_out::{LeftOut, Reason};
use super::look::{Bytes, bytes_of};
use super::packing::Compression;
use super::reader::{CHUNK, read_chunk};
use super::source::{Kind, Source};
use super::{MAX_DOCUMENT, MAX_TEXT, most};
use crate::error::Result;

/// Bytes of a block, but for long documents.
const BLOCK: usize = 8 << 20;

/// Pieces of a block, so that a folder of tiny files is handed on in time.
const PIECES: usize = 4096;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) bytes: Vec<u8>,
    pub(crate) pieces: Vec<Piece>,
    /// Bytes of the values of rows, which lie elsewhere.
    values: usize,
    /// Blank lines that were left out.
    pub(crate) blank_lines: u64,
    /// Bytes of files read so far, from the start of the pass.
    pub(crate) done: u64,
}

/// Some records of a source that lie one after another.
#[derive(Debug)]
pub(crate) struct Piece {
    /// The number of the source.
    pub(crate) source: u32,
    pub(crate) records: Records,
}

/// What records lie in.
#[derive(Debug)]
pub(crate) enum Records {
    Bytes {
        /// Where their bytes are in the block.
        range: Range<usize>,
        /// Where these begin in the decompressed source.
        offset: u64,
        /// The records.
        spans: Vec<Span>,
    },
    Rows(Rows),
}

/// Reads all sources and hands their blocks to `send`, which returns false when nobody takes more.
pub(crate) fn produce(
    sources: &[Source],
    earlier: Option<&[Fingerprint]>,
    cancel: &CancelFlag,
    send: &mut dyn FnMut(Block) -> bool,
) -> Result<(Vec<Fingerprint>, LeftOut)> {
    let mut producer = Producer { block: Block::default(), left_out: LeftOut::default(), cancel, send };
    let mut fingerprints = Vec::with_capacity(sources.len());
    let mut done = 0;
    for (number, source) in (0u32..).zip(sources) {
        let fingerprint = producer.source(number, source, done)?;
        if let Some(earlier) = earlier {
            check_unchanged(source, earlier[number as usize], fingerprint)?;
        }
        done += fingerprint.length;
        producer.block.done = done;
        fingerprints.push(fingerprint);
    }
    producer.send(producer.block.bytes.len())?;
    Ok((fingerprints, producer.left_out))
}

/// Refuses a source whose first bytes are no text, and says what to do.
fn check_text(source: &Source, start: &[u8]) -> Result<(), InputError> {
    let name = source.display();
    let reason = match (bytes_of(start), Compression::of_magic(start)) {
        (Bytes::Text | Bytes::Empty, _) => return Ok(()),
        (Bytes::Pointer, _) => return Err(InputError::Pointer { name }),
        (Bytes::Utf16, _) => "is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8".to_owned(),
        (Bytes::Binary, Some(packed)) => {
            format!("is {} data; add {} to its name", packed.name(), packed.extension())
        }
        (Bytes::Binary, None) if start.starts_with(b"PAR1") => {
            "is a Parquet file; add .parquet to its name".to_owned()
        }
        (Bytes::Binary, None) if start.starts_with(b"ARROW1") => {
            "is an Arrow file; add .arrow to its name".to_owned()
        }
        (Bytes::Binary, None) => "is binary (a NUL among its first bytes), not text; leave it out".to_owned(),
    };
    Err(InputError::NoText { name, reason })
}

struct Producer<'a> {
    block: Block,
    left_out: LeftOut,
    cancel: &'a CancelFlag,
    send: &'a mut dyn FnMut(Block) -> bool,
}

impl Block {
    /// Whether it is to be handed on.
    fn is_full(&self) -> bool {
        self.bytes.len() + self.values >= BLOCK || self.pieces.len() >= PIECES
    }
}

impl Producer<'_> {
    /// Reads one source; `done` bytes of files were read before it.
    fn source(&mut self, number: u32, source: &Source, done: u64) -> Result<Fingerprint> {
        match source.kind {
            Kind::Bytes(shape) => self.bytes(number, source, shape, done),
            Kind::Columns(format) => self.columns(number, source, format, done),
        }
    }

    fn bytes(&mut self, number: u32, source: &Source, shape: Shape, done: u64) -> Result<Fingerprint> {
        let mut reader = source.open()?;
        let mut cutter = Cutter::new(shape);
        let longest = match source.compression {
            Some(_) => most(source.length).min(MAX_DOCUMENT),
            None => MAX_DOCUMENT,
        };
        // Where the bytes begin that are not yet part of a piece: byte of the source, byte of the block.
        let (mut offset, mut pending) = (0, self.block.bytes.len());
        let (mut begun, mut blank_lines) = (false, 0);
        let mut settled = false;
        loop {
            self.cancel.check()?;
            let before = self.block.bytes.len();
            let ended = read_chunk(&mut reader, source, &mut self.block.bytes)? < CHUNK;
            let new = &self.block.bytes[before..];
            if !std::mem::replace(&mut begun, true) {
                check_text(source, new)?;
            }
            let mut spans = Vec::new();
            cutter.push(new, &mut spans);
            if ended {
                cutter.finish(&mut spans);
            }
            self.block.blank_lines += cutter.blank_lines() - blank_lines;
            blank_lines = cutter.blank_lines();
            if !settled {
                settled = source.settle(&mut spans, &self.block.bytes[pending..], offset)?;
            }
            if let Some(fault) = cutter.fault() {
                return Err(InputError::Cut { name: source.display(), fault }.into());
            }
            let done_with = cutter.pending() - offset;
            let end = pending + done_with as usize;
            if !spans.is_empty() {
                let records = Records::Bytes { range: pending..end, offset, spans };
                self.block.pieces.push(Piece { source: number, records });
            }
            (offset, pending) = (offset + done_with, end);
            let held = (self.block.bytes.len() - pending) as u64;
            if shape == Shape::Whole && held > MAX_TEXT {
                return Err(InputError::LongText { name: source.display() }.into());
            }
            if held > longest {
                return Err(InputError::TooLong {
                    limit: longest,
                    name: source.display().to_string(),
                    line: cutter.line(),
                    quotes: matches!(shape, Shape::Table(_)),
                }
                .into());
            }
            self.block.done = done + reader.raw_count();
            if self.block.is_full() && pending > 0 {
                self.send(pending)?;
                pending = 0;
            }
            if ended {
                break;
            }
        }
        if cutter.is_empty() {
            self.left_out.add(Reason::Empty, &source.name, source.length);
        }
        Ok(Fingerprint { length: reader.raw_count(), hash: reader.raw_hash() })
    }

    /// Reads the rows of a columnar source.
    fn columns(
        &mut self,
        number: u32,
        source: &Source,
        format: ColumnFormat,
        done: u64,
    ) -> Result<Fingerprint> {
        let mut hash = Xxh3::new();
        let Some((plan, mut reader)) = source.open_columns(format)? else {
            self.left_out.add(Reason::Empty, &source.name, source.length);
            return Ok(Fingerprint { length: source.length, hash: hash.digest128() });
        };
        reader.hash_outline(&mut hash, self.cancel)?;
        let (length, groups) = (reader.length(), reader.groups().len());
        let mut first = 0;
        for group in 0..groups {
            reader.hash_group(group, &mut hash, self.cancel)?;
            let mut batches = reader.read(group)?;
            while let Some(batch) = batches.next()? {
                self.cancel.check()?;
                for (rows, bytes) in Rows::pieces(&plan, &source.display(), first, &batch)? {
                    self.block.pieces.push(Piece { source: number, records: Records::Rows(rows) });
                    self.block.values += bytes as usize;
                    if self.block.is_full() {
                        self.send(self.block.bytes.len())?;
                    }
                }
                first += batch.rows as u64;
            }
            self.block.done = done + share(length, group, groups);
        }
        Ok(Fingerprint { length, hash: hash.digest128() })
    }

    /// Hands the block on; the bytes from `pending` on begin the next one.
    fn send(&mut self, pending: usize) -> Result<()> {
        let mut bytes = Vec::with_capacity(BLOCK + 2 * CHUNK);
        bytes.extend_from_slice(&self.block.bytes[pending..]);
        self.block.bytes.truncate(pending);
        let next = Block { bytes, done: self.block.done, ..Block::default() };
        let block = std::mem::replace(&mut self.block, next);
        // Nobody takes blocks any more when the pass has failed elsewhere; that error is the one to tell.
        if (self.send)(block) { Ok(()) } else { Err(Cancelled.into()) }
    }
}
