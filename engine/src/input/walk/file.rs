//! A file of a folder: what its name and its bytes say of it.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::PathBuf;

use clusterclip_core::format::cut::Sniffed;

use super::tree::Met;
use crate::error::{Error, FileError, Result};
use crate::input::Format;
use crate::input::error::InputError;
use crate::input::look::{Bytes, Held, Seen, look};
use crate::input::names::{Named, counts, is_part, without_numbers};
use crate::input::packing::Compression;

/// A file, and what was seen of it.
pub(super) struct File {
    pub(super) met: Met,
    pub(super) compression: Option<Compression>,
    /// The format of its records; `None` where it holds none.
    pub(super) format: Option<Format>,
    /// Whether it says something about what the folder holds.
    pub(super) counts: bool,
    pub(super) seen: Result<Seen>,
}

/// Looks into a file.
pub(super) fn see(met: &Met) -> Result<Seen> {
    let named = named(&met.relative);
    if met.length == 0 {
        return Ok(Seen { bytes: Bytes::Empty, held: Held::NONE });
    }
    look(&met.path, named.compression, named.sniffed && !met.saved)
}

/// What the file's name says.
pub(super) fn named(relative: &str) -> Named {
    Named::of(OsStr::new(base(relative)))
}

/// The last part of a path.
fn base(relative: &str) -> &str {
    relative.rsplit('/').next().unwrap_or(relative)
}

/// Whether a link that leads nowhere would be read by its name, as records.
pub(super) fn is_wanted(relative: &str, format: Option<Format>) -> bool {
    let named = named(relative).format;
    counts(relative) && named.is_some() && (format.is_none() || format == named)
}

impl File {
    pub(super) fn new(met: Met, seen: Result<Seen>) -> Self {
        let Named { format, compression, sniffed } = named(&met.relative);
        let by_bytes = |seen: &Seen| match seen.held {
            Held::Json(Sniffed::Lines) => Some(Format::Jsonl),
            Held::Json(Sniffed::Array) if met.relative.to_ascii_lowercase().contains(".json") => {
                Some(Format::Json)
            }
            Held::Parquet => Some(Format::Parquet),
            Held::Arrow => Some(Format::Arrow),
            _ => None,
        };
        let format = match &seen {
            _ if met.saved => Some(Format::Arrow),
            Ok(seen) if sniffed => by_bytes(seen),
            _ => format,
        };
        let compression = compression.filter(|_| !met.saved);
        Self { compression, format, counts: met.saved || counts(&met.relative), seen, met }
    }

    /// A file that a link leads to, and that is not there.
    pub(super) fn missing(relative: String, path: PathBuf) -> Self {
        let error = FileError::Missing { name: path.display().to_string() };
        Self::new(Met { relative, path, length: 0, saved: false, split: None }, Err(error.into()))
    }

    pub(super) fn is_line(&self) -> bool {
        matches!(self.seen, Ok(Seen { held: Held::Json(Sniffed::Line), .. }))
    }

    /// What it is, for one who reads it.
    pub(super) fn bytes(&mut self) -> Result<Bytes> {
        let unseen = Seen { bytes: Bytes::Empty, held: Held::NONE };
        match std::mem::replace(&mut self.seen, Ok(unseen))?.bytes {
            Bytes::Pointer => Err(InputError::Pointer { name: self.met.path.display().to_string() }.into()),
            bytes => Ok(bytes),
        }
    }

    /// Whether it seems to hold JSON, however its objects stand in it.
    pub(super) fn is_json(&self) -> bool {
        use Sniffed::{Array, Line, Object};
        matches!(self.seen, Ok(Seen { held: Held::Json(Array | Line | Object), .. }))
    }

    /// Whether its bytes may be of a format that its name does not tell.
    pub(super) fn may_be(&self, format: Format) -> bool {
        let is_binary = matches!(format, Format::Parquet | Format::Arrow);
        let holds = if is_binary { Bytes::Binary } else { Bytes::Text };
        self.format.is_none() && self.seen.as_ref().is_ok_and(|seen| seen.bytes == holds)
    }

    /// Whether it holds text or records, as far as was seen.
    pub(super) fn holds(&self) -> bool {
        match &self.seen {
            Ok(seen) => match seen.bytes {
                Bytes::Text | Bytes::Pointer => true,
                Bytes::Binary => matches!(self.format, Some(Format::Parquet | Format::Arrow)),
                Bytes::Empty | Bytes::Utf16 => false,
            },
            Err(_) => self.met.length > 0,
        }
    }
}

/// A file of a single JSON object on one line is read as those are that are called alike, but for their numbers.
pub(super) fn settle(files: &mut [File]) {
    let mask = |file: &File| without_numbers(base(&file.met.relative));
    let lines = |file: &&File| matches!(file.seen, Ok(Seen { held: Held::Json(Sniffed::Lines), .. }));
    let of_lines: HashSet<String> = files.iter().filter(lines).map(mask).collect();
    for file in files.iter_mut().filter(|file| file.is_line()) {
        if is_part(base(&file.met.relative)) || of_lines.contains(&mask(file)) {
            file.format = Some(Format::Jsonl);
        }
    }
}

/// Whether a file cannot be unpacked, as files for tests in source trees are at times.
pub(super) fn is_damage(error: &Error) -> bool {
    let input = error.downcast_ref::<InputError>();
    matches!(
        input,
        Some(InputError::NotPacked { .. } | InputError::Unpack { .. } | InputError::Trailing { .. })
    )
}
