//! Walking: which files are read, in which order and as what.

mod choose;
mod saved;
mod tree;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clusterclip_core::error::{Param, described};
use clusterclip_core::format::cut::{Shape, Sniffed};
use clusterclip_core::format::records::{Choice, Fields};
use clusterclip_core::format::table::TableOptions;
use clusterclip_core::monitor::{Event, Monitor};

use self::choose::{Chosen, choose};
use self::tree::tree;
use super::columnar::ColumnFormat;
use super::left_out::{Files, LeftOut, Reason};
use super::look::{Bytes, Held, look};
use super::names::{Named, is_text, partitions};
use super::packing::{Compression, MAGIC};
use super::source::{Kind, Source, read_up_to};
use super::splits::TRAIN;
use super::spool::spool;
use super::{ALL_SPLITS, Format, InputError, MAX_TEXT, Options, Origin, hub};
use crate::error::{FileError, Result};

/// The sources of all INPUTs.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) sources: Vec<Source>,
    pub(crate) walked: Walked,
    /// The data sets of the hub among them.
    pub(crate) origins: Vec<Origin>,
}

/// What was found in folders, and what the sources are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walked {
    /// What is read, by format.
    pub chosen: BTreeMap<Format, Files>,
    /// What was left out of folders.
    pub left_out: LeftOut,
    /// Record files that are read as one document each, because other files lie among them.
    pub records_as_text: Files,
    /// The split of each folder that has several: its name, and all there are.
    pub splits: Vec<(String, Vec<String>)>,
}

/// Finds the sources of all INPUTs.
pub(crate) fn find(inputs: &[PathBuf], options: &Options, monitor: &Monitor<'_>) -> Result<Sources> {
    if options.lines && options.format.is_some_and(|format| format != Format::Text) {
        return Err(InputError::LinesOf { format: options.format.unwrap_or(Format::Text) }.into());
    }
    hub::check(inputs, options)?;
    let mut walk = Walk { options, found: Sources::default() };
    for input in inputs {
        monitor.check()?;
        walk.input(input, monitor)?;
    }
    let found = walk.found;
    if u32::try_from(found.sources.len()).is_err() {
        return Err(InputError::TooManyFiles.into());
    }
    let is_read_as =
        |is: fn(Kind) -> bool| found.sources.is_empty() || found.sources.iter().any(|source| is(source.kind));
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

struct Walk<'a> {
    options: &'a Options,
    found: Sources,
}

/// A source, as it is found.
struct Found {
    path: PathBuf,
    name: String,
    format: Format,
    compression: Option<Compression>,
    length: u64,
    fields: Vec<(String, String)>,
}

impl Walk<'_> {
    fn input(&mut self, input: &Path, monitor: &Monitor<'_>) -> Result<()> {
        if input == Path::new("-") {
            self.has_no_splits("standard input")?;
            return self.pipe(std::io::stdin(), "-", "standard input", monitor);
        }
        if let Some(named) = hub::is_of_hub(input) {
            return self.dataset(named, monitor);
        }
        let metadata = input.metadata().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => FileError::Missing { name: input.display().to_string() },
            _ => FileError::read(input)(error),
        })?;
        if metadata.is_dir() {
            return self.folder(input, monitor);
        }
        let display = input.display().to_string();
        self.has_no_splits(&display)?;
        let name = input.file_name().unwrap_or(input.as_os_str());
        if !metadata.is_file() {
            let pipe = File::open(input).map_err(FileError::read(input))?;
            return self.pipe(pipe, &name.to_string_lossy(), &display, monitor);
        }
        self.file(input, &name.to_string_lossy(), metadata.len(), Vec::new())
    }

    /// Takes what is read of a data set of the hub, file by file.
    fn dataset(&mut self, named: &str, monitor: &Monitor<'_>) -> Result<()> {
        let fetched = hub::fetch(named, self.options, monitor)?;
        for hub::FetchedFile { path, name } in fetched.files {
            let length = path.metadata().map_err(FileError::read(&path))?.len();
            if length == 0 {
                self.found.walked.left_out.add(Reason::Empty, &name, 0);
                continue;
            }
            self.file(&path, &name, length, partitions(&name))?;
        }
        self.found.walked.splits.extend(fetched.splits);
        self.found.origins.push(fetched.origin);
        Ok(())
    }

    /// Takes a file for what its name says, or where that says too little, its first bytes.
    fn file(&mut self, input: &Path, name: &str, length: u64, fields: Vec<(String, String)>) -> Result<()> {
        let Named { format, compression, sniffed } =
            Named::of(name.rsplit('/').next().unwrap_or(name).as_ref());
        // What is named is read for what it is; plain text alone is not asked.
        let sniffed = sniffed || format.is_none() && !is_text(name);
        let sniffed = sniffed && self.options.format.is_none() && !self.options.lines;
        let seen = look(input, compression, sniffed)?;
        if seen.bytes == Bytes::Pointer {
            return Err(InputError::Pointer { name: input.display().to_string() }.into());
        }
        let format = match self.options.format {
            _ if self.options.lines => Format::Text,
            Some(format) => format,
            None if sniffed => named_format(seen.held, name.to_ascii_lowercase().contains(".json")),
            None => format.unwrap_or(Format::Text),
        };
        let (path, name) = (input.to_owned(), name.to_owned());
        self.found(Found { path, name, format, compression, length, fields })
    }

    /// Takes a source.
    fn found(&mut self, found: Found) -> Result<()> {
        let Found { path, name, format, compression, length, fields } = found;
        let kind = self.kind(format, compression, &path)?;
        if kind == Kind::Bytes(Shape::Whole) && compression.is_none() && length > MAX_TEXT {
            return Err(InputError::LongText { name: path.display().to_string() }.into());
        }
        self.found.walked.chosen.entry(format).or_default().add(&name, length);
        self.found.sources.push(Source {
            path,
            name: Arc::from(name),
            kind,
            compression,
            length,
            spool: None,
            choice: Choice::new(self.options.fields.clone(), fields),
            columns: OnceLock::new(),
        });
        Ok(())
    }

    /// Refuses a split that is asked of what has none.
    fn has_no_splits(&self, display: &str) -> Result<(), InputError> {
        match self.options.split.as_deref() {
            None | Some(TRAIN | ALL_SPLITS) => Ok(()),
            Some(split) => Err(InputError::NoSplit {
                path: display.to_owned(),
                split: split.to_owned(),
                there: vec![TRAIN.to_owned()],
            }),
        }
    }

    /// Takes a pipe, by way of a temporary file.
    fn pipe(
        &mut self,
        pipe: impl Read + Send + 'static,
        name: &str,
        display: &str,
        monitor: &Monitor<'_>,
    ) -> Result<()> {
        let file = spool(pipe, display, monitor)?;
        let mut start = [0; MAGIC];
        let read = File::open(file.path()).and_then(|mut file| read_up_to(&mut file, &mut start));
        let read = read.map_err(|cause| FileError::Read { name: format!("the copy of {display}"), cause })?;
        let compression = Compression::of_magic(&start[..read]);
        let format = match self.options.format {
            _ if self.options.lines => Format::Text,
            Some(format) => format,
            // A damaged pipe is told of when it is read, by its own name.
            None => look(file.path(), compression, true)
                .map_or(Format::Jsonl, |seen| named_format(seen.held, true)),
        };
        let length = file.as_file().metadata().map_err(FileError::read(file.path()))?.len();
        let kind = self.kind(format, compression, Path::new(display))?;
        self.found.walked.chosen.entry(format).or_default().add(name, length);
        self.found.sources.push(Source {
            path: file.path().to_owned(),
            name: Arc::from(name),
            kind,
            compression,
            length,
            spool: Some(file),
            choice: Choice::new(self.options.fields.clone(), Vec::new()),
            columns: OnceLock::new(),
        });
        Ok(())
    }

    fn kind(&self, format: Format, compression: Option<Compression>, path: &Path) -> Result<Kind> {
        let columns = match format {
            Format::Jsonl => return Ok(Kind::Bytes(Shape::Jsonl)),
            Format::Json => return Ok(Kind::Bytes(Shape::Json)),
            Format::Text if self.options.lines => return Ok(Kind::Bytes(Shape::Lines)),
            Format::Text => return Ok(Kind::Bytes(Shape::Whole)),
            Format::Csv => return self.table(TableOptions::CSV),
            Format::Tsv => return self.table(TableOptions::TSV),
            Format::Parquet => ColumnFormat::Parquet,
            Format::Arrow => ColumnFormat::Arrow,
        };
        let name = || path.display().to_string();
        match compression {
            None => Ok(Kind::Columns(columns)),
            Some(_) => Err(InputError::PackedColumns { name: name(), format: columns }.into()),
        }
    }

    fn table(&self, options: TableOptions) -> Result<Kind> {
        let Options { delimiter, quote, no_header, .. } = *self.options;
        let options = options.with(delimiter, quote, !no_header).map_err(InputError::Table)?;
        Ok(Kind::Bytes(Shape::Table(options)))
    }

    fn folder(&mut self, root: &Path, monitor: &Monitor<'_>) -> Result<()> {
        let tree = tree(root, self.options.out.as_deref(), self.options.hidden, monitor)?;
        let display = root.display().to_string();
        let Chosen { files, left, records_as_text, splits } = choose(tree, &display, self.options, monitor)?;
        if files.iter().all(|(_, format)| *format == Format::Text) {
            self.has_no_splits(&display)?;
        }
        for (file, format) in files {
            let fields = partitions(&file.met.relative);
            self.found(Found {
                path: file.met.path,
                name: file.met.relative,
                format,
                compression: file.compression,
                length: file.met.length,
                fields,
            })?;
        }
        let walked = &mut self.found.walked;
        walked.left_out.append(&left);
        walked.records_as_text.append(&records_as_text);
        if let Some((read, there)) = splits {
            let option = described(Param::Split);
            let text = format!("{display}: {} ({option})", split_read(&read, &there));
            monitor.emit(Event::Note { about: "split", text });
            walked.splits.push((read, there));
        }
        Ok(())
    }
}

/// Says which split is read, and which there are.
pub(crate) fn split_read(read: &str, there: &[String]) -> String {
    let there: Vec<String> = there.iter().map(|split| format!("`{split}`")).collect();
    match read {
        ALL_SPLITS => format!("all of the splits {} are read", there.join(", ")),
        read => format!("the split `{read}` is read, of {}", there.join(", ")),
    }
}

/// The format of a file that is named, by what it holds.
fn named_format(held: Held, is_json: bool) -> Format {
    match held {
        Held::Json(Sniffed::Lines) => Format::Jsonl,
        Held::Parquet => Format::Parquet,
        Held::Arrow => Format::Arrow,
        Held::Json(Sniffed::Array | Sniffed::Object) if is_json => Format::Json,
        Held::Json(_) if is_json => Format::Jsonl,
        Held::Json(_) => Format::Text,
    }
}
