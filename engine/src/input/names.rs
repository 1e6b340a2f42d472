//! Names: what a file's name says about it.

use std::ffi::OsStr;

use super::Format;
use super::packing::Compression;

/// What a file's name says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named {
    /// The format of its records.
    pub(crate) format: Option<Format>,
    pub(crate) compression: Option<Compression>,
    /// Whether its first bytes tell whether it holds records: its name ends in `.json`, in a number or in nothing, as
    /// those that Hadoop, Spark and WikiExtractor write do.
    pub(crate) sniffed: bool,
}

impl Named {
    /// Reads the extensions of a file name, in any case of letters.
    pub(crate) fn of(name: &OsStr) -> Self {
        let name = name.to_string_lossy().to_ascii_lowercase();
        let (last, compression) = ending(&name);
        let format = match last {
            Some("jsonl" | "ndjson" | "jl" | "jsonlines") => Some(Format::Jsonl),
            Some("csv") => Some(Format::Csv),
            Some("tsv") => Some(Format::Tsv),
            Some("parquet") => Some(Format::Parquet),
            Some("arrow" | "feather") => Some(Format::Arrow),
            _ => None,
        };
        let sniffed = last.is_none_or(|last| {
            last == "json" || !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit())
        });
        Self { format, compression, sniffed }
    }
}

/// The ending of a name in small letters, and what it says of packing.
fn ending(name: &str) -> (Option<&str>, Option<Compression>) {
    let (stem, compression) = match name.rsplit_once('.') {
        Some((stem, last)) if !stem.is_empty() => match Compression::of_extension(last) {
            Some(compression) => (stem, Some(compression)),
            None => (name, None),
        },
        _ => (name, None),
    };
    // A name without anything before its dot has no extension, and a file called `csv` none either.
    let last = stem.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, last)| last);
    (last, compression)
}

/// Whether a name is one of plain text, which holds no records even where it looks so.
pub(crate) fn is_text(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(ending(&name).0, Some("txt" | "text" | "md" | "rst" | "html" | "htm" | "tex"))
}

/// Whether a file of a folder says something about what the folder holds. What tells *about* the data does not: READMEs,
/// licences, checksums, descriptions, and whatever begins with an underscore, as Spark's `_SUCCESS` and Delta's
/// `_delta_log/` do. `path` is relative to the folder, with `/` between its parts.
pub(crate) fn counts(path: &str) -> bool {
    if path.split('/').any(|part| part.starts_with('_')) {
        return false;
    }
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    let about: &[&str] = match ending {
        "crc" | "md5" | "sha1" | "sha256" | "sha512" => return false,
        "json" => &["dataset_info", "dataset_infos", "dataset_dict", "state", "config", "croissant"],
        "" | "md" | "txt" | "rst" | "html" | "cff" | "yaml" | "yml" => {
            let beginnings = ["readme", "licen", "copying", "notice", "changelog", "citation", "authors"];
            if beginnings.iter().any(|beginning| stem.starts_with(beginning)) {
                return false;
            }
            &["md5sums", "sha1sums", "sha256sums", "sha512sums", "checksums"]
        }
        _ => &[],
    };
    !about.contains(&stem)
}

/// The name with `0` in place of every run of digits: files that are numbered have one and the same.
pub(crate) fn without_numbers(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c.is_ascii_digit() {
            true if out.ends_with('0') => {}
            true => out.push('0'),
            false => out.push(c),
        }
    }
    out
}

/// Whether Spark or Hadoop called the file so: `part-00000…`, `part-r-00000`, `part-m-00000`.
pub(crate) fn is_part(name: &str) -> bool {
    let rest = name.strip_prefix("part-");
    let rest = rest.map(|rest| rest.strip_prefix("r-").or(rest.strip_prefix("m-")).unwrap_or(rest));
    rest.is_some_and(|rest| rest.len() >= 5 && rest.as_bytes()[..5].iter().all(u8::is_ascii_digit))
}

/// The fields that the folders of a path name, as in `lang=de/date=2024-01-01/`: percent signs are decoded, and what
/// Hive calls a null is none. The innermost comes last.
pub(crate) fn partitions(path: &str) -> Vec<(String, String)> {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let named = folders.split('/').filter_map(|folder| folder.split_once('='));
    let named = named.filter(|&(name, value)| !name.is_empty() && value != "__HIVE_DEFAULT_PARTITION__");
    named.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// Decodes `%3A` and the like, where what comes out is UTF-8.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|hex| first == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        let hex = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(hex.unwrap_or(first));
        rest = if hex.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_format_and_compression() {
        let of = |name: &str| {
            let named = Named::of(OsStr::new(name));
            (named.format, named.compression, named.sniffed)
        };
        assert_eq!(of("a.jsonl"), (Some(Format::Jsonl), None, false));
        assert_eq!(of("a.b.NDJSON.GZ"), (Some(Format::Jsonl), Some(Compression::Gzip), false));
        assert_eq!(of("a.jl.bz2"), (Some(Format::Jsonl), Some(Compression::Bzip2), false));
        assert_eq!(of("a.parquet.zst"), (Some(Format::Parquet), Some(Compression::Zstd), false));
        assert_eq!(of("a.feather"), (Some(Format::Arrow), None, false));
        assert_eq!(of("a.txt.xz"), (None, Some(Compression::Xz), false));
        assert_eq!(of("a.rs"), (None, None, false));
        for bare in ["csv", "wiki_00", "part-00000", "log.12", "a.json", ".jsonl", "1.json"] {
            assert_eq!(of(bare), (None, None, true), "{bare}");
        }
        assert_eq!(of("wiki_00.bz2"), (None, Some(Compression::Bzip2), true));
        assert_eq!(of("1690000000.M1P2.host:2,S"), (None, None, false));
        assert_eq!(of(".gz"), (None, None, true));
        assert!(is_text("a.TXT.gz") && is_text("notes.md") && !is_text("a.dat") && !is_text("txt"));
    }

    #[test]
    fn what_tells_about_data_does_not_count() {
        for name in [
            "README.md",
            "a/readme",
            "LICENSE",
            "LICENCE.txt",
            "COPYING",
            "_SUCCESS",
            "_delta_log/0.json",
            "a/_metadata",
            "dataset_info.json",
            "x/state.json",
            "a.parquet.crc",
            "SHA256SUMS",
            "a.jsonl.sha256",
            "CITATION.cff",
        ] {
            assert!(!counts(name), "{name}");
        }
        for name in ["a.json", "licences.jsonl", "notice.parquet", "main.py", "a/b.txt", "readme.rs", "index"]
        {
            assert!(counts(name), "{name}");
        }
    }

    #[test]
    fn numbered_names_are_alike() {
        assert_eq!(without_numbers("part-00012-4.json"), without_numbers("part-7-11.json"));
        assert_ne!(without_numbers("a1"), without_numbers("b1"));
        assert!(is_part("part-00000-ab.json") && is_part("part-r-00000"));
        assert!(!is_part("part-1.json") && !is_part("parts-00000"));
    }

    #[test]
    fn folders_name_fields() {
        let of = |path| partitions(path).into_iter().map(|(a, b)| format!("{a}:{b}")).collect::<Vec<_>>();
        assert_eq!(of("lang=de/x/date=2024%2D01/c=d.jsonl"), ["lang:de", "date:2024-01"]);
        assert_eq!(of("=x/a=/b=__HIVE_DEFAULT_PARTITION__/e=%ff%/f"), ["a:", "e:%ff%"]);
        assert_eq!(of("lang=de"), [""; 0]);
    }
}
