//! INPUTs, one after the other: a file, a pipe, a folder, a data set of the hub.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clusterclip_core::error::{Param, described};
use clusterclip_core::format::cut::{Shape, Sniffed};
use clusterclip_core::format::records::Choice;
use clusterclip_core::format::table::TableOptions;
use clusterclip_core::monitor::{Event, Monitor};

use super::choose::{Chosen, choose};
use super::tree::tree;
use super::{Sources, split_read};
use crate::error::{FileError, Result};
use crate::input::columnar::ColumnFormat;
use crate::input::left_out::Reason;
use crate::input::look::{Bytes, Held, look};
use crate::input::names::{Named, is_text, partitions};
use crate::input::packing::{Compression, MAGIC};
use crate::input::reader::read_up_to;
use crate::input::source::{Kind, Source};
use crate::input::splits::TRAIN;
use crate::input::spool::spool;
use crate::input::{ALL_SPLITS, Format, InputError, MAX_TEXT, Options, hub};

pub(super) struct Walk<'a> {
    pub(super) options: &'a Options,
    pub(super) found: Sources,
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
    pub(super) fn input(&mut self, input: &Path, monitor: &Monitor<'_>) -> Result<()> {
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
        let tree = tree(root, &self.options.out, self.options.hidden, monitor)?;
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
