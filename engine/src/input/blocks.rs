//! Blocks: the bytes of all sources in reading order, cut where documents begin.
//!
//! This runs ahead of parsing on a thread of its own. A block is about 8 MiB, or one document where that is
//! longer; the channel holds one block more, so memory stays bounded whatever the input's size.

use std::io::Read;
use std::ops::Range;

use anyhow::{Result, bail};
use clusterclip_core::format::lines::{bom_length, count_ends};
use clusterclip_core::format::records::Fields;
use clusterclip_core::format::table::Cutter;
use clusterclip_core::format::text::first_nul;
use clusterclip_core::monitor::{CancelFlag, Cancelled};
use memchr::{memchr_iter, memrchr};

use super::source::{Compression, Reader, Shape, Source};
use super::{MAX_DOCUMENT, Skipped};

/// Bytes of a block, but for long documents.
const BLOCK: usize = 8 << 20;

/// Bytes read at a time, and so of a piece: small enough to spread a block over cores.
const CHUNK: usize = 256 << 10;

/// Pieces of a block, so that a folder of tiny files is handed on in time.
const PIECES: usize = 4096;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) bytes: Vec<u8>,
    pub(crate) pieces: Vec<Piece>,
    /// Bytes of files read so far, from the start of the pass.
    pub(crate) done: u64,
}

/// Whole lines of a source, or a whole source.
#[derive(Debug)]
pub(crate) struct Piece {
    /// The number of the source.
    pub(crate) source: u32,
    /// Where in the block.
    pub(crate) range: Range<usize>,
    /// Where in the decompressed source.
    pub(crate) offset: u64,
    /// The number of its first line.
    pub(crate) line: u64,
}

/// What a source was on disk when it was read: all passes must see the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Bytes on disk.
    pub(crate) length: u64,
    /// XXH3-128 of the bytes that were read: all of them, or the first chunk of a binary file.
    pub(crate) hash: u128,
}

/// Refuses a source that is not what it was in an earlier pass.
pub(crate) fn check_unchanged(source: &Source, then: Fingerprint, now: Fingerprint) -> Result<()> {
    if then == now {
        return Ok(());
    }
    let how = if then.length == now.length {
        format!("its {} bytes are others", now.length)
    } else {
        format!("it had {} bytes and has {}", then.length, now.length)
    };
    bail!(
        "{} changed while it was being read ({how}); start again when nothing writes to it",
        source.display()
    )
}

/// Reads all sources and hands their blocks to `send`, which returns false when nobody takes more.
pub(crate) fn produce(
    sources: &[Source],
    fields: &Fields,
    earlier: Option<&[Fingerprint]>,
    cancel: &CancelFlag,
    send: &mut dyn FnMut(Block) -> bool,
) -> Result<(Vec<Fingerprint>, Skipped)> {
    let mut producer =
        Producer { block: Block::default(), skipped: Skipped::default(), fields, cancel, send };
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
    Ok((fingerprints, producer.skipped))
}

/// Takes the fingerprints that [`produce`] would, without decompressing or cutting anything.
/// `progress` gets the bytes done so far.
pub(crate) fn fingerprint_all(
    sources: &[Source],
    cancel: &CancelFlag,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Fingerprint>> {
    let mut done = 0;
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut fingerprints = Vec::with_capacity(sources.len());
    for source in sources {
        let mut reader = source.open_raw()?;
        let mut binary = false;
        loop {
            cancel.check()?;
            chunk.clear();
            let first = reader.raw_count() == 0;
            read_chunk(&mut reader, source, &mut chunk)?;
            binary = binary
                || first
                    && source.compression.is_none()
                    && source.may_be_binary()
                    && no_text(&chunk).is_some();
            if chunk.len() < CHUNK || binary {
                break;
            }
            progress(done + reader.raw_count());
        }
        let length = if binary { source.length } else { reader.raw_count() };
        fingerprints.push(Fingerprint { length, hash: reader.raw_hash() });
        done += length;
        progress(done);
    }
    Ok(fingerprints)
}

/// Appends the next chunk; less than [`CHUNK`] at the end only.
fn read_chunk(reader: &mut Reader, source: &Source, out: &mut Vec<u8>) -> Result<usize> {
    let read = reader.by_ref().take(CHUNK as u64).read_to_end(out);
    read.map_err(|error| reader.failure(source, &error))
}

/// Says why the first bytes of a source are no text, and what to do.
fn no_text(start: &[u8]) -> Option<&'static str> {
    if Compression::of_magic(start) == Some(Compression::Gzip) {
        return Some("is gzip data; add .gz to its name");
    }
    if Compression::of_magic(start) == Some(Compression::Zstd) {
        return Some("is zstd data; add .zst to its name");
    }
    if start.starts_with(b"PAR1") {
        return Some("is a Parquet file; Parquet documents cannot be read yet: convert it to JSON lines");
    }
    if start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF") {
        return Some("is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8");
    }
    first_nul(start).map(|_| "is binary (a NUL among its first bytes), not text; leave it out")
}

struct Producer<'a> {
    block: Block,
    skipped: Skipped,
    fields: &'a Fields,
    cancel: &'a CancelFlag,
    send: &'a mut dyn FnMut(Block) -> bool,
}

impl Producer<'_> {
    /// Reads one source; `done` bytes of files were read before it.
    fn source(&mut self, number: u32, source: &Source, done: u64) -> Result<Fingerprint> {
        let mut reader = source.open()?;
        // Where the bytes that are not yet part of a piece begin: line and byte of the source, byte of the block.
        let (mut line, mut offset, mut pending) = (1, 0, self.block.bytes.len());
        let mut text_start = None;
        let mut table = match source.shape {
            Shape::Table(delimiter) => Some((delimiter, Cutter::new(delimiter))),
            _ => None,
        };
        loop {
            self.cancel.check()?;
            let before = self.block.bytes.len();
            let ended = read_chunk(&mut reader, source, &mut self.block.bytes)? < CHUNK;
            if text_start.is_none() {
                let start = &self.block.bytes[pending..];
                if let Some(reason) = no_text(start) {
                    if !source.may_be_binary() {
                        bail!("{} {reason}", source.display());
                    }
                    return self.binary(source, reader, pending);
                }
                let bom = bom_length(start);
                offset = bom as u64;
                pending += bom;
                text_start = Some(offset);
            }
            let new = before.max(pending);
            if let Some((delimiter, cutter)) = &mut table {
                let header_was_read = cutter.first().is_some();
                cutter.push(&self.block.bytes[new..]);
                let header = cutter.first().or(ended.then_some((self.block.bytes.len() - pending) as u64));
                if let (false, Some(header)) = (header_was_read, header) {
                    let held = &self.block.bytes[pending..];
                    let header = header as usize;
                    // A file of empty lines alone has no header, and no document that would need one.
                    if held.iter().any(|byte| !matches!(byte, b'\r' | b'\n')) {
                        source.columns_of(held, *delimiter, self.fields)?;
                        line += count_ends(&held[..header]);
                        offset += header as u64;
                        pending += header;
                    }
                }
            }
            let whole = match (&table, memrchr(b'\n', &self.block.bytes[new..])) {
                _ if ended => self.block.bytes.len(),
                (Some((_, cutter)), _) => {
                    let known = text_start.unwrap_or(0) + cutter.last();
                    pending + known.saturating_sub(offset) as usize
                }
                (None, Some(last)) if source.shape != Shape::Whole => new + last + 1,
                _ => pending,
            };
            // Without a header there is nothing but empty lines.
            let end = if table.is_some() && source.columns.get().is_none() { pending } else { whole };
            if end > pending {
                let piece = Piece { source: number, range: pending..end, offset, line };
                let bytes = &self.block.bytes[piece.range.clone()];
                line += match table {
                    Some(_) => count_ends(bytes),
                    None => memchr_iter(b'\n', bytes).count() as u64,
                };
                offset += piece.range.len() as u64;
                pending = end;
                self.block.pieces.push(piece);
            }
            if (self.block.bytes.len() - pending) as u64 > MAX_DOCUMENT {
                let advice = if table.is_some() { ", or close its quotes" } else { "" };
                bail!(
                    "{}:{line}: a document of more than {MAX_DOCUMENT} bytes, the limit; split it{advice}",
                    source.display()
                );
            }
            self.block.done = done + reader.raw_count();
            let full = self.block.bytes.len() >= BLOCK || self.block.pieces.len() >= PIECES;
            if full && !self.block.pieces.is_empty() {
                self.send(pending)?;
                pending = 0;
            }
            if ended {
                break;
            }
        }
        if text_start == Some(offset) {
            self.skipped.empty += 1;
        }
        Ok(Fingerprint { length: reader.raw_count(), hash: reader.raw_hash() })
    }

    /// Leaves out a file that turned out to be binary; its bytes in the block begin at `start`.
    fn binary(&mut self, source: &Source, mut reader: Reader, start: usize) -> Result<Fingerprint> {
        self.block.bytes.truncate(start);
        self.skipped.binary += 1;
        if source.compression.is_some() {
            reader.drain_raw().map_err(|error| reader.failure(source, &error))?;
        }
        Ok(Fingerprint { length: source.length, hash: reader.raw_hash() })
    }

    /// Hands the block on; the bytes from `pending` on begin the next one.
    fn send(&mut self, pending: usize) -> Result<()> {
        let mut bytes = Vec::with_capacity(BLOCK + 2 * CHUNK);
        bytes.extend_from_slice(&self.block.bytes[pending..]);
        self.block.bytes.truncate(pending);
        let next = Block { bytes, pieces: Vec::new(), done: self.block.done };
        let block = std::mem::replace(&mut self.block, next);
        // Nobody takes blocks any more when the pass has failed elsewhere; that error is the one to tell.
        if (self.send)(block) { Ok(()) } else { Err(Cancelled.into()) }
    }
}
