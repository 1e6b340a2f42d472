//! Looking: what a file holds, by its first bytes.

use std::io::{self, Read};
use std::path::Path;

use clusterclip_core::format::cut::{BOM, Sniffed, Sniffer};
use clusterclip_core::format::records;
use clusterclip_core::format::text::{SNIFF, first_nul};

use super::packing::Compression;
use super::reader::{Reader, open};
use crate::error::{FileError, Result};

/// What the first bytes of a file are, unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bytes {
    /// Text, as far as can be seen.
    Text,
    /// No byte, or a byte order mark alone.
    Empty,
    /// A NUL is among them, or they are packed without a name that says so.
    Binary,
    /// Text as UTF-16 (or UTF-32) writes it.
    Utf16,
    /// A pointer of Git LFS or git-annex, which stands for a file that is not there.
    Pointer,
}

/// Says what bytes are that a file begins with.
pub(crate) fn bytes_of(start: &[u8]) -> Bytes {
    if start.strip_prefix(BOM).unwrap_or(start).is_empty() {
        Bytes::Empty
    } else if is_pointer(start) {
        Bytes::Pointer
    } else if start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF") || alternates(start) {
        Bytes::Utf16
    } else if Compression::of_magic(start).is_some() || first_nul(start).is_some() {
        Bytes::Binary
    } else {
        Bytes::Text
    }
}

/// Whether these bytes are a pointer to a file of Git LFS, which is shorter than this by its specification, or of
/// git-annex.
pub(crate) fn is_pointer(start: &[u8]) -> bool {
    start.len() < 1024 && (records::is_pointer(start) || start.starts_with(b"/annex/objects/"))
}

/// Whether every other byte is a NUL, at least among nine of ten characters: UTF-16 without a mark.
fn alternates(start: &[u8]) -> bool {
    let start = &start[..start.len().min(512)];
    let nuls = |from: usize| start.iter().skip(from).step_by(2).filter(|&&byte| byte == 0).count();
    let (pairs, even, odd) = (start.len() / 2, nuls(0), nuls(1));
    let (few, many) = (even.min(odd), even.max(odd));
    pairs >= 2 && 10 * many >= 9 * pairs && 10 * few <= pairs
}

/// What a file without a name that tells its format holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// Records of JSON, or none.
    Json(Sniffed),
    /// Parquet.
    Parquet,
    /// Arrow, as a file.
    Arrow,
}

impl Held {
    /// None of the formats that are told by bytes.
    pub(crate) const NONE: Self = Self::Json(Sniffed::No);
}

/// The longest first record that is looked through.
const LONGEST: u64 = 64 << 20;

/// Bytes looked through at a time.
const CHUNK: usize = 64 << 10;

/// Says what a file holds, by its beginning.
fn sniff(start: &[u8], rest: &mut impl Read) -> io::Result<Held> {
    if start.starts_with(b"PAR1") {
        return Ok(Held::Parquet);
    }
    if start.starts_with(b"ARROW1") {
        return Ok(Held::Arrow);
    }
    let mut sniffer = Sniffer::default();
    if let Some(found) = sniffer.push(start) {
        return Ok(Held::Json(found));
    }
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut left = LONGEST;
    while left > 0 {
        chunk.clear();
        let read = rest.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        if let Some(found) = sniffer.push(&chunk) {
            return Ok(Held::Json(found));
        }
        if read < CHUNK {
            return Ok(Held::Json(sniffer.end()));
        }
        left = left.saturating_sub(read as u64);
    }
    Ok(Held::NONE)
}

/// What is seen of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) bytes: Bytes,
    /// What it holds, where that was asked for.
    pub(crate) held: Held,
}

/// Looks at the first bytes of a file; where `records`, at how records stand in it too.
pub(crate) fn look(path: &Path, compression: Option<Compression>, records: bool) -> Result<Seen> {
    let display = || path.display().to_string();
    let mut reader = Reader::new(open(path).map_err(FileError::read(path))?, compression, display)?;
    let failed = |reader: &Reader, cause| reader.failed(display(), cause);
    let mut start = Vec::with_capacity(SNIFF);
    let read = reader.by_ref().take(SNIFF as u64).read_to_end(&mut start);
    read.map_err(|cause| failed(&reader, cause))?;
    let bytes = bytes_of(&start);
    let may_hold = matches!(bytes, Bytes::Text | Bytes::Binary);
    let held = match records && may_hold {
        true => sniff(&start, &mut reader).map_err(|cause| failed(&reader, cause))?,
        false => Held::NONE,
    };
    Ok(Seen { bytes, held })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_what_a_file_is() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        assert_eq!(bytes_of(b"words"), Bytes::Text);
        assert_eq!(bytes_of(b"caf\xE9"), Bytes::Text);
        assert_eq!(bytes_of(b""), Bytes::Empty);
        assert_eq!(bytes_of(BOM), Bytes::Empty);
        assert_eq!(bytes_of(&utf16("\u{FEFF}words")), Bytes::Utf16);
        assert_eq!(bytes_of(&utf16("words, and “more” of them on a line")), Bytes::Utf16);
        assert_eq!(bytes_of(&big("words, and “more” of them on a line")), Bytes::Utf16);
        assert_eq!(bytes_of(b"\x89PNG\0\0\0\0"), Bytes::Binary);
        assert_eq!(bytes_of(&[0; 512]), Bytes::Binary);
        assert_eq!(bytes_of(b"\x1F\x8B\x08"), Bytes::Binary);
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n";
        assert_eq!(bytes_of(pointer), Bytes::Pointer);
    }

    #[test]
    fn what_is_held_is_told_by_the_beginning() {
        let held = |start: &str, rest: &str| sniff(start.as_bytes(), &mut rest.as_bytes()).unwrap();
        assert_eq!(held("PAR1 and so on", ""), Held::Parquet);
        assert_eq!(held("ARROW1", ""), Held::Arrow);
        assert_eq!(held("{\"a\": 1", "}\n{}"), Held::Json(Sniffed::Lines));
        assert_eq!(held("{}", &" ".repeat(CHUNK)), Held::Json(Sniffed::Line));
        assert_eq!(held("words", ""), Held::NONE);
    }
}
