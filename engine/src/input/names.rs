//! Names: what a file's name says about it.

use std::ffi::OsStr;

use super::Format;
use super::source::Compression;

/// What a file's name says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) format: Option<Format>,
    pub(crate) compression: Option<Compression>,
    /// `.json`: JSON lines when named or asked for, but a document among others in a folder.
    plain_json: bool,
}

impl Named {
    /// Reads the extensions of a file name, in any case of letters.
    pub(crate) fn of(name: &OsStr) -> Self {
        let name = name.to_string_lossy().to_ascii_lowercase();
        let mut parts = name.rsplit('.');
        let mut last = parts.next().unwrap_or_default();
        let compression = Compression::of_extension(last);
        if compression.is_some() {
            last = parts.next().unwrap_or_default();
        }
        // A name without a dot before it is no extension: a file called `csv` is text.
        let format = match last {
            _ if parts.next().is_none() => None,
            "jsonl" | "ndjson" | "json" => Some(Format::Jsonl),
            "csv" => Some(Format::Csv),
            "tsv" => Some(Format::Tsv),
            "parquet" => Some(Format::Parquet),
            "arrow" | "feather" => Some(Format::Arrow),
            _ => None,
        };
        Self { format, compression, plain_json: last == "json" }
    }

    /// Whether the file holds records, so that a folder of such files is a folder of records.
    pub(crate) fn is_records(self) -> bool {
        self.format.is_some() && !self.plain_json
    }

    /// Whether the file holds records as text: JSON lines, CSV or TSV.
    pub(crate) fn is_text_records(self) -> bool {
        self.is_records() && !matches!(self.format, Some(Format::Parquet | Format::Arrow))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_format_and_compression() {
        let of = |name: &str| {
            let named = Named::of(OsStr::new(name));
            (named.format, named.compression)
        };
        assert_eq!(of("a.jsonl"), (Some(Format::Jsonl), None));
        assert_eq!(of("a.b.NDJSON.GZ"), (Some(Format::Jsonl), Some(Compression::Gzip)));
        assert_eq!(of("a.parquet.zst"), (Some(Format::Parquet), Some(Compression::Zstd)));
        assert_eq!(of("a.txt.gz"), (None, Some(Compression::Gzip)));
        assert_eq!(of("csv"), (None, None));
        assert_eq!(of("a.rs"), (None, None));
    }
}
