//! Walking: which files are read, in which order and as what.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clusterclip_core::error::Param;
use clusterclip_core::format::cut::Shape;
use clusterclip_core::format::records::{Choice, Fields};
use clusterclip_core::format::table::TableOptions;
use clusterclip_core::monitor::Monitor;
use walkdir::WalkDir;

use super::columnar::ColumnFormat;
use super::names::Named;
use super::source::{Compression, Kind, Source, read_up_to};
use super::spool::spool;
use super::{Format, InputError, Options};
use crate::error::{FileError, Result};

/// What was left out of the folders, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Files with a NUL among their first bytes, and compressed ones without a name that says so.
    pub binary: u64,
    /// Files without a byte of text.
    pub empty: u64,
    /// Symbolic links.
    pub symlinks: u64,
    /// Sockets, pipes and devices.
    pub special: u64,
    /// Compressed files in a folder that is read as one document a file.
    pub compressed: u64,
    /// Files of another format than the one asked for.
    pub other_format: u64,
}

/// The sources of all INPUTs.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) sources: Vec<Source>,
    pub(crate) skipped: Skipped,
    /// Record files that are read as one document each, because other files lie among them.
    pub(crate) records_as_text: u64,
}

/// Finds the sources of all INPUTs.
pub(crate) fn find(inputs: &[PathBuf], options: &Options, monitor: &Monitor<'_>) -> Result<Sources> {
    if options.lines && options.format.is_some_and(|format| format != Format::Text) {
        return Err(InputError::LinesOf { format: options.format.unwrap_or(Format::Text) }.into());
    }
    let found = Sources { sources: Vec::new(), skipped: Skipped::default(), records_as_text: 0 };
    let mut walk = Walk { options, out: options.out.as_deref().map(absolute).transpose()?, found };
    for input in inputs {
        monitor.check()?;
        walk.input(input, monitor)?;
    }
    let found = walk.found;
    if u32::try_from(found.sources.len()).is_err() {
        return Err(InputError::TooManyFiles.into());
    }
    let is_read_as = |is: fn(Kind) -> bool| {
        found.sources.is_empty() || found.sources.iter().any(|source| is(source.kind))
    };
    if let Some((param, field)) = asked(&options.fields)
        && !is_read_as(Kind::has_fields)
    {
        return Err(InputError::NoFields { param, field }.into());
    }
    let of_tables = [
        (options.delimiter.is_some(), Param::Delimiter),
        (options.quote.is_some(), Param::Quote),
        (options.no_header, Param::NoHeader),
    ];
    if let Some((_, param)) = of_tables.into_iter().find(|(asked, _)| *asked)
        && !is_read_as(|kind| matches!(kind, Kind::Bytes(Shape::Table(_))))
    {
        return Err(InputError::NoTables { param }.into());
    }
    Ok(found)
}

/// The first field that is asked for, and by what.
fn asked(fields: &Fields) -> Option<(Param, String)> {
    let template = fields.template.as_ref().map(|_| "…".to_owned());
    [
        (Param::TextField, fields.text.first().cloned()),
        (Param::Template, template),
        (Param::IdField, fields.id.clone()),
        (Param::TokenField, fields.tokens.clone()),
    ]
    .into_iter()
    .find_map(|(param, field)| Some((param, field?)))
}

/// The path with links resolved, also of a folder that is still to be made.
fn absolute(path: &Path) -> Result<PathBuf> {
    let full =
        std::path::absolute(path).map_err(|cause| InputError::NoPath { path: path.to_owned(), cause })?;
    let existing = full.ancestors().find(|ancestor| ancestor.exists());
    let Some(existing) = existing else { return Ok(full) };
    let resolved = existing.canonicalize().map_err(FileError::read(existing))?;
    Ok(match full.strip_prefix(existing) {
        Ok(rest) if rest.as_os_str().is_empty() => resolved,
        Ok(rest) => resolved.join(rest),
        Err(_) => full,
    })
}

struct Walk<'a> {
    options: &'a Options,
    out: Option<PathBuf>,
    found: Sources,
}

/// A regular file met in a folder.
struct Met {
    relative: String,
    path: PathBuf,
    length: u64,
    named: Named,
}

impl Walk<'_> {
    fn input(&mut self, input: &Path, monitor: &Monitor<'_>) -> Result<()> {
        if input == Path::new("-") {
            return self.pipe(std::io::stdin(), "-", "standard input", monitor);
        }
        let metadata = input.metadata().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => FileError::Missing { name: input.display().to_string() },
            _ => FileError::read(input)(error),
        })?;
        if metadata.is_dir() {
            return self.folder(input, monitor);
        }
        let name = input.file_name().unwrap_or(input.as_os_str());
        if !metadata.is_file() {
            let pipe = File::open(input).map_err(FileError::read(input))?;
            return self.pipe(pipe, &name.to_string_lossy(), &input.display().to_string(), monitor);
        }
        let what = Named::of(name);
        let format = match self.options.format {
            _ if self.options.lines => Format::Text,
            Some(format) => format,
            None => what.format.unwrap_or(Format::Text),
        };
        self.found.sources.push(Source {
            path: input.to_owned(),
            name: Arc::from(name.to_string_lossy()),
            kind: self.kind(format, what.compression, &input.display().to_string())?,
            compression: what.compression,
            walked: false,
            length: metadata.len(),
            spool: None,
            choice: Choice::new(self.options.fields.clone(), Vec::new()),
            columns: OnceLock::new(),
        });
        Ok(())
    }

    /// Takes a pipe, by way of a temporary file.
    fn pipe(
        &mut self,
        pipe: impl Read + Send + 'static,
        name: &str,
        display: &str,
        monitor: &Monitor<'_>,
    ) -> Result<()> {
        let format = match self.options.format {
            _ if self.options.lines => Format::Text,
            format => format.unwrap_or(Format::Jsonl),
        };
        let file = spool(pipe, display, monitor)?;
        let mut start = [0; 4];
        let read = File::open(file.path()).and_then(|mut file| read_up_to(&mut file, &mut start));
        let read = read.map_err(|cause| FileError::Read { name: format!("the copy of {display}"), cause })?;
        let compression = Compression::of_magic(&start[..read]);
        self.found.sources.push(Source {
            path: file.path().to_owned(),
            name: Arc::from(name),
            kind: self.kind(format, compression, display)?,
            compression,
            walked: false,
            length: file.as_file().metadata().map_err(FileError::read(file.path()))?.len(),
            spool: Some(file),
            choice: Choice::new(self.options.fields.clone(), Vec::new()),
            columns: OnceLock::new(),
        });
        Ok(())
    }

    fn kind(&self, format: Format, compression: Option<Compression>, display: &str) -> Result<Kind> {
        let columns = match format {
            Format::Jsonl => return Ok(Kind::Bytes(Shape::Jsonl)),
            Format::Text if self.options.lines => return Ok(Kind::Bytes(Shape::Lines)),
            Format::Text => return Ok(Kind::Bytes(Shape::Whole)),
            Format::Json => return Ok(Kind::Bytes(Shape::Json)),
            Format::Csv => return self.table(TableOptions::CSV),
            Format::Tsv => return self.table(TableOptions::TSV),
            Format::Parquet => ColumnFormat::Parquet,
            Format::Arrow => ColumnFormat::Arrow,
        };
        match compression {
            None => Ok(Kind::Columns(columns)),
            Some(_) => Err(InputError::PackedColumns { name: display.to_owned(), format: columns }.into()),
        }
    }

    fn table(&self, options: TableOptions) -> Result<Kind> {
        let Options { delimiter, quote, no_header, .. } = *self.options;
        let options = options.with(delimiter, quote, !no_header).map_err(InputError::Table)?;
        Ok(Kind::Bytes(Shape::Table(options)))
    }

    fn folder(&mut self, root: &Path, monitor: &Monitor<'_>) -> Result<()> {
        let resolved = root.canonicalize().map_err(FileError::read(root))?;
        if self.out.as_ref() == Some(&resolved) {
            return Err(InputError::OutIsInput { path: root.to_owned() }.into());
        }
        // The walk follows no links, so that only a folder with this relative path can be --out.
        let out =
            self.out.as_ref().and_then(|out| out.strip_prefix(&resolved).ok()).map(|out| root.join(out));

        let mut met = Vec::new();
        let entries = WalkDir::new(root).follow_links(false).into_iter();
        for (count, entry) in entries.filter_entry(|entry| Some(entry.path()) != out.as_deref()).enumerate() {
            if count % 1024 == 0 {
                monitor.check()?;
            }
            let entry = entry.map_err(|cause| InputError::Walk { path: root.to_owned(), cause })?;
            let kind = entry.file_type();
            if kind.is_dir() {
                continue;
            }
            if kind.is_symlink() && entry.depth() > 0 {
                self.found.skipped.symlinks += 1;
            } else if !kind.is_file() {
                self.found.skipped.special += u64::from(entry.depth() > 0);
            } else {
                let length = entry
                    .metadata()
                    .map_err(|cause| InputError::Walk { path: root.to_owned(), cause })?
                    .len();
                let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
                met.push(Met {
                    relative: slashed(relative),
                    named: Named::of(entry.file_name()),
                    length,
                    path: entry.into_path(),
                });
            }
        }
        // Names that are no UTF-8 may look alike; their paths never do.
        met.sort_unstable_by(|a, b| (a.relative.as_bytes(), &a.path).cmp(&(b.relative.as_bytes(), &b.path)));

        let is_records = |file: &Met| file.named.is_records();
        let mut holding = met.iter().filter(|file| file.length > 0).peekable();
        let only_records = holding.peek().is_some() && holding.all(is_records);
        for file in met {
            self.met(file, only_records)?;
        }
        Ok(())
    }

    /// Takes a file of a folder, or leaves it out and counts it.
    fn met(&mut self, file: Met, only_records: bool) -> Result<()> {
        let Named { format: of_name, compression, .. } = file.named;
        if file.length == 0 {
            self.found.skipped.empty += 1;
            return Ok(());
        }
        let asked = if self.options.lines { Some(Format::Text) } else { self.options.format };
        let format = match asked {
            Some(Format::Text) => Format::Text,
            Some(format) if of_name == Some(format) => format,
            Some(_) => {
                self.found.skipped.other_format += 1;
                return Ok(());
            }
            None if only_records => of_name.unwrap_or(Format::Text),
            None if compression.is_some() => {
                self.found.skipped.compressed += 1;
                return Ok(());
            }
            None => {
                self.found.records_as_text += u64::from(file.named.is_text_records());
                Format::Text
            }
        };
        self.found.sources.push(Source {
            kind: self.kind(format, compression, &file.path.display().to_string())?,
            path: file.path,
            name: Arc::from(file.relative),
            compression,
            walked: true,
            length: file.length,
            spool: None,
            choice: Choice::new(self.options.fields.clone(), Vec::new()),
            columns: OnceLock::new(),
        });
        Ok(())
    }
}

/// A relative path with `/` between its parts.
fn slashed(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}
