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
use clusterclip_core::format::cut::Shape;
use clusterclip_core::format::records::{Choice, Fields};
use clusterclip_core::format::table::TableOptions;
use clusterclip_core::monitor::{Event, Monitor};

use self::choose::{Chosen, choose};
use self::tree::tree;
use super::left_out::{Files, LeftOut};
use super::look::{Bytes, Seen, Sniffed, look};
use super::names::{Named, partitions};
use super::packing::{Compression, MAGIC};
use super::source::{Source, read_up_to};
use super::splits::TRAIN;
use super::spool::spool;
use super::{ALL_SPLITS, Format, InputError, MAX_TEXT, Options};
use crate::error::{FileError, Result};

/// The sources of all INPUTs.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) sources: Vec<Source>,
    pub(crate) walked: Walked,
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
    let mut walk = Walk { options, found: Sources::default() };
    for input in inputs {
        monitor.check()?;
        walk.input(input, monitor)?;
    }
    let found = walk.found;
    if u32::try_from(found.sources.len()).is_err() {
        return Err(InputError::TooManyFiles.into());
    }
    let is_read_as = |kind: fn(Shape) -> bool| {
        found.sources.is_empty() || found.sources.iter().any(|source| kind(source.shape))
    };
    if let Some((param, field)) = asked(&options.fields)
        && !is_read_as(Shape::has_fields)
    {
        return Err(InputError::NoFields { param, field }.into());
    }
    let of_tables = [
        (options.delimiter.is_some(), Param::Delimiter),
        (options.quote.is_some(), Param::Quote),
        (options.no_header, Param::NoHeader),
    ];
    if let Some((_, param)) = of_tables.into_iter().find(|(asked, _)| *asked)
        && !is_read_as(|shape| matches!(shape, Shape::Table(_)))
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
        let Named { format, compression, sniffed } = Named::of(name);
        let sniffed = sniffed && self.options.format.is_none() && !self.options.lines;
        let seen = look(input, compression, sniffed)?;
        if seen.bytes == Bytes::Pointer {
            return Err(InputError::Pointer { name: display }.into());
        }
        let format = match self.options.format {
            _ if self.options.lines => Format::Text,
            Some(format) => format,
            None if sniffed => {
                named_format(seen, name.to_string_lossy().to_ascii_lowercase().contains(".json"))
            }
            None => format.unwrap_or(Format::Text),
        };
        let (path, name) = (input.to_owned(), name.to_string_lossy().into_owned());
        let length = metadata.len();
        self.found(Found { path, name, format, compression, length, fields: Vec::new() })
    }

    /// Takes a source.
    fn found(&mut self, found: Found) -> Result<()> {
        let Found { path, name, format, compression, length, fields } = found;
        let shape = self.shape(format, &path)?;
        if shape == Shape::Whole && compression.is_none() && length > MAX_TEXT {
            return Err(InputError::LongText { name: path.display().to_string() }.into());
        }
        self.found.walked.chosen.entry(format).or_default().add(&name, length);
        self.found.sources.push(Source {
            path,
            name: Arc::from(name),
            shape,
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
            None => {
                look(file.path(), compression, true).map_or(Format::Jsonl, |seen| named_format(seen, true))
            }
        };
        let length = file.as_file().metadata().map_err(FileError::read(file.path()))?.len();
        let shape = self.shape(format, Path::new(display))?;
        self.found.walked.chosen.entry(format).or_default().add(name, length);
        self.found.sources.push(Source {
            path: file.path().to_owned(),
            name: Arc::from(name),
            shape,
            compression,
            length,
            spool: Some(file),
            choice: Choice::new(self.options.fields.clone(), Vec::new()),
            columns: OnceLock::new(),
        });
        Ok(())
    }

    fn shape(&self, format: Format, path: &Path) -> Result<Shape> {
        match format {
            Format::Jsonl => Ok(Shape::Jsonl),
            Format::Json => Ok(Shape::Json),
            Format::Text if self.options.lines => Ok(Shape::Lines),
            Format::Text => Ok(Shape::Whole),
            Format::Csv => self.table(TableOptions::CSV),
            Format::Tsv => self.table(TableOptions::TSV),
            Format::Parquet | Format::Arrow => {
                Err(InputError::Unread { name: path.display().to_string(), format }.into())
            }
        }
    }

    fn table(&self, options: TableOptions) -> Result<Shape> {
        let Options { delimiter, quote, no_header, .. } = *self.options;
        Ok(Shape::Table(options.with(delimiter, quote, !no_header).map_err(InputError::Table)?))
    }

    fn folder(&mut self, root: &Path, monitor: &Monitor<'_>) -> Result<()> {
        let tree = tree(root, self.options.out.as_deref(), self.options.hidden, monitor)?;
        let display = root.display().to_string();
        let Chosen { files, left, records_as_text, splits } = choose(tree, &display, self.options, monitor)?;
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

/// The format of a file that is named, by what was seen of it.
fn named_format(seen: Seen, is_json: bool) -> Format {
    match seen.sniffed {
        Sniffed::Lines => Format::Jsonl,
        Sniffed::Parquet => Format::Parquet,
        Sniffed::Arrow => Format::Arrow,
        Sniffed::Array | Sniffed::Object if is_json => Format::Json,
        _ if is_json => Format::Jsonl,
        _ => Format::Text,
    }
}
