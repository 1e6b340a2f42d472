//! What is said of a wrong input.

use std::path::Path;
use std::{fmt, io};

use clusterclip_core::documents::why_nothing;
use clusterclip_core::error::{Explain, Names, Param, said};

use super::super::{Files, Format, MAX_TEXT};
use super::InputError;
use crate::human;

impl InputError {
    /// Writes the message.
    pub(super) fn message(&self, names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(record) => record.explain(names, f),
            Self::Header { name, line, error } => write!(f, "{name}:{line}: {}", said(error, names)),
            Self::Cut { name, fault } => write!(f, "{name}:{}: {}", fault.line, said(fault, names)),
            Self::Table(error) => error.explain(names, f),
            Self::NoTables { param } => {
                let (option, format) = (names(*param), names(Param::Format));
                write!(
                    f,
                    "{option}: no INPUT is read as a table; leave {option} out, or say {format} csv or tsv"
                )
            }
            Self::Nothing { named, summary } => {
                write!(f, "no document to read in {named}: {}", why_nothing(&summary.warnings(names)))
            }
            Self::LinesOf { format } => {
                let (lines, option) = (names(Param::Lines), names(Param::Format));
                write!(f, "{lines} reads plain text; leave out {option} {format} or {lines}")
            }
            Self::NoFields { param, field } => {
                let (option, format) = (names(*param), names(Param::Format));
                write!(
                    f,
                    "{option} {field}: no INPUT is read as records, and plain text has no fields; leave {option} out, \
                     or say {format} jsonl, json, csv or tsv"
                )
            }
            Self::OutIsInput { path } => write!(
                f,
                "{} {} is the input folder itself; give a folder of its own for the results",
                names(Param::Out),
                path.display()
            ),
            Self::TooManyFiles => {
                write!(f, "more than {} files; put several documents in a file as JSON lines", u32::MAX)
            }
            Self::NoPath { path, cause } => write!(f, "{} is no path: {cause}", path.display()),
            Self::Walk { path, cause } => {
                write!(f, "{} cannot be looked at: {cause}", path.display())
            }
            Self::Columns(error) => error.explain(names, f),
            Self::PackedColumns { name, format } => {
                write!(f, "{name}: {format} files pack their columns themselves; unpack this one")
            }
            Self::Results { path, exports } => results(path, exports, names, f),
            Self::Mixed { path, records, text } => mixed(path, records, text, names, f),
            Self::NoSplit { path, split, there } => {
                let there: Vec<String> = there.iter().map(|split| format!("`{split}`")).collect();
                let (option, there) = (names(Param::Split), there.join(", "));
                write!(
                    f,
                    "{path} has no split `{split}`, but {there}; {option} chooses one, or all with `all`"
                )
            }
            Self::Pointer { name } => write!(
                f,
                "{name} is a pointer to a file that is not there (of Git LFS or git-annex); fetch the file itself: git \
                 lfs pull, or git annex get"
            ),
            Self::LeadsOut { list, name } => {
                write!(f, "{}: {name} leads out of the folder; it must name a file in it", list.display())
            }
            Self::SavedIndices { path } => write!(
                f,
                "the data set in {} keeps its rows in another order than its files do; save it again after \
                 flatten_indices()",
                path.display()
            ),
            Self::NotPacked { name, compression, extension } => write!(
                f,
                "{name} is no {compression} data: it does not begin as such; compress it again, or take {extension} \
                 off its name if it is not compressed"
            ),
            Self::Unpack { name, compression, after, cause } => {
                let what = match cause.kind() {
                    io::ErrorKind::UnexpectedEof => "is cut off".to_owned(),
                    _ => format!("is damaged ({cause})"),
                };
                write!(
                    f,
                    "{name}: the {compression} data {what} after {after} bytes of text; fetch or compress the file \
                     again"
                )
            }
            Self::Trailing { name, compression, byte, after } => write!(
                f,
                "{name}: after {after} bytes of text the {compression} data end, and other data follow from byte {byte} \
                 of the file on; cut them off if they do not belong there (head -c {byte}), else fetch the file again"
            ),
            Self::LongText { name } => write!(
                f,
                "{name} is a text of more than {} MiB, the limit for one document; {} reads one a line, {} its records",
                MAX_TEXT >> 20,
                names(Param::Lines),
                names(Param::Format)
            ),
            Self::Beyond { name, byte, cause } => {
                write!(f, "{name} cannot be read beyond byte {byte}: {cause}")
            }
            Self::NoRoom { name, folder, cause } => write!(
                f,
                "{name} cannot be unpacked to {}; TMPDIR names another folder: {cause}",
                folder.display()
            ),
            Self::NoRecords { name } => write!(
                f,
                "{} records: {name} is text, which has no records; {} jsonl writes texts as JSON lines",
                names(Param::Export),
                names(Param::Export)
            ),
            Self::NoText { name, reason } => write!(f, "{name} {reason}"),
            Self::TooLong { name, line, limit, quotes } => {
                let advice = if *quotes { ", or close its quotes" } else { "" };
                write!(f, "{name}:{line}: a document of more than {limit} bytes, the limit; split it{advice}")
            }
            Self::Moved { name, at, several: false } => write!(
                f,
                "{name} changed since it was read (the document at {at} is another one); start again"
            ),
            Self::Moved { name, at, several: true } => write!(
                f,
                "one of the inputs called {name} changed since it was read (none of them has the document at {at} any \
                 more); start again"
            ),
            Self::NotAmongInputs { name } => write!(
                f,
                "{name} is not among the inputs, or not in its place; name the inputs that were read before"
            ),
            Self::NoSource { number, sources } => {
                write!(f, "source {number} of a document is none of the {sources} sources")
            }
            Self::Panicked => f.write_str("the thread that reads has panicked"),
            Self::NotInRows { name, at } => {
                write!(f, "{name} is read as rows: there is no {at} in it; start again")
            }
            Self::NotInBytes { name, at } => {
                write!(f, "{name} is read as bytes: there is no {at} in it; start again")
            }
        }
    }
}

/// Says that a folder of results is no input, and what in it may be one.
fn results(path: &Path, exports: &[String], names: Names, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{} holds results of clusterclip, not documents; ", path.display())?;
    match exports {
        [] => write!(f, "{} writes its texts in training order, which can be read", names(Param::Export)),
        exports => {
            let files: Vec<String> =
                exports.iter().map(|name| path.join(name).display().to_string()).collect();
            write!(f, "its texts in training order are in {}", files.join(", "))
        }
    }
}

/// Says what a folder holds, and how to choose.
fn mixed(
    path: &str,
    records: &[(Format, Files)],
    text: &Files,
    names: Names,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "{path} holds ")?;
    for (format, files) in records {
        write!(f, "{}, ", kind(format.title(), files))?;
    }
    write!(f, "and {}: neither holds nine tenths of the bytes. ", kind(Format::Text.title(), text))?;
    let option = names(Param::Format);
    let formats: Vec<String> = records.iter().map(|(format, _)| format!("{option} {format}")).collect();
    write!(
        f,
        "{} reads the records alone, {option} text every file as one document; or name the files to read",
        formats.join(" or ")
    )
}

/// How many files of a kind there are, how long, and what they are called.
fn kind(title: &str, files: &Files) -> String {
    let number = human::counted(files.count, &format!("{title} file"));
    format!("{number} ({}: {})", human::bytes(files.bytes as f64), files.named())
}
