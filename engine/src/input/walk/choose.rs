//! Choosing: what of a folder is read, and as what. Sizes on disk decide.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::path::PathBuf;

use clusterclip_core::format::cut::Sniffed;
use clusterclip_core::monitor::Monitor;
use clusterclip_core::par;

use super::tree::{Met, Tree};
use crate::error::{Error, FileError, Result};
use crate::input::error::InputError;
use crate::input::left_out::{Files, LeftOut, Reason};
use crate::input::look::{Bytes, Held, Seen, look};
use crate::input::names::{Named, counts, is_part, without_numbers};
use crate::input::packing::Compression;
use crate::input::splits::{Split, TRAIN, splits};
use crate::input::{ALL_SPLITS, Format, Options};

/// A file, and what was seen of it.
pub(super) struct File {
    pub(super) met: Met,
    pub(super) compression: Option<Compression>,
    /// The format of its records; `None` where it holds none.
    pub(super) format: Option<Format>,
    /// Whether it says something about what the folder holds.
    counts: bool,
    seen: Result<Seen>,
}

/// What is read of a folder.
#[derive(Default)]
pub(super) struct Chosen {
    /// Files and their formats, in the order in which they are read.
    pub(super) files: Vec<(File, Format)>,
    pub(super) left: LeftOut,
    /// Record files that are read as text, among others.
    pub(super) records_as_text: Files,
    /// The split that is read, and all there are; `None` where there is one alone.
    pub(super) splits: Option<(String, Vec<String>)>,
}

/// Files that are looked at between two looks at the cancel flag.
const BATCH: usize = 1024;

/// Chooses what is read of the folder that messages call `named`.
pub(super) fn choose(tree: Tree, named: &str, options: &Options, monitor: &Monitor<'_>) -> Result<Chosen> {
    let Tree { files: met, left, dangling } = tree;
    let mut files = Vec::with_capacity(met.len());
    let mut met = met.into_iter().peekable();
    while met.peek().is_some() {
        monitor.check()?;
        let batch: Vec<Met> = met.by_ref().take(BATCH).collect();
        let seen = par::map(batch.len(), |index| see(&batch[index]));
        files.extend(batch.into_iter().zip(seen).map(|(met, seen)| File::new(met, seen)));
    }
    settle(&mut files);
    let mut choice = Choice { named, options, chosen: Chosen { left, ..Chosen::default() } };
    let asked = if options.lines { Some(Format::Text) } else { options.format };
    let format = match asked {
        Some(format) => Some(format),
        None => choice.by_size(&mut files)?,
    };
    match format {
        Some(Format::Text) => choice.text(files)?,
        format => {
            // What is called for and not there is told of if it is among what is read.
            for (name, path) in dangling.into_iter().filter(|(name, _)| is_wanted(name, format)) {
                let after = |file: &File| file.met.relative > name;
                files.insert(files.iter().position(after).unwrap_or(files.len()), File::missing(name, path));
            }
            choice.records(files, format)?;
        }
    }
    Ok(choice.chosen)
}

/// Looks into a file.
fn see(met: &Met) -> Result<Seen> {
    let named = named(&met.relative);
    if met.length == 0 {
        return Ok(Seen { bytes: Bytes::Empty, held: Held::NONE });
    }
    look(&met.path, named.compression, named.sniffed && !met.saved)
}

/// What the file's name says.
fn named(relative: &str) -> Named {
    Named::of(OsStr::new(base(relative)))
}

/// The last part of a path.
fn base(relative: &str) -> &str {
    relative.rsplit('/').next().unwrap_or(relative)
}

/// Whether a link that leads nowhere would be read by its name, as records.
fn is_wanted(relative: &str, format: Option<Format>) -> bool {
    let named = named(relative).format;
    counts(relative) && named.is_some() && (format.is_none() || format == named)
}

impl File {
    fn new(met: Met, seen: Result<Seen>) -> Self {
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
    fn missing(relative: String, path: PathBuf) -> Self {
        let error = FileError::Missing { name: path.display().to_string() };
        Self::new(Met { relative, path, length: 0, saved: false, split: None }, Err(error.into()))
    }

    fn is_line(&self) -> bool {
        matches!(self.seen, Ok(Seen { held: Held::Json(Sniffed::Line), .. }))
    }

    /// What it is, for one who reads it.
    fn bytes(&mut self) -> Result<Bytes> {
        let unseen = Seen { bytes: Bytes::Empty, held: Held::NONE };
        match std::mem::replace(&mut self.seen, Ok(unseen))?.bytes {
            Bytes::Pointer => Err(InputError::Pointer { name: self.met.path.display().to_string() }.into()),
            bytes => Ok(bytes),
        }
    }
}

/// A file of a single JSON object on one line is read as those are that are called alike, but for their numbers.
fn settle(files: &mut [File]) {
    let mask = |file: &File| without_numbers(base(&file.met.relative));
    let lines = |file: &&File| matches!(file.seen, Ok(Seen { held: Held::Json(Sniffed::Lines), .. }));
    let of_lines: HashSet<String> = files.iter().filter(lines).map(mask).collect();
    for file in files.iter_mut().filter(|file| file.is_line()) {
        if is_part(base(&file.met.relative)) || of_lines.contains(&mask(file)) {
            file.format = Some(Format::Jsonl);
        }
    }
}

struct Choice<'a> {
    named: &'a str,
    options: &'a Options,
    chosen: Chosen,
}

impl Choice<'_> {
    /// Whether sizes say that the folder is text; else it is records.
    fn by_size(&self, files: &mut [File]) -> Result<Option<Format>> {
        if files.iter().all(|file| !file.counts || !file.holds()) {
            // Nothing is there but what tells about data: then that is the data.
            files.iter_mut().for_each(|file| file.counts = true);
        }
        let mut records: BTreeMap<Format, Files> = BTreeMap::new();
        let mut text = Files::default();
        for file in files.iter().filter(|file| file.counts && file.holds()) {
            let of_kind = match file.format {
                Some(format) => records.entry(format).or_default(),
                None => &mut text,
            };
            of_kind.add(&file.met.relative, file.met.length);
        }
        let of_records: u128 = records.values().map(|files| u128::from(files.bytes)).sum();
        let total = of_records + u128::from(text.bytes);
        if !records.is_empty() && 10 * u128::from(text.bytes) <= total {
            Ok(None)
        } else if 10 * of_records <= total {
            Ok(Some(Format::Text))
        } else {
            // What is not there, or cannot be looked into, is the better reason.
            files.iter_mut().filter(|file| file.counts).try_for_each(|file| file.bytes().map(drop))?;
            let path = self.named.to_owned();
            Err(InputError::Mixed { path, records: records.into_iter().collect(), text }.into())
        }
    }

    fn leave(&mut self, reason: Reason, met: &Met) {
        self.chosen.left.add(reason, &met.relative, met.length);
    }

    /// Reads every text file as text.
    fn text(&mut self, files: Vec<File>) -> Result<()> {
        for mut file in files {
            if matches!(&file.seen, Err(error) if is_damage(error)) {
                self.leave(Reason::Damaged, &file.met);
                continue;
            }
            match file.bytes()? {
                Bytes::Empty => self.leave(Reason::Empty, &file.met),
                Bytes::Binary => self.leave(Reason::Binary, &file.met),
                Bytes::Utf16 => self.leave(Reason::Utf16, &file.met),
                Bytes::Text | Bytes::Pointer => {
                    let among_others = file.format.is_some() && file.counts && self.options.format.is_none();
                    if among_others && !self.options.lines {
                        self.chosen.records_as_text.add(&file.met.relative, file.met.length);
                    }
                    self.chosen.files.push((file, Format::Text));
                }
            }
        }
        Ok(())
    }

    /// Reads the files of records: all, or those of one format.
    fn records(&mut self, files: Vec<File>, asked: Option<Format>) -> Result<()> {
        let of_asked = |file: &File| match asked {
            Some(Format::Jsonl) if file.is_line() => true,
            Some(Format::Json) if file.is_json() => true,
            Some(asked) => file.format == Some(asked),
            None => file.format.is_some(),
        };
        // Where no name tells the format that is asked for, it is that of all that may have it.
        let named = asked.is_none() || files.iter().any(of_asked);
        let may_be = |file: &File| asked.is_some_and(|asked| file.counts && file.may_be(asked));
        let is_chosen = |file: &File| if named { of_asked(file) } else { may_be(file) };
        // What tells about data is read where nothing else has the format that is asked for.
        let any = asked.is_some() && !files.iter().any(|file| file.counts && is_chosen(file));
        let mut chosen = Vec::new();
        for file in files {
            let format = asked.or(file.format);
            match format.filter(|_| is_chosen(&file) && (file.counts || any)) {
                None => self.leave_other(file, asked)?,
                Some(format) => chosen.push((file, format)),
            }
        }
        for (mut file, format) in self.split(chosen)? {
            match file.bytes()? {
                Bytes::Empty => self.leave(Reason::Empty, &file.met),
                _ => self.chosen.files.push((file, format)),
            }
        }
        Ok(())
    }

    /// Leaves out what is not among the records.
    fn leave_other(&mut self, mut file: File, asked: Option<Format>) -> Result<()> {
        let may_hold = matches!(asked, None | Some(Format::Json | Format::Jsonl));
        if may_hold && file.counts && named(&file.met.relative).sniffed {
            // What cannot be looked into may hold records.
            let bytes = file.bytes()?;
            file.seen = Ok(Seen { bytes, held: Held::NONE });
        }
        let reason = match file.seen {
            _ if file.met.length == 0 => Reason::Empty,
            _ if asked.is_some() => Reason::OtherFormat,
            Ok(Seen { bytes: Bytes::Empty, .. }) => Reason::Empty,
            Ok(Seen { bytes: Bytes::Binary, .. }) => Reason::Binary,
            Ok(Seen { bytes: Bytes::Utf16, .. }) => Reason::Utf16,
            _ => Reason::NoRecords,
        };
        self.leave(reason, &file.met);
        Ok(())
    }

    /// Gives the files of the split that is read, in its order.
    fn split(&mut self, files: Vec<(File, Format)>) -> Result<Vec<(File, Format)>> {
        let found = splits_of(&files);
        let asked = self.options.split.as_deref();
        let there: Vec<String> = found.iter().map(|split| split.name.clone()).collect();
        let alone = there == [TRAIN] && found[0].files.len() == files.len();
        let wanted = match asked {
            Some(ALL_SPLITS) => None,
            Some(asked) => Some(asked),
            None => (!found.is_empty()).then_some(TRAIN),
        };
        if !alone && !found.is_empty() {
            self.chosen.splits = Some((wanted.unwrap_or(ALL_SPLITS).to_owned(), there.clone()));
        }
        let is_read = |split: &Split| wanted.is_none_or(|wanted| split.name == wanted);
        if let Some(wanted) = wanted.filter(|_| !found.iter().any(is_read)) {
            let (path, split) = (self.named.to_owned(), wanted.to_owned());
            return Err(InputError::NoSplit { path, split, there }.into());
        }
        let mut files: Vec<Option<(File, Format)>> = files.into_iter().map(Some).collect();
        let numbers = found.iter().filter(|split| is_read(split)).flat_map(|split| &split.files);
        let mut chosen: Vec<_> = numbers.filter_map(|&number| files[number].take()).collect();
        let others = files.into_iter().flatten();
        if wanted.is_none() {
            // Those of no split come after all splits.
            chosen.extend(others);
        } else {
            others.for_each(|(file, _)| self.leave(Reason::OtherSplit, &file.met));
        }
        Ok(chosen)
    }
}

impl File {
    /// Whether it seems to hold JSON, however its objects stand in it.
    fn is_json(&self) -> bool {
        use Sniffed::{Array, Line, Object};
        matches!(self.seen, Ok(Seen { held: Held::Json(Array | Line | Object), .. }))
    }

    /// Whether its bytes may be of a format that its name does not tell.
    fn may_be(&self, format: Format) -> bool {
        let is_binary = matches!(format, Format::Parquet | Format::Arrow);
        let holds = if is_binary { Bytes::Binary } else { Bytes::Text };
        self.format.is_none() && self.seen.as_ref().is_ok_and(|seen| seen.bytes == holds)
    }

    /// Whether it holds text or records, as far as was seen.
    fn holds(&self) -> bool {
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

/// Whether a file cannot be unpacked, as files for tests in source trees are at times.
fn is_damage(error: &Error) -> bool {
    let input = error.downcast_ref::<InputError>();
    matches!(
        input,
        Some(InputError::NotPacked { .. } | InputError::Unpack { .. } | InputError::Trailing { .. })
    )
}

/// The splits of record files: those of a saved data set, else those that their names tell.
fn splits_of(files: &[(File, Format)]) -> Vec<Split> {
    if files.iter().all(|(file, _)| file.met.split.is_none()) {
        let paths: Vec<&str> = files.iter().map(|(file, _)| file.met.relative.as_str()).collect();
        return splits(&paths);
    }
    let mut found: Vec<Split> = Vec::new();
    for (number, (file, _)) in files.iter().enumerate() {
        let name = file.met.split.as_deref().unwrap_or(TRAIN);
        match found.iter_mut().find(|split| split.name == name) {
            Some(split) => split.files.push(number),
            None => found.push(Split { name: name.to_owned(), files: vec![number] }),
        }
    }
    found
}
