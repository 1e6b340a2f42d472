//! Looking: what a file holds, by its first bytes.

use std::io::{self, Read};
use std::path::Path;

use clusterclip_core::format::cut::BOM;
use clusterclip_core::format::records;
use clusterclip_core::format::text::{SNIFF, first_nul};

use super::packing::Compression;
use super::source::{Reader, open};
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

/// How the records of a file seem to stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sniffed {
    /// JSON objects, each on a line of its own.
    Lines,
    /// One JSON object, on one line.
    Line,
    /// A JSON array of objects.
    Array,
    /// One JSON object over several lines.
    Object,
    /// Parquet.
    Parquet,
    /// Arrow, as a file.
    Arrow,
    /// None of these.
    No,
}

/// The longest first record that is looked through.
const LONGEST: u64 = 64 << 20;

/// Bytes looked through at a time.
const CHUNK: usize = 64 << 10;

/// Says how the records of a file stand in it, by its beginning.
fn sniff(start: &[u8], rest: &mut impl Read) -> io::Result<Sniffed> {
    if start.starts_with(b"PAR1") {
        return Ok(Sniffed::Parquet);
    }
    if start.starts_with(b"ARROW1") {
        return Ok(Sniffed::Arrow);
    }
    let mut look = Look::default();
    let start = start.strip_prefix(BOM).unwrap_or(start);
    if let Some(found) = look.push(start) {
        return Ok(found);
    }
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut left = LONGEST;
    while left > 0 {
        chunk.clear();
        let read = rest.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        if let Some(found) = look.push(&chunk) {
            return Ok(found);
        }
        if read < CHUNK {
            return Ok(look.end());
        }
        left = left.saturating_sub(read as u64);
    }
    Ok(Sniffed::No)
}

/// What was seen of JSON so far.
#[derive(Debug, Default)]
struct Look {
    /// The first byte that is no blank.
    first: Option<u8>,
    /// How many objects and lists are open.
    depth: usize,
    quoted: bool,
    escaped: bool,
    /// Whether a line ended since the last object ended, or since the beginning of the file.
    line_ended: bool,
    /// Objects that ended.
    objects: u8,
}

impl Look {
    /// Takes the next bytes; says what the file is once it is clear.
    fn push(&mut self, bytes: &[u8]) -> Option<Sniffed> {
        bytes.iter().find_map(|&byte| self.byte(byte))
    }

    fn byte(&mut self, byte: u8) -> Option<Sniffed> {
        if self.quoted {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.quoted = false,
                b'\n' => return Some(Sniffed::No),
                _ => {}
            }
            return None;
        }
        if self.first == Some(b'[') {
            return match byte {
                b' ' | b'\t' | b'\r' | b'\n' => None,
                b'{' => Some(Sniffed::Array),
                _ => Some(Sniffed::No),
            };
        }
        match byte {
            b'\n' if self.depth > 0 && self.objects == 0 => return Some(Sniffed::Object),
            b'\n' if self.depth > 0 => return Some(Sniffed::No),
            b'\n' => self.line_ended = true,
            b' ' | b'\t' | b'\r' => {}
            b'{' if self.depth == 0 => {
                if self.objects > 0 && !self.line_ended {
                    return Some(Sniffed::No);
                }
                self.first = Some(byte);
                self.depth = 1;
            }
            b'[' if self.first.is_none() => self.first = Some(byte),
            _ if self.depth == 0 => return Some(Sniffed::No),
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 {
                    self.objects += 1;
                    self.line_ended = false;
                    if self.objects == 2 {
                        return Some(Sniffed::Lines);
                    }
                }
            }
            b'"' => self.quoted = true,
            _ => {}
        }
        None
    }

    /// Says what the file is, which ends here.
    fn end(&self) -> Sniffed {
        if self.objects == 1 && self.depth == 0 { Sniffed::Line } else { Sniffed::No }
    }
}

/// What is seen of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) bytes: Bytes,
    /// How its records stand in it, where that was asked for.
    pub(crate) sniffed: Sniffed,
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
    let sniffed = match records && may_hold {
        true => sniff(&start, &mut reader).map_err(|cause| failed(&reader, cause))?,
        false => Sniffed::No,
    };
    Ok(Seen { bytes, sniffed })
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

    fn sniffed(text: &str) -> Sniffed {
        let whole = sniff(text.as_bytes(), &mut io::empty()).unwrap();
        // What tells a binary format is never cut.
        let (start, rest) = text.split_at(text.len().min(6));
        assert_eq!(sniff(start.as_bytes(), &mut rest.as_bytes()).unwrap(), whole, "{text}");
        whole
    }

    #[test]
    fn json_is_told_by_where_its_first_two_records_end() {
        for lines in ["{}\n{}", "\n{\"a\": \"}{\\\"\\n\"} \r\n\n {\"b\": [{}, 1]}\nrubbish"] {
            assert_eq!(sniffed(lines), Sniffed::Lines, "{lines}");
        }
        for line in ["{}", "{\"a\": {}}\n\n"] {
            assert_eq!(sniffed(line), Sniffed::Line, "{line}");
        }
        for array in ["[{\"a\": 1", " [\n\n {}]"] {
            assert_eq!(sniffed(array), Sniffed::Array, "{array}");
        }
        assert_eq!(sniffed("{\n}"), Sniffed::Object);
        for no in ["", "{} {}\n", "{}\nwords", "{\"a", "{\"a\n\"}\n{}", "[1]", "[]", "words", "1\n2", "{}]"] {
            assert_eq!(sniffed(no), Sniffed::No, "{no}");
        }
        assert_eq!(sniffed("PAR1 and so on"), Sniffed::Parquet);
    }
}
